"""How many tokens models have read, padding left out: what a pace in tokens is told from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_read: ContextVar[list[int] | None] = ContextVar("read", default=None)


@contextmanager
def counting_tokens() -> Iterator[Callable[[], int]]:
    """Count the tokens that models read inside, in this thread and in those that have its context.

    Yields
    ------
    callable
        Tells how many there were until now.
    """
    read: list[int] = []  # appended to, which is whole in any thread
    token = _read.set(read)
    try:
        yield lambda: sum(read)
    finally:
        _read.reset(token)


def note_tokens(n: int) -> None:
    """Say that a model reads tokens; nothing where nobody counts.

    Parameters
    ----------
    n : int
        Those of the texts and prompts themselves, and each once however often it is attended to.
    """
    if (read := _read.get()) is not None:
        read.append(int(n))
