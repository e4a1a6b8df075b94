"""Every error signaltriage raises on purpose.

    SignalTriageError
    ├── UsageError            2   the call does not make sense as it stands
    │   └── SettingsError     2   a settings file or value is wrong
    ├── InputError            3   the data could not be read at all
    │   └── LogError          3   the friction log could not be opened, read or written
    ├── ModelRefusedError     4   a model folder is missing, altered, or from another format
    ├── EncoderError          5   no such encoder, or it does not work
    ├── QualityGateError      6   a measured quality is below what was asked for
    └── InterruptedRunError 130   stopped by the user; what was done is kept

The number is the exit code of the command line. Each error carries what went wrong and the remedy: what to do about it.
"""

from __future__ import annotations

from typing import ClassVar


class SignalTriageError(Exception):
    """Root of the tree: `message` says what and where, `remedy` what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.remedy}" if self.remedy else self.message


class UsageError(SignalTriageError):
    """The call does not make sense: an unknown column, an option that contradicts another."""

    exit_code = 2


class SettingsError(UsageError):
    """A settings file has an unknown key, or a value out of range."""


class InputError(SignalTriageError):
    """The input could not be read at all (single bad rows are rejected, not raised)."""

    exit_code = 3


class LogError(InputError):
    """The friction log could not be opened, read or written."""


class ModelRefusedError(SignalTriageError):
    """A model folder is missing, altered, incomplete, or written by another format version."""

    exit_code = 4


class EncoderError(SignalTriageError):
    """The encoder is missing or gives vectors that cannot be used."""

    exit_code = 5


class QualityGateError(SignalTriageError):
    """A measured quality is below the gate that was asked for."""

    exit_code = 6


class InterruptedRunError(SignalTriageError):
    """Stopped by the user; what was done is kept and can be resumed."""

    exit_code = 130
