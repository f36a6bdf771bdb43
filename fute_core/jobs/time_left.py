"""How long a job still takes, from the pace measured so far."""

from fute_core.jobs.job import JobItem


def seconds_left(items: tuple[JobItem, ...], parallel: int) -> float | None:
    """Time left from the measured seconds a text, by kind of request.

    What comes from the store is not measured and takes no time. A kind that has not been measured yet is taken to be
    as fast as the others together.

    Parameters
    ----------
    items : tuple of JobItem
        All items of the job.
    parallel : int
        How many of them are worked on at once.

    Returns
    -------
    float or None
        Seconds; None while nothing has been measured.
    """
    measured: dict[str, list[float]] = {}
    for item in items:
        if item.measured_texts > 0:
            for kind in (item.request.kind, "any"):
                seconds, texts = measured.setdefault(kind, [0.0, 0])
                measured[kind] = [seconds + item.measured_seconds, texts + item.measured_texts]
    left = [i for i in items if i.state in ("queued", "running") and not i.cached and i.same_as is None]
    if not measured or not left:
        return None if left else 0.0
    total = 0.0
    for item in left:
        seconds, texts = measured.get(item.request.kind, measured["any"])
        total += seconds / texts * max((item.texts_total or 0) - item.texts_done, 0)
    return total / max(min(parallel, len(left)), 1)


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
