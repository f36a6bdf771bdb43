"""Does a predictor, a method or a surrogate keep its contract? Checks for ours, and for anyone's own.

    from fute_core.testing import check_predictor

    def test_my_model():
        check_predictor(lambda: MyPredictor("weights/"))

Each check raises one AssertionError that lists every clause that is broken, with the numbers that show it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.datasets.probes import load_probes
from fute_core.methods import Fitted, Method, Observations
from fute_core.predictors import Predictor, ScoringPredictor
from fute_core.tasks import Text

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate

HARD_TEXTS = ("", " ", "?!", "ein größerer Satz, 日本語, 🙂", "no " * 2000)
"""Texts that a user's file may hold: empty, without a word, foreign, and longer than any model reads."""
Problems = Iterator[str]


def check_predictor(
    make: Callable[[], Predictor], texts: Sequence[Text] | None = None, *, pair: bool = False, tolerance: float = 1e-4
) -> None:
    """Check a predictor against `fute_core.predictors.Predictor`.

    make : builds the predictor anew; it is called twice, since two that are built alike must be known as the same.
    texts : texts to ask of, by default 12 of the shipped probe texts, or pairs of them with `pair`.
    tolerance : how far probabilities may differ between batches (arithmetic in bfloat16 needs more).
    """
    texts = list(texts if texts is not None else load_probes(pair, 12).texts)
    _report("predictor", _predictor_problems(make, texts, tolerance))


def check_method(make: Callable[[], Method], surrogate: "Surrogate", *, n_texts: int = 24) -> None:
    """Check a method against `fute_core.methods.Method`, on tasks of 2 and of 3 labels, soft targets, scores and pairs.

    surrogate : the encoder to fit with; a small one makes the check quick.
    """
    _report("method", _method_problems(make, surrogate, n_texts))


def check_surrogate(surrogate: "Surrogate", *, tolerance: float = 1e-4) -> None:
    """Check an encoder: batches hold every text once, features depend on the text alone, nothing is trained."""
    _report("surrogate", _surrogate_problems(surrogate, tolerance))


def _report(what: str, problems: Problems) -> None:
    found = []
    try:
        found.extend(problems)
    except Exception as error:
        raise AssertionError(
            "\n".join([f"This {what} fails in the middle of its checks: {type(error).__name__}: {error}", *found])
        ) from error
    if found:
        raise AssertionError("\n".join([f"This {what} breaks its contract:", *(f"  - {problem}" for problem in found)]))


# predictors ----------------------------------------------------------------------------------------------------------


def _predictor_problems(make: Callable[[], Predictor], texts: list[Text], tolerance: float) -> Problems:
    predictor = make()
    if not isinstance(predictor, Predictor):
        yield "it lacks one of labels, predict_proba and fingerprint"
        return
    yield from _label_problems(predictor.labels)
    known = predictor.fingerprint()
    state = np.random.get_state()[1].copy()
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
    yield from _same("asked again", proba, predictor.predict_proba(texts), 0.0)
    yield from _same("asked in the other order", proba, predictor.predict_proba(texts[::-1])[::-1], tolerance)
    alone = np.concatenate([predictor.predict_proba([text]) for text in texts])
    yield from _same("asked one text at a time", proba, alone, tolerance)
    yield from _same("given a tuple", proba, predictor.predict_proba(tuple(texts)), 0.0)
    if (empty := np.asarray(predictor.predict_proba([]))).shape != (0, shape[1]):
        yield f"no texts give shape {empty.shape} where {(0, shape[1])} is needed"
    hard = list(zip(HARD_TEXTS, HARD_TEXTS[::-1], strict=True)) if isinstance(texts[0], tuple) else list(HARD_TEXTS)
    yield from _row_problems(predictor.predict_proba(hard), bool(predictor.labels), "empty, foreign and long texts")
    yield from _fingerprint_problems(known, predictor.fingerprint(), make().fingerprint())
    if not np.array_equal(state, np.random.get_state()[1]):
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


def _row_problems(proba: np.ndarray, distribution: bool, what: str) -> Problems:
    unanswered = np.isnan(proba).all(1)
    answered = proba[~unanswered]
    if not np.isfinite(answered).all():
        yield f"{what}: some numbers are not finite (a row without an answer is NaN throughout)"
    elif distribution and (answered < 0).any():
        yield f"{what}: the lowest probability is {answered.min():g}"
    elif distribution and len(answered) and (worst := np.abs(answered.sum(1, dtype=float) - 1).max()) > 1e-3:
        yield f"{what}: a row misses the sum of 1 by {worst:.3g}"


def _same(when: str, expected: np.ndarray, found: np.ndarray, tolerance: float) -> Problems:
    if np.shape(found) != expected.shape:
        yield f"{when}, it gives shape {np.shape(found)} instead of {expected.shape}"
    elif not np.allclose(expected, found, rtol=0, atol=tolerance, equal_nan=True):
        yield f"{when}, its answers differ by up to {np.nanmax(np.abs(expected - found)):.3g}"


def _fingerprint_problems(before: Any, after: Any, fresh: Any) -> Problems:
    if not isinstance(before, str) or not before:
        yield f"fingerprint gives {before!r} where text is needed"
    elif before != after:
        yield "its fingerprint changes when it is used"
    elif before != fresh:
        yield "two that are built alike have different fingerprints"


