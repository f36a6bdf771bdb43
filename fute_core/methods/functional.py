"""What a task answers on the space's shared probe texts, whatever its labels are called and however many there are.

Each item gives answers Z (m, k) on m probes: a model its log-probabilities, a dataset the logits of two regularised
linear heads fitted on its rows, one on the surrogate's features and one on letters (`spelling`). With Z centred over
labels and over probes, the Gram matrix K = Z Z^T / ||Z Z^T|| forgets order and number of labels, and the inner product
of two of them is linear CKA (Kornblith et al. 2019). K is written in the basis of the r leading directions of the
surrogate's features of the probes, and kept as its factor (r, k - 1); the share of ||K||^2 that this loses is in the
details as `compression_loss`.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.gram import gram_factor, triangle_length
from fute_core.methods import Fitted, Observations
from fute_core.methods.heads import fit_head
from fute_core.methods.spelling import spelling_answers
from fute_core.vectors import Block

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate

PROBABILITY_FLOOR = 1e-4


@dataclass(frozen=True)
class Functional:
    """Compressed centred Gram matrix of the answers on the probe texts, without a backward pass.

    Parameters
    ----------
    C : float, default 0.003
        Inverse regularisation of a dataset's head on unit-variance features.
    rank : int, default 384
        r, the directions kept; never more than probes or features.
    spelling : float, default 0.5
        Weight of the head that reads letters against 1 for the surrogate's; 0 for the surrogate's alone.
    """

    C: float = 0.003
    rank: int = 384
    spelling: float = 0.5

    name = "functional"
    needs_probes = True
    seeded = False
    gives_answers = True

    def params(self) -> dict[str, Any]:
        """List the options that change the vector.

        Returns
        -------
        dict
            JSON values, part of the store key.
        """
        return asdict(self)

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """Make the vector (Kornblith et al. 2019: inner products of two such vectors are linear CKA).

        Parameters
        ----------
        surrogate : Surrogate
            The encoder that reads the texts.
        observations : Observations
            Texts with their targets, and the probe texts.

        Returns
        -------
        Fitted
            A factor float32 (r, k - 1) of unit norm, with no columns for answers that are the same on every probe.

        Raises
        ------
        BadInput
            Without probe texts.
        """
        if not len(observations.probes):
            raise BadInput("The functional method needs probe texts, and none were given.")
        probe_features = surrogate.features(observations.probes)
        answers = task_answers(surrogate, observations, self.C, self.spelling)
        factor, loss = gram_factor(answers, probe_basis(probe_features, self.rank))
        block = Block("gram", 0, triangle_length(len(factor)), part=self.name)
        return Fitted(np.zeros(0, np.float32), (block,), {"compression_loss": round(loss, 4)}, answers, factor)


def task_answers(
    surrogate: "Surrogate", observations: Observations, C: float = Functional.C, spelling: float = Functional.spelling
) -> NDArray[np.float64]:
    """Answer the probe texts: a model with its own answers, a dataset with those of its heads.

    Parameters
    ----------
    surrogate : Surrogate
        The encoder that reads the texts.
    observations : Observations
        Texts with their targets, and the probe texts.
    C, spelling : float
        As in `Functional`.

    Returns
    -------
    ndarray of float64, shape (m, k)
        Centred answers.
    """
    if observations.probe_index is not None:
        return model_answers(
            observations.targets, observations.probe_index, len(observations.probes), observations.regression
        )
    features = surrogate.features(observations.texts)
    head = fit_head(features, observations.targets, C=C, regression=observations.regression)
    answers = centre(head.logits(surrogate.features(observations.probes)))
    if not spelling:
        return answers
    read = spelling_answers(observations.texts, observations.targets, observations.probes, observations.regression)
    return joined(answers, centre(read), spelling)


def joined(answers: NDArray[np.float64], others: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Take the mean of two readers' answers, 1 : weight.

    Parameters
    ----------
    answers : ndarray of float64, shape (m, k)
        Centred answers of the first.
    others : ndarray of float64, shape (m, k)
        Centred answers of the second, which are brought to the first's norm.
    weight : float
        Of the second.

    Returns
    -------
    ndarray of float64, shape (m, k)
        The mean.
    """
    norm = np.linalg.norm(others)
    scale = np.linalg.norm(answers) / norm if norm else 0.0
    return (answers + weight * scale * others) / (1.0 + weight)


def model_answers(
    targets: NDArray[np.floating], index: NDArray[np.integer], n_probes: int, regression: bool
) -> NDArray[np.float64]:
    """Lay a model's answers out over all probe texts.

    Parameters
    ----------
    targets : ndarray of float, shape (n, k)
        Label distributions, or scores (n, 1).
    index : ndarray of int, shape (n,)
        Which probe text each row answers.
    n_probes : int
        m, how many probe texts there are.
    regression : bool
        Targets are scores.

    Returns
    -------
    ndarray of float64, shape (m, k)
        Centred log-probabilities or scores; an unanswered probe has zeros, so it says nothing.
    """
    given = targets if regression else np.log(np.maximum(targets, PROBABILITY_FLOOR))
    answers = np.zeros((n_probes, targets.shape[1]))
    answers[index] = centre(given)
    return answers


def centre(answers: NDArray[np.floating]) -> NDArray[np.float64]:
    """Subtract the means over labels (unless there is but one column) and over texts.

    Parameters
    ----------
    answers : ndarray of float, shape (m, k)
        Log-probabilities, logits or scores.

    Returns
    -------
    ndarray of float64, shape (m, k)
        Z, in which shifts of a text's or a label's level are gone.
    """
    z = answers.astype(np.float64)
    if z.shape[1] > 1:
        z = z - z.mean(1, keepdims=True)
    return np.asarray(z - z.mean(0))


def log_odds(answers: NDArray[np.floating]) -> NDArray[np.float64]:
    """Take centred logarithms of label distributions on all probe texts.

    Parameters
    ----------
    answers : ndarray of float, shape (m, k)
        Label distributions, NaN where there is no answer. A single column holds scores and is taken as it is.

    Returns
    -------
    ndarray of float64, shape (m, k)
        Centred answers; zeros where a row is NaN.
    """
    answered = np.flatnonzero(~np.isnan(answers).any(1))
    return model_answers(answers[answered], answered, len(answers), answers.shape[1] == 1)


def probe_basis(features: NDArray[np.floating], rank: int) -> NDArray[np.float64]:
    """Find the leading directions of the surrogate's features of the probe texts.

    Each has positive skew: this sign rule makes vectors from different machines comparable.

    Parameters
    ----------
    features : ndarray of float, shape (m, d)
        Pooled features of the probe texts.
    rank : int
        Most directions.

    Returns
    -------
    ndarray of float64, shape (m, r)
        Q, the orthonormal left singular vectors of the centred features.
    """
    x = features.astype(np.float64)
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    r = min(rank, int((s > 1e-6 * s[0]).sum()))
    u = u[:, :r]
    return np.asarray(u * np.where((u**3).sum(0) < 0, -1.0, 1.0))
