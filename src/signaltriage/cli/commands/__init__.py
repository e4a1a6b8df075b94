"""The commands, one a file: parse, make one call, print; below it, what the command says to a person.

Importing this package registers them with `app`, in the order of `--help`.
"""

from importlib import import_module

from signaltriage.cli.app import app

COMMANDS = (
    *("capture", "run", "status", "log_verify", "log_tables", "log_export", "log_correct", "log_forget"),
    *("train", "classify", "evaluate", "explain", "review", "correct", "audit_labels"),
    *("themes", "themes_edit", "gaps", "rules", "drift", "promote", "rollback", "doctor"),
)
"""In the order of `--help`."""
for _name in COMMANDS:
    import_module(f"{__name__}.{_name}")

__all__ = ["COMMANDS", "app"]
