"""Who may come in: everybody on this machine, whoever knows FUTE_PASSWORD, or whom a login lets in. Draws nothing."""

import hashlib
import hmac
import ipaddress
import os
import secrets
import threading

from dashboard.session import login

NAME = "FUTE_PASSWORD"
SHORTEST = 8
_SALT = secrets.token_bytes(16)
_ONE_BY_ONE = threading.Lock()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server at this address; not so for an empty one, which means all."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def is_set() -> bool:
    """Whether a password is asked for."""
    return bool(os.environ.get(NAME))


def why_closed(host: str) -> str | None:
    """Why nobody may be served at this address, in a sentence; None where a server may be."""
    if login.is_chosen():
        return login.why_closed()
    chosen = os.environ.get(NAME, "")
    if chosen and len(chosen) < SHORTEST:
        return f"{NAME} is too short to keep anybody out; choose one of {SHORTEST} characters or more."
    if not chosen and not is_loopback(host):
        return (
            f"Whoever reaches {host or 'this address'} could read and change everything, so a password is needed: set "
            f"{NAME} to one of {SHORTEST} characters or more, or {login.NAME} to those who may log in, or leave --host "
            "away."
        )
    return None


def fits(typed: str) -> bool:
    """Whether this is the password; takes as long for any wrong one, and one guess waits for the other."""
    with _ONE_BY_ONE:
        return hmac.compare_digest(_hashed(typed), _hashed(os.environ.get(NAME, ""))) and is_set()


def _hashed(text: str) -> bytes:
    return hashlib.scrypt(text.encode("utf-8", "surrogatepass"), salt=_SALT, n=2**14, r=8, p=1)
