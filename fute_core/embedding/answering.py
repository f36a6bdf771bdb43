"""The answers of a black box on the probe texts: asked once, in chunks, and kept as they come."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.probes import ProbeSet
from fute_core.errors import Cancelled
from fute_core.models.device import chose_processor
from fute_core.predictors import Predictor
from fute_core.predictors.answers import asked_aloud, known_as, reasons
from fute_core.tasks import Text

if TYPE_CHECKING:
    from fute_core.store.store import Store

CHUNK, CHUNK_ELSEWHERE = 32, 512
"""Texts that are asked before their answers are kept, on a processor and on an accelerator."""
CHUNK_THINKING = 16
"""The same on a processor, where a prompt lets the model reason before each answer: that takes ten times as long."""
KEEP_SECONDS = 1.0
"""After so long the answers of what tells them one by one are put into the store."""
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
    """Ask a black box the probe texts that the store has no answers for; each finished part is stored at once.

    Parameters
    ----------
    predictor : Predictor
        The black box.
    probes : ProbeSet
        n probe texts.
    store : Store, optional
        Where answers are looked up and kept.
    progress : callable, optional
        Called after every part with (probe texts answered, n).
    should_stop : callable, optional
        Asked before every part; on true nothing more is asked.

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
    with closing(_in_parts(predictor, probes.texts, todo)) as parts:
        for rows, new, thoughts in parts:
            if store is not None and rows:
                store.put_answers(name, [probes.texts[i] for i in rows], np.stack(new), thoughts)
            answers.update(zip(rows, new, strict=True))
            if progress is not None and rows:
                progress(len(answers), total)
            if should_stop is not None and len(answers) < total and should_stop():
                raise Cancelled(f"Stopped after {len(answers)} of {total} probe texts; they are kept.")
    return np.stack([answers[i] for i in range(total)])


def texts_at_once(prompts: int = 1, thinks: bool = False) -> int:
    """Tell how many texts a model is asked before what it answered is kept.

    Parameters
    ----------
    prompts : int, default 1
        How many are asked about each text.
    thinks : bool, default False
        The model reasons before each answer.

    Returns
    -------
    int
        More on an accelerator, which few texts leave idle and which reads many in the time of a few on a processor.
    """
    if not chose_processor():
        return CHUNK_ELSEWHERE
    return CHUNK_THINKING if thinks else min(CHUNK, max(CHUNK // 4, 4 * CHUNK // prompts))


def _in_parts(
    predictor: Predictor, texts: Sequence[Text], todo: Sequence[int]
) -> Generator[tuple[list[int], list[NDArray[Any]], list[str] | None]]:
    """Answers to some of the texts, and what was said before them, in the parts in which they are kept.

    The first part, before anything is asked, is empty.

    What tells its answers one by one is kept by time, so that a slow or dear one loses next to nothing to a failure.
    """
    yield [], [], None
    each = getattr(predictor, "each", None)
    if each is None:
        at_once = texts_at_once(thinks=reasons(predictor))
        for start in range(0, len(todo), at_once):
            rows = list(todo[start : start + at_once])
            raw, thoughts = asked_aloud(predictor, [texts[i] for i in rows])
            yield rows, list(raw), thoughts
        return
    rows, new, kept = [], [], time.monotonic()
    failure: BaseException | None = None
    asked = each([texts[i] for i in todo]) if todo else iter(())
    try:
        while (found := _next(asked)) is not None:
            if isinstance(found, BaseException):
                failure = found
                break
            rows.append(todo[found[0]])
            new.append(found[1])
            if time.monotonic() - kept >= KEEP_SECONDS:
                yield rows, new, None
                rows, new, kept = [], [], time.monotonic()
        if rows:
            yield rows, new, None
    finally:
        getattr(asked, "close", lambda: None)()
    if failure is not None:
        raise failure


def _next(asked: Iterator[tuple[int, NDArray[Any]]]) -> tuple[int, NDArray[Any]] | BaseException | None:
    """The next answer, the failure that ends them, or None at their end."""
    try:
        return next(asked, None)
    except (Exception, KeyboardInterrupt) as failure:  # raised again once what came before is kept
        return failure


def stored_answers_of(
    predictor: Predictor, probes: ProbeSet, store: "Store"
) -> tuple[str, list[Text], NDArray[Any], list[str | None] | None] | None:
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
    tuple of (str, list, ndarray, list or None) or None
        What `Store.put_answers` takes: fingerprint, m texts, answers of shape (m, s), and what was said before each,
        None for a predictor that answers at once. None where no answer is known.
    """
    name = known_as(predictor)
    found, _ = store.get_answers(name, probes.texts)
    there = [(text, row) for text, row in zip(probes.texts, found, strict=True) if row is not None]
    if not there:
        return None
    asked = [text for text, _ in there]
    thoughts = store.get_thoughts(name, asked) if reasons(predictor) else None
    return name, asked, np.stack([row for _, row in there]), thoughts
