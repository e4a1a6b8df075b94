"""What tools export becomes signals: one small module a tool, told by what a file holds.

open_signals ──▶ streams ──▶ registry ──▶ a tool's reader ──▶ Captured | Skipped | Unreadable
     │           (records)   (which?)     (items of a record)
     └─▶ bundles, groups: folders and archives, file by file, what belongs together joined
"""

from __future__ import annotations

from signaltriage.capture.readers.base import Asked, SignalFile
from signaltriage.capture.readers.opening import open_signals

__all__ = ["Asked", "SignalFile", "open_signals"]
