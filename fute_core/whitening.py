"""Within-task whitening: which differences between answers say nothing about the task.

Black boxes trained on one dataset, and the dataset's own head, should answer the probe texts alike; where they differ
is what architecture, sample and noise do. The scatter of those differences, W, is learnt once from reference tasks, and
answers are compared after multiplication by W^(-1/2), as speaker recognition does with within-class covariance (Hatch
et al. 2006). It carries over to tasks that had no part in it, see docs/unified-space.md.
"""

from collections.abc import Sequence

import numpy as np

from fute_core.methods.functional import symmetric, upper_triangle

SHRINKAGE = 0.3


def within_task_whitening(tasks: Sequence[Sequence[np.ndarray]], shrinkage: float = SHRINKAGE) -> np.ndarray:
    """W^(-1/2), float64 (r, r), symmetric, scaled to unit mean eigenvalue.

    tasks : for each task the answers of its items as unit-norm factors (r, k) with the same labels in the same order.
    shrinkage : share of the mean eigenvalue's identity mixed into W, between 0 and 1.
    """
    columns, count = [], 0
    for items in tasks:
        mean = np.mean(items, axis=0)
        columns += [item - mean for item in items]
        count += len(items)
    stacked = np.concatenate(columns, 1)
    scatter = stacked @ stacked.T / count
    r = len(scatter)
    values, vectors = np.linalg.eigh((1 - shrinkage) * scatter + shrinkage * np.trace(scatter) / r * np.eye(r))
    roots = values**-0.5
    return (vectors * (roots / roots.mean())) @ vectors.T


def whiten_gram(vector: np.ndarray, whitening: np.ndarray) -> np.ndarray:
    """Upper triangle of A G A at unit norm, float64 (r (r + 1) / 2,), for that of a Gram matrix G and A (r, r).

    Triangles as in `methods.functional.upper_triangle`. Zeros stay zeros.
    """
    out = upper_triangle(whitening @ symmetric(vector, len(whitening)) @ whitening)
    norm = np.linalg.norm(out)
    return out / norm if norm > 0 else out
