"""A job on disk: `fute_home()/jobs/<id>/`, which any process can read at any moment.

plan.json    what was asked; written once
state.json   how far it is; written by the running process alone, twice a second at most
items/N.json how far item N is; written by whoever works on it
cancel       a flag: whoever works should stop
launched.json, lock, log.txt, errors.log
"""

import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home, write_whole
from fute_core.jobs.plan import KeyOf, Plan, first_line, plan
from fute_core.jobs.process import is_alive

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.store.store import Store

ITEM_STATES = ("queued", "running", "done", "failed", "cancelled")
JOB_STATES = (*ITEM_STATES, "interrupted")
FORMAT = 1


class Damaged(BadInput):
    """A job whose files cannot be read; it can only be deleted. id : of the job."""

    def __init__(self, job_id: str, why: BaseException):
        self.id = job_id
        super().__init__(
            f"Job {job_id!r} cannot be read ({first_line(why) or type(why).__name__}); remove it on the Jobs page or "
            f"with `fute jobs delete {job_id}`, and start it again."
        )


@dataclass(frozen=True)
class JobItem:
    """One request of a job.

    key : store key of its embedding, where known. same_as : index of the item that is computed for this one, too.
    error : one sentence where it failed. unexpected : whether nobody foresaw that.
    seconds : how long it took. attempts : how often it was begun.
    texts_done, texts_total : texts read, and to read as far as known.
    measured_texts, measured_seconds : texts read under the clock, for the time left; without those the store had.
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


@dataclass(frozen=True)
class Job:
    """A job as it was read: `state` is one of JOB_STATES; "interrupted" means that its process is gone.

    error : why the job as a whole stopped, or None. eta_seconds : time left, None while it cannot be told.
    heartbeat : epoch seconds of the running process's last sign of life.
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
    heartbeat: float = 0.0
    process: dict[str, Any] | None = None

    @property
    def items_done(self) -> int:
        """Items that need no more work: done or failed."""
        return sum(item.state in ("done", "failed") for item in self.items)

    @property
    def items_failed(self) -> int:
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
    def cancel_flag(self) -> Path:
        return self.folder / "cancel"


def _counts(item: JobItem) -> bool:
    return not item.cached and item.same_as is None and item.state != "failed"


def create_job(requests: "Sequence[EmbedRequest] | Plan", store: "Store", key_of: KeyOf | None = None) -> Job:
    """Write a new job, queued; run it with `run_job` or `start_detached`. Items keep the order of the requests.

    Raises BadInput for no requests, Unavailable where the disk refuses.
    """
    planned = requests if isinstance(requests, Plan) else plan(requests, store, key_of)
    if not planned.items:
        raise BadInput("A job needs at least one request; name a dataset, prompt, model or outputs file.")
    items = tuple(
        JobItem(
            item.request, "failed" if item.problem else "queued", item.key, item.cached, item.same_as, item.problem,
            unexpected=item.unexpected, texts_total=item.texts,
        )
        for item in planned.items
    )  # fmt: skip
    now = datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    job = Job(name, _jobs_folder() / name, planned.store, now.isoformat(timespec="seconds"), items)
    try:
        unfinished = job.folder.with_name(f".{name}")  # appears under its name only when whole
        (unfinished / "items").mkdir(parents=True)
        facts = {"format": FORMAT, "id": name, "store": job.store, "created": job.created}
        write_json(unfinished / "plan.json", {**facts, "items": [asdict(item) for item in items]})
        os.replace(unfinished, job.folder)
    except OSError as error:
        raise Unavailable(
            f"A job cannot be written to {job.folder.parent} ({error.strerror}); free some room."
        ) from error
    return job


def load_job(job_id: str) -> Job:
    """The job as it is now. Raises BadInput for an unknown one, Damaged for one that cannot be read."""
    from fute_core.embedding.requests import EmbedRequest

    folder = job_folder(job_id)
    try:
        planned = json.loads((folder / "plan.json").read_text("utf-8"))
        state = read_json(folder / "state.json") or {}
        items = []
        for index, written in enumerate(planned["items"]):
            later = state["items"][index] if "items" in state else {}
            items.append(JobItem(**{**written, **later, "request": EmbedRequest(**written["request"])}))
        job = Job(
            planned["id"], folder, planned["store"], planned["created"], tuple(items),
            **{f.name: state[f.name] for f in fields(Job) if f.name in state and f.name != "items"},
        )  # fmt: skip
        return _as_it_is(job)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        if not folder.is_dir():
            raise BadInput(f"There is no job {job_id!r}; see the list of jobs.") from None
        raise Damaged(job_id, error) from error


def _as_it_is(job: Job) -> Job:
    """A job whose process is gone is interrupted; what its items wrote last counts."""
    if job.state == "running" and not is_alive(job.process, job.heartbeat):
        return replace(job, state="interrupted", eta_seconds=None, items=with_item_files(job.folder, job.items))
    launched = read_json(job.folder / "launched.json") if job.state == "queued" else None
    if launched and not is_alive(launched, launched["at"]):
        return replace(job, state="interrupted", error="Its process ended before it began; see log.txt in its folder.")
    return job


def with_item_files(folder: Path, items: Sequence[JobItem]) -> tuple[JobItem, ...]:
    """Items begun and not settled, with what their own files say."""
    return tuple(
        replace(item, **(read_json(item_file(folder, index)) or {})) if item.state in ("queued", "running") else item
        for index, item in enumerate(items)
    )


def list_jobs() -> list[Job]:
    """All readable jobs, newest first. Raises Unavailable for a home that may not be looked into."""
    return all_jobs()[0]


def all_jobs() -> tuple[list[Job], dict[str, str]]:
    """(`list_jobs`, why each of the others cannot be read by id), both newest first. Raises as `list_jobs` does."""
    try:
        folders = sorted(_jobs_folder().glob("[0-9]*"), reverse=True)
    except OSError as error:
        raise Unavailable(f"{_jobs_folder()} cannot be read ({error.strerror}); set FUTE_HOME to a folder.") from error
    jobs, damaged = [], {}
    for folder in folders:
        try:
            jobs.append(load_job(folder.name))
        except Damaged as job:
            damaged[job.id] = str(job)
        except BadInput:  # not ours, or removed a moment ago
            continue
    return jobs, damaged


def save_state(job: Job) -> Job:
    """Write state.json, whole or not at all. Raises OSError."""
    changing = {
        f.name: getattr(job, f.name) for f in fields(Job) if f.name not in ("id", "folder", "store", "created", "items")
    }
    items = [{k: v for k, v in vars(item).items() if k != "request"} for item in job.items]
    write_json(job.folder / "state.json", {**changing, "items": items})
    return job


def item_file(folder: Path, index: int) -> Path:
    return folder / "items" / f"{index}.json"


def write_json(path: Path, value: Any) -> None:
    """As `home.write_whole`."""
    write_whole(path, json.dumps(value).encode("utf-8"))


def read_json(path: Path) -> Any:
    """The content, or None where there is no such file or no JSON in it."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _jobs_folder() -> Path:
    return fute_home() / "jobs"


def job_folder(job_id: str) -> Path:
    """Where it lies. Raises BadInput for what is no job's id."""
    if not re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{6}", job_id):
        raise BadInput(f"There is no job {job_id!r}; see the list of jobs.")
    return _jobs_folder() / job_id
