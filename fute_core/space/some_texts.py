"""A calibration as some of the probe texts would have made it.

On few texts all items look more alike, and so does their mean. What is judged on some texts therefore loses the mean of
what the references answer to the same texts: with that of all texts its similarities read up to 0.1 too high. The
whitening stays as it is.
"""

import copy
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.space.calibration import Calibrator
from fute_core.space.centres import Centres
from fute_core.space.factors import Factors
from fute_core.space.groups import groups_of
from fute_core.space.strata import Strata
from fute_core.vectors import TaskEmbedding


def calibrated_on(
    calibrator: Calibrator, basis: NDArray[np.float64], reference: Sequence[tuple[TaskEmbedding, NDArray[np.float64]]]
) -> Calibrator:
    """Make a calibrator that takes away the means of the references' answers to some texts.

    Parameters
    ----------
    calibrator : Calibrator
        Fitted on all texts.
    basis : ndarray of float64, shape (n, r)
        Rows of the n texts in the basis of all, see `methods.functional.probe_basis`.
    reference : sequence of (TaskEmbedding, ndarray of float64 of shape (n, k))
        The references with their answers to these texts, as `methods.functional.log_odds` gives them.

    Returns
    -------
    Calibrator
        The same with other means of Gram matrices; itself where that is not centred.
    """
    centres = calibrator.centres_
    if not reference or not centres.strata.groups or not len(centres.factors.columns):
        return calibrator
    names = centres.strata.groups
    whitening = (calibrator.whitening or {}).get("gram", np.eye(basis.shape[1]))
    factors = [whitening @ (basis.T @ (answers - answers.mean(0))) for _, answers in reference]
    groups = [
        [group for group in groups_of(embedding, calibrator.mode) if group in names and factor.any()]
        for (embedding, _), factor in zip(reference, factors, strict=True)
    ]
    strata = Strata.of([embedding.family for embedding, _ in reference], groups, names)
    out = copy.copy(calibrator)
    out.centres_ = Centres(strata, Factors.of(factors), centres.values)
    return out
