"""Articles of a knowledge base: a folder of Markdown or HTML, a table, or the export of a help centre."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from signaltriage.capture.article_text import html_sections, markdown_sections, page_language, page_title
from signaltriage.capture.columns import column_words
from signaltriage.capture.encodings import detect_encoding
from signaltriage.capture.foreign import foreign_kind
from signaltriage.capture.front_matter import split_front_matter
from signaltriage.capture.html import looks_like_html
from signaltriage.capture.records import reject
from signaltriage.capture.sources import EXTENSIONS
from signaltriage.capture.tables import read_chunks, repeated_names
from signaltriage.capture.times import seconds_or_nan
from signaltriage.errors import InputError, UsageError
from signaltriage.types import Article, Rejected, Section

_MARKDOWN: Final = frozenset((".md", ".markdown", ".mdx"))
_HTML: Final = frozenset((".html", ".htm"))
_REMEDY: Final = (
    "Give a folder of .md or .html files, a table with columns id, title and body, or the JSON that a help centre "
    "exports (Zendesk, Intercom, Freshdesk, ServiceNow)."
)
# First the column that a tool fills in itself, then the one a person named; plain text before mark-up of the same.
_USUAL: Final = {
    "id": ("number", "article id", "id", "key", "slug", "sys id"),
    "title": ("title", "short description", "name", "subject", "headline", "question", "heading"),
    "body": ("body", "text", "content", "html body", "body html", "answer", "article", "article body", "description"),
    "language": ("locale", "language", "lang"),
    "updated": ("edited at", "updated at", "sys updated on", "updated", "last updated", "last update", "modified at"),
    "link": ("html url", "url", "link", "permalink"),
}
_MORE: Final = {"updated": ("last modified", "modified", "date", "published", "published at", "created at")}
_NAMED: Final = 5
"""Files, ids or columns that a remark names at most."""
_STATE: Final = ("draft", "state", "status", "workflow state", "published")
_UNPUBLISHED: Final = frozenset(("draft", "retired", "unpublished", "archived", "pending retirement", "outdated"))


@dataclass(frozen=True)
class ArticlesRead:
    """Articles, what could not be read as one, and how they were read, for a person."""

    articles: list[Article]
    rejected: list[Rejected]
    remarks: tuple[str, ...] = ()


def read_articles(path: str | Path) -> ArticlesRead:
    """Read a knowledge base. Every file of a folder and every row of a table becomes an article or is rejected.

    What is not published is read too, and marked as a draft. Ids are unique: a second article of the same id becomes
    `X#2`; one without an id gets it from its text. The order is that of the ids, whatever that of files and rows. The
    remarks tell what was left out, renamed or read otherwise than meant.

    Raises:
        InputError: there is no such file or folder, or nothing in it can be read as an article.
        UsageError: the table has neither a title nor a body.
    """
    where = Path(path)
    found = _read_folder(where) if where.is_dir() else _read_table(where)
    rejected = sorted(found.rejected, key=lambda row: (row.line, row.reason, row.raw))
    return ArticlesRead(unique_articles(found.articles), rejected, (*found.remarks, *_told(found.articles, rejected)))


def _told(articles: Sequence[Article], rejected: Sequence[Rejected]) -> Iterator[str]:
    """What a person should know of the articles before they trust what is said of them."""
    if rejected:
        some = "; ".join(row.reason for row in rejected[:_NAMED]) + ("; …" if len(rejected) > _NAMED else "")
        yield f"not read as an article: {len(rejected):,} ({some})"
    shared = [id for id, n in sorted(Counter(article.id for article in articles).items()) if n > 1]
    if shared:
        yield f"ids of more than one article, told apart as X, X#2, …: {len(shared):,} ({_some(shared)})"
    bare = sorted(article.id for article in articles if not article.body.strip())
    if bare:
        yield f"articles of a title alone, without a text: {len(bare):,} ({_some(bare)})"
    if drafts := sum(article.draft for article in articles):
        yield f"articles not published, so that nobody can find them: {drafts:,}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


@dataclass
class _Found:
    articles: list[Article]
    rejected: list[Rejected]
    remarks: list[str]

    def take(self, article: Article, place: int, name: str) -> None:
        if not article.title and not article.body:
            self.rejected.append(reject(place, f"{name}: neither a title nor a text", article.id))
            return
        self.articles.append(article)


def _read_folder(folder: Path) -> _Found:
    found = _Found([], [], [])
    there = sorted(file for file in folder.rglob("*") if file.is_file())
    there = [file for file in there if not any(part.startswith(".") for part in file.relative_to(folder).parts)]
    files = [file for file in there if file.suffix.lower() in _MARKDOWN | _HTML]
    if not files:
        tables = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in EXTENSIONS]
        if len(tables) == 1:
            return _read_table(tables[0])
        raise InputError(f"{folder} holds no .md or .html files", remedy=_REMEDY)
    problems = []
    for place, file in enumerate(files, 1):
        name = file.relative_to(folder).as_posix()
        try:
            article, problem = _read_file(file, name)
        except (OSError, UnicodeError) as error:
            found.rejected.append(reject(place, f"{name}: {error}", name))
            continue
        if article is None:
            found.rejected.append(reject(place, f"{name}: {problem}", name))
            continue
        found.take(article, place, name)
        problems += [f"{name}: {problem}"] if problem else []
    files_read = f"{len(files):,} {'file' if len(files) == 1 else 'files'}"
    found.remarks.append(f"{folder}: {files_read} = read {len(found.articles):,} + rejected {len(found.rejected):,}")
    if problems:
        found.remarks.append(f"front matter that could not be read as it should: {len(problems):,} ({_some(problems)})")
    others = Counter(file.suffix.lower() or "no ending" for file in there if file not in set(files))
    if others:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in sorted(others.items(), key=lambda pair: (-pair[1], pair[0])))
        found.remarks.append(f"files of other kinds, left out: {others.total():,} ({kinds})")
    return found


def _read_file(file: Path, name: str) -> tuple[Article | None, str]:
    """The article of a file, and what is wrong with it; no article where it holds none."""
    with file.open("rb") as stream:
        head = stream.read(1 << 16)
        stream.seek(0)
        encoding = detect_encoding(stream)
    if foreign := foreign_kind(head):
        return None, f"{foreign[0]}, no text"
    text = file.read_text(encoding=encoding.name, errors=encoding.errors).replace("\x00", "")
    if not text.strip("\ufeff \t\r\n"):
        return None, "an empty file"
    id = Path(name).with_suffix("").as_posix()
    return _from_markdown(text, id) if file.suffix.lower() in _MARKDOWN else (_from_html(text, id), "")


def _from_markdown(text: str, name: str) -> tuple[Article | None, str]:
    matter = split_front_matter(text)
    told = {column_words(key): value for key, value in matter.told.items()}
    sections = markdown_sections(matter.content)
    title = _text(_first(told, _USUAL["title"]))
    if not title and not sections:
        return None, matter.problem or "neither a title nor a text"
    if not title and sections[0].heading:
        title = sections[0].heading
    elif not title and len(sections) > 1 and not sections[0].text:
        title = sections[1].heading
    return _article(told, name, title or _named(name), sections), matter.problem


def _named(name: str) -> str:
    """A title made of a file's name."""
    return Path(name).name.replace("-", " ").replace("_", " ")


