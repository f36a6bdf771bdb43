"""Within-task whitening: which differences between answers say nothing about the task.

Black boxes trained on one dataset, and the dataset's own head, should answer the probe texts alike; where they differ
is what architecture, sample and noise do. The scatter of those differences, W, is learnt once from reference tasks, and
answers are compared after multiplication by W^(-1/2), as speaker recognition does with within-class covariance (Hatch
et al. 2006). It carries over to tasks that had no part in it, see docs/unified-space.md.
"""

from collections.abc import Sequence

import numpy as np

SHRINKAGE = 0.3


def within_task_whitening(tasks: Sequence[Sequence[np.ndarray]], shrinkage: float = SHRINKAGE) -> np.ndarray:
    """Learn W^(-1/2) from reference tasks.

    Parameters
    ----------
    tasks : sequence of sequence of ndarray of float64, shape (r, k)
        For each task the answers of its items as unit-norm factors, with the same labels in the same order.
    shrinkage : float, default 0.3
        Share of the mean eigenvalue's identity mixed into W, between 0 and 1.

    Returns
    -------
    ndarray of float64, shape (r, r)
        Symmetric, scaled to unit mean eigenvalue.
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
    return np.asarray((vectors * (roots / roots.mean())) @ vectors.T)
