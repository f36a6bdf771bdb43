"""Maps of the space in two or three dimensions, and where something new lands on them.

A map shows neighbourhoods; its distances are not similarities. Every map says how many neighbourhoods it kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.maps.quality import cosine_distances, neighbour_preservation, trustworthiness

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace

Method = Literal["umap", "pca"]
FEWEST_FOR_UMAP = 4
FEWEST_TO_TELL = 10
MIN_DIST = 0.8
"""UMAP's default of 0.1 draws items of one task on top of one another, where none can be seen or clicked."""


@dataclass(frozen=True)
class FittedMap:
    """What placing needs, rows in the order of fitting.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        The rows that the map was made of.
    coordinates : ndarray of float32, shape (n, dim)
        Their places.
    normalise : bool
        Whether rows were brought to unit norm, as a bare matrix's are; a space's are as they should be.
    mean : ndarray of float64, shape (d,), optional
        For PCA, whose place is (row - mean) @ axes.
    axes : ndarray of float64, shape (d, dim), optional
        For PCA.
    """

    vectors: NDArray[np.float32]
    coordinates: NDArray[np.float32]
    normalise: bool
    mean: NDArray[np.float64] | None = None
    axes: NDArray[np.float64] | None = None


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
        Venna and Kaski (2001), with the same `k`; 1 where no two neighbours on the map are far apart in the space.
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
    space: "TaskSpace | np.ndarray",
    method: Method = "umap",
    n_neighbors: int = 15,
    min_dist: float = MIN_DIST,
    seed: int = 42,
    dim: int = 2,
    ids: Sequence[str] | None = None,
) -> Projection:
    """Make a map by UMAP (McInnes et al. 2018) on cosine distances of the calibrated vectors, or by PCA of them.

    The order of the items makes no difference. Below 4 items PCA is used whatever was asked.

    Parameters
    ----------
    space : TaskSpace or ndarray of float, shape (n, d)
        A space, or n >= 1 vectors of which only the direction counts. Memory grows with n^2.
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
        Names of a matrix's rows, for messages and for the order in which rows are fitted.

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
    vectors, ids, bare = _rows(space, ids)
    order = sorted(range(len(vectors)), key=lambda i: (ids[i], vectors[i].tobytes()))
    rows = vectors[order]
    notes = []
    if len(rows) < FEWEST_TO_TELL:
        notes.append(f"A map of so few points ({len(rows)}) says little; ten or more begin to show groups.")
    used: Method = method
    if method == "umap" and len(rows) < FEWEST_FOR_UMAP:
        used = "pca"
        notes.append(f"UMAP needs at least {FEWEST_FOR_UMAP} points, so this is PCA.")
    distances = cosine_distances(rows)
    if used == "umap":
        fitted = FittedMap(rows, _umap(distances, n_neighbors, min_dist, seed, dim), bare)
        params = {"n_neighbors": min(n_neighbors, len(rows) - 1), "min_dist": min_dist}
    else:
        mean, axes, share = _pca(rows, dim)
        fitted = FittedMap(rows, ((rows - mean) @ axes).astype(np.float32), bare, mean, axes)
        params = {}
        notes.append(f"The {dim} axes hold {share:.0%} of the variance.")
    coordinates = np.empty_like(fitted.coordinates)
    coordinates[order] = fitted.coordinates
    k = min(10, (len(rows) - 1) // 2)
    kept = neighbour_preservation(distances, fitted.coordinates, k) if k else None
    trusted = trustworthiness(distances, fitted.coordinates, k) if k else None
    return Projection(coordinates, used, tuple(notes), kept, trusted, k, seed, params, fitted)


def shipped_projection(vectors: np.ndarray, coordinates: np.ndarray) -> Projection:
    """Take up the map that was made before with the default options.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        The calibrated vectors that it was made of.
    coordinates : ndarray of float32, shape (n, 2)
        Their places, as they were stored.

    Returns
    -------
    Projection
        The same map, on which something new can be placed.
    """
    defaults = {"n_neighbors": min(15, len(vectors) - 1), "min_dist": MIN_DIST}
    distances = cosine_distances(vectors)
    k = min(10, (len(vectors) - 1) // 2)
    kept = neighbour_preservation(distances, coordinates, k) if k else None
    trusted = trustworthiness(distances, coordinates, k) if k else None
    fitted = FittedMap(vectors, coordinates, False)
    return Projection(coordinates, "umap", (), kept, trusted, k, 42, defaults, fitted)


def _check_options(method: str, n_neighbors: int, min_dist: float, dim: int) -> None:
    if method not in ("umap", "pca"):
        raise BadInput(f"Projection {method!r} is unknown; choose umap or pca.")
    if n_neighbors < 2:
        raise BadInput(f"A map by {n_neighbors} neighbours cannot be made; give 2 or more.")
    if not 0 <= min_dist <= 1:
        raise BadInput(f"A smallest distance of {min_dist} is out of range; give 0 to 1.")
    if dim not in (2, 3):
        raise BadInput(f"A map in {dim} dimensions cannot be shown; choose 2 or 3.")


def _rows(space: "TaskSpace | np.ndarray", ids: Sequence[str] | None) -> tuple[np.ndarray, list[str], bool]:
    """Vectors float32 (n, d), an id for each, and whether they come as a bare matrix."""
    if bare := isinstance(space, np.ndarray):
        if space.ndim != 2 or not space.size or (ids is not None and len(ids) != len(space)):
            raise BadInput(f"An array of shape {space.shape} is no table of vectors with a row for each name.")
        vectors = space.astype(np.float32)
    else:
        vectors, ids = space.vectors, [f"{e.kind}:{e.name}" for e in space.embeddings]
    broken = np.flatnonzero(~np.isfinite(vectors).all(1))
    if len(broken):
        named = repr(ids[broken[0]]) if ids is not None else f"row {broken[0] + 1}"
        raise BadInput(f"The vector of {named} has values that are not finite numbers; leave it out or mend it.")
    ids = [""] * len(vectors) if ids is None else list(ids)
    return (unit_rows(vectors), ids, True) if bare else (vectors, ids, False)


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Bring rows to unit norm.

    Parameters
    ----------
    rows : ndarray of float, shape (n, d)
        Any rows.

    Returns
    -------
    ndarray of float32, shape (n, d)
        The same directions; a row of zeros stays one.
    """
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(norms > 0, norms, 1.0)).astype(np.float32)


