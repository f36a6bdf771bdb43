"""The clauses of `fute_core.predictors.Predictor`, each tried on texts."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.predictors import Predictor, ScoringPredictor
from fute_core.tasks import Text
from fute_core.testing.clauses import HARD_TEXTS, Problems, same


def predictor_problems(make: Callable[[], Predictor], texts: list[Text], tolerance: float) -> Problems:
    """Try every clause of a predictor's contract.

    Parameters
    ----------
    make : callable
        Builds the predictor anew.
    texts : list of str or of (str, str)
        What to ask.
    tolerance : float
        How far probabilities may differ between batches.

    Yields
    ------
    str
        A sentence for each clause that is broken.
    """
    predictor = make()
    if not isinstance(predictor, Predictor):
        yield "it lacks one of labels, predict_proba and fingerprint"
        return
    yield from _label_problems(predictor.labels)
    known = predictor.fingerprint()
    state = _random_state()
    given = list(texts)
    proba = predictor.predict_proba(given)
    if given != texts:
        yield "predict_proba changes the list it is given"
    shape = (len(texts), max(1, len(predictor.labels)))
    if not isinstance(proba, np.ndarray) or proba.dtype != np.float32 or proba.shape != shape:
        found = f"{proba.dtype} {proba.shape}" if isinstance(proba, np.ndarray) else type(proba).__name__
        yield f"predict_proba gives {found} where float32 {shape} is needed"
        return
    yield from _row_problems(proba, bool(predictor.labels), "texts")
    yield from same("asked again", proba, predictor.predict_proba(texts), 0.0)
    yield from same("asked in the other order", proba, predictor.predict_proba(texts[::-1])[::-1], tolerance)
    alone = np.concatenate([predictor.predict_proba([text]) for text in texts])
    yield from same("asked one text at a time", proba, alone, tolerance)
    yield from same("given a tuple", proba, predictor.predict_proba(tuple(texts)), 0.0)
    if (empty := np.asarray(predictor.predict_proba([]))).shape != (0, shape[1]):
        yield f"no texts give shape {empty.shape} where {(0, shape[1])} is needed"
    hard = list(zip(HARD_TEXTS, HARD_TEXTS[::-1], strict=True)) if isinstance(texts[0], tuple) else list(HARD_TEXTS)
    yield from _row_problems(predictor.predict_proba(hard), bool(predictor.labels), "empty, foreign and long texts")
    yield from _fingerprint_problems(known, predictor.fingerprint(), make().fingerprint())
    if not np.array_equal(state, _random_state()):
        yield "it draws from NumPy's global random numbers"
    if isinstance(predictor, ScoringPredictor):
        yield from _scoring_problems(predictor, texts, proba, tolerance)


def _label_problems(labels: Any) -> Problems:
    if not isinstance(labels, tuple) or not all(isinstance(label, str) for label in labels):
        yield f"labels is {labels!r} where a tuple of names is needed"
    elif len(set(labels)) < len(labels):
        yield f"labels has a name twice: {labels}"
    elif len(labels) == 1:
        yield "labels has one name; a choice needs two, and a regression none"


def _row_problems(proba: NDArray[np.float32], distribution: bool, what: str) -> Problems:
    unanswered = np.isnan(proba).all(1)
    answered = proba[~unanswered]
    if not np.isfinite(answered).all():
        yield f"{what}: some numbers are not finite (a row without an answer is NaN throughout)"
    elif distribution and (answered < 0).any():
        yield f"{what}: the lowest probability is {answered.min():g}"
    elif distribution and len(answered) and (worst := np.abs(answered.sum(1, dtype=float) - 1).max()) > 1e-3:
        yield f"{what}: a row misses the sum of 1 by {worst:.3g}"


def _fingerprint_problems(before: Any, after: Any, fresh: Any) -> Problems:
    if not isinstance(before, str) or not before:
        yield f"fingerprint gives {before!r} where text is needed"
    elif before != after:
        yield "its fingerprint changes when it is used"
    elif before != fresh:
        yield "two that are built alike have different fingerprints"


def _scoring_problems(
    predictor: ScoringPredictor, texts: list[Text], proba: NDArray[np.float32], tolerance: float
) -> Problems:
    scores = np.asarray(predictor.score(texts))
    if scores.dtype != np.float32 or scores.ndim != 2 or len(scores) != len(texts):
        yield f"score gives {scores.dtype} {scores.shape} where float32 ({len(texts)}, s) is needed"
        return
    yield from same("from its scores", proba, predictor.proba(scores), tolerance)
    one = np.concatenate([predictor.proba(row[None]) for row in scores])
    yield from same("from its scores one by one", predictor.proba(scores), one, 1e-6)
    if not isinstance(predictor.score_fingerprint(), str):
        yield "score_fingerprint gives no text"


def _random_state() -> NDArray[np.int64]:
    state = np.random.get_state(legacy=False)
    return np.append(state["state"]["key"], state["state"]["pos"])
