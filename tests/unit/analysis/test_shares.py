"""Shares of a whole matrix are those of its single pairs."""

from dataclasses import replace

import numpy as np

from fute_core.analysis.shares import shares
from fute_core.atlas.atlas import open_atlas


def test_each_cell_is_the_share_of_its_pair_also_for_newcomers():
    atlas = open_atlas(store=False)
    rows = [i.embedding for i in atlas.items[:: len(atlas.items) // 12]]
    new = replace(rows[0], name="new", key="new")
    columns = [*rows[::2], new]
    cosines = np.random.default_rng(0).uniform(-0.2, 0.9, (len(rows), len(columns)))
    expected = [[atlas.meaning.share(a, b, c) for b, c in zip(columns, line, strict=True)]
                for a, line in zip(rows, cosines, strict=True)]  # fmt: skip
    np.testing.assert_allclose(shares(atlas.meaning, rows, columns, cosines), expected, rtol=1e-6)
    assert len({e.kind for e in rows}) == 3
    assert np.isfinite(expected).mean() > 0.5
