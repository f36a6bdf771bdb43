"""What pages read, through caches shared by all sessions. Pages never call `open_store` or `open_atlas` themselves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from dashboard.reads.moments import kept, stamp, store
from dashboard.session.filtering import KIND_NAMES, item_id
from dashboard.session.text import number

if TYPE_CHECKING:
    from fute_core.analysis.evidence import Split
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.space.row_spread import Over
    from fute_core.space.told import Standing
    from fute_core.space.verdict import Verdict

EXAMPLES = 12
MOST_FOR_REDUNDANCY = 1500
ABUSIVE = frozenset({"toxicity", "hate", "offensive language"})
"""Families whose texts are blurred until asked for."""
Said = tuple[str, str, str]
"""A probe text and what two items answer to it."""


@dataclass(frozen=True)
class Near:
    """A neighbour in the original space.

    share : of known different-job pairs that are as similar; NaN without any. standing : what may be said of its job.
    weak : close to guessing, so that its place means little.
    """

    id: str
    name: str
    kind: str
    family: str | None
    similarity: float
    share: float
    standing: "Standing | None" = None
    weak: bool = False


def atlas(pair: bool, at: str | None = None) -> "Atlas":
    """The space of single texts or of text pairs: what is shipped and what users added. A few milliseconds if known.

    at : the `stamp` of what is kept for later and made from it, so that both are of one atlas.
    """
    return _atlas(pair, at or stamp())


@kept(2, "Opening the atlas")
def _atlas(pair: bool, stamp: str) -> "Atlas":
    from fute_core.atlas.atlas import open_atlas

    return open_atlas(pair, store())


def read_otherwise(pair: bool) -> tuple[str, ...]:
    """What of the store other encoders have read, in sentences: it lies in spaces of its own."""
    return _read_otherwise(pair, stamp())


@kept(2)
def _read_otherwise(pair: bool, stamp: str) -> tuple[str, ...]:
    from fute_core.atlas.comparable import told_of_other_readers

    return told_of_other_readers(store(), pair)


def chosen(atlas: "Atlas", ids: Sequence[str]) -> list["Item"]:
    """The items of the ids, in that order; ids that are not in this space are left out."""
    return [atlas.items[atlas.positions[i]] for i in ids if i in atlas.positions]


def runs(item: "Item") -> list["Item"]:
    """Every run of an item, the newest first: what was stored under its name, and the shipped one."""
    own = item.embedding
    return _runs(own.provenance.pair, stamp(), own.kind, own.name)


@kept(32)
def _runs(pair: bool, stamp: str, kind: str, name: str) -> list["Item"]:
    from fute_core.atlas.added import stored_answers
    from fute_core.atlas.gallery import Item

    found = {
        e.key: Item(e, {**e.provenance.details, "shipped": False}, stored_answers(store(), e.key))
        for e in store().runs(name, kind)
        if e.provenance.pair == pair
    }
    found |= {i.embedding.key: i for i in chosen(atlas(pair, stamp), [f"{kind}:{name}"])}
    return sorted(found.values(), key=lambda i: i.embedding.provenance.created, reverse=True)


def neighbours(atlas: "Atlas", item: "Item", k: int = 8, kind: str | None = None) -> list[Near]:
    """The nearest in the original space, never on the map, those first that fewest different-job pairs come close to.

    Each pair of kinds has a scale of its own, so this order is not quite that of the similarities. Before all others
    come those that may be said to do the same job, so that a line can part them. Nothing is near a vector of zeros.
    """
    from fute_core.space.readable import why_silent

    if why_silent(item.embedding):
        return []
    return list(
        _neighbours(atlas, item.embedding.provenance.pair, stamp(), item_id(item), item.embedding.key, k, kind, item)
    )


@kept(64)
def _neighbours(
    _atlas: "Atlas", pair: bool, stamp: str, name: str, key: str, k: int, kind: str | None, _item: "Item"
) -> list[Near]:
    from fute_core.analysis.skill import is_weak
    from fute_core.space.told import standing

    atlas, own = _atlas, _item.embedding
    found = atlas.space.neighbours(own.name, 4 * k, kind=kind, of_kind=own.kind)
    items = [atlas.items[atlas.positions[f"{n.kind}:{n.name}"]] for n in found]
    others = [i.embedding for i in items]
    known = [len(atlas.meaning.strangers(own, other)) for other in others]
    # The more pairs are known, the smaller a share can be told: what all kinds can tell is compared.
    finest = max((1 / (1 + n) for n in known if n), default=0.0)
    near = [
        Near(f"{n.kind}:{n.name}", n.name, n.kind, n.family, n.similarity,
             atlas.meaning.share(own, i.embedding, n.similarity),
             standing(atlas.meaning, own, i.embedding, n.similarity), is_weak(i.facts))
        for n, i in zip(found, items, strict=True)
    ]  # fmt: skip
    return sorted(near, key=lambda n: (n.standing != "same", math.isnan(n.share), max(n.share, finest), -n.similarity))[
        :k
    ]


def verdict(atlas: "Atlas", item: "Item") -> "Verdict | None":
    """Whether an item does a job that the atlas knows, judged by the nearest dataset; None where there is none."""
    return _verdict(atlas, item.embedding.provenance.pair, stamp(), item_id(item), item)


@kept(256)
def _verdict(_atlas: "Atlas", pair: bool, stamp: str, key: str, _item: "Item") -> "Verdict | None":
    return _atlas.verdict(_item.embedding)


def intervals(
    atlas: "Atlas", item: "Item", others: Sequence[str], over: "Over" = "texts"
) -> dict[str, tuple[float, float]]:
    """95 % interval of the similarity to each of the ids; those of which it is not known are left out."""
    return _intervals(item.embedding.provenance.pair, stamp(), item_id(item), tuple(others), over)


@kept(256)
def _intervals(
    pair: bool, stamp: str, item: str, others: tuple[str, ...], over: "Over"
) -> dict[str, tuple[float, float]]:
    of = atlas(pair, stamp)
    where = of.positions
    found = {other: of.intervals(where[item], where[other], over) for other in others if other in where}
    return {other: bounds for other, bounds in found.items() if bounds is not None}


def overs(item: "Item") -> "tuple[Over, ...]":
    """What intervals of its similarities can be over: a dataset's rows as well, where they were kept for that."""
    from fute_core.space.row_spread import OVERS
    from fute_core.store.keys import rows_key

    own = item.embedding
    # What is kept for intervals makes no new moment, so it is looked for each time.
    return OVERS if own.kind == "dataset" and store().get(rows_key(own.key)) is not None else OVERS[:1]


