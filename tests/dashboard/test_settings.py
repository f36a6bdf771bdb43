"""The server's settings protect wherever it is started, and only an option can change that."""

import http.client
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

import dashboard
from dashboard.__main__ import SETTINGS, command, hosts
from dashboard.session.password import fits, is_loopback

ROOT = Path(__file__).parents[2]
HOSTILE = {
    "STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true",
    "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false", "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full",
}  # fmt: skip


@contextmanager
def started(folder, *options, **env):
    """The process of a dashboard that answers, its port, and the file of what it prints; from an empty folder."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    (folder / "user").mkdir()
    (folder / "here").mkdir()
    said = folder / "said.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "--port", str(port), *options], cwd=folder / "here",
            env={**os.environ, "HOME": str(folder / "user"), "XDG_DATA_HOME": str(folder / "user"),
                 "PYTHONPATH": str(Path(dashboard.__file__).parents[1]), **env},
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                assert process.poll() is None, said.read_text()
                time.sleep(0.05)
        yield process, port, said
    finally:
        process.terminate()
        process.wait()


def listening(process, port):
    found = psutil.Process(process.pid).net_connections()
    return {c.laddr.ip for c in found if c.status == psutil.CONN_LISTEN and c.laddr.port == port}


def told_to_a_browser(port):
    """The first message of a session, which carries the settings that the browser follows."""
    with connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as wire:
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        wire.send(ask.SerializeToString())
        while True:
            message = ForwardMsg.FromString(wire.recv())
            if message.WhichOneof("type") == "new_session":
                return message.new_session


def test_from_an_empty_folder_only_this_machine_is_served_and_nobody_is_told(tmp_path):
    with started(tmp_path, **HOSTILE) as (process, port, said):
        assert listening(process, port) == {"127.0.0.1"}
        session = told_to_a_browser(port)
        assert session.config.gather_usage_stats is False
        assert session.config.toolbar_mode == session.config.ToolbarMode.MINIMAL
        assert session.custom_theme.font_faces  # our own fonts, so the look is the same
        font = session.custom_theme.font_faces[0].url
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/{font}", timeout=30).status == 200
        assert "Warning" not in said.read_text()


def refused(port, **headers):
    """The status that a page gets which asks for the stream of another server's pages."""
    asked = {
        "Host": f"127.0.0.1:{port}", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "streamlit", **headers,
    }  # fmt: skip
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wire.putrequest("GET", "/_stcore/stream", skip_host=True, skip_accept_encoding=True)
    for name, value in asked.items():
        wire.putheader(name, value)
    wire.endheaders()
    return wire.getresponse().status


def test_another_address_is_served_with_a_password_and_to_pages_of_that_address_alone(tmp_path):
    with started(tmp_path, "--host", "0.0.0.0", FUTE_PASSWORD="open sesame") as (process, port, said):
        assert listening(process, port) == {"0.0.0.0"}
        (warning,) = [line for line in said.read_text().splitlines() if line.startswith("Warning")]
        assert "0.0.0.0" in warning
        assert "open sesame" not in said.read_text()
        assert refused(port, Origin=f"http://127.0.0.1:{port}") == 101
        assert refused(port, Origin="http://elsewhere.example") == 403
        assert refused(port, Host="elsewhere.example") == 403
        told_to_a_browser(port)


def test_another_address_without_a_password_is_not_served(tmp_path):
    for password, says in (("", "set FUTE_PASSWORD"), ("short", "too short")):
        done = subprocess.run(
            [sys.executable, "-m", "dashboard", "--host", "0.0.0.0"], cwd=tmp_path, capture_output=True, text=True,
            timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT), "FUTE_PASSWORD": password},
        )  # fmt: skip
        assert done.returncode == 1
        assert says in done.stderr
        assert done.stderr.count("\n") == 1


def test_nothing_is_drawn_before_the_password_is_typed(app, monkeypatch):
    monkeypatch.setenv("FUTE_PASSWORD", "open sesame")
    app.run()
    assert ([b.label for b in app.button], len(app.sidebar)) == (["Come in"], 0)
    for wrong in ("", "open sesam", "open sesame "):
        app.text_input(key="gate-password").set_value(wrong)
        app.button[0].click().run()
        assert [e.value for e in app.error] == ["That is not the password."]
        assert len(app.sidebar) == 0
    app.text_input(key="gate-password").set_value("open sesame")
    app.button[0].click().run()
    assert not app.exception
    assert len(app.sidebar) > 0
    assert len(app.switch_page("views/jobs.py").run().sidebar) > 0, "and is asked for once"


