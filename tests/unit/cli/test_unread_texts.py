"""Texts that the encoder does not read: the command says so before it names a neighbour."""

import pytest

from fute_core.cli.neighbours import UNREAD, emit_neighbours

ROW = {"name": "mr", "kind": "dataset", "family": "sentiment", "similarity": 0.1, "closer_than": 0.9, "pairs": 9,
       "low": 0.0, "high": 0.2, "interval": "texts", "standing": None}  # fmt: skip


@pytest.mark.parametrize(("job", "first"), [("unreadable", True), ("none", False)])
def test_it_is_told_above_the_neighbours(job, first, capsys):
    emit_neighbours("mine", [ROW], {"job": job, "of": None, "level": 0.05, "why": "For a reason."})
    said = capsys.readouterr().out
    assert (said.index("For a reason") < said.index("mr")) is first
    assert (UNREAD in said) is first
    assert said.startswith("mine")
    assert said.count("For a reason") == 1
