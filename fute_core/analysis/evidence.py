"""Which probe texts make two items alike, and on which they part: what stands behind one similarity.

With Z (m, k) and W (m, l) the centred log answers of two items on the same m probe texts, linear CKA is

    <Z Z^T, W W^T> / (||Z Z^T|| ||W W^T||) = sum_p (z_p Z^T W) . w_p / (||Z^T Z|| ||W^T W||)

so every probe text p has its share in it, positive or negative, and the shares sum to the whole.
"""

import numpy as np

from fute_core.errors import BadInput
from fute_core.methods.functional import log_odds


def text_shares(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """float64 (m,): what each probe text adds to the linear CKA of two items; zeros where one answers all texts alike.

    one, other : label distributions (m, k) and (m, l) on the same probe texts, rows of NaN where there is no answer.
    Raises BadInput for different numbers of texts.
    """
    if len(one) != len(other):
        raise BadInput(f"Answers on {len(one)} and on {len(other)} probe texts cannot be compared; use the same texts.")
    z, w = log_odds(one), log_odds(other)
    whole = np.linalg.norm(z.T @ z) * np.linalg.norm(w.T @ w)
    if whole <= 1e-12:
        return np.zeros(len(z))
    return ((z @ (z.T @ w)) * w).sum(1) / whole
