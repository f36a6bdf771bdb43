"""Which probe texts make two items alike, and on which they part: what stands behind one similarity.

With Z (m, k) and W (m, l) the centred log answers of two items on the same m probe texts, linear CKA is

    <Z Z^T, W W^T> / (||Z Z^T|| ||W W^T||) = sum_p (z_p Z^T W) . w_p / (||Z^T Z|| ||W^T W||)

so every probe text p has its share in it, positive or negative, and the shares sum to the whole.
"""

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.methods.functional import log_odds


def text_shares(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute what each probe text adds to the linear CKA of two items.

    Parameters
    ----------
    one : ndarray of float32, shape (m, k)
        Label distributions on the probe texts, rows of NaN where there is no answer.
    other : ndarray of float32, shape (m, l)
        The same of the other item, on the same texts.

    Returns
    -------
    ndarray of float64, shape (m,)
        The shares, which sum to the linear CKA; zeros where one item answers all texts alike.

    Raises
    ------
    BadInput
        For different numbers of texts.

    References
    ----------
    Kornblith et al. (2019), *Similarity of Neural Network Representations Revisited*, equation 2, as a sum over texts.
    """
    if len(one) != len(other):
        raise BadInput(f"Answers on {len(one)} and on {len(other)} probe texts cannot be compared; use the same texts.")
    z, w = log_odds(one), log_odds(other)
    whole = np.linalg.norm(z.T @ z) * np.linalg.norm(w.T @ w)
    if whole <= 1e-12:
        return np.zeros(len(z))
    shares: NDArray[np.float64] = ((z @ (z.T @ w)) * w).sum(1) / whole
    return shares


def telling_texts(
    one: NDArray[np.float32], other: NDArray[np.float32], k: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Find the probe texts that tell most about a similarity.

    Parameters
    ----------
    one, other : ndarray of float32
        As for `text_shares`.
    k : int
        How many texts of each sort, at most.

    Returns
    -------
    apart : tuple of int
        Positions of the texts that pull the two apart, the one with the lowest share first; all shares are negative.
    alike : tuple of int
        Positions of the texts that make the two alike, the one with the highest share first; all shares are positive.

    Raises
    ------
    BadInput
        For different numbers of texts.
    """
    shares = text_shares(one, other)
    apart = (int(p) for p in np.argsort(shares, kind="stable")[:k] if shares[p] < 0)
    alike = (int(p) for p in np.argsort(-shares, kind="stable")[:k] if shares[p] > 0)
    return tuple(apart), tuple(alike)
