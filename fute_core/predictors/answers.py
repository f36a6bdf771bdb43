"""From the raw answers of a black box to the label distributions that its vector is made from: one way for all.

Raw answers have one row for each probe text: scores of a `ScoringPredictor`, probabilities of any other. A row with NaN
is not answered. The rest becomes probabilities, and label priors are removed where that is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.predictors import Predictor, ScoringPredictor
from fute_core.predictors.scoring import batch_calibration
from fute_core.tasks import PromptTemplate, Text

if TYPE_CHECKING:
    from fute_core.store.store import Store


@dataclass(frozen=True)
class ProbeAnswers:
    """What a black box has said on the probe texts of a space, as far as they are answered.

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
    thoughts : tuple of str, length m, optional
        What the model said before each answer; None where it answered at once, or that was not read.
    """

    labels: tuple[str, ...]
    index: NDArray[np.intp]
    proba: NDArray[np.float32]
    outside: NDArray[np.float32] | None = None
    thoughts: tuple[str, ...] | None = None

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
        thoughts = None if self.thoughts is None else tuple(self.thoughts[row] for row in rows)
        return ProbeAnswers(self.labels, self.index[rows], self.proba[rows], outside, thoughts)

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
        removed = calibrate and len(self.proba) > 0 and self.proba.shape[1] > 1  # a score has no prior
        return batch_calibration(self.proba) if removed else self.proba

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


def known_as(predictor: Predictor) -> str:
    """Name under which the store keeps the raw answers of a predictor.

    Parameters
    ----------
    predictor : Predictor
        The black box.

    Returns
    -------
    str
        The fingerprint of its scores where it has scores, else its own.
    """
    return predictor.score_fingerprint() if isinstance(predictor, ScoringPredictor) else predictor.fingerprint()


def raw_answers(predictor: Predictor, texts: Sequence[Text]) -> NDArray[np.float32]:
    """Ask a predictor for what the store keeps of it.

    Parameters
    ----------
    predictor : Predictor
        The black box.
    texts : sequence of str or of (str, str)
        What to ask about.

    Returns
    -------
    ndarray of float32, shape (n, s)
        Scores of a `ScoringPredictor`, else probabilities; a row of NaN where there is no answer.
    """
    ask = predictor.score if isinstance(predictor, ScoringPredictor) else predictor.predict_proba
    return np.asarray(ask(texts), np.float32)


def asked_aloud(predictor: Predictor, texts: Sequence[Text]) -> tuple[NDArray[np.float32], list[str] | None]:
    """Ask a predictor for what the store keeps of it: raw answers, and what was said before them.

    Parameters
    ----------
    predictor : Predictor
        The black box.
    texts : sequence of str or of (str, str)
        n texts to ask about.

    Returns
    -------
    tuple of (ndarray of float32, shape (n, s), list of str or None)
        As `raw_answers`; and the reasoning that each answer follows, None where a predictor answers at once.
    """
    aloud = getattr(predictor, "aloud", None)
    if aloud is None:
        return raw_answers(predictor, texts), None
    raw, thoughts = aloud(texts)
    return np.asarray(raw, np.float32), thoughts


def answers_from(predictor: Predictor, raw: NDArray[np.float32]) -> ProbeAnswers:
    """Turn raw answers into label distributions. The model is not asked again.

    Parameters
    ----------
    predictor : Predictor
        Who gave the answers.
    raw : ndarray of float32, shape (n, s)
        One row for each probe text, as `raw_answers` gives it; rows with NaN are left out.

    Returns
    -------
    ProbeAnswers
        The answered rows as probabilities, with their label priors.
    """
    index = np.flatnonzero(~np.isnan(raw).any(1))
    labels = tuple(predictor.labels)
    if not len(index):
        return ProbeAnswers(labels, index, np.zeros((0, max(len(labels), 1)), np.float32))
    given = raw[index]
    outside_mass = getattr(predictor, "outside_mass", None)
    outside = None if outside_mass is None else outside_mass(given)
    proba = predictor.proba(given) if isinstance(predictor, ScoringPredictor) else given
    read = ~np.isnan(proba).any(1)  # what was answered need not name a label
    return ProbeAnswers(labels, index[read], proba[read], None if outside is None else outside[read])


def read_answers(predictor: Predictor, store: "Store", probes: Sequence[Text]) -> ProbeAnswers:
    """Read what the store holds of a predictor's answers. No model is asked.

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
    rows, _ = store.get_answers(known_as(predictor), probes)
    width = next((len(row) for row in rows if row is not None), 1)
    unknown = np.full(width, np.nan, np.float32)
    found = answers_from(predictor, np.array([unknown if row is None else row for row in rows]).reshape(-1, width))
    if not reasons(predictor):
        return found
    said = store.get_thoughts(known_as(predictor), [probes[i] for i in found.index])
    return replace(found, thoughts=tuple(thought or "" for thought in said))


def reasons(predictor: Predictor) -> bool:
    """Whether a predictor is of a prompt that lets the model reason before it answers.

    Parameters
    ----------
    predictor : Predictor
        Any black box.

    Returns
    -------
    bool
        False for what answers at once.
    """
    template = getattr(predictor, "template", None)
    return isinstance(template, PromptTemplate) and template.reasoning is not None
