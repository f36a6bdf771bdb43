"""What is asked for in a thread, for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


@contextmanager
def asked_inside(variable: ContextVar[str | None], wanted: str | None) -> Iterator[None]:
    """Let a variable say what was asked for, in this thread, for as long as the block lasts.

    Parameters
    ----------
    variable : ContextVar
        What is asked for.
    wanted : str or None
        None leaves it as it is.

    Yields
    ------
    None
        The variable says it inside.
    """
    token = variable.set(variable.get() if wanted is None else wanted)
    try:
        yield
    finally:
        variable.reset(token)
