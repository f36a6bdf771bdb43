import pytest

from fute_core.datasets.catalog import load_dataset
from fute_core.embedding import row_draws
from fute_core.embedding.recipe import Recipe
from fute_core.errors import Unavailable
from fute_core.store.store import Store


def test_where_draws_cannot_be_kept_no_row_is_read(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("in the way")
    monkeypatch.setattr(row_draws, "load_surrogate", lambda *_: pytest.fail("rows are read"))
    with pytest.raises(Unavailable, match="a file is in the way"):
        row_draws.keep_row_draws(load_dataset("sst2", limit=20), Recipe(), "key", Store(tmp_path / "cache"))
