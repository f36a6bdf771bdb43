"""Streamlit's own login in the place of a password: nobody sees anything who has not logged in, or is not named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import streamlit as st

from dashboard.session import login, password

ROOT = Path(__file__).parents[2]
AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "x" * 40,
    "client_id": "atlas", "client_secret": "y", "server_metadata_url": "http://127.0.0.1:9/.well-known",
}  # fmt: skip
ANN = {"is_logged_in": True, "email": "Ann@Example.org", "email_verified": True}


@pytest.fixture
def door(app, monkeypatch):
    monkeypatch.setenv(login.NAME, "ann@example.org, @lab.example.org")
    monkeypatch.setattr(login, "has_library", lambda: True)
    monkeypatch.setattr(login, "section", lambda: AUTH)
    return app


def test_nothing_is_drawn_before_somebody_has_logged_in(door):
    door.run()
    assert not door.exception
    assert ([b.label for b in door.button], len(door.sidebar)) == (["Log in"], 0)


def test_the_door_says_whose_it_is_and_lets_in_who_knows_the_password(app, monkeypatch):
    monkeypatch.setenv("FUTE_PASSWORD", "a-long-enough-one")
    app.run()
    assert "Task Atlas" in " ".join(str(e.proto.body) for e in app.get("html"))
    assert ([b.label for b in app.button], len(app.sidebar)) == (["Come in"], 0)
    for typed, says in [("wrong", ["That is not the password."]), ("a-long-enough-one", [])]:
        app.text_input(key="gate-password").set_value(typed)
        app.button[0].click().run()
        assert not app.exception
        assert [e.value for e in app.error] == says
    assert len(app.sidebar)


def test_the_door_knows_the_pages_so_that_a_link_is_not_forgotten_behind_it(app, monkeypatch):
    monkeypatch.setenv("FUTE_PASSWORD", "a-long-enough-one")
    known, navigate = [], st.navigation

    def navigation(pages, **how):
        known.append([page.url_path for page in pages])
        return navigate(pages, **how)

    monkeypatch.setattr(st, "navigation", navigation)
    app.run()
    assert [b.label for b in app.button] == ["Come in"]
    (paths,) = known
    assert "compare" in paths


def test_who_is_named_comes_in_and_can_leave(door, monkeypatch):
    monkeypatch.setattr(st, "user", ANN)
    door.run()
    assert not door.exception
    assert "Log out" in [b.label for b in door.sidebar.button]


def test_accounts_from_headers_keep_nobody_out(door, monkeypatch):
    monkeypatch.setattr(st, "user", ANN)
    known = st.get_option
    headers = {"server.trustedUserHeaders": {"X-User": "email"}}
    monkeypatch.setattr(st, "get_option", lambda name: headers.get(name) or known(name))
    door.run()
    assert "takes accounts from headers" in door.error[0].value
    assert len(door.sidebar) == 0


@pytest.mark.parametrize(
    "account",
    [
        {"is_logged_in": True, "email": "eve@example.org", "email_verified": True},
        {"is_logged_in": True, "email": "ann@example.org", "email_verified": False},
        {"is_logged_in": True, "email": "ann@example.org"},
        {"is_logged_in": True},
    ],
)
def test_who_is_not_named_or_not_known_by_a_verified_address_stays_outside(door, monkeypatch, account):
    monkeypatch.setattr(st, "user", account)
    door.run()
    assert "may not come in" in door.error[0].value
    assert ([b.label for b in door.button], len(door.sidebar)) == (["Log out"], 0)


def test_each_provider_of_the_secrets_has_a_button(door, monkeypatch):
    named = {name: value for name, value in AUTH.items() if name in ("redirect_uri", "cookie_secret")}
    told = {**named, "google": {"client_id": "a"}, "our lab": {"client_id": "b"}, "client_kwargs": {"scope": "email"}}
    monkeypatch.setattr(login, "section", lambda: told)
    door.run()
    assert [b.label for b in door.button] == ["Log in with google", "Log in with our lab"]


@pytest.mark.parametrize(
    ("address", "comes"),
    [("ann@example.org", True), ("ANN@EXAMPLE.ORG", True), ("bo@lab.example.org", True), ("bo@example.org", False),
     ("ann@example.org.evil.com", False), ("x@lab.example.org@evil.com", False), ("@lab.example.org", False),
     ("bo@sub.lab.example.org", False), ("", False)],
)  # fmt: skip
def test_addresses_and_domains_are_compared_whole(monkeypatch, address, comes):
    monkeypatch.setenv(login.NAME, "ann@example.org, @lab.example.org, nonsense, @, ")
    assert login.may_enter({"email": address, "email_verified": True}) is comes


def test_a_login_that_nobody_could_use_closes_the_server(app, monkeypatch):
    monkeypatch.setenv(login.NAME, "everybody")
    assert "names nobody who may come in" in password.why_closed("127.0.0.1")
    monkeypatch.setenv(login.NAME, "@example.org")
    monkeypatch.setattr(login, "providers", lambda: [])
    assert "names no provider under [auth]" in password.why_closed("0.0.0.0")
    app.run()
    assert "names no provider" in app.error[0].value
    assert len(app.sidebar) == 0
    monkeypatch.setattr(login, "providers", lambda: [None])
    monkeypatch.setattr(login, "has_library", lambda: False)
    assert "pip install Authlib" in password.why_closed("0.0.0.0")
    monkeypatch.setattr(login, "has_library", lambda: True)
    assert password.why_closed("0.0.0.0") is None


def test_the_providers_are_those_of_the_files_that_streamlit_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(login.Path, "home", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    assert login.providers() == []
    (tmp_path / ".streamlit").mkdir()
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    for told, found in (("[auth", []), ("auth = 1", []), ('[auth]\nclient_id = "a"', [None])):
        secrets.write_text(told, "utf-8")
        assert login.providers() == found


def test_a_server_without_a_provider_is_not_started(tmp_path):
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "FUTE_LOGIN": "@example.org", "HOME": str(tmp_path)}
    surroundings.pop("FUTE_PASSWORD", None)
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "--host", "0.0.0.0"], cwd=tmp_path, capture_output=True, text=True,
        timeout=120, env=surroundings, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "names no provider under [auth]" in done.stderr
    assert done.stderr.count("\n") == 1
