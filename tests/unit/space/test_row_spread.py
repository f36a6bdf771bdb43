"""Intervals over a dataset's rows, against what fresh rows of a known source give."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fute_core.gram import gram_factor, triangle_length
from fute_core.methods import Observations
from fute_core.methods.functional import Functional, centre, probe_basis
from fute_core.methods.left_out_rows import dealt, factors_without
from fute_core.space.calibration import Calibrator
from fute_core.space.row_spread import FISHER_ROWS, WithoutRows, around, over_both
from fute_core.vectors import Block, Provenance, TaskEmbedding

ROWS, PROBES, SIZE, SETS = 120, 80, 16, 50
METHOD = Functional(C=0.01, rank=SIZE, spelling=0.0)


class Reader:
    def __init__(self, table: np.ndarray):
        self.table = table

    def features(self, texts) -> np.ndarray:
        return self.table[[int(text) for text in texts]]


def embedding(name: str, factor: np.ndarray, rows: int, beside: bool = False) -> TaskEmbedding:
    end = triangle_length(len(factor))
    blocks = (Block("gram", 0, end, part="functional"),)
    values = np.zeros(0, np.float32)
    if beside:
        blocks, values = (*blocks, Block("layer", end, end + 4, "fisher", 0.5, True)), np.full(4, 2.0, np.float32)
        values[len(name) % 4] = 8.0
    provenance = Provenance("tiny", "0", "functional", {}, name, rows, False, 0, probes="tiny")
    return TaskEmbedding(name, "dataset", values, blocks, name, provenance, factor=factor)


@cache
def fresh_rows() -> list[tuple[float, float]]:
    """For each of `SETS` sets of rows drawn anew, the similarity to a fixed item and half the width of its interval."""
    probes = np.random.default_rng(99).normal(size=(PROBES, SIZE)).astype(np.float32)
    basis = probe_basis(probes, SIZE)
    score = probes[:, :1] + probes[:, 1:2]
    other = embedding("other", gram_factor(centre(np.hstack([score, -score])), basis)[0], 100)
    calibrator = Calibrator("none").fit([other])
    found = []
    for seed in range(SETS):
        draw = np.random.default_rng(seed)
        rows = draw.normal(size=(ROWS, SIZE)).astype(np.float32)
        says = (rows[:, 0] - 0.5 * rows[:, 2] + draw.normal(size=ROWS) > 0).astype(int)
        reader = Reader(np.vstack([rows, probes]))
        observations = Observations(
            tuple(map(str, range(ROWS))), np.eye(2, dtype=np.float32)[says], False,
            tuple(map(str, range(ROWS, ROWS + PROBES))),
        )  # fmt: skip
        own = embedding("own", METHOD.fit(reader, observations).factor, ROWS)
        without = factors_without(reader, observations, METHOD, dealt(observations.targets))
        placed = calibrator.place([own, other])
        half = WithoutRows(calibrator, own, without).half_widths(placed.take([1]))[0]
        found.append((float(placed.cosines(placed)[0, 1]), float(half)))
    return found


def test_the_width_is_that_of_fresh_rows():
    values, halves = np.array(fresh_rows()).T
    assert np.sqrt(np.mean(halves**2)) / 2.093 == pytest.approx(values.std(), rel=0.25)


def test_intervals_hold_the_mean_over_fresh_rows_as_often_as_they_say():
    values, halves = np.array(fresh_rows()).T
    assert 0.88 <= np.mean(np.abs(values - values.mean()) <= halves) <= 1.0


def test_between_two_datasets_what_is_not_made_again_adds_its_measured_part():
    draw = np.random.default_rng(3)
    factors = draw.normal(size=(3, 6, 1)).astype(np.float32)
    own, other, model = (embedding(name, f, 64, beside=name != "mod") for name, f in zip(
        ("own", "othe", "mod"), factors, strict=True))  # fmt: skip
    model = replace(model, values=np.zeros(4, np.float32), blocks=own.blocks, kind="model")
    calibrator = Calibrator("none").fit([own, other, model])
    without = WithoutRows(calibrator, own, np.repeat(factors[:1], 20, 0))
    to_dataset, to_model = without.half_widths(calibrator.place([other, model]))
    assert to_dataset == pytest.approx(2.093 * FISHER_ROWS / 8, rel=1e-3)
    assert to_model == pytest.approx(0.0, abs=1e-6)


def test_over_both_the_squares_on_each_side_add_up():
    low, high = over_both(0.2, (0.17, 0.24), 0.04)
    assert low == pytest.approx(0.2 - 0.05)
    assert high == pytest.approx(0.2 + np.sqrt(0.04**2 + 0.04**2))


def test_no_similarity_lies_beyond_one():
    assert around(0.99, 0.1) == (pytest.approx(0.89), 1.0)
    assert over_both(-0.99, (-1.0, -0.9), 0.3)[0] == -1.0
