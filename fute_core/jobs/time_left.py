"""How long a job still takes, from the pace measured so far."""

from functools import lru_cache

from fute_core.embedding.opening import prompt_templates
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import FuteError
from fute_core.jobs.job import JobItem

ANY = ("any", 0)


def seconds_left(items: tuple[JobItem, ...], parallel: int) -> float | None:
    """Time left from the measured seconds a text, by kind of request and by how long a prompt lets the model think.

    What comes from the store is not measured and takes no time. A kind that has not been measured yet is taken to be
    as fast as the others together; but not one that thinks, since most of its time goes into that.

    Parameters
    ----------
    items : tuple of JobItem
        All items of the job.
    parallel : int
        How many of them are worked on at once.

    Returns
    -------
    float or None
        Seconds; None while it cannot be told.
    """
    measured: dict[tuple[str, int], list[float]] = {}
    for item in items:
        if item.measured_texts > 0:
            for kind in (_kind(item.request), ANY):
                seconds, texts = measured.setdefault(kind, [0.0, 0])
                measured[kind] = [seconds + item.measured_seconds, texts + item.measured_texts]
    left = [i for i in items if i.state in ("queued", "running") and not i.cached and i.same_as is None]
    if not measured or not left:
        return None if left else 0.0
    total = 0.0
    for item in left:
        kind = _kind(item.request)
        if kind[1] and kind not in measured:
            return None
        seconds, texts = measured.get(kind, measured[ANY])
        total += seconds / texts * max((item.texts_total or 0) - item.texts_done, 0)
    return total / max(min(parallel, len(left)), 1)


def _kind(request: EmbedRequest) -> tuple[str, int]:
    return request.kind, _thinks(request.ref, request.template or "") if request.kind == "prompt" else 0


@lru_cache(maxsize=512)
def _thinks(ref: str, name: str) -> int:
    """Tokens that a prompt lets the model write before it answers; read once, since a job does not change."""
    try:
        known = prompt_templates(ref)
    except FuteError:  # its own item says what is wrong with it
        return 0
    template = known.get(name) if name or len(known) > 1 else next(iter(known.values()))
    return template.reasoning.max_tokens if template is not None and template.reasoning else 0


def texts_per_second(items: tuple[JobItem, ...], parallel: int) -> float | None:
    """Pace of all workers together, from what was measured so far.

    Parameters
    ----------
    items : tuple of JobItem
        All items of the job.
    parallel : int
        How many of them are worked on at once.

    Returns
    -------
    float or None
        Texts a second, a text that is asked of two prompts counted twice; None while nothing has been measured.
    """
    return _per_second(sum(i.measured_texts for i in items), items, parallel)


def tokens_per_second(items: tuple[JobItem, ...], parallel: int) -> float | None:
    """Pace of all workers together in tokens that models read, padding left out.

    Parameters
    ----------
    items : tuple of JobItem
        All items of the job.
    parallel : int
        How many of them are worked on at once.

    Returns
    -------
    float or None
        Tokens a second, one that several prompts begin with counted once where it is read once; None while nothing has
        been measured, and where no model here reads.
    """
    return _per_second(sum(i.measured_tokens for i in items), items, parallel)


def _per_second(count: int, items: tuple[JobItem, ...], parallel: int) -> float | None:
    seconds = sum(i.measured_seconds for i in items)
    busy = max(min(parallel, sum(i.state == "running" for i in items)), 1)
    return busy * count / seconds if count and seconds else None
