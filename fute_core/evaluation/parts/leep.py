"""LEEP, a published estimate of transferability: how well a source's answers foretell the labels of a target.

C. V. Nguyen, T. Hassner, M. Seeger and C. Archambeau. *LEEP: A New Measure to Evaluate Transferability of Learned
Representations.* ICML 2020.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.swapped_heads import answers_of_heads

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate
    from fute_core.tasks import TaskDataset


def leep(answers: NDArray[np.floating], targets: NDArray[np.floating]) -> float:
    """Compute the log expected empirical prediction (Nguyen et al. 2020, equation 2).

    Parameters
    ----------
    answers : ndarray of float, shape (n, z)
        What a model of z source labels answers to n texts of the target, rows that sum to 1.
    targets : ndarray of float, shape (n, k)
        The texts' own labels, rows that sum to 1.

    Returns
    -------
    float
        Mean log-likelihood of the labels, at most 0: each is predicted from the answers by the empirical distribution
        of the target's labels given the source's.
    """
    joint = targets.T @ answers / len(answers)
    given = joint / np.maximum(joint.sum(0, keepdims=True), np.finfo(float).tiny)
    likely = ((answers @ given.T) * targets).sum(1)
    return float(np.log(np.maximum(likely, np.finfo(float).tiny)).mean())


def leep_of_heads(source: "TaskDataset", target: "TaskDataset", surrogate: "Surrogate") -> float:
    """Compute LEEP of the heads that a source's embedding is made from.

    Parameters
    ----------
    source, target : TaskDataset
        Both with labels.
    surrogate : Surrogate
        Reads the texts.

    Returns
    -------
    float
        See `leep`.
    """
    from scipy.special import softmax

    return leep(softmax(answers_of_heads(source, target, surrogate), axis=1), target.targets)
