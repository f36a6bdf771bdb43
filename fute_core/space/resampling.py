"""How sure a similarity is, by halves of the probe texts.

A similarity is a function of the probe texts, so it is made again from a random half of them, and from the other half.
Let L be what single texts add to its variance, and Q what pairs of texts do: the inner product of two Gram matrices of
answers is a sum over pairs, sum_pq K_pq K'_pq. Texts drawn with replacement say L + 3 Q, and the jackknife L + 2 Q,
where other texts show L + Q (Efron and Stein 1981; Arcones and Gine 1992, on statistics of pairs). Half the difference
of a half and its complement says L + 2 Q as well, from as few draws as wanted, and lies as often above 0 as below.
`fute eval coverage` measures how often such intervals hold.

With counts v_p of text p (2 in the half, 0 in the other), each of the two Gram matrices takes their square root: the
factor of an item is X diag(sqrt v) Z, X = A Q^T the whitened basis of the probes and Z its answers, centred over the
draw. Gram matrices, norms and the families that its mean does without follow from it. The same halves serve all items,
so that differences are paired. No model and no surrogate is asked again, and the references stay as they are.
"""

import numpy as np

from fute_core.errors import BadInput
from fute_core.gram import NEGLIGIBLE
from fute_core.space.calibration import Calibrator
from fute_core.space.drawn import Resampled, answer_weight, gram_cosines
from fute_core.space.placed import Placed
from fute_core.vectors import TaskEmbedding

INTERVAL_DRAWS = 200
"""Halves of the probe texts behind a similarity's interval, complements counted."""


class Resampler:
    """Similarities under resampled probe texts; parts of vectors that are not made from answers (Fisher) stay.

    Parameters
    ----------
    calibrator : Calibrator
        Of the space.
    basis : ndarray of float64, shape (m, r)
        Orthonormal, of the probe texts, see `methods.functional.probe_basis`.
    counts : ndarray of int, shape (draws, m)
        How often each draw has each text, such as `half_samples`.
    """

    def __init__(self, calibrator: Calibrator, basis: np.ndarray, counts: np.ndarray):
        self.calibrator = calibrator
        self.counts = counts.astype(np.float64)
        whitening = (calibrator.whitening or {}).get("gram")
        self._whitened = basis.T if whitening is None else whitening @ basis.T

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
        centres = self.calibrator.centres_
        factors = self._factors(answers)
        draws, r, k = factors.shape
        against = centres.against(factors.transpose(0, 2, 1).reshape(draws * k, r), np.arange(draws) * k)
        base, few = (own.repeat(draws, 0) for own in self.calibrator.losses([embedding]))
        return Resampled(factors, against, centres.taken(base, few, against), centres.products, placed)

    def similarities(self, one: Resampled, other: Resampled, value: float) -> np.ndarray:
        """Give the similarity of two items under each draw of `half_samples`.

        Parameters
        ----------
        one, other : Resampled
            The items.
        value : float
            Their calibrated similarity.

        Returns
        -------
        ndarray of float64, shape (draws,)
            Similarities, -1 to 1, spread about the value by `about_zero`.
        """
        weight = answer_weight(one, other)
        if not weight:
            return np.full(len(self.counts), value)
        return np.asarray(np.clip(value + weight * about_zero(gram_cosines(one, other)), -1.0, 1.0))

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


def half_samples(m: int, draws: int = INTERVAL_DRAWS, seed: int = 0) -> np.ndarray:
    """Draw halves of the texts, then the complements of these halves.

    Parameters
    ----------
    m : int
        How many texts there are.
    draws : int, default 200
        How many draws, an even number.
    seed : int, default 0
        Of the draws: the same for all items, so that differences are paired.

    Returns
    -------
    ndarray of int, shape (draws, m)
        2 for a text of the half and 0 for another; of an odd number of texts one has 1. Row i + draws / 2 is 2 - row i.
    """
    even = np.r_[np.zeros(m // 2, int), np.ones(m % 2, int), np.full(m // 2, 2)]
    halves = np.random.default_rng(seed).permuted(np.tile(even, (draws // 2, 1)), axis=1)
    return np.concatenate([halves, 2 - halves])


def about_zero(found: np.ndarray) -> np.ndarray:
    """Tell how far a number may be from what other texts would give, by what it is on halves of the texts.

    Parameters
    ----------
    found : ndarray of float64, shape (draws, ...)
        The number on each draw of `half_samples`.

    Returns
    -------
    ndarray of float64, shape (draws, ...)
        Half the difference of a half and its complement, and the same with the other sign, so that the mean is 0.
    """
    half, complement = np.split(found, 2)
    return np.concatenate([half - complement, complement - half]) / 2


def interval(draws: np.ndarray) -> tuple[float, float]:
    """Give the 95 % interval of some draws.

    Parameters
    ----------
    draws : ndarray of float64, shape (draws,)
        From `Resampler.similarities`.

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
