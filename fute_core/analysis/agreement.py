"""How far two items agree on the probe texts, label by label: what candidates for one job are ranked by.

The calibrated similarity does not know what labels are called, so a prompt that says the opposite of a dataset looks
like one that says the same. Where both have labels of the same names, their answers are compared label by label, after
the space's whitening; else by the Gram matrices of the whitened answers (linear CKA). Between prompts of one family
this follows accuracy better than the calibrated similarity does, see docs/unified-space.md.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.tasks import label_key


def same_names(target: Sequence[str], labels: Sequence[str]) -> NDArray[np.intp]:
    """Match labels by their names, in upper or lower case.

    Parameters
    ----------
    target : sequence of str, length k
        Labels of the target.
    labels : sequence of str
        Labels of the item.

    Returns
    -------
    ndarray of int, shape (k,)
        For each label of the target the position of the item's label with the same name, -1 for none.
    """
    places = {label_key(label): place for place, label in reversed(list(enumerate(labels)))}
    return np.array([places.get(label_key(label), -1) for label in target], np.intp)


def answer_agreement(
    target: NDArray[np.float64], item: NDArray[np.float64], matched: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Measure how far two items agree, in each draw of probe texts.

    Parameters
    ----------
    target : ndarray of float64, shape (draws, r, k)
        Whitened answers of the target in the basis of the probe texts.
    item : ndarray of float64, shape (draws, r, l)
        The same of the item.
    matched : ndarray of int, shape (k,)
        For each label of the target the item's label that means the same, -1 for none. Labels of the target with the
        same match are added up.

    Returns
    -------
    ndarray of float64, shape (draws,)
        The cosine of the matched answers, -1 to 1; the linear CKA of all answers, 0 to 1, where fewer than two labels
        are matched (Kornblith et al. 2019, equation 2).
    """
    used = np.unique(matched[matched >= 0])
    if len(used) < 2:
        return _linear_cka(target, item)
    meant = (matched[:, None] == used).astype(float)
    both = (target @ meant, item[..., used])
    return _cosine(*(side - side.mean(-1, keepdims=True) for side in both))


def _linear_cka(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cosine of the Gram matrices a a' and b b' over the probe texts, from k x k matrices alone.

    <a a', b b'> is the squared Frobenius norm of a' b (Kornblith et al. 2019, equation 2), so the r x r matrices, which
    are a hundred times larger, are never made.
    """
    turned = np.swapaxes(a, 1, 2), np.swapaxes(b, 1, 2)
    norms = np.linalg.norm(turned[0] @ a, axis=(1, 2)) * np.linalg.norm(turned[1] @ b, axis=(1, 2))
    shared = np.square(turned[0] @ b).sum((1, 2))
    return over_norms(shared, norms)


def _cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    norms = np.linalg.norm(a, axis=(1, 2)) * np.linalg.norm(b, axis=(1, 2))
    return over_norms((a * b).sum((1, 2)), norms)


def over_norms(product: NDArray[np.float64], norms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make a cosine of an inner product.

    Parameters
    ----------
    product, norms : ndarray of float64, shape (draws,)
        Inner products, and products of both norms.

    Returns
    -------
    ndarray of float64, shape (draws,)
        Their ratio; 0 where one of the two answers all texts alike.
    """
    return np.where(norms > 1e-12, product / np.where(norms > 1e-12, norms, 1.0), 0.0)
