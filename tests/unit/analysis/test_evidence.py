"""The share of each probe text in a similarity, against the plain formula."""

import numpy as np
import pytest

from fute_core.analysis.evidence import telling_texts, text_shares
from fute_core.errors import BadInput
from fute_core.methods.functional import model_answers


def answers(m, k, seed):
    return np.random.default_rng(seed).dirichlet(np.ones(k), m).astype(np.float32)


def test_shares_sum_to_linear_cka():
    one, other = answers(40, 2, 0), answers(40, 5, 1)
    z, w = (model_answers(a, np.arange(40), 40, False) for a in (one, other))
    k, m = z @ z.T, w @ w.T
    assert text_shares(one, other).sum() == pytest.approx((k * m).sum() / np.linalg.norm(k) / np.linalg.norm(m))
    assert text_shares(one, one).sum() == pytest.approx(1)


def test_the_names_and_the_order_of_labels_make_no_difference():
    one, other = answers(30, 3, 2), answers(30, 3, 3)
    assert text_shares(one, other) == pytest.approx(text_shares(one, other[:, ::-1]))


def test_a_text_without_an_answer_has_no_share():
    one, other = answers(20, 2, 4), answers(20, 2, 5)
    one[7] = np.nan
    assert text_shares(one, other)[7] == 0
    assert np.isfinite(text_shares(one, other)).all()


def test_texts_that_tell_are_those_with_the_largest_shares_of_either_sign():
    one, other = answers(20, 2, 6), answers(20, 2, 7)
    shares = text_shares(one, other)
    apart, alike = telling_texts(one, other, 4)
    assert list(apart) == sorted(range(20), key=lambda p: shares[p])[:4]
    assert list(alike) == sorted(range(20), key=lambda p: -shares[p])[:4]
    assert max(shares[list(apart)]) < 0 < min(shares[list(alike)])
    assert telling_texts(one, one, 4)[0] == (), "nothing pulls an item from itself"


def test_constant_answers_share_nothing():
    assert not text_shares(np.full((9, 2), 0.5, np.float32), answers(9, 2, 0)).any()


def test_different_probe_texts_are_refused():
    with pytest.raises(BadInput, match="use the same texts"):
        text_shares(answers(9, 2, 0), answers(8, 2, 0))
