"""Maps of the space in two or three dimensions, and where something new lands on them.

A map shows neighbourhoods; its distances are not similarities. Every map says how many neighbourhoods it kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.maps.layout import Axes, leading_axes, umap_places
from fute_core.maps.quality import cosine_distances, judged
from fute_core.space.rows import Rows, UnitRows
from fute_core.space.space import TaskSpace

Method = Literal["umap", "pca"]
FEWEST_FOR_UMAP = 4
FEWEST_TO_TELL = 10
MOST_WHOLE = 4095
"""Items that are compared all with all; UMAP takes a graph of nearest neighbours only from 4,096 on."""
MIN_DIST = 0.8
"""UMAP's default of 0.1 draws items of one task on top of one another, where none can be seen or clicked."""


@dataclass(frozen=True)
class FittedMap:
    """What placing needs, items in the order of fitting.

    Parameters
    ----------
    rows : Rows
        The n items that the map was made of.
    coordinates : ndarray of float32, shape (n, dim)
        Their places.
    axes : Axes, optional
        For PCA, which places by them.
    """

    rows: Rows
    coordinates: NDArray[np.float32]
    axes: Axes | None = None


@dataclass(frozen=True)
class Projection:
    """A map of n items in the order they were given.

    Parameters
    ----------
    coordinates : ndarray of float32, shape (n, dim)
        Places on the map, in units that mean nothing by themselves.
    method_used : {"umap", "pca"}
        Which need not be the one asked for: see `notes`.
    notes : tuple of str
        What to know of the map, in sentences.
    neighbour_preservation : float or None
        Share of each item's `k` most similar items that are among its `k` nearest on the map, averaged; None below 3
        items. By chance it is k / (n - 1).
    trustworthiness : float or None
        Venna and Kaski (2001), with the same `k`; 1 where no two neighbours on the map are far apart in the space. None
        beyond 4,095 items too.
    k : int
        min(10, (n - 1) // 2), so that the two figures can be less than 1.
    seed : int
        Seed of UMAP.
    params : dict
        n_neighbors and min_dist, for UMAP.
    fitted : FittedMap
        What `placing.place` needs.
    """

    coordinates: NDArray[np.float32]
    method_used: Method
    notes: tuple[str, ...]
    neighbour_preservation: float | None
    trustworthiness: float | None
    k: int
    seed: int
    params: dict[str, float]
    fitted: FittedMap


