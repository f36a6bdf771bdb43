"""Streamlit's own login, at an identity provider (OpenID Connect), in the place of a password: who may come in by it.

A provider lets everybody log in who has an account there, which for some is everybody, so those who may come in are
named. Nothing in here draws.
"""

import importlib.util
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

NAME = "FUTE_LOGIN"
EXAMPLE = 'FUTE_LOGIN="ann@example.org, @lab.example.org"'


def section() -> Mapping[str, Any]:
    """`[auth]` of the files that Streamlit reads its secrets from.

    They are read here: asked before the server starts, Streamlit would settle on settings that are still to come.
    """
    found: dict[str, Any] = {}
    for folder in (Path.home(), Path.cwd()):
        with suppress(OSError, ValueError):  # not there, or damaged: nobody comes in by it
            told = tomllib.loads((folder / ".streamlit" / "secrets.toml").read_text("utf-8")).get("auth")
            found |= told if isinstance(told, dict) else {}
    return found


def providers() -> list[str | None]:
    """The identity providers that the secrets name, None for one without a name; none without a section `auth`."""
    told = section()
    named: list[str | None] = [
        name for name, value in told.items() if isinstance(value, Mapping) and "client_id" in value
    ]
    return [None, *named] if "client_id" in told else named


def is_chosen() -> bool:
    """Whether whoever started the server wants a login."""
    return bool(os.environ.get(NAME, "").strip())


def why_closed() -> str | None:
    """Why nobody can log in though that is wanted, in a sentence; None where it can be done."""
    if not allowed():
        return f"{NAME} names nobody who may come in; give addresses or domains, such as {EXAMPLE}."
    if not providers():
        return f"{NAME} is set, but ~/.streamlit/secrets.toml names no provider under [auth]; see docs/install.md."
    if not has_library():
        return f"{NAME} is set, and a login needs one more library; run: pip install Authlib"
    return None


def has_library() -> bool:
    """Whether what Streamlit logs in with is installed; it is no part of the dashboard's own libraries."""
    return importlib.util.find_spec("authlib") is not None


def allowed() -> list[str]:
    """Addresses, and domains that begin with an @, in small letters."""
    named = (one.strip().casefold() for one in os.environ.get(NAME, "").split(","))
    return [one for one in named if "@" in one.removeprefix("@") or (one.startswith("@") and "." in one)]


def may_enter(account: Mapping[str, object]) -> bool:
    """Whether an account is one of those that are named, by an address that its provider has verified."""
    address = account.get("email")
    if not isinstance(address, str) or account.get("email_verified") not in (True, "true"):
        return False
    name, _, domain = address.casefold().rpartition("@")
    return bool(name) and any(one in (f"{name}@{domain}", f"@{domain}") for one in allowed())