def test_an_address_that_others_reach_shows_nothing_without_a_password(app, monkeypatch):
    """Also where Streamlit is started past `python -m dashboard`."""
    monkeypatch.setattr("streamlit.get_option", lambda name: "0.0.0.0" if name == "server.address" else None)
    app.run()
    assert len(app.sidebar) == 0
    assert "set FUTE_PASSWORD" in app.error[0].value


def test_no_password_fits_where_none_is_set(monkeypatch):
    monkeypatch.delenv("FUTE_PASSWORD", raising=False)
    assert not fits("")


def test_a_browser_may_ask_by_the_names_of_the_served_address_alone():
    assert hosts("127.0.0.1") == ["127.0.0.1", "localhost", "::1"]
    assert hosts("atlas.example") == ["atlas.example", "localhost", "127.0.0.1", "::1"]
    assert {"127.0.0.1", socket.gethostname()} <= set(hosts("0.0.0.0"))
    asked, _ = command(["--server.allowedHosts", "proxy.example"])
    assert asked.count("--server.allowedHosts") == 1


def test_the_two_files_of_settings_are_equal():
    assert (ROOT / ".streamlit" / "config.toml").read_bytes() == SETTINGS.read_bytes()


def test_what_protects_is_given_as_options_before_those_of_the_user():
    asked, host = command(["--server.maxUploadSize", "7"])
    assert host == "127.0.0.1"
    for wanted in (
        "--browser.gatherUsageStats=false", "--client.showErrorDetails=none", "--server.enableXsrfProtection=true",
        "--server.enableCORS=true", "--server.enableStaticServing=true", "--server.maxUploadSize=50",
    ):  # fmt: skip
        assert wanted in asked
    assert asked[-2:] == ["--server.maxUploadSize", "7"]
    assert command(["--server.address=::1"])[1] == "::1"


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.2", False), ("atlas.example", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(host, near):
    assert is_loopback(host) is near


LATER = """
import gc, sys
from dashboard.server import keep_libraries
gc.collect(); keep_libraries(); first = gc.get_freeze_count()
def library(n):
    for i in range(n):
        sys.modules[f"part{n}.{i}"] = [[] for _ in range(100)]
library(10); gc.collect(); of_a_page = gc.get_freeze_count()
library(60); gc.collect(); of_a_library = gc.get_freeze_count()
held = [[] for _ in range(5000)]; gc.collect(); afterwards = gc.get_freeze_count()
print(of_a_page - first, of_a_library - first, afterwards - first)
"""


def test_a_library_that_comes_later_is_not_looked_through_either_but_what_pages_hold_is():
    done = subprocess.run([sys.executable, "-c", LATER], cwd=ROOT, capture_output=True, text=True, check=True)
    of_a_page, of_a_library, afterwards = map(int, done.stdout.split())
    assert of_a_page < 100
    assert 6000 < of_a_library == afterwards


ENDED = """
import gc, weakref
from dashboard import server
class Session: pass
gc.collect(); server.keep_libraries()
session = Session(); session.own = session; there = weakref.ref(session)
import sys; sys.modules.update((f"part{i}", gc) for i in range(60)); gc.collect()  # a library comes while it is there
del session; gc.collect(); print(there() is None)
server.WHOLE_LOOK_SECONDS = 0; gc.collect(); print(there() is None, gc.get_freeze_count() > 1000)
"""


def test_a_session_that_was_there_when_a_library_came_goes_with_the_next_look_at_all():
    done = subprocess.run([sys.executable, "-c", ENDED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]


AHEAD = """
import gc
from dashboard.server import read_ahead
read_ahead()
from dashboard.reads import moments
from fute_core.templates.loading import shipped_prompts
made = moments.newest(moments.stamp()).values
print(gc.get_freeze_count(), shipped_prompts.cache_info().currsize, sorted(name for _, name in made))
"""


def test_what_is_loaded_before_the_first_visitor_is_not_looked_through_after_every_run():
    done = subprocess.run([sys.executable, "-c", AHEAD], cwd=ROOT, capture_output=True, text=True, check=True)
    kept, prompts, made = done.stdout.split(maxsplit=2)
    assert int(kept) > 50_000
    assert int(prompts) == 1, "the first to open the Prompt lab would wait for all prompts to be read"
    assert made.strip() == "['_atlas', '_redundant']", "the first to click a point would wait for both"
