"""Names and what servers say never steer the terminal, and text that no terminal can be sent is shown all the same."""

import json

import pytest
from added import add
from command_line import fute

from fute_core.cli.output import plain
from fute_core.home import fute_home
from fute_core.store.store import open_store

HOSTILE = "\x1b]0;owned\x07 \x1b[2J\x9b31m caf\udce9 \u202egnp\r"


def steers(text: str) -> bool:
    return any(c in text for c in "\x1b\x07\x9b\u202e\r") or any("\ud800" <= c <= "\udfff" for c in text)


def test_what_would_steer_is_written_as_an_escape_and_all_else_stays():
    assert plain("a\nb\tc é 漢 🙂") == "a\nb\tc é 漢 🙂"
    assert plain("\x1b[31m\x9b\u202e\udce9") == r"\x1b[31m\x9b\u202e\udce9"


@pytest.mark.parametrize(
    "arguments", [("list", "embeddings"), ("neighbours", HOSTILE, "-k", "2"), ("similarity", HOSTILE, "sst2")]
)
def test_a_hostile_name_is_shown_and_steers_nothing(arguments):
    add(fute_home(), "tame", "sst2", "dataset", "sentiment")
    store = open_store()
    store.rename(store.find("tame")[0], HOSTILE)
    for json_too in ((), ("--json",)):
        done = fute(*arguments, *json_too)
        assert done.code == 0, done.err
        assert not steers(done.out + done.err)
        assert "owned" in done.out
    if arguments[0] == "list":
        assert HOSTILE in [row["name"] for row in json.loads(done.out)]


def test_what_a_command_fails_with_steers_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # messages cut long paths
    done = fute("embed", "dataset", "\x1b[31mred.csv")
    assert done.code == 2
    assert not steers(done.err)
    assert r"\x1b[31mred.csv" in done.err
