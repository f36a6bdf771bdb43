"""The time left of a job, and the pace that it is told by."""

import pytest
from job_requests import request

from fute_core.embedding.requests import EmbedRequest
from fute_core.jobs import work
from fute_core.jobs.job import JobItem
from fute_core.jobs.task import Task
from fute_core.jobs.time_left import seconds_left, texts_per_second, tokens_per_second


def items_of(*given):
    return tuple(JobItem(EmbedRequest(kind, "x"), **how) for kind, how in given)


def test_time_left_is_by_kind_and_leaves_out_what_the_store_has():
    done = {"state": "done", "measured_texts": 100, "measured_seconds": 10.0, "texts_done": 100, "texts_total": 100}
    items = items_of(
        ("prompt", done), ("dataset", {**done, "measured_seconds": 1.0}),
        ("prompt", {"texts_total": 200}), ("dataset", {"texts_total": 300, "state": "running", "texts_done": 100}),
        ("prompt", {"texts_total": 500, "cached": True}), ("prompt", {"texts_total": 500, "same_as": 0}),
    )  # fmt: skip
    assert seconds_left(items, 1) == pytest.approx(200 * 0.1 + 200 * 0.01)
    assert seconds_left(items, 2) == pytest.approx(11.0)
    assert seconds_left(items, 64) == pytest.approx(11.0), "no more at once than there are items"


def test_time_left_is_unknown_before_anything_is_measured_and_zero_at_the_end():
    assert seconds_left(items_of(("prompt", {"texts_total": 5})), 1) is None
    assert seconds_left(items_of(("prompt", {"state": "done"})), 1) == 0.0


def test_a_prompt_that_thinks_is_never_taken_to_be_as_fast_as_others(tmp_path):
    (file := tmp_path / "p.yaml").write_text(
        "choices: [yes, no]\nprompts:\n  - {name: plain, template: '{{ text }}'}\n"
        "  - {name: thinks, template: '{{ text }}', reasoning: yes}\n"
    )
    plain, thinks = (EmbedRequest("prompt", str(file), model="m", template=name) for name in ("plain", "thinks"))
    done = {"state": "done", "measured_texts": 100, "measured_seconds": 10.0, "texts_done": 100, "texts_total": 100}
    waits = JobItem(thinks, texts_total=100)
    assert seconds_left((JobItem(plain, **done), waits), 1) is None
    assert seconds_left((JobItem(plain, **done), JobItem(plain, texts_total=100)), 1) == pytest.approx(10)
    slow = JobItem(thinks, **{**done, "measured_seconds": 200.0})
    assert seconds_left((JobItem(plain, **done), slow, waits), 1) == pytest.approx(200)


def test_the_pace_is_that_of_all_workers_that_are_busy():
    measured = {"measured_texts": 100, "measured_seconds": 10.0}
    items = items_of(("prompt", {**measured, "state": "running"}), ("prompt", {**measured, "state": "running"}))
    assert texts_per_second(items, 1) == pytest.approx(10.0)
    assert texts_per_second(items, 4) == pytest.approx(20.0), "no more at once than run"
    assert texts_per_second(items_of(("prompt", {"state": "running"})), 2) is None


def test_answers_that_the_store_had_do_not_make_the_pace_look_better(monkeypatch):
    times = iter([0.0, 1.0, 3.0])
    monkeypatch.setattr(work.time, "monotonic", lambda: next(times))
    clock = work._Clock(Task(0, request("a"), 1))
    clock.progress(432, 512)
    clock.progress(464, 512)
    assert clock.numbers["measured_texts"] == 32
    assert clock.numbers["measured_seconds"] == 2.0


def test_tokens_are_told_from_the_first_batch_on_and_not_where_nobody_here_reads(monkeypatch):
    times = iter([0.0, 1.0, 3.0])
    monkeypatch.setattr(work.time, "monotonic", lambda: next(times))
    clock = work._Clock(Task(0, request("a"), 1))
    clock.tokens = iter([70, 570]).__next__
    clock.progress(0, 512)
    clock.progress(32, 512)
    assert clock.numbers["measured_tokens"] == 500
    items = items_of(("prompt", {"state": "running", **clock.numbers}))
    assert tokens_per_second(items, 2) == pytest.approx(250.0)
    asked_elsewhere = items_of(("prompt", {"state": "running", **clock.numbers, "measured_tokens": 0}))
    assert tokens_per_second(asked_elsewhere, 1) is None
    assert texts_per_second(asked_elsewhere, 1) == pytest.approx(16.0)
