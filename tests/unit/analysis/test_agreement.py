"""Agreement on the probe texts where labels match by name, and where they do not."""

import tracemalloc

import numpy as np
import pytest

from fute_core.analysis.agreement import answer_agreement

NONE_MATCHED = np.array([-1, -1])


def answers(draws: int, r: int, k: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((draws, r, k))


def test_without_matched_labels_it_is_the_cosine_of_the_gram_matrices():
    target, item = answers(5, 40, 2, 0), answers(5, 40, 3, 1)
    item[1] = 0.0
    naive = []
    for t, i in zip(target, item, strict=True):
        a, b = t @ t.T, i @ i.T
        norms = np.linalg.norm(a) * np.linalg.norm(b)
        naive.append((a * b).sum() / norms if norms else 0.0)
    found = answer_agreement(target, item, NONE_MATCHED)
    np.testing.assert_allclose(found, naive, rtol=1e-12)
    assert found[1] == 0.0
    swapped = target @ np.array([[0.0, 1.0], [1.0, 0.0]])
    assert answer_agreement(target, swapped, NONE_MATCHED) == pytest.approx(np.ones(5))


def test_it_needs_no_more_memory_than_the_answers_themselves():
    target, item = answers(20, 500, 2, 0), answers(20, 500, 4, 1)
    tracemalloc.start()
    answer_agreement(target, item, NONE_MATCHED)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < target.nbytes + item.nbytes
