"""A job's files read back, which anything may have happened to: sound, or one sentence that says what is wrong."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from fute_core.declared import checked
from fute_core.home import read_json_file
from fute_core.jobs.folder import item_file, read_json
from fute_core.jobs.job import ITEM_STATES, JOB_STATES, Damaged, Job, JobItem

FORMAT = 1
_OWN = ("id", "folder", "store", "created", "items")


def read_job(job_id: str, folder: Path) -> Job:
    """Read a job as its files say.

    Parameters
    ----------
    job_id : str
        Which one; what the files call it does not count.
    folder : Path
        Where it lies.

    Returns
    -------
    Job
        Every value has its declared type.

    Raises
    ------
    Damaged
        For files that are missing, no JSON, of another form, or of a newer version.
    """
    try:
        planned = read_json_file(folder / "plan.json")
        if isinstance(planned, dict) and isinstance(made := planned.get("format"), int) and made > FORMAT:
            raise Damaged(job_id, "it was made by a newer version of Task Atlas")
        state = _there(folder / "state.json") or {}
        items = tuple(
            _item({**written, **(state["items"][index] if "items" in state else {})})
            for index, written in enumerate(planned["items"])
        )
        return _checked(
            Job(
                job_id, folder, planned["store"], planned["created"], items,
                **{f.name: state[f.name] for f in fields(Job) if f.name in state and f.name not in _OWN},
            )
        )  # fmt: skip
    except Damaged:
        raise
    except Exception as error:  # what lies there may be anything, and one bad file must not hide the other jobs
        raise Damaged(job_id, error) from error


def launched(job: Job) -> dict[str, Any] | None:
    """What was written of the process that is about to take a job up.

    Parameters
    ----------
    job : Job
        Any.

    Returns
    -------
    dict or None
        As `process.identify` made it, with "at", its moment in epoch seconds; None where there is none.

    Raises
    ------
    Damaged
        Where that file is not what was written.
    """
    try:
        found = _there(job.folder / "launched.json")
        return None if found is None else _process(found, "at")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Damaged(job.id, error) from error


def with_item_file(folder: Path, index: int, item: JobItem) -> JobItem:
    """An item with what whoever works on it wrote last.

    Parameters
    ----------
    folder : Path
        The job's folder.
    index : int
        The item's place in the job.
    item : JobItem
        As the job knows it.

    Returns
    -------
    JobItem
        The same one where that file is missing or damaged, which costs nothing but the progress that it told.
    """
    found = read_json(item_file(folder, index))
    try:
        return _sound(replace(item, **found)) if isinstance(found, dict) else item
    except TypeError:
        return item


def _there(path: Path) -> Any:
    """A file's JSON object; None where there is no file."""
    try:
        found = read_json_file(path)
    except FileNotFoundError:
        if path.is_symlink():
            raise
        return None
    if not isinstance(found, dict):
        raise TypeError(f"{path.name} holds no object")
    return found


def _item(written: Mapping[str, Any]) -> JobItem:
    from fute_core.embedding.requests import EmbedRequest

    return _sound(JobItem(**{**written, "request": checked(EmbedRequest(**written["request"]))}))


def _sound(item: JobItem) -> JobItem:
    from fute_core.embedding.requests import EmbedRequest

    if item.state not in ITEM_STATES:
        raise TypeError(f"state is {item.state!r}")
    return checked(item, EmbedRequest=EmbedRequest)


def _checked(job: Job) -> Job:
    if job.state not in JOB_STATES or not job.items:
        raise TypeError(f"state is {job.state!r} with {len(job.items)} items")
    if job.process is not None:
        _process(job.process)
    return checked(job)


def _process(found: dict[str, Any], *moments: str) -> dict[str, Any]:
    """As `process.identify` made it."""
    numbers = [found["pid"], found["started"] or 0.0, *(found[name] for name in moments)]
    whole = isinstance(found["host"], str) and type(found["pid"]) is int and 0 < found["pid"] < 2**31
    if not whole or not all(isinstance(n, int | float) and abs(n) < 1e15 for n in numbers):
        raise TypeError("a process is not named as it should be")
    return found
