"""Several prompts of one language model, answered together before each is embedded on its own.

What their prompts begin with in common, the text where it comes first, is then read once for all; see
`predictors.several`.
"""

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import Progress, texts_at_once
from fute_core.embedding.opening import as_asked, predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput, Cancelled, FuteError, Unavailable
from fute_core.predictors import Predictor
from fute_core.predictors.answers import known_as, reasons
from fute_core.tasks import Text

if TYPE_CHECKING:
    from fute_core.predictors.prompted_lm import PromptedLM
    from fute_core.store.store import Store

MOST = 16
"""Prompts that are answered together, at most: so many can be lost to one failure."""


def model_asked(request: EmbedRequest) -> Hashable | None:
    """Tell what prompts must have in common to be answered together.

    Parameters
    ----------
    request : EmbedRequest
        Any.

    Returns
    -------
    hashable or None
        None for what is asked of no language model at hand, or only until its verdict is settled, or not at all.
    """
    options = request.options
    apart = ("base_url", "text", "settle", "labels")
    if request.kind != "prompt" or any(options.get(name) for name in apart):
        return None
    try:
        predictor, facts = predictor_of(request)
    except Exception:  # its own item says what is wrong with it
        return None
    if reasons(predictor):
        return None
    return (request.model, facts["pair"], request.probes, request.seed, options.get("device"), options.get("precision"))


def bundles(requests: Sequence[EmbedRequest], workers: int = 1) -> list[list[int]]:
    """Part requests into those that are answered together.

    Parameters
    ----------
    requests : sequence of EmbedRequest
        Any.
    workers : int, default 1
        How many bundles are worked on at once; there is work for all of them.

    Returns
    -------
    list of list of int
        Positions, two or more each; what is in none is asked alone.
    """
    if len(requests) < 2:  # its template is not read once more
        return []
    alike: dict[Hashable, list[int]] = {}
    for i, request in enumerate(requests):
        if (asked := model_asked(request)) is not None:
            alike.setdefault(asked, []).append(i)
    found = []
    for group in alike.values():
        parts = max(min(workers, len(group)), -(-len(group) // MOST))
        found += [group[part::parts] for part in range(parts)]
    return [bundle for bundle in found if len(bundle) > 1]


def answer_together(
    requests: Sequence[EmbedRequest],
    store: "Store",
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> None:
    """Ask prompts of one model the probe texts, and keep their answers; what cannot be asked so is left as it is.

    Parameters
    ----------
    requests : sequence of EmbedRequest
        All with the same `model_asked`.
    store : Store
        Where answers are looked up and kept.
    progress : callable, optional
        Called after every part with (probe texts answered, all).
    should_stop : callable, optional
        Asked after every part; on true nothing more is asked.

    Raises
    ------
    Cancelled
        Where `should_stop` said so; the answers that were given stay in the store.
    """
    predictors, pair = [], False
    with as_asked(requests[0]):
        for request in requests:
            with suppress(FuteError):  # its own item says what is wrong with it
                predictor, facts = predictor_of(request)
                predictors.append(predictor)
                pair = facts["pair"]
        with suppress(BadInput, Unavailable):  # as of one of them alone
            collect_together(predictors, requests[0].recipe.probes(pair), store, progress, should_stop)


def collect_together(
    predictors: Sequence[Predictor],
    probes: ProbeSet,
    store: "Store",
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> None:
    """Ask prompts of one model the probe texts that the store has no answers for; each finished part is stored at once.

    Parameters
    ----------
    predictors : sequence of Predictor
        Those that are prompts of a language model at hand; others are left, and so is a single one that lacks answers,
        and one that lets the model reason first, since its label turns have nothing in common with another's.
    probes : ProbeSet
        n probe texts.
    store : Store
        Where answers are looked up and kept.
    progress, should_stop : callable, optional
        As in `answer_together`.

    Raises
    ------
    BadInput
        For a model that cannot be read, and for a prompt whose instruction alone is too long.
    Cancelled
        Where `should_stop` said so.
    """
    from fute_core.predictors.prompted_lm import PromptedLM
    from fute_core.predictors.several import score_several

    names = {known_as(one): one for one in predictors if isinstance(one, PromptedLM) and not reasons(one)}
    lacks = {name: np.array([row is None for row in store.get_answers(name, probes.texts)[0]]) for name in names}
    n, at_once = len(probes.texts), texts_at_once(len(names) or 1)
    if progress is not None and len(names) > 1:
        progress(n - int(np.any(list(lacks.values()), axis=0).sum()), n)
    for start in range(0, n, at_once):
        rows = np.arange(start, min(start + at_once, n))
        asked = [name for name in names if lacks[name][rows].any()]
        if len(asked) < 2:
            continue
        texts = [probes.texts[i] for i in rows]
        try:
            found = score_several([names[name] for name in asked], texts)
        except BadInput:  # of one prompt, which says so when it is asked alone
            asked = [name for name in asked if _can_be_asked(names[name], texts)]
            found = score_several([names[name] for name in asked], texts)
        for name, scores in zip(asked, found, strict=True):
            new = lacks[name][rows]
            store.put_answers(name, [probes.texts[i] for i in rows[new]], scores[new])
        if progress is not None:
            progress(int(rows[-1]) + 1, n)
        if should_stop is not None and rows[-1] + 1 < n and should_stop():
            raise Cancelled(f"Stopped after {rows[-1] + 1} of {n} probe texts; they are kept.")


def _can_be_asked(prompted: "PromptedLM", texts: Sequence[Text]) -> bool:
    try:
        prompted.tokens.read(texts)
    except BadInput:
        return False
    return True
