"""The friction log: every signal that was captured, what became of it and why, in SQLite or PostgreSQL.

    captures ──▶ capture_batches (the ledger)      decisions, corrections ──▶ v_signals
       │  └────▶ skipped, rejected                 themes, theme_states, theme_events, assignments ──▶ v_themes
       ├───────▶ signals ──▶ signal_versions       query_verdicts, gaps ──▶ v_gaps
       └───────▶ searches                          runs, run_events, edits, forgotten

SQL lives only here. History is added to, never changed; what is current is derived.
"""
