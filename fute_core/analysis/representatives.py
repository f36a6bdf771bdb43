"""The few items of the atlas that stand for the rest: `fute cover` without the command line."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.choosing import REACHED_BY_FEW
from fute_core.analysis.cover import cover, random_coverage, reached_by_lot, redundant
from fute_core.analysis.shares import shares
from fute_core.atlas.atlas import Atlas
from fute_core.space.readable import says_something
from fute_core.space.scale import Newcomers, is_small
from fute_core.tasks import Kind
from fute_core.vectors import TaskEmbedding

NEWCOMERS: tuple[Newcomers, ...] = (0, 1, 2)
LONGEST_CURVE = 12
"""Up to so many chosen items it is told how well they stand for all."""


@dataclass(frozen=True)
class _Members:
    """Items of one kind with what is needed to choose among them.

    newcomers : how many of two items did not shape the space, (n, n). alike : which are closer than 95 % of the pairs
    known to do different jobs, (n, n); where none are known, which are similar at all.
    """

    embeddings: list[TaskEmbedding]
    similarity: NDArray[np.float64]
    newcomers: NDArray[np.int64]
    alike: NDArray[np.bool_]
    too_small: list[str]
    silent: list[str]

    def stood_for(self, represents: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which items are alike to the one that stands for them, (n,)."""
        return self.alike[np.arange(len(self.embeddings)), represents]


def cover_curve(
    atlas: Atlas, kind: Kind, among: Collection[str] | None = None, most: int = LONGEST_CURVE
) -> list[dict[str, Any]]:
    """Tell how well 1, 2, 3 and more chosen items stand for all of a kind.

    Parameters
    ----------
    atlas : Atlas
        The space.
    kind : {"dataset", "model", "prompt"}
        Of what.
    among : collection of str, optional
        Names of the items that count; all by default.
    most : int
        The largest number of chosen items, as far as there are so many.

    Returns
    -------
    list of dict
        A row for each number `k`: `alike`, how many items are closer to the one that stands for them than 95 % of the
        pairs known to do different jobs, and `coverage`, the mean similarity to the chosen ones. `alike_by_lot` and
        `coverage_by_lot` are the same for k items chosen by lot, on average over all choices.

    Examples
    --------
    >>> import fute_core as fute
    >>> from fute_core.analysis.representatives import cover_curve
    >>> one, two = cover_curve(fute.open_atlas(store=False), "dataset", most=2)
    >>> one["coverage"] < two["coverage"]
    True
    """
    members = _members(atlas, kind, among)
    sims = members.similarity
    rows = []
    for k in range(1, min(most, len(sims)) + 1):
        found = cover(sims, k)
        rows.append({
            "k": k,
            "alike": int(members.stood_for(found.represents).sum()),
            "alike_by_lot": round(reached_by_lot(members.alike, k), 1),
            "coverage": round(found.coverage, 4),
            "coverage_by_lot": round(random_coverage(sims, k), 4),
        })  # fmt: skip
    return rows


def cover_json(atlas: Atlas, k: int, kind: Kind, among: Collection[str] | None = None) -> dict[str, Any]:
    """Choose the k items of a kind that stand for the others, and say which are redundant.

    Parameters
    ----------
    atlas : Atlas
        The space.
    k : int
        How many items to choose.
    kind : {"dataset", "model", "prompt"}
        Of what.
    among : collection of str, optional
        Names of the items that are chosen from and stood for; all by default.

    Returns
    -------
    dict
        JSON values. `kind`, `n`, `k` and `coverage`, the mean similarity to the chosen ones. `chosen` has a row for
        each, with the items it `stands_for`. `too_small` are datasets that are left out, see `scale.is_small`, and
        `silent` items whose place says nothing, see `readable.says_something`. `unlike` are items that are not closer
        to their chosen one than 95 % of the pairs known to do different jobs.
        `threshold` is the similarity from which a shipped item repeats another, see `Scale.same_level`; None where
        nothing tells.
        `redundant` lists those that repeat another one; beside newcomers the level is that of newcomers.

    Raises
    ------
    BadInput
        Where there are fewer than k such items.
    """
    members = _members(atlas, kind, among)
    embeddings, similarity = members.embeddings, members.similarity
    found = cover(similarity, k)
    levels = [atlas.scale.same_level(kind, kind, n) for n in NEWCOMERS]
    repeated = np.array([np.inf if level is None else level for level in levels])[members.newcomers]
    stood_for = members.stood_for(found.represents)

    def like(one: int, other: int) -> dict[str, Any]:
        value = float(similarity[one, other])
        share = atlas.meaning.share(embeddings[one], embeddings[other], value)
        known = None if np.isnan(share) else round(share, 4)
        return {"name": embeddings[one].name, "share": known, "similarity": round(value, 4)}

    chosen = []
    for c in found.chosen:
        at = np.flatnonzero((found.represents == c) & stood_for)
        others = [int(i) for i in at if i != c]
        others.sort(key=lambda i: -found.similarity[i])
        like_it = [like(i, c) for i in others]
        chosen.append({"name": embeddings[c].name, "family": embeddings[c].family, "stands_for": like_it})
    repeats = redundant(similarity, repeated, found.chosen)
    return {
        "kind": kind,
        "n": len(embeddings),
        "k": k,
        "coverage": round(found.coverage, 4),
        "chosen": chosen,
        "too_small": members.too_small,
        "silent": members.silent,
        "unlike": [embeddings[i].name for i in np.flatnonzero(~stood_for)],
        "threshold": None if levels[0] is None else round(levels[0], 4),
        "redundant": [{**like(one, other), "repeats": embeddings[other].name} for one, other in repeats],
    }


def _members(atlas: Atlas, kind: Kind, among: Collection[str] | None) -> _Members:
    """The items of a kind, or those of the names, without datasets of few texts and what says nothing."""
    of_kind = [
        i for i, item in enumerate(atlas.items)
        if item.embedding.kind == kind and (among is None or item.embedding.name in among)
    ]  # fmt: skip
    small = [i for i in of_kind if is_small(atlas.items[i].embedding)]
    silent = [i for i in of_kind if i not in small and not says_something(atlas.items[i].embedding)]
    chosen = [i for i in of_kind if i not in small and i not in silent]
    embeddings = [atlas.items[i].embedding for i in chosen]
    similarity = atlas.space.cosines(chosen, chosen).astype(np.float64)
    new = np.array([atlas.meaning.is_new(e) for e in embeddings], int)
    reached = shares(atlas.meaning, embeddings, embeddings, similarity)
    alike = np.where(np.isnan(reached), similarity > 0, reached <= 1 - REACHED_BY_FEW + 1e-6)
    np.fill_diagonal(alike, True)
    return _Members(
        embeddings, similarity, new[:, None] + new[None, :], alike,
        *([atlas.items[i].embedding.name for i in some] for some in (small, silent)),
    )  # fmt: skip