def _from_html(text: str, name: str) -> Article:
    sections = html_sections(text)
    first = next((section.heading for section in sections if section.heading), "")
    title = first or page_title(text)
    if not title and sections:
        title = _named(name)
    return _article({"language": page_language(text)}, name, title, sections)


def _read_table(path: Path) -> _Found:
    found = _Found([], [], [])
    picked: dict[str, str] | None = None
    for chunk in read_chunks(path):
        columns = [str(name) for name in chunk.frame.columns]
        if picked is None:
            picked = _picked(columns, path)
            found.remarks.append(f"{path}: {chunk.how}; " + ", ".join(f"{k} from {v}" for k, v in picked.items()))
            found.remarks += [f"{path}: {line}" for line in repeated_names(chunk, picked.values())]
            if "body" not in picked:
                found.remarks.append(
                    f"{path}: no column holds the texts of articles, so they are known by their titles alone; name it "
                    f"body or text (there is: {_some(columns)})"
                )
        rows = chunk.frame.to_dict("records")
        for line, row in zip(chunk.lines, rows, strict=True):
            told = {column_words(str(key)): value for key, value in row.items()}
            fields = {role: row[column] for role, column in picked.items()}
            title, sections = _plain(fields.get("title", "")), _body(fields.get("body", ""))
            name = _text(fields.get("id")) or sha256(f"{title}\n{sections}".encode()).hexdigest()[:10]
            found.take(replace(_article(fields | told, name, title, sections), id=name), line, f"{path.name}, {line}")
        found.rejected += [replace(row, reason=f"{path.name}, {row.line}: {row.reason}") for row in chunk.rejected]
    return found