def _scoring_problems(predictor: ScoringPredictor, texts: list[Text], proba: np.ndarray, tolerance: float) -> Problems:
    scores = np.asarray(predictor.score(texts))
    if scores.dtype != np.float32 or scores.ndim != 2 or len(scores) != len(texts):
        yield f"score gives {scores.dtype} {scores.shape} where float32 ({len(texts)}, s) is needed"
        return
    yield from _same("from its scores", proba, predictor.proba(scores), tolerance)
    one = np.concatenate([predictor.proba(row[None]) for row in scores])
    yield from _same("from its scores one by one", predictor.proba(scores), one, 1e-6)
    if not isinstance(predictor.score_fingerprint(), str):
        yield "score_fingerprint gives no text"


# methods -------------------------------------------------------------------------------------------------------------


def _method_problems(make: Callable[[], Method], surrogate: "Surrogate", n: int) -> Problems:
    method = make()
    if not isinstance(method, Method):
        yield "it lacks one of name, needs_probes, seeded, params and fit"
        return
    params = method.params()
    if json.loads(json.dumps(params)) != params:
        yield f"params gives {params!r}, which JSON does not keep"
    elif type(method)(**params).params() != params:
        yield "built anew from its own params, it has others"
    two = _task(False, 2, n)
    known = two.targets.copy()
    fitted = method.fit(surrogate, two)
    yield from _vector_problems(fitted)
    if not np.array_equal(two.targets, known):
        yield "fit changes the targets it is given"
    yield from _same("fitted again", fitted.vector, make().fit(surrogate, two).vector, 0.0)
    reseeded = make().fit(surrogate, Observations(two.texts, two.targets, False, two.probes, None, 1)).vector
    if not method.seeded and not np.array_equal(reseeded, fitted.vector):
        yield "it says that the seed changes nothing, and another seed gives another vector"
    others = {
        "three labels": _task(False, 3, n),
        "soft targets on probe texts": _task(False, 3, n, of_model=True),
        "scores": _task(False, 0, n),
        "pairs": _task(True, 2, n),
    }
    for what, observations in others.items():
        vector = method.fit(surrogate, observations).vector
        # The shared probe texts of pairs may be others in number, and pairs have a space of their own.
        if what != "pairs" and vector.shape != fitted.vector.shape:
            yield f"{what} give a vector of shape {vector.shape}, two labels one of {fitted.vector.shape}"
        if not np.isfinite(vector).all():
            yield f"{what} give a vector that is not finite"


def _task(pair: bool, k: int, n: int, of_model: bool = False) -> Observations:
    """A small made-up task: the label says how long a text is among the others; k = 0 gives the length as a score."""
    probes = load_probes(pair, 2 * n).texts
    texts = probes[n:] if not of_model else probes[:n]
    lengths = np.array([len("".join(text)) for text in texts], np.float32)
    place = lengths.argsort().argsort() / n
    if k == 0:
        targets = place.astype(np.float32)[:, None]
    else:
        targets = np.eye(k, dtype=np.float32)[(place * k).astype(int)]
        if of_model:
            targets = 0.7 * targets + 0.3 / k
    return Observations(texts, targets.astype(np.float32), k == 0, probes, np.arange(n) if of_model else None, 0)


def _vector_problems(fitted: Fitted) -> Problems:
    vector = fitted.vector
    if not isinstance(vector, np.ndarray) or vector.dtype != np.float32 or vector.ndim != 1:
        yield "its vector is no float32 array of one dimension"
        return
    if not np.isfinite(vector).all():
        yield "its vector is not finite"
    if not vector.any():
        yield "its vector is zero"
    stops = [0]
    for block in fitted.blocks:
        if block.start != stops[-1] or block.stop <= block.start:
            yield f"block {block.name!r} runs from {block.start} to {block.stop} where {stops[-1]} is next"
        stops.append(block.stop)
    if stops[-1] != len(vector):
        yield f"its blocks end at {stops[-1]} and its vector at {len(vector)}"
    if len({(b.part, b.name) for b in fitted.blocks}) < len(fitted.blocks):
        yield "two of its blocks have one name"
    try:
        json.dumps(dict(fitted.details), default=lambda value: value.item())
    except (TypeError, AttributeError):
        yield "its details are no JSON values"


# surrogates ----------------------------------------------------------------------------------------------------------


def _surrogate_problems(surrogate: "Surrogate", tolerance: float) -> Problems:
    if surrogate.model.training or any(p.requires_grad for p in surrogate.model.parameters()):
        yield "its model is not frozen in eval mode"
    for pair in (False, True):
        texts = [*load_probes(pair, 12).texts, *([(t, t) for t in HARD_TEXTS] if pair else HARD_TEXTS)]
        what = "pairs" if pair else "single texts"
        seen = np.concatenate([batch.index for batch in surrogate.batches(texts, 200)])
        if sorted(seen.tolist()) != list(range(len(texts))):
            yield f"{what}: batches do not hold every text once"
        longest = max(map(len, surrogate.tokenise(texts)))
        if longest > surrogate.max_length:
            yield f"{what}: {longest} tokens where {surrogate.max_length} are the most"
        if not 1 <= surrogate.count_truncated(texts) <= len(texts) - 12:
            yield f"{what}: {surrogate.count_truncated(texts)} texts count as too long"
        features = surrogate.features(texts)
        if features.dtype != np.float32 or features.shape != (len(texts), surrogate.hidden_size):
            yield f"{what}: features are {features.dtype} {features.shape}"
            return
        if not np.isfinite(features).all():
            yield f"{what}: features are not finite"
        scale = float(np.abs(features).max())
        alone = np.concatenate([surrogate.features([text]) for text in texts])
        yield from _same(f"{what} read one at a time", features / scale, alone / scale, tolerance)
        yield from _same(f"{what} read again", features, surrogate.features(texts), 0.0)
        if np.ptp(features, axis=0).max() <= tolerance * scale:
            yield f"{what}: all texts have the same features"
