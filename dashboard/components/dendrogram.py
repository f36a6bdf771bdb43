"""Order of rows by what is alike, and the tree that says so. No Streamlit in here."""

import numpy as np

MOST_OPTIMAL = 400
"""Leaves up to which neighbours in the order are made as alike as can be; beyond, that takes seconds."""


def cluster(cosines: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Order (n,) of items by average linkage of 1 - cosine, from their cosines (n, n), and the linkage (n - 1, 4).

    The linkage is None for fewer than three items, which keep their order.
    """
    if len(cosines) < 3:
        return np.arange(len(cosines)), None
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    distances = np.clip(1 - cosines.astype(np.float64), 0, 2)
    np.fill_diagonal(distances, 0)
    flat = squareform((distances + distances.T) / 2, checks=False)
    tree = linkage(flat, "average")
    if len(cosines) <= MOST_OPTIMAL:
        tree = optimal_leaf_ordering(tree, flat)
    return leaves_list(tree), tree


def branches(tree: np.ndarray) -> tuple[list[float | None], list[float | None]]:
    """Along (leaf positions from 0) and up (distance) of all branches as one line, broken by None."""
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(tree, no_plot=True)
    along: list[float | None] = []
    up: list[float | None] = []
    for at, height in zip(drawn["icoord"], drawn["dcoord"], strict=True):
        along += [*((x - 5) / 10 for x in at), None]
        up += [*height, None]
    return along, up
