"""The shared unlabelled texts that every model answers: versioned, stratified over sources, nested by size.

Any first N of a set is spread evenly over its sources, so that a smaller number is a part of every larger one.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.home import DATA
from fute_core.reading import write_rows
from fute_core.tasks import Text

VERSION = "v1"
DEFAULT_SINGLE = 512
DEFAULT_PAIRS = 384


@dataclass(frozen=True)
class ProbeSet:
    """n probe texts. identity : changes with version, arity, number and content."""

    identity: str
    ids: tuple[str, ...]
    texts: tuple[Text, ...]
    sources: tuple[str, ...]
    pair: bool


@lru_cache(maxsize=32)
def load_probes(pair: bool = False, n: int | None = None) -> ProbeSet:
    """The first n shipped probe texts (default 512 single texts, 384 pairs). Raises BadInput for more than there are."""
    ids, texts, sources = _shipped(pair)
    n = n or (DEFAULT_PAIRS if pair else DEFAULT_SINGLE)
    kind = "pairs" if pair else "single"
    if n > len(ids):
        raise BadInput(f"{n} probe texts were asked for; there are {len(ids)} {'pairs' if pair else 'single texts'}.")
    identity = f"{kind}-{VERSION}-{n}-{digest(texts[:n])[:8]}"
    return ProbeSet(identity, ids[:n], texts[:n], sources[:n], pair)


@lru_cache(maxsize=2)
def _shipped(pair: bool) -> tuple[tuple[str, ...], tuple[Text, ...], tuple[str, ...]]:
    path = DATA / "probes" / ("pairs.jsonl" if pair else "single.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    texts = tuple((r["text"], r["text_pair"]) if pair else r["text"] for r in rows)
    return tuple(r["id"] for r in rows), texts, tuple(r["source"] for r in rows)


def known_ids(pair: bool) -> frozenset[str]:
    """Ids of all shipped probe texts of that arity."""
    return frozenset(_shipped(pair)[0])


def export_probes(path: Path, pair: bool = False, n: int | None = None) -> int:
    """Write `id`, `text` (and `text_pair`) as CSV or JSONL by the file's ending; returns how many."""
    probes = load_probes(pair, n)
    columns = ["id", "text", "text_pair"] if pair else ["id", "text"]
    write_rows(path, columns, [[i, *(t if pair else (t,))] for i, t in zip(probes.ids, probes.texts, strict=True)])
    return len(probes.ids)
