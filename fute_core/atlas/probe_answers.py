"""What a black box has answered so far on the probe texts of a space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.predictors import Predictor, ScoringPredictor
from fute_core.predictors.scoring import contextual_calibration
from fute_core.tasks import Text

if TYPE_CHECKING:
    from fute_core.store.store import Store


@dataclass(frozen=True)
class ProbeAnswers:
    """What a black box has said so far on the probe texts of a space.

    Parameters
    ----------
    labels : tuple of str, length k
        Names of the labels; empty where they are not known.
    index : ndarray of int, shape (m,)
        Positions of the probe texts that were answered, rising.
    proba : ndarray of float32, shape (m, k)
        Label distributions, before label priors are removed.
    outside : ndarray of float32, shape (m,), optional
        Probability that went to none of the answer choices, 0 to 1; None where that is not known.
    """

    labels: tuple[str, ...]
    index: NDArray[np.intp]
    proba: NDArray[np.float32]
    outside: NDArray[np.float32] | None = None

    def first(self, n: int) -> "ProbeAnswers":
        """Take the first n texts that were answered.

        Parameters
        ----------
        n : int
            How many at most.

        Returns
        -------
        ProbeAnswers
            The answers to them.
        """
        return self.of(np.arange(min(n, len(self.index))))

    def of(self, rows: NDArray[np.intp]) -> "ProbeAnswers":
        """Take some of the answers.

        Parameters
        ----------
        rows : ndarray of int
            Positions among the m answered texts.

        Returns
        -------
        ProbeAnswers
            Those answers, in the order of `rows`.
        """
        outside = None if self.outside is None else self.outside[rows]
        return ProbeAnswers(self.labels, self.index[rows], self.proba[rows], outside)

    def used(self, calibrate: bool = True) -> NDArray[np.float32]:
        """Give the label distributions that the vector is made from.

        Parameters
        ----------
        calibrate : bool, default True
            Remove label priors; False where they are removed already, or should stay.

        Returns
        -------
        ndarray of float32, shape (m, k)
            Rows that sum to 1.
        """
        return contextual_calibration(self.proba) if calibrate and len(self.proba) else self.proba

    def full(self, n_probes: int, calibrate: bool = True) -> NDArray[np.float32]:
        """Spread the used distributions over all probe texts.

        Parameters
        ----------
        n_probes : int
            Number of probe texts in the space.
        calibrate : bool, default True
            As for `used`.

        Returns
        -------
        ndarray of float32, shape (n_probes, k)
            Rows of NaN where there is no answer yet.
        """
        out = np.full((n_probes, self.proba.shape[1]), np.nan, np.float32)
        out[self.index] = self.used(calibrate)
        return out


def read_answers(predictor: "Predictor", store: "Store", probes: Sequence[Text]) -> ProbeAnswers:
    """Read what the store holds of a predictor's answers; no model is asked.

    Parameters
    ----------
    predictor : Predictor
        Who has answered; its fingerprint finds the answers.
    store : Store
        Where answers are kept.
    probes : sequence of str or of (str, str)
        The probe texts.

    Returns
    -------
    ProbeAnswers
        Answers to those of the texts that have one.
    """
    scoring = predictor if isinstance(predictor, ScoringPredictor) else None
    rows, _ = store.get_answers(scoring.score_fingerprint() if scoring else predictor.fingerprint(), probes)
    known = [(i, row) for i, row in enumerate(rows) if row is not None and not np.isnan(row).any()]
    index = np.array([i for i, _ in known], np.intp)
    labels = tuple(predictor.labels)
    if not known:
        return ProbeAnswers(labels, index, np.zeros((0, max(len(labels), 1)), np.float32))
    raw = np.stack([row for _, row in known])
    outside = predictor.outside_mass(raw) if hasattr(predictor, "outside_mass") else None
    return ProbeAnswers(labels, index, scoring.proba(raw) if scoring else raw, outside)
