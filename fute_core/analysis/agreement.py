"""How far two items agree on the probe texts, label by label: what candidates for one job are ranked by.

The calibrated similarity forgets what labels are called, so a prompt that says the opposite of a dataset looks like one
that says the same. Where labels of both are known by the same names, their answers are compared as they stand, after
the space's whitening; else by the Gram matrices of the whitened answers (linear CKA). Between prompts of one family
this follows accuracy better than the calibrated similarity does, see docs/unified-space.md.
"""

from collections.abc import Sequence

import numpy as np


def same_names(target: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """int (k,): for each label of the target the position of the label with its name, -1 for none."""
    places = {label.strip().casefold(): place for place, label in reversed(list(enumerate(labels)))}
    return np.array([places.get(label.strip().casefold(), -1) for label in target], int)


def agreement(target: np.ndarray, item: np.ndarray, matched: np.ndarray) -> np.ndarray:
    """-1 to 1, float64 (draws,); 0 to 1 where fewer than two labels are matched.

    target, item : whitened answers (draws, r, k) in the probe texts' basis.
    matched : int (k,), the item's label that means each label of the target, -1 for none. Labels of the target that
        mean the same are added up.
    """
    used = np.unique(matched[matched >= 0])
    if len(used) < 2:
        return _linear_cka(target, item)
    meant = (matched[:, None] == used).astype(float)
    both = (target @ meant, item[..., used])
    return _cosine(*(side - side.mean(-1, keepdims=True) for side in both))


def _linear_cka(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The cosine of the Gram matrices a a' and b b' over the probe texts, from k x k matrices alone.

    <a a', b b'> is the squared Frobenius norm of a' b (Kornblith et al. 2019, equation 2), so the r x r matrices, which
    are a hundred times larger, are never made.
    """
    turned = np.swapaxes(a, 1, 2), np.swapaxes(b, 1, 2)
    norms = np.linalg.norm(turned[0] @ a, axis=(1, 2)) * np.linalg.norm(turned[1] @ b, axis=(1, 2))
    shared = np.square(turned[0] @ b).sum((1, 2))
    return _share(shared, norms)


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(a, axis=(1, 2)) * np.linalg.norm(b, axis=(1, 2))
    return _share((a * b).sum((1, 2)), norms)


def _share(product: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """`product` by `norms`; 0 where one of the two says nothing."""
    return np.where(norms > 1e-12, product / np.where(norms > 1e-12, norms, 1.0), 0.0)
