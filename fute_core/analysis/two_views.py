"""The same items seen in two ways, by two methods, models or encoders: which of them have other neighbours?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.grid import language_model, prompt_name
from fute_core.errors import BadInput
from fute_core.space.placed import Placed
from fute_core.space.rows import Rows, UnitRows
from fute_core.space.space import TaskSpace

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item

K = 10
"""Neighbours that are compared, where there are enough items."""
FEWEST = 3
"""Prompts that two language models share, and datasets with all parts, below which there is nothing to look at."""
MOST = 4000
"""Items whose neighbours are compared all with all."""
METHODS = ("fused", "functional", "fisher")
"""Both parts of a dataset's vector together, its answers, and what lies beside them."""


@dataclass(frozen=True)
class TwoViews:
    """The items that two views share.

    Parameters
    ----------
    left, right : ndarray of int, shape (n,)
        Positions in the atlas: an item of one view stands where the other has the same. They differ for prompts on two
        language models.
    left_rows, right_rows : Rows
        The same items, as each view compares them.
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    left_rows: Rows
    right_rows: Rows


@dataclass(frozen=True)
class Neighbourhoods:
    """What became of each item's nearest from one view to the other.

    Parameters
    ----------
    left, right : ndarray of int, shape (n, n - 1)
        The others by similarity, the nearest first; equal ones in order of position.
    k : int
        How many count as near: 10, or half of the others where there are few.
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    k: int

    @cached_property
    def kept(self) -> NDArray[np.float64]:
        """Share of the k nearest in one view that are among the k nearest in the other, (n,), 0 to 1."""
        share: NDArray[np.float64] = (self.ranks(self.left, self.right) <= self.k).mean(1)
        return share

    @property
    def chance(self) -> float:
        """The share that would be kept if one view had nothing to do with the other."""
        return float(self.k / self.left.shape[1])

    def ranks(self, of: NDArray[np.intp], within: NDArray[np.intp]) -> NDArray[np.intp]:
        """Find where the nearest of one view stand in the other.

        Parameters
        ----------
        of, within : ndarray of int, shape (n, n - 1)
            `left` and `right`, or the other way round.

        Returns
        -------
        ndarray of int, shape (n, k)
            Ranks from 1 of the k nearest.
        """
        rank = np.argsort(np.insert(within, 0, np.arange(len(within)), axis=1), axis=1)
        return np.take_along_axis(rank, of[:, : self.k], 1)

    @cached_property
    def fell(self) -> NDArray[np.float64]:
        """Mean rank of the k nearest of one view in the other, over both directions, (n,); (k + 1) / 2 at least."""
        both = [self.ranks(self.left, self.right), self.ranks(self.right, self.left)]
        mean: NDArray[np.float64] = np.mean(both, axis=(0, 2))
        return mean

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Items, those that moved most first: by the share kept, then by how far neighbours fell."""
        return np.lexsort((-self.fell, self.kept))


def views_of(items: Sequence["Item"], placed: Placed) -> dict[str, tuple[str, ...]]:
    """List the views that items can be seen in without computing a vector.

    Parameters
    ----------
    items : sequence of Item, length n
        Of the atlas.
    placed : Placed
        Them calibrated.

    Returns
    -------
    dict of str to tuple of str
        "model": language models that share prompts with another. "method": the fused similarity of datasets and its two
        parts. A way with fewer than two views is left out.
    """
    asked = Counter(language_model(i) for i in items if i.embedding.kind == "prompt")
    by_use = sorted((m for m in asked if m), key=lambda m: -asked[m])
    prompts = {m: set(_prompts(items, m)) for m in by_use}
    sharing = tuple(
        m for m in by_use if any(len(prompts[m] & prompts[other]) >= FEWEST for other in by_use if other != m)
    )
    parts = METHODS if (placed.row >= 0).sum() >= FEWEST and (placed.weight > 0).any() else ()
    return {way: found for way, found in (("model", sharing), ("method", parts)) if len(found) > 1}


def two_views(items: Sequence["Item"], placed: Placed, way: str, left: str, right: str) -> TwoViews:
    """Take the items that two views share.

    Between language models those are the prompts that both were asked, and everything that is no prompt. Between
    methods they are what has both parts: datasets.

    Parameters
    ----------
    items : sequence of Item, length n
        Of the atlas.
    placed : Placed
        Them calibrated.
    way : {"model", "method"}
        Of `views_of`.
    left, right : str
        Two views of it.

    Returns
    -------
    TwoViews
        At least three items.

    Raises
    ------
    BadInput
        For views that share too little, and for more items than can be compared.
    """
    if way == "method":
        both = np.flatnonzero(placed.row >= 0)
        parts = placed.take(both)
        found = TwoViews(both, both, _part(parts, left), _part(parts, right))
    else:
        here, there = _prompts(items, left), _prompts(items, right)
        shared = [name for name in here if name in there]
        if len(shared) < FEWEST:
            raise BadInput(f"{left} and {right} share {len(shared)} prompts; ask {FEWEST} or more of both.")
        others = [i for i, item in enumerate(items) if item.embedding.kind != "prompt"]
        on_left, on_right = (np.array([p[n] for n in shared] + others, np.intp) for p in (here, there))
        found = TwoViews(on_left, on_right, placed.take(on_left), placed.take(on_right))
    _check_number(len(found.left))
    return found


def two_readings(items: Sequence["Item"], left: TaskSpace, right: TaskSpace) -> TwoViews:
    """Take the items that two spaces share, such as those of galleries that two encoders have read.

    Parameters
    ----------
    items : sequence of Item, length n
        Of the atlas.
    left, right : TaskSpace
        Spaces that may have items of the same kind and name.

    Returns
    -------
    TwoViews
        At least three items.

    Raises
    ------
    BadInput
        For spaces that share too little, and for more items than can be compared.
    """
    here, there = ({(e.kind, e.name): n for n, e in enumerate(space.embeddings)} for space in (left, right))
    named = [(item.embedding.kind, item.embedding.name) for item in items]
    shared = [n for n, key in enumerate(named) if key in here and key in there]
    _check_number(len(shared))
    rows = [space.placed.take([at[named[n]] for n in shared]) for space, at in ((left, here), (right, there))]
    at = np.array(shared, np.intp)
    return TwoViews(at, at, *rows)


def neighbourhoods(views: TwoViews) -> Neighbourhoods:
    """Compare the neighbours of all items in both views.

    Parameters
    ----------
    views : TwoViews
        n items.

    Returns
    -------
    Neighbourhoods
        Of each of them.
    """
    n = len(views.left)
    return Neighbourhoods(_by_similarity(views.left_rows), _by_similarity(views.right_rows), min(K, (n - 1) // 2))


def _check_number(n: int) -> None:
    if not FEWEST <= n <= MOST:
        raise BadInput(f"Two views of {n:,} items cannot be compared; take {FEWEST} to {MOST:,}.")


def _prompts(items: Sequence["Item"], model: str) -> dict[str, int]:
    """Positions of the prompts that a model was asked, by the name of the prompt; of two of a name the first."""
    found: dict[str, int] = {}
    for i, item in enumerate(items):
        if item.embedding.kind == "prompt" and language_model(item) == model:
            found.setdefault(prompt_name(item), i)
    return found


def _part(placed: Placed, name: str) -> Rows:
    """Items that have both parts, compared by one of them alone or by both."""
    if name == "functional":
        return replace(placed, values=placed.values.take(slice(0)), row=np.full(len(placed), -1))
    return UnitRows.of(placed.values.whole()) if name == "fisher" else placed


def _by_similarity(rows: Rows) -> NDArray[np.intp]:
    cosines = rows.cosines(rows).round(6)
    np.fill_diagonal(cosines, np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, 1:]
