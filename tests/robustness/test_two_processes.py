"""Two processes on one home: what one has just named, pinned or taken up is not lost by what the other deletes."""

import subprocess
import sys
from dataclasses import replace

import pytest
from added import add
from bad_inputs import OWNER

from dashboard.reads import findings
from fute_core.errors import Unavailable
from fute_core.home import fute_home
from fute_core.store.store import Store

SERVERS, PINS = 3, 20
PIN = """
import sys
from dashboard.reads import findings

for number in range(int(sys.argv[3])):
    title = f"{sys.argv[2]} {number}"
    findings.change(sys.argv[1], "ours", lambda board: findings.added(board, title, [{"a": 1}], "", "/map"))
"""


@pytest.fixture
def stores():
    """One store as two processes have it open, with a vector called "mine"."""
    add(fute_home(), "mine", "sst2")
    return Store(fute_home() / "cache"), Store(fute_home() / "cache")


def at_once(monkeypatch, when, what):
    """Have another process do something just before this one does `when`, once."""
    own, left = getattr(Store, when), [what]

    def meanwhile(self, *given):
        if left:
            left.pop()()
        return own(self, *given)

    monkeypatch.setattr(Store, when, meanwhile)


@pytest.mark.parametrize("unnamed", [False, True])
def test_a_vector_that_is_named_while_it_is_deleted_stays(stores, monkeypatch, unnamed):
    here, there = stores
    vector = here.embeddings()[0]
    if unnamed:  # its name is given to a newer one, as `prune --unnamed` takes it
        here.put_embedding(replace(vector, key="newer"))
    at_once(monkeypatch, "remove_embedding", lambda: there.put_name(replace(vector, name="again")))
    here.prune(unnamed=True) if unnamed else here.delete(vector)
    assert there.find("again")[0].key == vector.key
    assert there.get_embedding(vector.key) is not None
    assert there.faults() == []


def test_a_vector_that_is_deleted_before_it_is_named_is_put_back(stores, monkeypatch):
    here, there = stores
    vector = here.embeddings()[0]
    at_once(monkeypatch, "put", lambda: there.delete(vector))
    here.put_name(replace(vector, name="again"))
    assert [(e.name, e.key) for e in there.embeddings()] == [("again", vector.key)]


def test_a_name_whose_vector_comes_back_while_it_is_forgotten_stays(stores, monkeypatch):
    here, there = stores
    vector = here.embeddings()[0]
    here.remove_embedding(vector.key)
    at_once(monkeypatch, "remove", lambda: there.put_embedding(vector))
    here.verify(drop=True)
    assert [e.name for e in there.embeddings()] == ["mine"]


def test_servers_that_pin_to_one_board_at_once_lose_no_pin():
    servers = [
        subprocess.Popen([sys.executable, "-c", PIN, OWNER, str(server), str(PINS)]) for server in range(SERVERS)
    ]
    assert [server.wait() for server in servers] == [0] * SERVERS
    pinned = {pin.title for pin in findings.read(OWNER, "ours").pins}
    assert pinned == {f"{server} {number}" for server in range(SERVERS) for number in range(PINS)}


def test_a_server_that_holds_the_boards_is_one_sentence(monkeypatch):
    from filelock import FileLock

    findings.create(OWNER, "ours")
    monkeypatch.setattr(findings, "STEP_SECONDS", 0)
    with FileLock(fute_home() / "boards" / OWNER / ".lock"), pytest.raises(Unavailable, match="Another process"):
        findings.change(OWNER, "ours", lambda board: board)
