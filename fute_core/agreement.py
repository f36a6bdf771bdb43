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
        return _cosine(target @ np.swapaxes(target, 1, 2), item @ np.swapaxes(item, 1, 2))
    meant = (matched[:, None] == used).astype(float)
    both = (target @ meant, item[..., used])
    return _cosine(*(side - side.mean(-1, keepdims=True) for side in both))


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(a, axis=(1, 2)) * np.linalg.norm(b, axis=(1, 2))
    return np.where(norms > 1e-12, (a * b).sum((1, 2)) / np.where(norms > 1e-12, norms, 1.0), 0.0)
