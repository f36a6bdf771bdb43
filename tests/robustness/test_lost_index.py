"""What is gone without a trace in its own place is told by what still names it; what is no file is not waited for."""

import os
import shutil

import pytest
from added import add
from command_line import fute

from fute_core.home import fute_home
from fute_core.models.identity import weights_digest
from fute_core.store.store import Store


@pytest.fixture
def index():
    """The index of vectors, of which there is one, called "mine"."""
    add(fute_home(), "mine", "sst2")
    return fute_home() / "cache" / "embeddings" / "cache.db"


@pytest.mark.parametrize("how", ["removed", "emptied", "removed with its folder"])
def test_a_lost_index_is_told_and_leaves_no_names_behind(index, how):
    for file in index.parent.glob("cache.db*"):  # with what SQLite keeps beside it
        file.unlink()
    if how == "emptied":
        index.touch()
    elif how == "removed with its folder":
        shutil.rmtree(index.parent)
    done = fute("cache", "verify", "--json")
    assert done.code == 1
    faults = {(fault["section"], fault["key"], fault["fault"]) for fault in done.json["faults"]}
    assert ("names", "mine", "the vector that it names is missing") in faults
    assert fute("cache", "verify", "--drop").code == 0
    assert fute("cache", "verify").code == 0
    assert Store(fute_home() / "cache").headers() == []


@pytest.mark.parametrize("section", ["names", "embeddings"])
def test_a_sound_value_that_is_no_name_and_no_vector_of_this_version_is_told_and_kept(section):
    add(fute_home(), "mine", "sst2")
    store = Store(fute_home() / "cache")
    (key,) = store.keys(section)
    arrays, meta = store.get(key, section)
    store.put(key, arrays, {**meta, "novelty": 1}, section)
    done = fute("cache", "verify", "--drop", "--json")
    told = {"section": section, "key": key, "fault": "of another form than this version's"}
    assert (done.code, done.json["faults"]) == (0, [told])
    assert store.get(key, section)[1]["novelty"] == 1


def test_an_index_that_is_a_pipe_is_not_waited_for(index):
    index.unlink()
    os.mkfifo(index)
    for command in (("list", "embeddings"), ("cache", "info"), ("cache", "verify"), ("cache", "prune", "--unnamed")):
        done = fute(*command)
        assert (done.code, done.out) == (2, "")
        assert "embeddings/cache.db is no file" in done.err


@pytest.mark.parametrize("what", ["deep", "a pipe", "endless", "a list"])
def test_what_lies_in_place_of_remembered_digests_costs_no_more_than_time(tmp_path, what):
    (tmp_path / "config.json").write_text("{}")
    known = weights_digest(tmp_path)
    memo = fute_home() / "weights.json"
    memo.unlink()
    {
        "deep": lambda: memo.write_bytes(b"[" * 100_000), "a pipe": lambda: os.mkfifo(memo),
        "endless": lambda: memo.symlink_to("/dev/zero"), "a list": lambda: memo.write_text("[]"),
    }[what]()  # fmt: skip
    assert weights_digest(tmp_path) == known