def _umap(
    distances: NDArray[np.float32], n_neighbors: int, min_dist: float, seed: int, dim: int
) -> NDArray[np.float32]:
    import warnings

    import umap

    _keep_compiled()
    n_neighbors = min(n_neighbors, len(distances) - 1)
    # Spectral initialisation needs more points than axes, with room to spare.
    init = "spectral" if len(distances) > dim + 2 else "random"
    model = umap.UMAP(
        n_neighbors=n_neighbors, min_dist=min_dist, n_components=dim, metric="precomputed", init=init,
        random_state=seed, n_jobs=1,
    )  # fmt: skip
    with warnings.catch_warnings():
        # Duplicates and silent items make the spectral start fail; UMAP then starts at random, from the seed.
        warnings.simplefilter("ignore")
        return np.asarray(model.fit_transform(distances), np.float32)


def _keep_compiled() -> None:
    """Let numba keep on disk what a map by UMAP compiles; left alone, each process compiles it anew, for 10 seconds."""
    from contextlib import suppress

    from umap import layouts, umap_, utils

    steps = (
        (utils, "fast_knn_indices"), (umap_, "smooth_knn_dist"), (umap_, "compute_membership_strengths"),
        (layouts, "_nb_optimize_layout_euclidean_single_epoch"),
    )  # fmt: skip
    for module, name in steps:
        # Where nothing can be written, or another version has no such step, the map only takes longer.
        with suppress(AttributeError, RuntimeError):
            getattr(module, name).enable_caching()


def _pca(rows: np.ndarray, dim: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean (d,), axes (d, dim) and the share of variance they hold; axes that the data do not fill are zero."""
    mean = rows.mean(0, dtype=np.float64)
    spread, axes = _singular(rows - mean)
    filled = np.flatnonzero(spread[:dim] > 1e-6)
    out = np.zeros((rows.shape[1], dim))
    for i in filled:
        # A fixed sign: the largest entry of an axis is positive.
        out[:, i] = axes[i] * np.sign(axes[i][np.abs(axes[i]).argmax()])
    total = (spread**2).sum()
    return mean, out, float((spread[:dim] ** 2).sum() / total) if total > 1e-12 else 1.0


def _singular(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Singular values, falling, and right vectors of (n, d); by way of the n x n products where d is much larger.

    A vector of a singular value that is nearly zero means nothing there.
    """
    n, d = rows.shape
    if d < 4 * n:
        _, spread, axes = np.linalg.svd(rows, full_matrices=False)
        return spread, axes
    values, left = np.linalg.eigh(rows @ rows.T)
    spread = np.sqrt(np.maximum(values[::-1], 0.0))
    return spread, (left[:, ::-1] / np.where(spread > 1e-9, spread, 1.0)).T @ rows
