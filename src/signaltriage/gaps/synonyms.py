"""Words of askers and words of articles for the same thing, in the forms that search engines import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from signaltriage.gap_types import Cause
from signaltriage.gaps.lexical import terms


def synonym_pairs(causes: Iterable[Sequence[Cause]]) -> list[tuple[str, str]]:
    """(askers' word, article's word) of all causes, each once, sorted; never a word and itself."""
    found = {
        (cause.asked, cause.article)
        for some in causes
        for cause in some
        if cause.kind == "other_words" and cause.article and terms(cause.asked) != terms(cause.article)
    }
    return sorted(found)


def synonym_groups(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Article's word → the askers' words for it."""
    groups: dict[str, set[str]] = defaultdict(set)
    for asked, said in pairs:
        groups[said].add(asked)
    return {said: sorted(asked) for said, asked in sorted(groups.items())}


def algolia(pairs: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Records of Algolia's synonyms import: one-way, what is typed finds what the articles say too."""
    by_asked: dict[str, list[str]] = defaultdict(list)
    for asked, said in pairs:
        by_asked[asked].append(said)
    return [
        {"objectID": f"st-{asked}", "type": "oneWaySynonym", "input": asked, "synonyms": sorted(said)}
        for asked, said in sorted(by_asked.items())
    ]


def elasticsearch(pairs: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Body of Elasticsearch's synonyms API (PUT _synonyms/NAME), rules in Solr's form."""
    return {"synonyms_set": [{"id": f"st-{asked}", "synonyms": rule} for asked, rule in _rules(pairs)]}


def opensearch(pairs: Sequence[tuple[str, str]]) -> str:
    """Lines of a synonyms file of OpenSearch (`synonyms_path`), in Solr's form."""
    return "".join(f"{rule}\n" for _, rule in _rules(pairs))


def _rules(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    by_asked: dict[str, list[str]] = defaultdict(list)
    for asked, said in pairs:
        by_asked[asked].append(said)
    return [(asked, f"{asked} => {', '.join([asked, *sorted(said)])}") for asked, said in sorted(by_asked.items())]
