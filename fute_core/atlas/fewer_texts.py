"""Neighbours of something that answered fewer probe texts than the shipped items did, judged by those texts alone.

Vectors of 128 probe texts and of 512 share no space. Answers can be compared all the same: the shipped sets are nested,
and what ships has answered every text of them.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.atlas.atlas import Atlas, open_atlas, stored_answers
from fute_core.atlas.gallery import Item, load_gallery
from fute_core.atlas.landing import FEWEST, Answers, provisional, scale_on, similar_on_same_texts
from fute_core.datasets.probes import load_probes
from fute_core.tasks import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


def nearest_on_fewer(
    embedding: TaskEmbedding, store: "Store", k: int, kind: str | None = None
) -> dict[str, Any] | None:
    """The k nearest among what ships and what users made from as few texts, as JSON values like `nearest_of_each`.

    None where the embedding is not of the shipped space but for its number of probe texts, or where too few answers
    are known. share : of pairs of a dataset and a prompt for different jobs that are as similar on these texts; None
    for other pairs of kinds.
    """
    pair = embedding.provenance.pair
    gallery = load_gallery(pair)
    if gallery is None or not _is_part(embedding, gallery.items[0].embedding):
        return None
    answers = _answers(embedding, store)
    if answers is None or len(answers.index) < FEWEST:
        return None
    atlas = _with_own(open_atlas(pair), embedding, store)
    ones = np.ones((1, len(answers.index)))
    found = similar_on_same_texts(atlas, answers, gallery.basis, ones, kind=embedding.kind, calibrate=False)[0]
    scale = scale_on(atlas, answers.index, gallery.basis)
    rows = []
    for i in np.argsort(-found, kind="stable"):
        near = atlas.items[i].embedding
        if kind in (None, near.kind) and len(rows) < k:
            share = scale.share(embedding.kind, near.kind, float(found[i]))
            rows.append({"name": near.name, "kind": near.kind, "family": near.family,
                         "similarity": round(float(found[i]), 4),
                         "share": None if np.isnan(share) else round(share, 4)})  # fmt: skip
    said = f"{embedding.name}: compared by the answers to its {len(answers.index)} probe texts; more texts tell more."
    return {"neighbours": rows, "notes": [said]}


def _is_part(embedding: TaskEmbedding, shipped: TaskEmbedding) -> bool:
    """Whether only the number of probe texts differs."""
    own, whole = embedding.space(), shipped.space()
    differ = {field for field in own if own[field] != whole[field]}
    parts = own["probe texts"].rsplit("-", 2)
    if differ != {"probe texts"} or len(parts) < 3 or not parts[1].isdigit():
        return False
    n, pair = int(parts[1]), embedding.provenance.pair
    return n < shipped_texts(shipped) and load_probes(pair, n).identity == own["probe texts"]


def shipped_texts(shipped: TaskEmbedding) -> int:
    """How many probe texts the shipped items have answered."""
    return int(shipped.space()["probe texts"].rsplit("-", 2)[1])


def _answers(embedding: TaskEmbedding, store: "Store") -> Answers | None:
    """What the store holds of its answers, label priors removed where they were."""
    known = stored_answers(store, embedding.key)
    if known is None:
        return None
    index = np.flatnonzero(~np.isnan(known).any(1))
    return Answers((), index, known[index])


def _with_own(atlas: Atlas, embedding: TaskEmbedding, store: "Store") -> Atlas:
    """The atlas with what users made from as few texts, but for `embedding` itself and what has a shipped name."""
    taken = {(i.embedding.name, i.embedding.kind) for i in atlas.items} | {(embedding.name, embedding.kind)}
    items = []
    for own in store.embeddings():
        if own.space() != embedding.space() or (own.name, own.kind) in taken:
            continue
        if (answers := _answers(own, store)) is not None:
            made = provisional(atlas, answers, atlas.gallery.basis, kind=own.kind, calibrate=False)
            named = replace(made, name=own.name, family=own.family, key=own.key)
            items.append(Item(named, {}, answers.full(len(atlas.gallery.basis), calibrate=False)))
    space = atlas.space.with_new(*(item.embedding for item in items))
    return replace(atlas, items=(*atlas.items, *items), space=space)
