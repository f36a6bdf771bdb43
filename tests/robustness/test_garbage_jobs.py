"""A job's file with garbage in it is one row that says so and can be deleted; the other jobs are listed as before."""

import json
import os
from pathlib import Path

import pytest
from command_line import fute
from garbage import kinds, spoil
from job_requests import create, request
from job_states import as_state

from fute_core import jobs
from fute_core.jobs.folder import job_folder
from fute_core.store.store import open_store

EACH = 12
"""Of so many kinds of garbage one goes through the commands as well, which read jobs no other way."""
HERE = {"host": "elsewhere", "pid": 1, "started": 1.0, "at": 1.0}
PROGRESS = {
    "state": "running", "attempts": 1, "texts_done": 1, "texts_total": 5, "measured_texts": 1, "measured_seconds": 1.0,
    "error": None, "seconds": 0.5,
}  # fmt: skip


def made(file: str) -> tuple[jobs.Job, Path]:
    """A job and the file of it that is to be spoilt, sound as yet."""
    job = create(open_store(), request("a"), request("b"))
    if file == "state.json":
        as_state(job, "failed", error_of_items="no room")
    elif file == "launched.json":
        (job.folder / file).write_text(json.dumps(HERE))
    elif file == "items/0.json":
        as_state(job, "running", items_state="running")
        state = json.loads((job.folder / "state.json").read_text())
        state["process"]["started"] = 1.0  # so its process is gone, and the items' own files count
        (job.folder / "state.json").write_text(json.dumps(state))
        (job.folder / file).write_text(json.dumps(PROGRESS))
    return job, job.folder / file


def told(job: jobs.Job) -> None:
    """Every command lives, and this job is told of once: as a row, or in a sentence with what removes it."""
    for arguments in (("list",), ("list", "--json"), ("show", job.id), ("show", job.id, "--json")):
        done = fute("jobs", *arguments)
        assert done.code in (0, 2), done.err
        assert "unexpected" not in done.err
        assert done.err.count("\n") <= 1
        assert job.id in done.out + done.err
        assert done.code == 0 or f"fute jobs delete {job.id}" in " ".join(done.err.split())


@pytest.mark.parametrize("file", ["plan.json", "state.json", "launched.json", "items/0.json"])
def test_garbage_in_a_jobs_file_hides_nothing_and_can_be_deleted(file):
    job, path = made(file)
    good = path.read_bytes()
    jobs.delete(job.id) if file != "launched.json" else (path.unlink(), jobs.delete(job.id))
    sound = create(open_store(), request("sound"))
    tried = kinds(good)
    assert len(tried) > 90
    for number, (kind, content) in enumerate(tried):
        job, path = made(file)
        spoil(path, kind, content)
        try:
            found, damaged = jobs.all_jobs()
            assert sorted([*(j.id for j in found), *damaged]) == sorted([job.id, sound.id])
            if number % EACH == 0:
                told(job)
            jobs.delete(job.id)
            assert not job.folder.exists()
        except AssertionError as error:
            raise AssertionError(f"{file}, {kind}: {error}") from error
        except Exception as error:
            raise AssertionError(f"{file}, {kind}: {error!r}") from error


@pytest.mark.parametrize("place", ["file", "circle", "link", "empty"])
def test_what_lies_in_place_of_a_jobs_folder_is_a_row_that_can_be_deleted(place, tmp_path):
    sound = create(open_store(), request("sound"))
    folder = job_folder("20260101-000000-abcdef")
    {
        "file": lambda: folder.write_text("x"), "circle": lambda: folder.symlink_to(folder.name),
        "link": lambda: folder.symlink_to(tmp_path), "empty": folder.mkdir,
    }[place]()  # fmt: skip
    (tmp_path / "kept").write_text("mine")
    found, damaged = jobs.all_jobs()
    assert ([j.id for j in found], list(damaged)) == ([sound.id], [folder.name])
    jobs.delete(folder.name)
    assert not os.path.lexists(folder)
    assert jobs.all_jobs() == ([sound], {})
    assert (tmp_path / "kept").read_text() == "mine"
    assert [p.name for p in folder.parent.iterdir()] == [sound.id]


def test_a_lock_that_is_a_folder_keeps_no_damaged_job():
    job = create(open_store(), request("a"))
    (job.folder / "plan.json").write_text("{")
    (job.folder / "lock").mkdir()
    jobs.delete(job.id)
    assert jobs.all_jobs() == ([], {})


def test_a_job_of_a_newer_version_says_so():
    job = create(open_store(), request("a"))
    plan = json.loads((job.folder / "plan.json").read_text())
    (job.folder / "plan.json").write_text(json.dumps({**plan, "format": 2}))
    assert "made by a newer version of Task Atlas" in fute("jobs", "list").err


def test_damaged_progress_of_an_item_costs_only_the_progress():
    job, path = made("items/0.json")
    path.write_text("{")
    read = jobs.load_job(job.id)
    assert (read.state, len(read.items)) == ("interrupted", 2)
    assert jobs.requeue(job.id).state == "queued"
