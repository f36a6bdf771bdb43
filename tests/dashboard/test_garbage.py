"""Pages with garbage among what they list: all of them are drawn, and each damaged thing is removed by its button."""

import pytest
from job_requests import create, request

from dashboard.reads import brought, findings
from fute_core import jobs
from fute_core.datasets import uploads
from fute_core.home import fute_home
from fute_core.store.store import open_store

OWNER = "0" * 32


@pytest.fixture
def garbage():
    """A damaged job, board and upload in this home."""
    job = create(open_store(), request("a"))
    (job.folder / "state.json").write_bytes(b"[" * 100_000)
    folder = fute_home() / "boards" / OWNER
    folder.mkdir(parents=True)
    (folder / f"{'a' * 32}.json").write_bytes(b"\0" * 9)
    uploads.uploads_folder().mkdir(parents=True)
    (uploads.uploads_folder() / f"{'b' * 32}.json").mkdir()
    return job.id


def test_every_page_is_drawn_and_what_is_damaged_is_removed(app, garbage):
    app.session_state["findings.owner"] = OWNER
    for view in ("map", "jobs", "datasets", "prompt_lab", "findings"):
        app.run() if view == "map" else app.switch_page(f"views/{view}.py").run()
        assert not app.exception, view
    assert app.button(key=f"remove-{'a' * 32}.json")
    app.switch_page("views/datasets.py").run()
    assert app.button(key=f"remove-{'b' * 32}.json")
    app.switch_page("views/jobs.py").run()
    assert app.button(key=f"delete-{garbage}")
    findings.remove_broken(OWNER, f"{'a' * 32}.json")
    brought.remove_broken(f"{'b' * 32}.json")
    jobs.delete(garbage)
    app.run()
    assert not app.exception
    assert (findings.broken(OWNER), brought.broken(), jobs.all_jobs()) == ([], [], ([], {}))


def test_a_pin_onto_a_damaged_board_says_so(app):
    findings.change(OWNER, "Findings", lambda b: b)
    (path,) = (fute_home() / "boards" / OWNER).glob("*.json")
    path.write_text("{")
    app.session_state["findings.owner"] = OWNER
    app.run()
    app.button(key="pin-map").click().run()
    assert not app.exception
    assert any("cannot be read" in e.value for e in app.error)


def test_a_link_to_boards_shows_them_and_takes_no_later_pins(app):
    findings.create(OWNER, "Paper")
    app.query_params["boards"] = OWNER
    app.switch_page("views/findings.py").run()
    assert not app.exception
    own = app.session_state["findings.owner"]
    assert own != OWNER
    app.switch_page("views/map.py").run()
    app.button(key="pin-map").click().run()
    assert [len(findings.read(key, "Findings").pins) for key in (OWNER, own)] == [0, 1]


def test_whoever_asks_to_pins_to_the_boards_of_a_link(app):
    findings.create(OWNER, "Paper")
    app.query_params["boards"] = OWNER
    app.switch_page("views/findings.py").run()
    app.button(key="adopt-boards").click().run()
    assert not app.exception
    app.switch_page("views/map.py").run()
    app.button(key="pin-map").click().run()
    assert len(findings.read(OWNER, "Findings").pins) == 1
