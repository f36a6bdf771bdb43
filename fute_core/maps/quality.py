"""How many neighbourhoods of the space a map keeps."""

import numpy as np
from numpy.typing import NDArray

from fute_core.space.rows import Rows

JUDGED_BY = 1000
"""Items that a map of very many is judged by."""


def neighbour_preservation(distances: NDArray[np.floating], coordinates: NDArray[np.floating], k: int) -> float:
    """Tell how many neighbours stay neighbours on a map.

    Parameters
    ----------
    distances : ndarray of float, shape (n, n)
        Distances in the space.
    coordinates : ndarray of float, shape (n, dim)
        Places on the map.
    k : int
        How many neighbours count.

    Returns
    -------
    float
        Mean share of each item's k nearest in the space that are among its k nearest on the map, 0 to 1.
    """
    near, shown = (_nearest(d, k) for d in (distances, _euclidean(coordinates)))
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(near, shown, strict=True)]))


def cosine_distances(rows: Rows) -> NDArray[np.float32]:
    """Turn similarities into distances, 1 - cosine.

    Rounded, so that the last bits of a sum, which UMAP magnifies, cannot move a map.

    Parameters
    ----------
    rows : Rows
        n items.

    Returns
    -------
    ndarray of float32, shape (n, n)
        0 to 2, symmetric, with zeros on the diagonal.
    """
    cosines = rows.cosines(rows).astype(np.float64)
    distances = np.clip(1.0 - (cosines + cosines.T) / 2, 0.0, 2.0).round(6)
    np.fill_diagonal(distances, 0.0)
    return distances.astype(np.float32)


def judged(
    rows: Rows, distances: NDArray[np.float32] | None, coordinates: NDArray[np.float32], k: int
) -> tuple[float | None, float | None]:
    """Judge a map, by all items where all were compared, else by some of them.

    Parameters
    ----------
    rows : Rows
        n items.
    distances : ndarray of float32, shape (n, n), or None
        Between all of them.
    coordinates : ndarray of float32, shape (n, dim)
        Their places.
    k : int
        How many neighbours count; nothing is said for 0.

    Returns
    -------
    tuple of (float or None, float or None)
        Share of neighbours kept, and trustworthiness; the latter None without all distances.
    """
    if not k:
        return None, None
    if distances is not None:
        return neighbour_preservation(distances, coordinates, k), trustworthiness(distances, coordinates, k)
    from scipy.spatial import cKDTree

    some = np.unique(np.linspace(0, len(rows) - 1, JUDGED_BY).round().astype(np.intp))
    cosines = rows.take(some).cosines(rows)
    cosines[np.arange(len(some)), some] = -np.inf
    near = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
    shown = cKDTree(coordinates).query(coordinates[some], k + 1)[1]
    # Of copies that lie on one another the item itself need not come first, so it is taken out by its number.
    kept = [len(set(a) & set(b[b != i][:k])) / k for a, b, i in zip(near, shown, some, strict=True)]
    return float(np.mean(kept)), None


def trustworthiness(distances: NDArray[np.floating], coordinates: NDArray[np.floating], k: int) -> float:
    """Tell whether what lies near on a map lies near in the space (Venna and Kaski 2001).

    Parameters
    ----------
    distances : ndarray of float, shape (n, n)
        Distances in the space.
    coordinates : ndarray of float, shape (n, dim)
        Places on the map.
    k : int
        How many neighbours count.

    Returns
    -------
    float
        0 to 1; 1 where no item has a neighbour on the map that is far from it in the space.
    """
    from sklearn import manifold

    return float(manifold.trustworthiness(distances, coordinates, n_neighbors=k, metric="precomputed"))


def _euclidean(coordinates: NDArray[np.floating]) -> NDArray[np.float64]:
    c = coordinates.astype(np.float64)
    distances: NDArray[np.float64] = np.sqrt(((c[:, None] - c[None]) ** 2).sum(-1))
    return distances


def _nearest(distances: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    """int (n, k): the k nearest to each, without itself; equal ones in order of position."""
    own = np.where(np.eye(len(distances), dtype=bool), np.inf, distances)
    return np.argsort(own, axis=1, kind="stable")[:, :k]
