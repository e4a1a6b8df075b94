"""What users hold of a help centre: articles that can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from signaltriage.capture.articles import read_articles, unique_articles
from signaltriage.encode import Encoder, load_encoder
from signaltriage.gaps.answerable import Answer, Answerability
from signaltriage.gaps.knowledge import Hit, KnowledgeIndex
from signaltriage.types import Article, Rejected

if TYPE_CHECKING:
    from datetime import datetime

    from signaltriage.gaps.answerable import CrossEncoder


@dataclass(frozen=True)
class KnowledgeBase:
    """Articles, searchable, with a judgement of what they answer. Never changes: `add` and `remove` give another."""

    index: KnowledgeIndex
    answers: Answerability
    rejected: tuple[Rejected, ...] = ()
    """What could not be read as an article."""
    remarks: tuple[str, ...] = ()
    """How the articles were read, for a person."""

    @classmethod
    def from_path(cls, path: str | Path, *, encoder: Encoder | None = None, seed: int = 0) -> Self:
        """Read a folder of .md or .html, a table with id, title and body, or the export of a help centre.

        Raises:
            InputError: nothing can be read there.
            UsageError: the table has neither a title nor a body.
        """
        read = read_articles(path)
        made = cls.from_articles(read.articles, encoder=encoder, seed=seed)
        return cls(made.index, made.answers, tuple(read.rejected), read.remarks)

    @classmethod
    def from_articles(
        cls,
        articles: Sequence[Article],
        *,
        encoder: Encoder | None = None,
        pairs: Sequence[tuple[str, str]] = (),
        cross_encoder: CrossEncoder | None = None,
        seed: int = 0,
    ) -> Self:
        """Index articles and learn from them what they answer.

        Args:
            articles: in any order; of two with one id the second is called `X#2`.
            encoder: the one that ships with signaltriage where none is given.
            pairs: queries with the id of the article that answers them, where such are known.
            cross_encoder: judges pairs of query and passage, as one more feature.
            seed: of whatever is drawn at random.
        """
        index = KnowledgeIndex.build(unique_articles(articles), encoder or load_encoder(), seed=seed)
        return cls(index, Answerability.learn(index, pairs=pairs, cross_encoder=cross_encoder, seed=seed))

    def save(self, path: str | Path, *, created_at: datetime | None = None) -> Path:
        """Write the base to a folder of data, every file vouched for; an older base there is replaced.

        Raises:
            UsageError: the place cannot be written, or holds something else.
        """
        from signaltriage.model.knowledge_folder import write_base

        return write_base(self, path, created_at)

    @classmethod
    def load(cls, path: str | Path, *, encoder: Encoder | None = None, threads: int | None = None) -> Self:
        """Read a folder that `save` wrote; nothing is encoded again.

        Raises:
            ModelRefusedError: it is no such folder, was altered, or was made with another encoder.
        """
        from signaltriage.model.knowledge_folder import read_base

        return cls(*read_base(path, encoder or load_encoder(threads=threads)))

    @property
    def articles(self) -> list[Article]:
        """In the order of their ids."""
        return [entry.article for entry in self.index.entries]

    def __len__(self) -> int:
        """How many articles there are."""
        return len(self.index.entries)

    def search(self, query: str, k: int = 5) -> list[Hit]:
        """The k best articles for a query, best first."""
        return self.index.search([query], k)[0]

    def judge(self, queries: Sequence[str]) -> list[Answer]:
        """Whether the best article answers each query, and what it lacks; in their order."""
        return self.answers.judge(queries)

    def add(self, articles: Sequence[Article]) -> Self:
        """The base with these articles added, or in place of those with their ids; nothing else is encoded again."""
        return self._with(self.index.updated(articles))

    def remove(self, ids: Iterable[str]) -> Self:
        """The base without these articles."""
        return self._with(self.index.updated(without=ids))

    def _with(self, index: KnowledgeIndex) -> Self:
        from dataclasses import replace

        return type(self)(index, replace(self.answers, index=index), self.rejected, self.remarks)
