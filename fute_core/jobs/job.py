"""What a job is, as it was read from disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest

ITEM_STATES = ("queued", "running", "done", "failed", "cancelled")
JOB_STATES = (*ITEM_STATES, "interrupted")
"""A job is "interrupted" where it says that it runs and its process is gone."""


class Damaged(BadInput):
    """A job whose files cannot be read; it can only be deleted.

    Parameters
    ----------
    job_id : str
        Which job; kept as `id`.
    why : BaseException or str
        What reading it raised, or a reason in words; kept as `reason`, in words.
    """

    def __init__(self, job_id: str, why: BaseException | str):
        self.id = job_id
        # What a parser says of a broken file helps nobody; what the system says of a file it refuses does.
        refused = why.strerror if isinstance(why, OSError) else why if isinstance(why, str) else None
        self.reason = refused or "its files are damaged, or of another version"
        super().__init__(
            f"Job {job_id!r} cannot be read ({self.reason}); remove it on the Jobs page or with "
            f"`fute jobs delete {job_id}`, and start it again."
        )


@dataclass(frozen=True)
class JobItem:
    """One request of a job, and how far it is.

    Parameters
    ----------
    request : EmbedRequest
        What is to be embedded.
    state : str
        One of `ITEM_STATES`.
    key : str or None
        Store key of its embedding, where known.
    cached : bool
        Whether the store had it before the job.
    same_as : int or None
        Place of the earlier item that is computed for this one, too.
    error : str or None
        One sentence, where it failed.
    unexpected : bool
        Whether nobody foresaw that failure.
    seconds : float
        How long it took.
    attempts : int
        How often it was begun.
    texts_done, texts_total : int, int or None
        Texts read, and to read as far as known.
    measured_texts, measured_seconds : int, float
        Texts read under the clock and their time, without those that the store had: the pace for the time left.
    measured_tokens : int
        Tokens that models here have read in that time, padding left out; 0 where others read, such as an endpoint.
    peak_memory : int or None
        Bytes that its device held at most while it was computed, see `models.peak`.
    """

    request: "EmbedRequest"
    state: str = "queued"
    key: str | None = None
    cached: bool = False
    same_as: int | None = None
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


@dataclass(frozen=True)
class Job:
    """A job as it was read; reading it again tells how far it is by then.

    Parameters
    ----------
    id : str
        Such as "20260131-120000-a1b2c3".
    folder : Path
        Where it lies; see `folder`.
    store : str
        Folder of the store that its embeddings go to.
    created : str
        ISO date and time in UTC.
    items : tuple of JobItem
        One a request, in their order.
    state : str
        One of `JOB_STATES`.
    error : str or None
        Why the job as a whole stopped, as a sentence.
    started, finished : str or None
        ISO date and time in UTC.
    eta_seconds, texts_per_second, tokens_per_second : float or None
        Time left, and the pace of all workers together; None while they cannot be told.
    heartbeat : float
        Epoch seconds of the running process's last sign of life.
    process : dict or None
        Which process runs or ran it; see `process.identify`.
    """

    id: str
    folder: Path
    store: str
    created: str
    items: tuple[JobItem, ...]
    state: str = "queued"
    error: str | None = None
    started: str | None = None
    finished: str | None = None
    eta_seconds: float | None = None
    texts_per_second: float | None = None
    tokens_per_second: float | None = None
    heartbeat: float = 0.0
    process: dict[str, Any] | None = None

    @property
    def items_done(self) -> int:
        """Items that need no more work: done or failed."""
        return sum(item.state in ("done", "failed") for item in self.items)

    @property
    def items_failed(self) -> int:
        """Items that failed."""
        return sum(item.state == "failed" for item in self.items)

    @property
    def texts_done(self) -> int:
        """Texts read of those that have to be read."""
        return sum(item.texts_done for item in self.items if _counts(item))

    @property
    def texts_total(self) -> int:
        """Texts to read, as far as known; what the store had and what failed is not counted."""
        return sum(item.texts_total or 0 for item in self.items if _counts(item))

    @property
    def peak_memory(self) -> int | None:
        """Bytes that one device held at most; None where nothing was computed, or no device says."""
        return max((item.peak_memory for item in self.items if item.peak_memory is not None), default=None)

    @property
    def cancel_flag(self) -> Path:
        """The file whose presence asks whoever works on the job to stop."""
        return self.folder / "cancel"


def _counts(item: JobItem) -> bool:
    return not item.cached and item.same_as is None and item.state != "failed"
