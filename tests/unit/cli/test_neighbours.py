"""Neighbours as commands print them for a person."""

import pytest

from fute_core.cli.neighbours import emit_neighbours
from fute_core.space.told import WITHOUT_RANK, headline


def row(name: str, closer: float | None, kind: str = "dataset") -> dict:
    standing = None if closer is None else "near" if closer > 0.5 else "chance"
    return {"name": name, "kind": kind, "family": "spam", "similarity": 0.1, "low": None, "high": None,
            "interval": None, "closer_than": closer, "standing": standing}  # fmt: skip


def printed(capsys, *rows, verdict=None) -> list[str]:
    emit_neighbours("Nearest to mine", rows, verdict)
    return capsys.readouterr().out.splitlines()


def test_what_is_no_better_than_chance_has_no_rank(capsys):
    lines = printed(capsys, row("first", 0.9), row("second", 0.51), row("third", 0.5), row("fourth", None))
    ranked = {line.split()[0] for line in lines[2:6]}
    assert ranked == {"1", "2", "third", "4"}
    assert lines[6] == WITHOUT_RANK
    assert WITHOUT_RANK not in printed(capsys, row("first", 0.9), row("fourth", None))


def test_a_classifier_is_called_what_pages_call_it(capsys):
    lines = printed(capsys, row("first", 0.9, "model"), row("second", 0.8, "prompt"))
    assert [line.split()[2] for line in lines[2:]] == ["classifier", "prompt"]


@pytest.mark.parametrize("job", ["kin", "none"])
def test_a_verdict_has_the_words_of_the_pages(capsys, job):
    verdict = {"job": job, "of": "spam" if job == "kin" else None, "level": 0.05, "why": "Because."}
    assert printed(capsys, row("first", 0.9), verdict=verdict)[-1] == f"{headline(job, verdict['of'])}. Because."


def test_nothing_is_as_alike_as_less_than_nothing(capsys):
    own = row("first", 0.9) | {"similarity": -0.0, "low": -0.001, "high": 0.02}
    assert "-0.0" not in "".join(printed(capsys, own))


@pytest.mark.parametrize(("over", "told"), [("texts", "the probe texts"), ("rows", "the dataset's own rows")])
def test_what_intervals_are_over_is_said_below(capsys, over, told):
    lines = printed(capsys, row("first", 0.9) | {"low": 0.05, "high": 0.15, "interval": over}, row("second", None))
    assert f"95 % intervals: over {told}." in lines
    assert not any("95 % intervals" in line for line in printed(capsys, row("first", 0.9)))