def _picked(columns: Sequence[str], path: Path) -> dict[str, str]:
    by_words = {column_words(column): column for column in reversed(columns)}
    found = {}
    for role, names in _USUAL.items():
        column = next((by_words[n] for n in (*names, *_MORE.get(role, ())) if n in by_words), None)
        if column is not None:
            found[role] = column
    if {"question", "answer"} <= by_words.keys():  # a list of frequent questions, whatever else it has
        found |= {"title": by_words["question"], "body": by_words["answer"]}
    if found.get("title") == found.get("body"):
        found.pop("title", None)
    if "body" not in found and "title" not in found:
        raise UsageError(f"{path} has no column for a title or a body; there is: {', '.join(columns)}", remedy=_REMEDY)
    return found


def _article(told: dict[str, Any], name: str, title: str, sections: list[Section]) -> Article:
    """An article of what is told of it; a first heading that repeats the title is not kept as one."""
    if sections and sections[0].heading.casefold() == title.casefold():
        sections = [Section("", sections[0].text), *sections[1:]] if sections[0].text else sections[1:]
    body = "\n\n".join("\n".join(filter(None, (section.heading, section.text))) for section in sections)
    return Article(
        id=_text(_first(told, _USUAL["id"])) or name,
        title=" ".join(title.split()),
        body=body,
        sections=tuple(sections),
        language=_text(_first(told, _USUAL["language"])).lower().replace("_", "-"),
        updated=_day(_first(told, (*_USUAL["updated"], *_MORE["updated"]))),
        link=_text(_first(told, _USUAL["link"])),
        draft=_is_draft(told),
    )


def _body(cell: object) -> list[Section]:
    text = _text(cell)
    return html_sections(text) if looks_like_html(text) or "&lt;" in text else markdown_sections(text)


def _plain(cell: object) -> str:
    return " ".join(section.text or section.heading for section in html_sections(_text(cell)))


def _is_draft(told: dict[str, Any]) -> bool:
    """Whether its readers cannot see it, as its tool says."""
    if _text(told.get("published")).casefold() == "false" or _text(told.get("active")).casefold() == "false":
        return True
    if _text(told.get("draft")).casefold() in {"true", "1", "yes"}:
        return True
    if {"folder id", "agent id", "status"} <= told.keys() and _text(told["status"]) == "1":  # Freshdesk's number for it
        return True
    return any(_text(told.get(key)).casefold().replace("_", " ") in _UNPUBLISHED for key in _STATE[1:4])


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(value)
    seconds = float(seconds_or_nan([text])[0]) if text else float("nan")
    return datetime.fromtimestamp(seconds, UTC).date() if np.isfinite(seconds) and abs(seconds) < 1e11 else None


def _first(told: dict[str, Any], names: Iterable[str]) -> object:
    return next((told[name] for name in names if name in told and _text(told[name])), "")


def _text(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
    return text.encode("utf-8", "replace").decode().strip()


def unique_articles(articles: Sequence[Article]) -> list[Article]:
    """In the order of their ids, each with one of its own, whatever the order they came in."""
    found, seen = [], dict[str, int]()
    for article in sorted(articles, key=lambda a: (a.id, a.language, a.title, a.body)):
        seen[article.id] = number = seen.get(article.id, 0) + 1
        found.append(article if number == 1 else replace(article, id=f"{article.id}#{number}"))
    return found