def redundant(pair: bool, kind: str) -> dict[str, str]:
    """Name to the name of the one it repeats, among the items of a kind, see `Scale.same_level`."""
    return _redundant(pair, stamp(), kind)


@kept(32)
def _redundant(pair: bool, stamp: str, kind: str) -> dict[str, str]:
    from fute_core.analysis.representatives import cover_json
    from fute_core.space.readable import says_something
    from fute_core.space.scale import is_small

    of = atlas(pair, stamp)
    found = [i.embedding for i in of.items if i.embedding.kind == kind]
    if not 0 < sum(says_something(e) and not is_small(e) for e in found) <= MOST_FOR_REDUNDANCY:
        return {}
    return {row["name"]: row["repeats"] for row in cover_json(of, 1, kind)["redundant"]}


def read_ahead(pair: bool) -> None:
    """What the details of the first point that somebody clicks would wait for."""
    for kind in KIND_NAMES:
        redundant(pair, kind)
    _abusive(pair)


def split(atlas: "Atlas", one: "Item", other: "Item") -> "Split | None":
    """What the similarity of two items is the sum of; None where their answers are not known. Once for a pair."""
    answered = all(
        i.answers is not None and any(block.part == "functional" for block in i.embedding.blocks) for i in (one, other)
    )
    return _split(atlas, stamp(), one.embedding.key, other.embedding.key, one, other) if answered else None


