"""What a dataset's heads answer when some of its rows are left out: how much the choice of rows decides.

A delete-a-group jackknife (Shao and Tu 1995, chapter 2): the rows are dealt into groups, and both heads are fitted
again without each group in turn. The encoder reads every text once, and its features stay as they are, so this costs
the fits alone, 1 to 4 s for 375 rows. Nothing is drawn twice, so no row counts more than it should.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.gram import gram_factor
from fute_core.methods import Observations
from fute_core.methods.functional import Functional, centre, joined, probe_basis
from fute_core.methods.heads import fit_head
from fute_core.methods.spelling import answers_by_letters, letters

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate

GROUPS = 20
"""Groups of rows, each left out once; fewer where there are fewer rows."""


def dealt(targets: NDArray[np.floating], regression: bool = False, groups: int = GROUPS) -> NDArray[np.intp]:
    """Deal rows into groups by lot, as even as can be, and the rows of each label as well.

    Parameters
    ----------
    targets : ndarray of float, shape (n, k)
        Rows that sum to 1; (n, 1) scores for regression.
    regression : bool, default False
        Targets are scores.
    groups : int, default 20
        How many; at most n.

    Returns
    -------
    ndarray of int, shape (n,)
        Which group each row is in, from 0. The same each time.
    """
    lot = np.random.default_rng(0).permutation(len(targets))
    of_label = np.zeros(len(targets)) if regression else targets.argmax(1)
    order = lot[np.argsort(of_label[lot], kind="stable")]
    found = np.empty(len(targets), np.intp)
    found[order] = np.arange(len(targets)) % min(groups, len(targets))
    return found


def answers_without(
    surrogate: "Surrogate", observations: Observations, method: Functional, groups: NDArray[np.intp]
) -> list[NDArray[np.float64]]:
    """Answer the probe texts by a dataset's heads without each group of its rows.

    Parameters
    ----------
    surrogate : Surrogate
        The encoder that reads the texts; one that keeps its features reads nothing here.
    observations : Observations
        n texts with their targets, and m probe texts.
    method : Functional
        Options of the heads.
    groups : ndarray of int, shape (n,)
        See `dealt`.

    Returns
    -------
    list of ndarray of float64, shape (m, k)
        Centred answers, one array a group.
    """
    features, probes = surrogate.features(observations.texts), surrogate.features(observations.probes)
    read = letters(observations.texts, observations.probes) if method.spelling else None
    found = []
    for group in range(int(groups.max()) + 1):
        kept = np.flatnonzero(groups != group)
        targets = observations.targets[kept]
        head = fit_head(features[kept], targets, C=method.C, regression=observations.regression)
        answers = centre(head.logits(probes))
        if read is not None:
            # The weights of groups of letters stay those of all rows; a group that no row has left gets none.
            by_letters = answers_by_letters(read[0][kept], read[1], targets, observations.regression)
            answers = joined(answers, centre(by_letters), method.spelling)
        found.append(answers)
    return found


def factors_without(
    surrogate: "Surrogate", observations: Observations, method: Functional, groups: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Make a dataset's Gram matrix without each group of its rows.

    Parameters
    ----------
    surrogate, observations, method, groups : object
        As for `answers_without`.

    Returns
    -------
    ndarray of float32, shape (g, r, k)
        Factors at unit norm as in `Functional.fit`, with columns of zeros where one has fewer; one column at least.
    """
    basis = probe_basis(surrogate.features(observations.probes), method.rank)
    made = [gram_factor(z, basis)[0] for z in answers_without(surrogate, observations, method, groups)]
    width = max(1, *(factor.shape[1] for factor in made))
    return np.stack([np.pad(factor, ((0, 0), (0, width - factor.shape[1]))) for factor in made])
