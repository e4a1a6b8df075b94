"""What an interrupted `classify` has worked out, kept beside the output until it is whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from signaltriage.types import Prediction, RunnerUp


@dataclass(frozen=True)
class Progress:
    """Results of finished chunks, one file each in a hidden folder next to the output.

    A chunk's file is named after its number, its texts and the model: another input, text column or model finds nothing
    to take up, without anything having to be compared.
    """

    folder: Path
    model_version: str

    @classmethod
    def open(cls, output: Path, model_version: str, *, resume: bool) -> Self:
        """The folder for this output; what a former run left there is dropped unless `resume`."""
        folder = output.parent / f".{output.name}.progress"
        if not resume:
            shutil.rmtree(folder, ignore_errors=True)
        return cls(folder, model_version)

    def keep(self, number: int, texts: Sequence[str], predictions: Sequence[Prediction]) -> None:
        """Write the results of a chunk; the file appears whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(number, texts)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps([_record(p) for p in predictions]), encoding="utf-8")
        partial.replace(path)

    def known(self, number: int, texts: Sequence[str]) -> list[Prediction] | None:
        """The results of a chunk, if they were kept."""
        try:
            records = json.loads(self._path(number, texts).read_text(encoding="utf-8"))
            found = [
                Prediction(**{**record, "runners_up": tuple(RunnerUp(*r) for r in record["runners_up"])})
                for record in records
            ]
        except (OSError, ValueError, TypeError, KeyError):  # not kept, or damaged: worked out again
            return None
        return found if len(found) == len(texts) else None

    def remove(self) -> None:
        """The output is whole: nothing is left to resume."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, number: int, texts: Sequence[str]) -> Path:
        digest = hashlib.sha256(self.model_version.encode())
        for text in texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\x1e")
        return self.folder / f"{number:06d}-{digest.hexdigest()[:16]}.json"


_FIELDS = tuple(field.name for field in fields(Prediction) if field.name != "runners_up")


def _record(p: Prediction) -> dict[str, object]:
    """A prediction for JSON. `dataclasses.asdict` copies so deeply that it takes a tenth of a whole run."""
    record = {name: getattr(p, name) for name in _FIELDS}
    return {**record, "runners_up": [(r.team, r.probability) for r in p.runners_up]}
