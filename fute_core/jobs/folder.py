"""The folder of a job, `fute_home()/jobs/<id>/`, and how its files are written and read.

plan.json     what was asked; written once, and anew where a job is taken up at another pace
state.json    how far the job is; written by the process that runs it alone, twice a second at most
items/N.json  how far item N is; written by whoever works on it
cancel        a flag: whoever works should stop
launched.json, lock, log.txt, errors.log
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.home import fute_home, read_json_file, write_whole


def jobs_folder() -> Path:
    """Where all jobs lie.

    Returns
    -------
    Path
        It need not exist yet.
    """
    return fute_home() / "jobs"


def job_folder(job_id: str) -> Path:
    """Where a job lies.

    Parameters
    ----------
    job_id : str
        Such as "20260131-120000-a1b2c3".

    Returns
    -------
    Path
        It need not exist.

    Raises
    ------
    BadInput
        For what is no job's id, so that no path outside is ever touched.
    """
    if not re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{6}", job_id):
        raise BadInput(f"There is no job {job_id!r}; see the list of jobs.")
    return jobs_folder() / job_id


def item_file(folder: Path, index: int) -> Path:
    """Where whoever works on an item writes how far it is.

    Parameters
    ----------
    folder : Path
        The job's folder.
    index : int
        The item's place in the job.

    Returns
    -------
    Path
        A JSON file.
    """
    return folder / "items" / f"{index}.json"


def write_json(path: Path, value: Any) -> None:
    """Write a file whole or not at all, for its owner alone; see `home.write_whole`.

    Parameters
    ----------
    path : Path
        Where to; its folder exists.
    value : JSON value
        What to write.

    Raises
    ------
    OSError
        Where the disk refuses.
    """
    write_whole(path, json.dumps(value).encode("utf-8"), private=True)


def read_json(path: Path) -> Any:
    """Read a file that may not be there.

    Parameters
    ----------
    path : Path
        Where from.

    Returns
    -------
    JSON value or None
        None where there is no such file or no JSON in it.
    """
    try:
        return read_json_file(path)
    except (OSError, ValueError):
        return None


def now() -> str:
    """This moment, as jobs write it.

    Returns
    -------
    str
        ISO date and time in UTC, to the second.
    """
    return datetime.now(UTC).isoformat(timespec="seconds")
