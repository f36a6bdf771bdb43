"""Which key goes to which server: ours to our own address alone, and another only where it was meant for that run."""

import os
import re
from collections.abc import MutableMapping
from urllib.parse import SplitResult, urlsplit

from fute_core.errors import BadInput, Unavailable

OWN_KEY = "OPENAI_API_KEY"
OWN_ADDRESS = "OPENAI_BASE_URL"
USUAL_ADDRESS = "https://api.openai.com/v1"
TYPED = "FUTE_TYPED_KEY"
"""The variable by which a key that was typed for one run reaches the job's process; no file ever holds it."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VERSION = re.compile(r"api-version=((\d{4}-\d{2}-\d{2}|v?\d[\d.]{0,7})(-preview)?|preview|latest)")
"""The one query that an address may have: none of these can be a key."""
_PORTS = {"http": 80, "https": 443}


def address(base_url: str) -> SplitResult | None:
    """Split what can be an HTTP address.

    Parameters
    ----------
    base_url : str
        What somebody gave as one.

    Returns
    -------
    SplitResult or None
        Its parts; None for what is no HTTP address.
    """
    try:
        parts = urlsplit(base_url)
        whole = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError:  # a bracket or a port that is no part of an address
        return None
    return parts if whole else None


def origin(base_url: str) -> tuple[str, str, int] | None:
    """Tell which server an address means: what has to be equal for a key to be meant.

    Parameters
    ----------
    base_url : str
        An address.

    Returns
    -------
    tuple of (str, str, int) or None
        Scheme, host and port; None for what is no HTTP address.
    """
    if (parts := address(base_url)) is None:
        return None
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def check_no_secret(base_url: str) -> None:
    """Check that an address has no name, password or key inside. The sentence does not repeat it.

    Parameters
    ----------
    base_url : str
        What is kept on disk and shown.

    Raises
    ------
    BadInput
        Where it has one, or what may hold one; of queries only an `api-version` is known to hold none.
    """
    if "@" in base_url:
        raise BadInput(
            "A base URL is kept on disk, so it holds no name or password; name a variable with --api-key-env, or type "
            "the key in the Prompt lab."
        )
    before, mark, query = base_url.partition("?")
    if "#" in before or (mark and not _VERSION.fullmatch(query)):
        raise BadInput(
            "A base URL is kept on disk and ends before any ? or #, where a key might stand; name a variable with "
            "--api-key-env, or type the key in the Prompt lab, and leave out all from there on but ?api-version= with "
            "a date or number."
        )


def with_version(url: str, query: str) -> str:
    """Put the version that an address names behind the address of a request.

    Parameters
    ----------
    url : str
        Of the request, without a query.
    query : str
        Of the base URL; empty for none.

    Returns
    -------
    str
        The whole address.
    """
    return f"{url}?{query}" if query else url


def version_for(base_url: str) -> str:
    """Find the version that every request to an address names.

    Parameters
    ----------
    base_url : str
        An address that `check_no_secret` has passed.

    Returns
    -------
    str
        Its query, or that of OPENAI_BASE_URL where this is of the same server; empty for none.

    Raises
    ------
    BadInput
        Where OPENAI_BASE_URL has another query, which no request would have.
    """
    own = os.environ.get(OWN_ADDRESS, "")
    _, given, query = base_url.partition("?")
    _, mark, version = own.partition("?")
    if given or not mark or origin(own) != origin(base_url):
        return query
    if not _VERSION.fullmatch(version):
        raise BadInput(f"{OWN_ADDRESS} may end in ?api-version= with a date or number, and in no other query.")
    return version


def is_own(base_url: str) -> bool:
    """Whether OPENAI_API_KEY is meant for an address: that of OPENAI_BASE_URL, or without it OpenAI's own.

    Parameters
    ----------
    base_url : str
        An address.

    Returns
    -------
    bool
        True where scheme, host and port are equal.
    """
    where = origin(base_url)
    return where is not None and where == origin(os.environ.get(OWN_ADDRESS) or USUAL_ADDRESS)


def check_name(variable: str) -> None:
    """Check that a text can be a variable's name.

    The sentence never repeats it: it may be a key, and sentences are kept.

    Parameters
    ----------
    variable : str
        What was given as a name.

    Raises
    ------
    BadInput
        For what is no variable's name.
    """
    if not _NAME.fullmatch(variable):
        raise BadInput("--api-key-env takes an environment variable's name, such as MY_KEY, and never a key itself.")


def named_key(variable: str) -> str:
    """Read the key that an environment variable holds.

    Parameters
    ----------
    variable : str
        Its name.

    Returns
    -------
    str
        The key.

    Raises
    ------
    BadInput
        Where there is no such variable; the sentence repeats nothing of it.
    """
    check_name(variable)
    key = os.environ.get(variable, "").strip()
    if not key:
        raise BadInput("The variable that --api-key-env names is not set; export it, and give its name.")
    return key


def key_for(base_url: str, variable: str | None) -> str | None:
    """Find the key to send to a base URL.

    Parameters
    ----------
    base_url : str
        Where it is sent.
    variable : str or None
        The environment variable that holds the key of this run. None: OPENAI_API_KEY, where the address is its own.

    Returns
    -------
    str or None
        None to send no key.

    Raises
    ------
    Unavailable
        Where that variable holds nothing, as after a resume of a run whose key was typed.
    BadInput
        Where it holds what can be no key.
    """
    if variable is None and not is_own(base_url):
        return None
    key = os.environ.get(variable or OWN_KEY, "").strip()
    if not key:
        if variable is None:
            return None
        raise Unavailable(_missing(base_url, variable))
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise BadInput(f"The key for {base_url} holds characters that no key has; copy it once more.")
    return key


def hand_over(environment: MutableMapping[str, str], key: str | None) -> None:
    """Put the key of one run into the environment of its process, or take away what another run left there.

    Parameters
    ----------
    environment : mutable mapping of str to str
        Changed in place.
    key : str or None
        The key; None for a run without one.
    """
    environment.pop(TYPED, None)
    if key:
        environment[TYPED] = key


def _missing(base_url: str, variable: str) -> str:
    if variable == TYPED:
        return (
            f"The key for {base_url} was typed for an earlier run and is kept nowhere; type it again in the Prompt lab "
            "and ask once more, or set a variable to it and run: fute jobs retry ID --api-key-env NAME."
        )
    return f"There is no key for {base_url} in the variable {variable}; set it where the job runs, and ask again."


def how_to_give(variable: str | None, base_url: str) -> str:
    """Say how to give a key, as the end of a sentence about one that a server does not accept or has not got.

    Parameters
    ----------
    variable : str or None
        The environment variable that the run names.
    base_url : str
        The server's address.

    Returns
    -------
    str
        Without a full stop.
    """
    if variable == TYPED:
        return "type another in the Prompt lab"
    if variable:
        return f"set {variable} to another"
    if is_own(base_url):
        return f"set {OWN_KEY}"
    return (
        "name a variable with --api-key-env, or type one in the Prompt lab "
        f"({OWN_KEY} goes to the address of {OWN_ADDRESS} alone)"
    )
