"""One item on its way to a worker, and what comes back: plain data that travels between processes and machines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fute_core.tasks import Text
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    import numpy as np

    from fute_core.embedding.requests import EmbedRequest

EVERY_SECONDS = 0.5
"""How often progress is written, at most."""
Execute = Callable[..., TaskEmbedding]
"""f(request, store, progress=, should_stop=) -> TaskEmbedding, as `fulfil.embed_request`."""


@dataclass(frozen=True)
class Task:
    """One item on its way to a worker.

    Parameters
    ----------
    index : int
        The item's place in its job.
    request : EmbedRequest
        What is to be embedded.
    attempts : int
        How often it was begun, with this time.
    execute : callable, optional
        How it is embedded; default `fulfil.embed_request`.
    store, folder : str or None
        Folders of the store and of the job, where worker and caller share a disk; None on other machines.
    owner : int or None
        Pid of the caller: a worker that outlives it stops.
    answers : tuple or None
        For other machines, what the black box answered before: the arguments of `Store.put_answers`.
    beside : tuple of (int, EmbedRequest)
        Prompts of the same model that are answered with this one, and their places in the job; each is embedded by a
        task of its own, later.
    """

    index: int
    request: "EmbedRequest"
    attempts: int
    execute: Execute | None = None
    store: str | None = None
    folder: str | None = None
    owner: int | None = None
    answers: "tuple[str, Sequence[Text], np.ndarray, Sequence[str | None] | None] | None" = None
    beside: "tuple[tuple[int, EmbedRequest], ...]" = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Parameters
    ----------
    index : int
        The item's place in its job.
    state : str
        "done", "failed" or "cancelled".
    key, error : str or None
        As of `JobItem`.
    unexpected : bool
        As of `JobItem`.
    seconds : float
        As of `JobItem`.
    attempts, texts_done : int
        As of `JobItem`.
    texts_total : int or None
        As of `JobItem`.
    measured_texts, measured_seconds, measured_tokens : int, float, int
        As of `JobItem`.
    peak_memory : int or None
        As of `JobItem`.
    embedding : TaskEmbedding or None
        The vector, only from a worker that does not see the caller's store.
    entries : tuple of (str, str, bytes)
        From such a worker, the answers that the vector was made from: section, key and packed value of each.
    trace : str or None
        Traceback of an unexpected error, for errors.log.
    """

    index: int
    state: str
    key: str | None = None
    error: str | None = None
    unexpected: bool = False
    seconds: float = 0.0
    attempts: int = 0
    texts_done: int = 0
    texts_total: int | None = None
    measured_texts: int = 0
    measured_seconds: float = 0.0
    measured_tokens: int = 0
    peak_memory: int | None = None
    embedding: TaskEmbedding | None = None
    entries: tuple[tuple[str, str, bytes], ...] = ()
    trace: str | None = None

    def changes(self) -> dict[str, Any]:
        """What it settles of its item.

        Returns
        -------
        dict
            Fields of `JobItem` with their new values.
        """
        kept = {k: v for k, v in vars(self).items() if k not in ("index", "embedding", "entries", "trace")}
        return {k: v for k, v in kept.items() if v is not None or k == "error"}
