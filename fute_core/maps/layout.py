"""Where items go on a map: UMAP, and PCA by similarities alone, so that no item needs a vector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.space.all_pairs import nearest_of_all
from fute_core.space.rows import Rows

LANDMARKS = 2000
"""Items that axes are found by where there are more: the rest is placed by their similarity to these (Nystroem)."""


@dataclass(frozen=True)
class Axes:
    """Principal axes, as weights of similarities (Schoelkopf et al. 1998): PCA itself where these are inner products.

    Between items of which one has a part that the other lacks they are not quite; directions of negative variance that
    come of it are left out.

    Parameters
    ----------
    landmarks : ndarray of int, shape (m,)
        Items that the axes were found by.
    mean : ndarray of float64, shape (m,)
        Mean similarity of each of them to all of them.
    weights : ndarray of float64, shape (m, dim)
        A place is (similarities to the landmarks - mean) @ weights.
    share : float
        Share of the variance along the axes, 0 to 1.
    """

    landmarks: NDArray[np.intp]
    mean: NDArray[np.float64]
    weights: NDArray[np.float64]
    share: float

    def place(self, similarities: NDArray[np.floating]) -> NDArray[np.float32]:
        """Place items by their similarities.

        Parameters
        ----------
        similarities : ndarray of float, shape (..., n)
            To all items of the map.

        Returns
        -------
        ndarray of float32, shape (..., dim)
            Places.
        """
        known = similarities[..., self.landmarks].astype(np.float64)
        return ((known - self.mean) @ self.weights).astype(np.float32)


def leading_axes(rows: Rows, dim: int) -> tuple[Axes, NDArray[np.float32]]:
    """Find the axes along which items differ most.

    Parameters
    ----------
    rows : Rows
        n items.
    dim : int
        How many axes; those that the items do not fill are zero.

    Returns
    -------
    axes : Axes
        Each with the sign that makes the largest place on it positive.
    places : ndarray of float32, shape (n, dim)
        Of the items.
    """
    n = len(rows)
    landmarks = np.unique(np.linspace(0, n - 1, min(n, LANDMARKS)).round().astype(np.intp))
    known = rows.take(landmarks)
    kernel = known.cosines(known).astype(np.float64)
    kernel = (kernel + kernel.T) / 2
    mean = kernel.mean(0)
    values, vectors = np.linalg.eigh(kernel - mean - mean[:, None] + mean.mean())
    weights = np.zeros((len(landmarks), dim))
    for i in range(min(dim, len(landmarks))):
        value, vector = values[-1 - i], vectors[:, -1 - i]
        if value > 1e-6:
            weights[:, i] = vector * np.sign(vector[np.abs(vector).argmax()]) / np.sqrt(value)
    total, filled = values[values > 0].sum(), (weights != 0).any(0)
    share = float(values[::-1][:dim][filled[: len(values)]].sum() / total) if total > 1e-12 else 1.0
    axes = Axes(np.arange(len(landmarks)), mean, weights, share)
    step = 4096
    places = [axes.place(rows.take(np.arange(a, min(a + step, n))).cosines(known)) for a in range(0, n, step)]
    return Axes(landmarks, mean, weights, share), np.concatenate(places)


def umap_places(
    rows: Rows, distances: NDArray[np.float32] | None, n_neighbors: int, min_dist: float, seed: int, dim: int
) -> NDArray[np.float32]:
    """Make a map by UMAP (McInnes et al. 2018), from all distances or from a graph of exact nearest neighbours.

    Parameters
    ----------
    rows : Rows
        n items.
    distances : ndarray of float32, shape (n, n), or None
        1 - similarity; None for more items than can be compared all with all.
    n_neighbors, min_dist, seed, dim : int and float
        Of UMAP.

    Returns
    -------
    ndarray of float32, shape (n, dim)
        Places.
    """
    import warnings

    import umap

    _keep_compiled()
    n = len(rows)
    n_neighbors = min(n_neighbors, n - 1)
    shared = {"n_neighbors": n_neighbors, "min_dist": min_dist, "n_components": dim, "random_state": seed, "n_jobs": 1}
    with warnings.catch_warnings():
        # Duplicates and silent items make the spectral start fail; UMAP then starts at random, from the seed.
        warnings.simplefilter("ignore")
        if distances is not None:
            # Spectral initialisation needs more points than axes, with room to spare.
            init = "spectral" if n > dim + 2 else "random"
            model = umap.UMAP(metric="precomputed", init=init, **shared)
            return np.asarray(model.fit_transform(distances), np.float32)
        near, cosines = nearest_of_all(rows, n_neighbors - 1)
        # UMAP wants each point first among its own neighbours, and distances that rise.
        knn = np.hstack([np.arange(n, dtype=np.int32)[:, None], near])
        lengths = np.hstack([np.zeros((n, 1), np.float32), np.clip(1.0 - cosines, 0.0, 2.0)])
        _, start = leading_axes(rows, dim)
        start = (10.0 * start / max(float(np.abs(start).max()), 1e-12)).astype(np.float32)
        model = umap.UMAP(metric="euclidean", init=start, precomputed_knn=(knn, lengths), **shared)
        return np.asarray(model.fit_transform(start), np.float32)


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
