"""The nearest to something, with what each similarity means and how sure it is."""

import difflib
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from fute_core.errors import BadInput
from fute_core.space.foremost import DECIMALS, check_count, foremost
from fute_core.space.meaning import Meaning
from fute_core.space.placed import Placed
from fute_core.space.readable import why_silent
from fute_core.space.space import TaskSpace
from fute_core.space.told import standing
from fute_core.tasks import Kind
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.atlas.intervals import Interval

COLUMNS = ("name", "kind", "family", "similarity", "closer_than", "pairs", "low", "high", "interval")
DIGITS = 4


def found_in(space: TaskSpace, item: str | TaskEmbedding) -> tuple[TaskEmbedding, int | None]:
    """Find an item in a space.

    Parameters
    ----------
    space : TaskSpace
        The space.
    item : str or TaskEmbedding
        A name of the space, or an embedding that may be elsewhere.

    Returns
    -------
    embedding : TaskEmbedding
        The item.
    position : int or None
        Where it stands; None for an embedding that the space does not have.

    Raises
    ------
    BadInput
        For a name that the space does not have, an embedding of the other arity, and what is no embedding.
    """
    if isinstance(item, str):
        position = space.index(item)
        return space.embeddings[position], position
    if not isinstance(item, TaskEmbedding):
        raise BadInput(f"A {type(item).__name__} has no place yet; embed it first: atlas.nearest(fute.embed(...)).")
    pair = item.provenance.pair
    if pair != space.embeddings[0].provenance.pair:
        this, other = ("single texts", "pairs of texts") if pair else ("pairs of texts", "single texts")
        raise BadInput(f"{item.name!r} is about {other} and this atlas about {this}; use fute.open_atlas(pair={pair}).")
    same = (item.name, item.kind, item.key)
    return item, next((i for i, e in enumerate(space.embeddings) if (e.name, e.kind, e.key) == same), None)


def nearest_rows(
    space: TaskSpace,
    meaning: Meaning,
    own: TaskEmbedding,
    placed: Placed,
    between: "Callable[[int, float], Interval | None]",
    *,
    k: int,
    kind: Kind | None,
    family: str | None,
    leave_out: int | None,
) -> list[dict[str, Any]]:
    """List the nearest of a space.

    Parameters
    ----------
    space : TaskSpace
        n calibrated items.
    meaning : Meaning
        What a similarity means.
    own : TaskEmbedding
        What the others are compared with.
    placed : Placed
        It alone, calibrated.
    between : function
        The 95 % interval of its similarity to the item at a position, given that similarity, and what it is over; None
        where it is unknown. See `intervals.Intervals.between`.
    k : int
        How many at most.
    kind, family : str or None
        Only of that kind, and of that family.
    leave_out : int or None
        Position of the item itself.

    Returns
    -------
    list of dict
        Of `COLUMNS`, nearest first; NaN where a number is not known, as for a vector of zeros, and None where there
        is no interval. Beside them "standing", what may be said of its job, see `told.standing`.

    Raises
    ------
    BadInput
        For a kind or family that the space does not have, and for k below 1.
    """
    check_count(k)
    _check("kind", kind, get_args(Kind))
    _check("family", family, sorted({e.family for e in space.embeddings if e.family}))
    rows: list[dict[str, Any]] = []
    said = not why_silent(own)
    for i, cosine in nearest_places(space, placed, k, kind=kind, family=family, leave_out=leave_out):
        near = space.embeddings[i]
        low, high, over = (said and between(i, cosine)) or (float("nan"), float("nan"), None)
        closer = 1.0 - meaning.share(own, near, cosine) if said else float("nan")
        rows.append({
            "name": near.name, "kind": near.kind, "family": near.family, "similarity": round(cosine, DIGITS) + 0.0,
            "closer_than": round(closer, DIGITS), "pairs": len(meaning.strangers(own, near)),
            "low": round(low, DIGITS), "high": round(high, DIGITS), "interval": over,
            "standing": standing(meaning, own, near, cosine),
        })  # fmt: skip
    return rows


def nearest_places(
    space: TaskSpace,
    placed: Placed,
    k: int | None = None,
    *,
    kind: Kind | None = None,
    family: str | None = None,
    leave_out: int | None = None,
) -> list[tuple[int, float]]:
    """Order a space by similarity to something; equal ones in order of name, then kind.

    Parameters
    ----------
    space : TaskSpace
        n calibrated items.
    placed : Placed
        What is compared, alone, calibrated.
    k : int, optional
        How many at most; all by default.
    kind, family : str, optional
        Only of that kind, and of that family.
    leave_out : int, optional
        Position to leave out.

    Returns
    -------
    list of (int, float)
        Position and cosine, nearest first.
    """
    members = [
        i for i, e in enumerate(space.embeddings)
        if i != leave_out and kind in (None, e.kind) and family in (None, e.family)
    ]  # fmt: skip
    cosines = space.placed.cosines(placed)[:, 0].astype(np.float64)
    chosen = foremost(cosines, np.array(members, np.intp), len(members) if k is None else k)
    keys = [(-round(float(cosines[i]), DECIMALS), space.embeddings[i].name, space.embeddings[i].kind) for i in chosen]
    return [(int(i), float(cosines[i])) for _, i in sorted(zip(keys, chosen, strict=True))[:k]]


def json_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write rows as JSON values.

    Parameters
    ----------
    rows : iterable of dict
        With numbers that may be NaN.

    Returns
    -------
    list of dict
        None in place of NaN.
    """
    return [
        {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in row.items()} for row in rows
    ]  # fmt: skip


def _check(argument: str, given: str | None, known: "tuple[str, ...] | list[str]") -> None:
    if given is not None and given not in known:
        near = difflib.get_close_matches(str(given), known, 1)
        guess = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}."
        raise BadInput(f"{argument} is {given!r}, which nothing in the atlas has; {guess}")
