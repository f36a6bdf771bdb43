"""What is made from the store as it is at one moment, and for how long it is kept."""

import gc
import re
import weakref
from pathlib import Path
from threading import Barrier, Thread

import pytest
from added import add
from map_page import near_rows

from dashboard.reads import data, moments
from dashboard.reads.moments import kept, one_moment
from fute_core.home import fute_home


@pytest.fixture
def fresh(_own_home):
    moments.store.clear()
    moments.newest.clear()


def changed() -> str:
    add(fute_home(), "mine", "sst2", "dataset", "sentiment")
    return moments.stamp()


def test_what_was_made_before_the_store_changed_is_gone(fresh):
    before = moments.stamp()
    atlas = data.atlas(False)
    data.neighbours(atlas, atlas.items[0])
    data.intervals(atlas, atlas.items[0], ["dataset:mr"])
    seen = weakref.ref(atlas), weakref.ref(moments.newest(before))
    del atlas
    assert changed() != before
    data.atlas(False)
    gc.collect()
    assert [found() for found in seen] == [None, None]


def test_a_page_that_is_being_drawn_keeps_what_it_began_with(fresh):
    with one_moment():
        atlas, before = data.atlas(False), moments.stamp()
        add(fute_home(), "mine", "sst2", "dataset", "sentiment")
        others = []  # another session, which sees the store as it is
        thread = Thread(target=lambda: others.append(data.atlas(False)))
        thread.start()
        thread.join()
        assert len(others[0].items) == len(atlas.items) + 1
        assert data.atlas(False) is atlas
        assert moments.stamp() == before
    assert data.atlas(False) is others[0]


def test_the_page_that_comes_after_a_job_sees_what_it_made(app):
    app.run()
    add(fute_home(), "mine", "sst2", "dataset", "sentiment")
    assert near_rows(app, "dataset:mine")[0]["name"] == "sst2"


def test_a_value_is_made_once_though_many_ask_at_a_time(fresh):
    made, together = [], Barrier(4)

    @kept(2)
    def slow(stamp: str, name: str) -> str:
        made.append(name)
        return name

    def ask() -> None:
        together.wait()
        slow("now", "a")

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["a"]


def test_the_last_used_values_are_kept_and_what_raised_is_made_again(fresh):
    made = []

    @kept(2)
    def one(stamp: str, name: str, _beside: object) -> None:
        made.append(name)
        if len(made) == 1:
            raise ValueError(name)

    with pytest.raises(ValueError, match="a"):
        one("now", "a", object())
    for name in "aabacb":
        one("now", name, object())
    assert "".join(made) == "aabcb"


def test_nothing_that_is_of_a_moment_is_left_to_streamlits_caches():
    pattern = re.compile(r"@st\.cache_(?:data|resource)[^\n]*\n\s*def (\w+)\([^)]*\bstamp\b")
    files = Path(moments.__file__).parents[1].rglob("*.py")
    assert [name for file in files for name in pattern.findall(file.read_text("utf-8"))] == []
    assert pattern.findall("@st.cache_data(max_entries=8)\ndef _views(\n    pair: bool, stamp: str\n)") == ["_views"]
