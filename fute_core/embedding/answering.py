"""The answers of a black box on the probe texts: asked once, in chunks, and kept as they come."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.probes import ProbeSet
from fute_core.errors import Cancelled
from fute_core.predictors import Predictor
from fute_core.predictors.answers import known_as, raw_answers
from fute_core.tasks import Text

if TYPE_CHECKING:
    from fute_core.store.store import Store

CHUNK = 32
Progress = Callable[[int, int], None]
"""Called with how many are done, and how many there are."""


def collect_answers(
    predictor: Predictor,
    probes: ProbeSet,
    store: "Store | None" = None,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> NDArray[Any]:
    """Ask a black box the probe texts that the store has no answers for; each finished chunk is stored at once.

    Parameters
    ----------
    predictor : Predictor
        The black box.
    probes : ProbeSet
        n probe texts.
    store : Store, optional
        Where answers are looked up and kept.
    progress : callable, optional
        Called after every chunk with (probe texts answered, n).
    should_stop : callable, optional
        Asked before every chunk; on true nothing more is asked.

    Returns
    -------
    ndarray of float32, shape (n, s)
        Raw answers, as `predictors.answers.raw_answers` gives them; rows are NaN where there is no answer, such as
        for rows that a file of outputs lacks.

    Raises
    ------
    Cancelled
        Where `should_stop` said so; the answers that were given stay in the store.
    """
    name = known_as(predictor)
    answers: dict[int, NDArray[Any]] = {}
    if store is not None:
        found, _ = store.get_answers(name, probes.texts)
        answers = {i: row for i, row in enumerate(found) if row is not None}
    total = len(probes.texts)
    todo = [i for i in range(total) if i not in answers]
    for start in range(0, len(todo), CHUNK):
        if should_stop is not None and should_stop():
            raise Cancelled(f"Stopped after {total - len(todo) + start} of {total} probe texts; they are kept.")
        rows = todo[start : start + CHUNK]
        texts = [probes.texts[i] for i in rows]
        new = raw_answers(predictor, texts)
        if store is not None:
            store.put_answers(name, texts, new)
        answers.update(zip(rows, new, strict=True))
        if progress is not None:
            progress(total - len(todo) + start + len(rows), total)
    return np.stack([answers[i] for i in range(total)])


def stored_answers_of(
    predictor: Predictor, probes: ProbeSet, store: "Store"
) -> tuple[str, list[Text], NDArray[Any]] | None:
    """Take the answers that are known already, to put them into another store.

    Parameters
    ----------
    predictor : Predictor
        The black box, which is not asked.
    probes : ProbeSet
        The probe texts of its space.
    store : Store
        Where its answers may be.

    Returns
    -------
    tuple of (str, list, ndarray) or None
        What `Store.put_answers` takes: fingerprint, m texts, and answers of shape (m, s). None where none is known.
    """
    name = known_as(predictor)
    found, _ = store.get_answers(name, probes.texts)
    there = [(text, row) for text, row in zip(probes.texts, found, strict=True) if row is not None]
    return (name, [text for text, _ in there], np.stack([row for _, row in there])) if there else None
