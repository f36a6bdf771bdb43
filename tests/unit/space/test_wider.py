"""A wider group of jobs: said only where the nearest datasets of one group are nearer than those of strangers are."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.evaluation.group_claims import _level
from fute_core.space.scale import Scale
from fute_core.space.told import headline
from fute_core.space.verdict import Verdict
from fute_core.space.wider import group_of_family, may_be_widened, nearest_group, widened
from fute_core.vectors import Provenance, TaskEmbedding

NONE = Verdict("none", None, "sst2", 0.1, 0.05, 0.3, "The nearest dataset is sst2, similarity 0.10.")
SCALE = Scale({}, best={"dataset group": np.linspace(0.0, 0.1, 40)})


def dataset(family: str | None, rows: int = 100, kind: str = "dataset") -> TaskEmbedding:
    made = Provenance("tiny", "0", "functional", {}, "", rows, False, 0)
    return TaskEmbedding("any", kind, np.zeros(0, np.float32), (), "key", made, family)


KNOWN = [dataset(family) for family in ("sentiment", "emotion", "irony", "irony", "topic", "medical", None)]


def said(cosines, scale=SCALE) -> Verdict:
    return widened(NONE, scale, np.array(cosines), KNOWN)


def test_three_near_datasets_of_one_group_are_said_with_their_level():
    told = said([0.14, 0.15, 0.13, -0.3, 0.2, 0.0, 0.3])
    assert (told.job, told.of, told.nearest) == ("group", "judging tone", "sst2")
    assert "have similarity 0.14 on average" in told.why
    assert "1 in 20 reach 0.10" in told.why
    assert headline(told.job, told.of).endswith("of the group judging tone")


def test_where_one_alone_is_near_and_where_no_level_is_known_the_verdict_stays():
    assert said([0.3, 0.0, -0.1, -0.2, 0.0, 0.0, 0.3]) == NONE
    assert said([0.3] * 7, Scale({})) == NONE


@pytest.mark.parametrize(
    ("told", "own"),
    [
        (replace(NONE, job="kin", of="sentiment"), dataset(None)),
        (replace(NONE, job="unreadable"), dataset(None)),
        (NONE, dataset(None, rows=20)),
        (NONE, dataset(None, kind="model")),
    ],
    ids=["kin is said already", "not read", "few rows", "a classifier"],
)
def test_else_no_group_is_looked_for(told, own):
    assert may_be_widened(NONE, dataset(None))
    assert not may_be_widened(told, own)


def test_a_group_of_one_dataset_is_none():
    assert nearest_group(np.array([0.9, 0.1, 0.1]), ["a", "b", "b"]) == ("b", pytest.approx(0.1))
    assert nearest_group(np.array([0.9]), ["a"]) is None
    assert group_of_family("a job of my own") == group_of_family(None) == ""


def test_of_strangers_no_more_than_one_in_twenty_are_told_a_group():
    """Known null: newcomers whose similarities to all datasets come from one distribution, whatever the group."""
    draw = np.random.default_rng(0)
    groups = [group_of_family(one.family) for one in KNOWN] * 4
    told = []
    for _ in range(60):
        reached = [nearest_group(draw.normal(size=len(groups)), groups)[1] for _ in range(50)]
        level = _level(reached[:40])
        told += [value >= level for value in reached[40:]]
    assert 0.01 <= np.mean(told) <= 0.07
