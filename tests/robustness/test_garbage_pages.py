"""Garbage among boards, uploads and jobs takes no page down: it is a row that says so, and can be removed."""

import json
import os
import time
from dataclasses import asdict

import pytest
from garbage import kinds, spoil
from job_requests import create, request

from dashboard.reads import brought, findings
from fute_core.datasets import uploads
from fute_core.errors import BadInput
from fute_core.home import fute_home
from fute_core.jobs import create_job
from fute_core.report.numbers import figure_rows
from fute_core.store.store import open_store

OWNER = "0" * 32
TABLE = b"text,label\n" + b"".join(f"word {i},{'ab'[i % 2]}\n".encode() for i in range(12))
FIGURE = json.dumps({"data": [{"type": "scatter", "ids": ["dataset:a"], "x": [1], "y": [2]}], "layout": {}})


def board():
    """A board of two pins and one that was dropped, and its file."""
    for title, content in (("t", [{"a": 1}]), ("f", FIGURE), ("d", [{"b": "x"}])):
        made = findings.change(
            OWNER, "Findings", lambda b, t=title, c=content: findings.added(b, t, c, "n", "/map", [{"z": 0.5}], ["a"])
        )
    findings.change(OWNER, "Findings", lambda b: findings.dropped(b, made.pins[-1].key))
    (path,) = (fute_home() / "boards" / OWNER).glob("*.json")
    return path


def test_garbage_among_boards_is_told_apart_and_leaves_the_others():
    path = board()
    good = path.read_bytes()
    assert len(findings.read(OWNER, "Findings").pins) == 2
    findings.create(OWNER, "Sound")
    tried = kinds(good)
    assert len(tried) > 100
    for kind, content in tried:
        path.unlink(missing_ok=True)
        path.write_bytes(good)
        spoil(path, kind, content)
        assert "Sound" in findings.boards(OWNER), kind
        if findings.broken(OWNER):
            assert findings.broken(OWNER) == [path.name], kind
            with pytest.raises(BadInput, match=f"remove its file {path.name}"):
                findings.read(OWNER, "Findings")
            findings.remove_broken(OWNER, path.name)
        else:
            json.dumps(asdict(findings.read(OWNER, "Findings"))).encode()
        if os.path.lexists(path) and not path.is_file():
            raise AssertionError(kind)
        assert findings.broken(OWNER) == [], kind
        path.unlink(missing_ok=True)


def upload():
    path = brought.keep(TABLE, "mine.csv")
    columns = {"text_column": "text", "text_pair_column": None, "label_column": "label", "regression": None}
    made = uploads.Upload(path.stem, path, "mine", columns, "sentiment")
    uploads.remember(made)
    return made, path.with_suffix(".json")


def test_garbage_among_uploads_is_told_apart_and_leaves_the_others():
    made, card = upload()
    good = card.read_bytes()
    other = brought.keep(TABLE + b"more,a\n", "other.csv")
    uploads.remember(uploads.Upload(other.stem, other, "other"))
    for kind, content in kinds(good):
        upload()
        spoil(card, kind, content)
        titles = [u.title for u in brought.listed()]
        assert "other" in titles, kind
        if brought.broken():
            assert brought.broken() == [card.name], kind
            brought.remove_broken(card.name)
        assert brought.broken() == [], kind
        assert not os.path.lexists(card) or card.is_file(), kind
        card.unlink(missing_ok=True)
    upload()
    made.path.unlink()
    assert brought.broken() == [card.name], "its file is gone"


def test_an_upload_in_json_keeps_its_content_beside_its_card():
    content = b'{"text": "a", "label": "x"}\n'
    path = brought.keep(content, "Mine.JSON")
    uploads.remember(uploads.Upload(path.stem, path, "mine"))
    assert path.read_bytes() == content
    assert [u.title for u in brought.listed()] == ["mine"]


def test_files_that_were_chosen_and_never_used_are_removed():
    made, card = upload()
    of_job, unused = (brought.keep(TABLE + extra, "x.csv") for extra in (b"1,a\n", b"2,a\n"))
    asked = request("a")
    create_job([type(asked)("outputs", str(of_job), name="a")], open_store(), key_of=lambda _: None)
    assert brought.forget_unused() == 0, "just chosen"
    for path in (made.path, of_job, unused):
        os.utime(path, (time.time() - 7200,) * 2)
    damaged = create(open_store(), request("b"))
    plan = (damaged.folder / "plan.json").read_bytes()
    (damaged.folder / "plan.json").write_text("{")
    assert brought.forget_unused() == 0, "which files that job names is not known"
    (damaged.folder / "plan.json").write_bytes(plan)
    assert brought.forget_unused() == 1
    assert (made.path.exists(), card.exists(), of_job.exists(), unused.exists()) == (True, True, True, False)


TRACES = (
    {"type": "heatmap", "z": [[1], 2]}, {"x": {"bdata": "!", "dtype": "O"}},
    {"type": "heatmap", "z": [[1]], "y": {"bdata": 1}}, {"x": {"bdata": "AA==", "dtype": "f8"}},
)  # fmt: skip


@pytest.mark.parametrize("content", [json.dumps({"data": [t], "layout": {}}) for t in TRACES] + ["[" * 100_000, "[]"])
def test_a_figure_of_garbage_is_one_sentence(content):
    with pytest.raises(BadInput, match="pin it again"):
        figure_rows(content)
