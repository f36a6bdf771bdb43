"""How sure a similarity is, by resampled probe texts.

A similarity is a function of the probe texts, so the texts are resampled. With counts v_p of text p, the inner product
of two Gram matrices of answers is sum_pq v_p v_q K_pq K'_pq: each pair of texts as often as it was drawn. So each of
the two takes the square root of the counts: the factor of an item is X diag(sqrt v) Z, X = A Q^T the whitened basis of
the probes and Z its answers, centred over the draw. Gram matrices and norms follow from it. The same draws serve all
items, so that differences are paired. No model and no surrogate is asked again, and the references of the calibration
stay as they are. `fute eval coverage` measures how often such intervals hold.
"""

from dataclasses import replace

import numpy as np

from fute_core.errors import BadInput
from fute_core.gram import NEGLIGIBLE
from fute_core.space.calibration import Calibrator
from fute_core.space.drawn import MOST_MEANS, Resampled, answer_weight, gram_cosines
from fute_core.space.placed import Placed
from fute_core.vectors import TaskEmbedding

INTERVAL_DRAWS = 200
"""Draws of probe texts behind a similarity's interval."""


class Bootstrap:
    """Similarities under resampled probe texts; parts of vectors that are not made from answers (Fisher) stay.

    Parameters
    ----------
    calibrator : Calibrator
        Of the space.
    basis : ndarray of float64, shape (m, r)
        Orthonormal, of the probe texts, see `methods.functional.probe_basis`.
    counts : ndarray of int, shape (draws, m)
        How often each draw has each text, see `text_counts`.
    """

    def __init__(self, calibrator: Calibrator, basis: np.ndarray, counts: np.ndarray):
        self.calibrator = calibrator
        self.counts = counts.astype(np.float64)
        whitening = (calibrator.whitening or {}).get("gram")
        self._whitened = basis.T if whitening is None else whitening @ basis.T
        self._means: list[np.ndarray] = []

    def resample(self, embedding: TaskEmbedding, answers: np.ndarray, placed: Placed) -> Resampled:
        """Resample one item.

        Parameters
        ----------
        embedding : TaskEmbedding
            The item.
        answers : ndarray of float64, shape (m, k)
            Its centred answers, zeros where there is none.
        placed : Placed
            It alone, calibrated.

        Returns
        -------
        Resampled
            What `similarities` needs.

        Raises
        ------
        BadInput
            For an embedding that is not made from answers.
        """
        check_answers(embedding)
        mean = self._shared(self.calibrator.centre(embedding).gram)
        found = Resampled(self._factors(answers), mean, np.zeros(len(self.counts)), placed)
        norms = np.sqrt(np.maximum(1.0 - 2.0 * found.against(mean) + (mean * mean).sum(), 0.0))
        return replace(found, norms=norms)

    def similarities(self, one: Resampled, other: Resampled, value: float) -> np.ndarray:
        """Give the similarity of two items under each draw.

        Drawing a text twice pairs it with itself, which raises the similarity of all; so the draws are moved to where
        their mean is the value. Left where they fall, 95 % intervals of single texts held in 0.01 to 0.47 of
        pairs on texts that had no part in them, by pair of kinds; moved, in 0.95 to 0.99.

        Parameters
        ----------
        one, other : Resampled
            The items.
        value : float
            Their calibrated similarity.

        Returns
        -------
        ndarray of float64, shape (draws,)
            Similarities, -1 to 1.
        """
        weight = answer_weight(one, other)
        if not weight:
            return np.full(len(self.counts), value)
        cosines = gram_cosines(one, other)
        return np.asarray(np.clip(value + weight * (cosines - cosines.mean()), -1.0, 1.0))

    def _shared(self, mean: np.ndarray) -> np.ndarray:
        """The same array for the same mean, so that what was found of it is found again."""
        for known in self._means:
            if np.array_equal(known, mean):
                return known
        if len(self._means) < MOST_MEANS:
            self._means.append(mean)
        return mean

    def _factors(self, answers: np.ndarray) -> np.ndarray:
        """Factors of each draw's Gram matrix, its answers centred over the texts drawn."""
        total = self.counts.sum(1)
        centred = answers[None] - (self.counts @ answers / total[:, None])[:, None, :]
        weighted = np.sqrt(self.counts)[:, :, None] * centred
        draws, m, k = weighted.shape
        # One product for all draws takes a fraction of the time that one a draw takes.
        product = self._whitened @ weighted.transpose(1, 0, 2).reshape(m, draws * k)
        factors = np.ascontiguousarray(product.reshape(-1, draws, k).transpose(1, 0, 2))
        inner = np.swapaxes(factors, 1, 2) @ factors
        norms = np.linalg.norm(inner, axis=(1, 2))
        return np.asarray(factors / np.sqrt(np.where(norms > 0, norms, 1.0))[:, None, None])


def text_counts(m: int, draws: int = INTERVAL_DRAWS, seed: int = 0) -> np.ndarray:
    """Draw texts with replacement.

    Parameters
    ----------
    m : int
        How many texts there are, and how many each draw has.
    draws : int, default 200
        How many draws.
    seed : int, default 0
        Of the draws: the same for all items, so that differences are paired.

    Returns
    -------
    ndarray of int, shape (draws, m)
        How often each text came.
    """
    return np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), draws)


def interval(draws: np.ndarray) -> tuple[float, float]:
    """Give the 95 % interval of some draws.

    Parameters
    ----------
    draws : ndarray of float64, shape (draws,)
        From `Bootstrap.similarities`.

    Returns
    -------
    tuple of (float, float)
        Percentiles 2.5 and 97.5.
    """
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def fewer_columns(answers: np.ndarray) -> np.ndarray:
    """Write answers in as few columns as say something, with the same Gram matrix.

    Those that are centred over k labels need k - 1, so two labels cost half of what they would to resample and keep.

    Parameters
    ----------
    answers : ndarray of float64, shape (m, k)
        Answers.

    Returns
    -------
    ndarray of float64, shape (m, k')
        k' at most k, and 1 at least.
    """
    values, directions = np.linalg.eigh(answers.T @ answers)
    kept = values > NEGLIGIBLE * values[-1]
    kept[-1] = True
    return np.asarray(answers @ directions[:, kept])


def check_answers(embedding: TaskEmbedding) -> None:
    """Check that an embedding is made from answers to probe texts.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any embedding.

    Raises
    ------
    BadInput
        Where it is not.
    """
    if embedding.factor is None:
        raise BadInput(
            f"The vector of {embedding.name!r} (method {embedding.provenance.method}) is not made from answers to "
            "probe texts, so it has no interval over them; use the method fused or functional."
        )
