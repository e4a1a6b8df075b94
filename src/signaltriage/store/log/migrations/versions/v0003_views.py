"""Views for people: what is current, derived from history. The same SQL for SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

# The version that the source changed last; among those of one time, or without any, the one that came last.
CURRENT = """
CREATE VIEW v_current AS
SELECT s.source, s.source_id, v.*
FROM signals s JOIN signal_versions v ON v.signal_id = s.id
WHERE NOT EXISTS (
  SELECT 1 FROM signal_versions w
  WHERE w.signal_id = v.signal_id AND w.id <> v.id AND (
    w.updated_at > v.updated_at
    OR (v.updated_at IS NULL AND w.updated_at IS NOT NULL)
    OR (w.id > v.id AND (w.updated_at = v.updated_at OR (w.updated_at IS NULL AND v.updated_at IS NULL)))
  )
)
"""
SIGNALS = """
CREATE VIEW v_signals AS
SELECT c.source, c.source_id AS id, c.created_at, c.updated_at, c.audience, c.title, c.text, c.author, c.link,
  c.status, c.tags, c.thread, c.team AS source_team, c.assignee,
  CASE WHEN k.id IS NOT NULL THEN 'corrected' WHEN d.id IS NULL THEN 'undecided' ELSE d.outcome END AS outcome,
  COALESCE(k.team, d.team, '') AS team, d.probability, d.best_guess, d.reason, d.rule, d.model_version,
  a.theme_id, t.name AS theme_name, c.signal_id, c.id AS version_id
FROM v_current c
LEFT JOIN (SELECT version_id, MAX(id) AS id FROM decisions GROUP BY version_id) ld ON ld.version_id = c.id
LEFT JOIN decisions d ON d.id = ld.id
LEFT JOIN (SELECT signal_id, MAX(id) AS id FROM corrections GROUP BY signal_id) lk ON lk.signal_id = c.signal_id
LEFT JOIN corrections k ON k.id = lk.id
LEFT JOIN (SELECT signal_id, MAX(id) AS id FROM assignments GROUP BY signal_id) la ON la.signal_id = c.signal_id
LEFT JOIN assignments a ON a.id = la.id
LEFT JOIN (SELECT theme_id, MAX(id) AS id FROM theme_states GROUP BY theme_id) lt ON lt.theme_id = a.theme_id
LEFT JOIN theme_states t ON t.id = lt.id
"""
THEMES = """
CREATE VIEW v_themes AS
SELECT t.theme_id AS id, t.name, t.area, t.size, t.share, t.owner, t.trend, h.at AS found_at, t.record
FROM theme_states t JOIN themes h ON h.id = t.theme_id
WHERE t.alive AND t.id IN (SELECT MAX(id) FROM theme_states GROUP BY theme_id)
"""
GAPS = """
CREATE VIEW v_gaps AS
SELECT g.gap_id AS id, g.rank, g.kind, g.name, g.title, g.demand, g.searches, g.article_id, g.action, g.owner,
  g.priority, g.record
FROM gaps g
WHERE g.open AND g.id IN (SELECT MAX(id) FROM gaps GROUP BY gap_id)
"""
LEDGER = """
CREATE VIEW v_ledger AS
SELECT c.id AS capture, c.name, c.reader, c.how, SUM(b.read) AS read, SUM(b.new) AS new,
  SUM(b.duplicate) AS duplicate, SUM(b.changed) AS changed, SUM(b.skipped) AS skipped, SUM(b.rejected) AS rejected,
  MAX(CASE WHEN b.last THEN 1 ELSE 0 END) AS whole, c.same_as, c.started_at, MAX(b.at) AS ended_at
FROM captures c LEFT JOIN capture_batches b ON b.capture_id = c.id
GROUP BY c.id, c.name, c.reader, c.how, c.same_as, c.started_at
"""
SEARCHES = """
CREATE VIEW v_searches AS
SELECT s.* FROM searches s
WHERE s.id IN (SELECT MAX(id) FROM searches GROUP BY source, key)
"""
LOST = """
CREATE VIEW v_lost AS
SELECT c.source, c.source_id AS id, c.created_at, c.title, c.text, c.id AS version_id
FROM v_current c
WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.version_id = c.id)
"""
RUNS = """
CREATE VIEW v_runs AS
SELECT r.id AS run, MIN(e.id) AS first_event, r.command, e.stage, MIN(e.at) AS started_at,
  MAX(CASE WHEN e.event <> 'started' THEN e.at END) AS ended_at,
  COALESCE(MAX(CASE WHEN e.event <> 'started' THEN e.event END), 'unfinished') AS outcome,
  MAX(CASE WHEN e.event <> 'started' THEN e.counts END) AS counts
FROM runs r JOIN run_events e ON e.run_id = r.id
GROUP BY r.id, r.command, e.stage
"""


def upgrade() -> None:
    """Make the views."""
    for view in (CURRENT, SIGNALS, THEMES, GAPS, LEDGER, SEARCHES, LOST, RUNS):
        op.execute(view)
