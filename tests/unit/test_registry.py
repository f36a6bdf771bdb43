"""Public names: ours, other packages', and names that there are not."""

import os.path
import sys
from importlib.metadata import EntryPoint

import pytest

from fute_core import registry
from fute_core.errors import BadInput
from fute_core.registry import Registry


@pytest.fixture
def plugins(monkeypatch):
    """Entry points that other packages would have, by group."""
    found = {"fute.methods": [EntryPoint("theirs", "posixpath:basename", "fute.methods")]}
    monkeypatch.setattr(registry, "entry_points", lambda group: found.get(group, []))
    return found


def test_a_name_is_imported_when_it_is_first_asked_for(plugins, monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    known = Registry("fute.methods", {"join": "os.path:join", "zen": "this:d"})
    assert list(known) == ["join", "zen", "theirs"]
    assert known["join"] is os.path.join
    assert "this" not in sys.modules


def test_other_packages_add_names_and_replace_none_of_ours(plugins):
    plugins["fute.methods"].append(EntryPoint("join", "posixpath:split", "fute.methods"))
    known = Registry("fute.methods", {"join": "os.path:join"})
    assert known["theirs"] is os.path.basename
    assert known["join"] is os.path.join


def test_a_registered_object_or_place_stands_over_what_was_there(plugins):
    known = Registry("fute.methods", {"join": "os.path:join"})
    known.register("join", str.join)
    known.register("split", "os.path:split")
    assert (known["join"], known["split"]) == (str.join, os.path.split)


def test_an_unknown_name_is_told_which_there_are(plugins):
    with pytest.raises(BadInput, match=r"There is no method 'jion'; choose one of join, theirs\."):
        Registry("fute.methods", {"join": "os.path:join"})["jion"]
