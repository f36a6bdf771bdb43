"""A disk or a home that refuses what the Prompt lab does there is told in one sentence."""

import errno
import sqlite3

import pytest
from job_states import as_state
from lab_runs import started
from streamlit.testing.v1 import AppTest

from dashboard.reads import moments

READ_ONLY = sqlite3.OperationalError("attempt to write a readonly database")
DENIED = PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize("refusal", [READ_ONLY, DENIED])
def test_a_disk_that_refuses_the_deletion_is_one_sentence(app, monkeypatch, said, refusal):
    def page_that_deletes(embedding):
        from dashboard.components import prompt_landing

        prompt_landing.delete(embedding)

    monkeypatch.setattr("diskcache.Cache.delete", raising(refusal))
    deleting = AppTest.from_function(page_that_deletes, kwargs={"embedding": said[0].embedding}).run()
    assert not deleting.exception
    assert [str(refusal) in e.value.replace("\\", "") for e in deleting.error] == [True]
    assert "lab.undo" not in deleting.session_state


@pytest.mark.parametrize("refusal", [READ_ONLY, DENIED])
def test_a_disk_that_cannot_be_looked_into_is_one_sentence(app, monkeypatch, refusal):
    started(app, monkeypatch)
    monkeypatch.setattr(moments, "store", raising(refusal))
    app.run()
    assert not app.exception
    assert [str(refusal) in e.value.replace("\\", "") for e in app.error] == [True]


def test_a_home_that_refuses_the_cancelling_is_one_sentence(app, monkeypatch):
    job = started(app, monkeypatch)
    as_state(job, "running", texts=(1, 9))
    app.run()
    monkeypatch.setattr("pathlib.Path.touch", raising(DENIED))
    app.button(key=f"lab-cancel-{job.id}").click().run()
    assert not app.exception
    assert ["Permission denied" in e.value for e in app.error] == [True]


def raising(error: Exception):
    def refused(*_args, **_how):
        raise error

    return refused
