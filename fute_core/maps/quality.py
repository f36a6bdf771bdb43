"""How many neighbourhoods of the space a map keeps."""

import numpy as np
from numpy.typing import NDArray


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


def cosine_distances(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Turn similarities into distances, 1 - cosine.

    Rounded, so that the last bits of a sum, which UMAP magnifies, cannot move a map.

    Parameters
    ----------
    rows : ndarray of float, shape (n, d)
        Rows of unit norm, or calibrated ones, whose inner products are similarities.

    Returns
    -------
    ndarray of float32, shape (n, n)
        0 to 2, with zeros on the diagonal.
    """
    distances = np.clip(1.0 - rows.astype(np.float64) @ rows.T.astype(np.float64), 0.0, 2.0).round(6)
    np.fill_diagonal(distances, 0.0)
    return distances.astype(np.float32)


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