@kept(256)
def _split(_atlas: "Atlas", stamp: str, key: str, other_key: str, _one: "Item", _other: "Item") -> "Split":
    from fute_core.analysis.evidence import split_similarity
    from fute_core.atlas.same_texts import atlas_basis

    return split_similarity(_atlas.space.calibrator, atlas_basis(_atlas, store()), _one, _other)


def sides(atlas: "Atlas", one: "Item", other: "Item", k: int) -> tuple[list[Said], list[Said]]:
    """The k probe texts that pull two items apart most, and those that make them alike most; none without answers."""
    from fute_core.analysis.evidence import telling_texts

    parts = split(atlas, one, other)
    if parts is None:
        return [], []
    apart, alike = (said(atlas, one, other, found) for found in telling_texts(parts.texts, k))
    return apart, alike


def said(atlas: "Atlas", one: "Item", other: "Item", probes: Sequence[int]) -> list[Said]:
    """These probe texts with the answers of both."""
    return [(text_of(atlas.probes.texts[p]), answer(one, p), answer(other, p)) for p in probes]


def abusive(atlas: "Atlas", texts: Sequence[str]) -> list[bool]:
    """Which probe texts, as `text_of` shows them, come from a dataset of abusive texts."""
    known = _abusive(atlas.probes.pair)
    return [text in known for text in texts]


@st.cache_resource(show_spinner=False)
def _abusive(pair: bool) -> frozenset[str]:
    from fute_core.datasets.catalog import shipped_datasets
    from fute_core.datasets.probes import all_probes

    families = {name: card.get("family") for name, card in shipped_datasets().items()}
    probes = all_probes(pair)
    return frozenset(
        text_of(t) for t, source in zip(probes.texts, probes.sources, strict=True) if families.get(source) in ABUSIVE
    )


def text_of(text: "str | tuple[str, str]") -> str:
    """A pair in one line."""
    return text if isinstance(text, str) else " ∥ ".join(text)


def answer(item: "Item", probe: int) -> str:
    """What an item says about a probe text, with its certainty: "positive 93 %"."""
    row = item.answers[probe]
    labels = item.facts.get("labels") or ()
    if np.isnan(row).any():
        return "no answer"
    if len(row) == 1:
        return number(row[0])
    best = int(np.argmax(row))
    return f"{labels[best] if best < len(labels) else f'label {best + 1}'} {100 * row[best]:.0f} %"


@st.cache_data(show_spinner=False, max_entries=64)
def examples(dataset: str, n: int = EXAMPLES) -> list[dict[str, Any]]:
    """Up to n rows of a shipped dataset, evenly over its labels: text, text_pair, label. Empty for any other."""
    from fute_core.datasets.catalog import load_dataset, shipped_datasets

    if dataset not in shipped_datasets():
        return []
    drawn = load_dataset(dataset, limit=n, seed=1)
    names = [drawn.labels[int(np.argmax(row))] if drawn.labels else number(row[0]) for row in drawn.targets]
    return [
        {"text": text[0] if drawn.pair else text, "text_pair": text[1] if drawn.pair else None, "label": label}
        for text, label in zip(drawn.texts, names, strict=True)
    ]


def closer_than(share: float) -> str:
    """The calibrated scale in words: "closer than 99.2 % of different-job pairs"."""
    if math.isnan(share):
        return "too few different-job pairs to compare with"
    if share > 0.9995:
        return "no closer than any different-job pair"
    return f"closer than {percent(share)} of different-job pairs"


def percent(share: float) -> str:
    """The same for a table under that heading: "99.2 %", rounded down, so that it never claims more than is known."""
    return "–" if math.isnan(share) else f"{min(math.floor(1000 * (1 - share) + 1e-6), 999) / 10:.1f} %"
