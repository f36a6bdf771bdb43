"""What lies beside the answers, as it is and in eight bits a number."""

import numpy as np
import pytest

from fute_core.space import beside as beside_items
from fute_core.space import shelf
from fute_core.space.beside import BesideShelf, joined

RNG = np.random.default_rng(0)
ROWS = RNG.standard_normal((150, 5000)).astype(np.float32) * RNG.uniform(0.1, 3, (150, 1)).astype(np.float32)
ROWS[7] = 0


def shelved(rows):
    made = BesideShelf(len(rows), rows.shape[1])
    for part in np.array_split(rows, 4):
        made.add(part)
    return made.rows()


@pytest.fixture
def coarse(monkeypatch):
    monkeypatch.setattr(beside_items, "MANY_BYTES", 1)
    monkeypatch.setattr(shelf, "MANY_BYTES", 1)
    return shelved(ROWS)


def test_few_rows_stay_as_they_are():
    few = shelved(ROWS)
    np.testing.assert_array_equal(few.whole(), ROWS)
    np.testing.assert_array_equal(few.products(few.take(slice(3, 9))), ROWS @ ROWS[3:9].T)


def test_many_rows_take_a_quarter_and_their_cosines_hardly_change(coarse):
    assert coarse.codes.nbytes * 4 == ROWS.nbytes
    norms = np.maximum(np.linalg.norm(ROWS, axis=1), 1e-9)
    exact = ROWS @ ROWS.T / np.outer(norms, norms)
    found = coarse.products(coarse) / np.outer(norms, norms)
    assert np.abs(found - exact).max() < 0.002
    assert not found[7].any()


@pytest.mark.parametrize("n", [0, 1, 3, 90])
def test_products_do_not_depend_on_which_side_is_coarse(coarse, n):
    few = shelf_free(ROWS[:n])
    found = coarse.products(few)
    assert found.shape == (len(ROWS), n)
    np.testing.assert_allclose(found, few.products(coarse).T, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(found, coarse.whole() @ ROWS[:n].T, rtol=1e-4, atol=1e-2)


def shelf_free(rows):
    return beside_items.Beside(rows, np.ones(len(rows), np.float32))


def test_what_is_rounded_stays_so_among_more(coarse):
    more = joined([coarse, shelf_free(ROWS[:20]), coarse.take(np.array([3, 1]))])
    np.testing.assert_array_equal(more.codes[:150], coarse.codes)
    np.testing.assert_array_equal(more.codes[150:170], coarse.codes[:20])
    np.testing.assert_array_equal(more.codes[170:], coarse.codes[[3, 1]])
    coarse.let_go()
    np.testing.assert_array_equal(more.codes[:150], coarse.codes)
