"""Heads fitted without some rows: every row left out once, every label in all groups, and nothing read again."""

import numpy as np
import pytest

from fute_core.methods import Observations
from fute_core.methods.functional import Functional
from fute_core.methods.left_out_rows import GROUPS, dealt, factors_without


class Reader:
    """An encoder whose features of a text are the row of a table that the text counts."""

    def __init__(self, table: np.ndarray):
        self.table, self.read = table, 0

    def features(self, texts) -> np.ndarray:
        self.read += 1
        return self.table[[int(text.split()[-1]) for text in texts]]


def labelled(n: int, k: int = 2, seed: int = 0) -> tuple[Reader, Observations]:
    draw = np.random.default_rng(seed)
    table = draw.normal(size=(n + 40, 12)).astype(np.float32)
    targets = np.eye(k, dtype=np.float32)[table[:n, :k].argmax(1)]
    texts = tuple(f"row {'ab' * int(t[0])} {i}" for i, t in enumerate(targets))
    return Reader(table), Observations(texts, targets, False, tuple(f"probe {n + i}" for i in range(40)))


@pytest.mark.parametrize("k", [2, 5])
def test_rows_are_dealt_evenly_and_so_are_those_of_each_label(k):
    targets = np.eye(k)[np.random.default_rng(1).integers(0, k, 203)]
    groups = dealt(targets)
    assert np.ptp(np.bincount(groups, minlength=GROUPS)) <= 1
    for label in range(k):
        assert np.ptp(np.bincount(groups[targets.argmax(1) == label], minlength=GROUPS)) <= 1
    assert np.array_equal(groups, dealt(targets))


def test_few_rows_are_left_out_one_by_one_and_no_label_is_lost():
    targets = np.eye(3)[[0, 0, 1, 1, 2, 2]]
    groups = dealt(targets)
    assert sorted(groups) == list(range(6))
    for group in range(6):
        assert targets[groups != group].any(0).all()


def test_scores_are_dealt_by_lot():
    scores = np.arange(100.0)[:, None]
    groups = dealt(scores, regression=True)
    assert np.ptp(np.bincount(groups)) == 0
    means = np.array([scores[groups == g].mean() for g in range(GROUPS)])
    assert abs(np.corrcoef(means, np.arange(GROUPS))[0, 1]) < 0.5


def test_each_is_what_the_method_makes_of_the_rows_that_are_left():
    reader, observations = labelled(60, 3)
    groups = dealt(observations.targets)
    method = Functional(rank=12, spelling=0.0)
    found = factors_without(reader, observations, method, groups)
    assert found.shape[0] == GROUPS
    kept = np.flatnonzero(groups != 7)
    some = Observations(
        tuple(observations.texts[i] for i in kept), observations.targets[kept], False, observations.probes
    )
    alone = method.fit(reader, some).factor
    assert np.allclose(found[7] @ found[7].T, alone @ alone.T, atol=1e-5)


def test_the_encoder_reads_rows_and_probe_texts_once_for_all_groups():
    reader, observations = labelled(50)
    factors_without(reader, observations, Functional(rank=12), dealt(observations.targets))
    assert reader.read <= 3, "whatever the number of groups"


def test_answers_that_say_nothing_have_columns_of_zeros():
    reader, observations = labelled(30)
    reader.table[:] = 1.0
    found = factors_without(reader, observations, Functional(rank=12, spelling=0.0), dealt(observations.targets))
    assert found.ndim == 3
    assert not found.any()
