"""Neighbours of something that answered fewer probe texts than the shipped items did, judged by those texts alone.

A vector made from 128 probe texts and one made from 512 lie in different spaces. Their answers can be compared all the
same: the first 128 of the 512 texts are the texts of the smaller set, and the shipped items have answered them all.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.added import stored_answers
from fute_core.atlas.atlas import Atlas, open_atlas
from fute_core.atlas.gallery import Item, load_gallery
from fute_core.atlas.landing import FEWEST_ANSWERS
from fute_core.atlas.nearest import COLUMNS, DIGITS, json_rows
from fute_core.atlas.newcomers import is_tuned
from fute_core.atlas.same_texts import provisional, scale_on_texts, similar_on_same_texts
from fute_core.datasets.probes import load_probes
from fute_core.predictors.answers import ProbeAnswers
from fute_core.space.kinds import kind_on_scale
from fute_core.space.readable import says_something, why_silent
from fute_core.space.told import standing_on
from fute_core.space.verdict import judge_embedding
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


def nearest_on_fewer(
    embedding: TaskEmbedding, store: "Store", k: int, kind: str | None = None
) -> dict[str, Any] | None:
    """Find the nearest of an embedding made from fewer probe texts than the shipped items were.

    Parameters
    ----------
    embedding : TaskEmbedding
        A stored one.
    store : Store
        Has its answers, and what users made from the same texts.
    k : int
        How many neighbours.
    kind : {"dataset", "model", "prompt"}, optional
        Only neighbours of this kind.

    Returns
    -------
    dict or None
        `neighbours`, `verdict` and `notes` as JSON values, as `neighbours.nearest_of_each` gives them, judged on the
        same texts; without fine-tuned models that ship, and without a word on what users made, since what two newcomers
        reach is measured on all texts only.
        None where the embedding differs from the shipped ones in more than the number of probe texts, or
        where fewer than `landing.FEWEST_ANSWERS` answers are known.
    """
    pair = embedding.provenance.pair
    gallery = load_gallery(pair)
    if gallery is None or not _is_part(embedding, gallery.items[0].embedding):
        return None
    answers = _answers(embedding, store)
    if answers is None or len(answers.index) < FEWEST_ANSWERS:
        return None
    shipped = open_atlas(pair, store=False)
    atlas = _with_own(shipped, embedding, gallery.basis, store)
    ones = np.ones((1, len(answers.index)))
    model = embedding.language_model
    found = similar_on_same_texts(
        atlas, answers, gallery.basis, ones, kind=embedding.kind, calibrate=False, language_model=model
    )[0]
    own = kind_on_scale(embedding)
    scale = scale_on_texts(atlas, len(answers.index))
    rows: list[dict[str, Any]] = []
    verdict = None
    for i in np.argsort(-found, kind="stable"):
        if is_tuned(atlas.items[i]):
            continue
        near, cosine = atlas.items[i].embedding, float(found[i])
        ships = bool(i < len(shipped.items))
        if verdict is None and near.kind == "dataset" and ships:
            verdict = judge_embedding(scale, embedding, near, cosine).as_json()
        if kind in (None, near.kind) and len(rows) < k:
            share, pairs, standing = float("nan"), 0, None
            if ships and not why_silent(embedding):
                share, pairs = scale.share(own, near.kind, cosine, 1), len(scale.reference(own, near.kind, 1))
                standing = standing_on(scale, own, near.kind, cosine) if says_something(embedding) else None
            values = (near.name, near.kind, near.family, round(cosine, DIGITS), round(1 - share, DIGITS), pairs,
                      None, None, None)  # fmt: skip
            rows.append(dict(zip(COLUMNS, values, strict=True)) | {"standing": standing})
    said = f"{embedding.name}: compared by the answers to its {len(answers.index)} probe texts; more texts tell more."
    return {"neighbours": json_rows(rows), "verdict": verdict, "notes": [said]}


def _is_part(embedding: TaskEmbedding, shipped: TaskEmbedding) -> bool:
    """Whether an embedding lies in the space of a shipped one, apart from having fewer of the same probe texts."""
    own, whole = embedding.space(), shipped.space()
    differ = {field for field in own if own[field] != whole[field]}
    parts = own["probe texts"].rsplit("-", 2)
    if differ != {"probe texts"} or len(parts) < 3 or not parts[1].isdigit():
        return False
    n, pair = int(parts[1]), embedding.provenance.pair
    return n < shipped_texts(shipped) and load_probes(pair, n).identity == own["probe texts"]


def shipped_texts(shipped: TaskEmbedding) -> int:
    """Count the probe texts that shipped items, or any others, were asked.

    Parameters
    ----------
    shipped : TaskEmbedding
        A shipped one, or any other that was made with probe texts.

    Returns
    -------
    int
        The number, which is a part of the probe set's identity.
    """
    return int(shipped.space()["probe texts"].rsplit("-", 2)[1])


def _answers(embedding: TaskEmbedding, store: "Store") -> ProbeAnswers | None:
    """Its answers as they are stored: label priors are removed already where they had to be."""
    known = stored_answers(store, embedding.key)
    if known is None:
        return None
    index = np.flatnonzero(~np.isnan(known).any(1))
    return ProbeAnswers((), index, known[index])


def _with_own(atlas: Atlas, embedding: TaskEmbedding, basis: NDArray[np.float64], store: "Store") -> Atlas:
    """The atlas with what users made from the same texts added; not `embedding` itself, nor what has a shipped name."""
    taken = {(i.embedding.name, i.embedding.kind) for i in atlas.items} | {(embedding.name, embedding.kind)}
    items = []
    for own in store.embeddings():
        if own.space() != embedding.space() or (own.name, own.kind) in taken:
            continue
        if (answers := _answers(own, store)) is not None:
            made = provisional(atlas, answers, basis, kind=own.kind, calibrate=False, language_model=own.language_model)
            named = replace(made, name=own.name, family=own.family, key=own.key)
            items.append(Item(named, {}, answers.full(len(basis), calibrate=False)))
    space = atlas.space.with_new(*(item.embedding for item in items))
    return replace(atlas, items=(*atlas.items, *items), space=space)
