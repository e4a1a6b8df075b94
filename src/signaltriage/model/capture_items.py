"""What a reader found, as it may be stored: cleaned of what identifies, searches with what tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from signaltriage.gap_types import SearchEvent
from signaltriage.log_types import Captured, CaptureItem, Skipped, Unreadable
from signaltriage.privacy import Privacy
from signaltriage.store.log.columns import digest
from signaltriage.store.log.records import Batch, Found


def cleaned(items: Sequence[CaptureItem], privacy: Privacy, source: str, keys: SearchKeys) -> Batch:
    """Items without what must not be stored.

    What could not be read is kept with its place and the reason; its text only where everything is kept as it stands:
    whose it is nobody knows, so that no name in it could be replaced, nor the person forgotten.
    """
    found: list[Found] = []
    redactions: Counter[str] = Counter()
    for item in items:
        if not isinstance(item, Captured):
            continue
        record, counts = privacy.clean(item.found)
        redactions.update(counts)
        if isinstance(record, SearchEvent):
            found.append(Found(item.place, record, source, keys.of(record)))
        else:
            found.append(Found(item.place, record, source))
    skipped = [item for item in items if isinstance(item, Skipped)]
    rejected = [
        Unreadable(item.place, privacy.text(item.reason).text, "" if privacy.redact else item.raw)
        for item in items
        if isinstance(item, Unreadable)
    ]
    return Batch(found, skipped, rejected, redactions)


class SearchKeys:
    """What tells searches without an id apart: what they say, and the how-manieth of their kind in the file it is.

    So the rows of a log that was exported again, with more at its end, are known again.
    """

    def __init__(self) -> None:
        self._seen: Counter[int] = Counter()

    def of(self, event: SearchEvent) -> str:
        """The key of the next search of the file."""
        if event.id:
            return event.id
        time = "" if event.time is None else event.time.isoformat()
        figures = (str(event.results), str(event.times))
        told = digest((event.query, event.user, event.session, event.clicked, time, *figures))
        short = int(told[:15], 16)  # an int takes a third of a text's memory
        self._seen[short] += 1
        return f"{told}#{self._seen[short]}"