def project(
    space: TaskSpace | np.ndarray | Rows,
    method: Method = "umap",
    n_neighbors: int = 15,
    min_dist: float = MIN_DIST,
    seed: int = 42,
    dim: int = 2,
    ids: Sequence[str] | None = None,
) -> Projection:
    """Make a map by UMAP (McInnes et al. 2018) on distances (1 - similarity), or by PCA of the similarities.

    The order of the items makes no difference. Below 4 items PCA is used whatever was asked.

    Parameters
    ----------
    space : TaskSpace, Rows, or ndarray of float, shape (n, d)
        A space, items that can be compared, or n >= 1 vectors of which only the direction counts. Beyond 4,095 items
        memory grows with n alone.
    method : {"umap", "pca"}, default "umap"
        How the map is made.
    n_neighbors : int, default 15
        For UMAP: more neighbours keep more of the whole and less of the near.
    min_dist : float, default 0.8
        For UMAP, 0 to 1: how close together points may lie.
    seed : int, default 42
        Seed of UMAP.
    dim : {2, 3}, default 2
        Dimensions of the map.
    ids : sequence of str, optional
        Names of rows or of a matrix's rows, for messages and for the order in which rows are fitted.

    Returns
    -------
    Projection
        The map, with what it kept of the space.

    Raises
    ------
    BadInput
        For values that are not finite, no rows, or options out of range.
    """
    _check_options(method, n_neighbors, min_dist, dim)
    rows, order = _rows(space, ids)
    rows = rows.take(order)
    n = len(rows)
    notes = []
    if n < FEWEST_TO_TELL:
        notes.append(f"A map of so few points ({n}) says little; ten or more begin to show groups.")
    used: Method = method
    if method == "umap" and n < FEWEST_FOR_UMAP:
        used = "pca"
        notes.append(f"UMAP needs at least {FEWEST_FOR_UMAP} points, so this is PCA.")
    whole = cosine_distances(rows) if n <= MOST_WHOLE else None
    params = {}
    if used == "umap":
        fitted = FittedMap(rows, umap_places(rows, whole, n_neighbors, min_dist, seed, dim))
        params = {"n_neighbors": min(n_neighbors, n - 1), "min_dist": min_dist}
    else:
        axes, places = leading_axes(rows, dim)
        fitted = FittedMap(rows, places, axes)
        notes.append(f"The {dim} axes hold {100 * axes.share:.0f} % of the variance.")
    coordinates = np.empty_like(fitted.coordinates)
    coordinates[order] = fitted.coordinates
    k = min(10, (n - 1) // 2)
    kept, trusted = judged(rows, whole, fitted.coordinates, k)
    return Projection(coordinates, used, tuple(notes), kept, trusted, k, seed, params, fitted)


def shipped_projection(space: TaskSpace | NDArray[np.floating], coordinates: NDArray[np.float32]) -> Projection:
    """Take up the map that was made before with the default options.

    Parameters
    ----------
    space : TaskSpace or ndarray of float, shape (n, d)
        What it was made of.
    coordinates : ndarray of float32, shape (n, 2)
        The places, as they were stored.

    Returns
    -------
    Projection
        The same map, on which something new can be placed.
    """
    rows, _ = _rows(space, None)
    defaults = {"n_neighbors": min(15, len(rows) - 1), "min_dist": MIN_DIST}
    k = min(10, (len(rows) - 1) // 2)
    kept, trusted = judged(rows, cosine_distances(rows) if len(rows) <= MOST_WHOLE else None, coordinates, k)
    return Projection(coordinates, "umap", (), kept, trusted, k, 42, defaults, FittedMap(rows, coordinates))


def _check_options(method: str, n_neighbors: int, min_dist: float, dim: int) -> None:
    if method not in ("umap", "pca"):
        raise BadInput(f"Projection {method!r} is unknown; choose umap or pca.")
    if n_neighbors < 2:
        raise BadInput(f"A map by {n_neighbors} neighbours cannot be made; give 2 or more.")
    if not 0 <= min_dist <= 1:
        raise BadInput(f"A smallest distance of {min_dist} is out of range; give 0 to 1.")
    if dim not in (2, 3):
        raise BadInput(f"A map in {dim} dimensions cannot be shown; choose 2 or 3.")


def _rows(space: TaskSpace | np.ndarray | Rows, ids: Sequence[str] | None) -> tuple[Rows, list[int]]:
    """The items, and the order in which they are fitted: by name, so that the order they come in does not matter."""
    if isinstance(space, TaskSpace):
        named = [f"{e.kind}:{e.name}" for e in space.embeddings]
        return space.placed, sorted(range(len(named)), key=named.__getitem__)
    if not isinstance(space, np.ndarray):
        return space, sorted(range(len(space)), key=(ids or range(len(space))).__getitem__)
    if space.ndim != 2 or not space.size or (ids is not None and len(ids) != len(space)):
        raise BadInput(f"An array of shape {space.shape} is no table of vectors with a row for each name.")
    broken = np.flatnonzero(~np.isfinite(space).all(1))
    if len(broken):
        called = repr(ids[broken[0]]) if ids is not None else f"row {broken[0] + 1}"
        raise BadInput(f"The vector of {called} has values that are not finite numbers; leave it out or mend it.")
    rows = UnitRows.of(space.astype(np.float32))
    names = [""] * len(rows) if ids is None else list(ids)
    return rows, sorted(range(len(rows)), key=lambda i: (names[i], rows.vectors[i].tobytes()))
