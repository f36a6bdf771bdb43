"""Ranks by several blocks at once, fused into one order."""

from collections.abc import Sequence

import numpy as np

from fute_core.vectors import Block

RRF_CONSTANT = 60


def block_ranks(rows: np.ndarray, vector: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    """Rank rows by their cosine with a vector within each block.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, d)
        Candidates.
    vector : ndarray of float32, shape (d,)
        What they are compared with.
    blocks : sequence of Block
        Slices; one in which either has no direction counts as cosine 0.

    Returns
    -------
    ndarray of float64, shape (blocks, n)
        Ranks from 1; ties share a mean.
    """
    from scipy.stats import rankdata

    scores = []
    for block in blocks:
        part, target = rows[:, block.start : block.stop], vector[block.start : block.stop]
        norms = np.linalg.norm(part, axis=1) * np.linalg.norm(target)
        scores.append((part @ target / np.where(norms > 0, norms, 1.0)).round(6))
    return np.asarray(rankdata(-np.array(scores), method="average", axis=1))


def reciprocal_rank_fusion(ranks: np.ndarray, constant: int = RRF_CONSTANT) -> np.ndarray:
    """Fuse ranks: sum_r 1 / (constant + rank_r) (Cormack et al. 2009).

    Parameters
    ----------
    ranks : ndarray of float, shape (r, n)
        Ranks that count from 1.
    constant : int, default 60
        Larger makes the first ranks count less.

    Returns
    -------
    ndarray of float64, shape (n,)
        Higher is better.
    """
    return np.asarray((1.0 / (constant + np.asarray(ranks, float))).sum(0))
