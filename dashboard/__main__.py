"""`python -m dashboard`: the server, which reads what the map shows while it comes up; other options: Streamlit's."""

import argparse
import gc
import socket
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import psutil

from dashboard.session.password import is_loopback, why_closed

HERE = Path(__file__).parent
SETTINGS = HERE / ".streamlit" / "config.toml"


def read_ahead() -> None:
    """What the first visitor would wait for: libraries and the shipped vectors, calibrated. Tidies up as well."""
    with suppress(Exception):  # whatever is wrong is said on the page, which reads it again
        import dashboard.reads.maps  # noqa: F401, and all that it imports
        from fute_core.atlas.gallery import load_gallery

        if (gallery := load_gallery(False)) is not None:
            gallery.space  # noqa: B018, kept by the gallery
        import pandas  # noqa: F401, which Streamlit imports with the first component
    with suppress(Exception):  # what cannot be removed now is tried again later
        from dashboard.reads import brought

        brought.forget_unused()
    # After every run of a page Streamlit has all objects looked through for what nobody holds. What is loaded by now
    # stays, and is ten times as much as all that pages make.
    gc.collect()
    gc.freeze()


def command(given: list[str]) -> tuple[list[str], str]:
    """What to ask of Streamlit, and the address it will listen on.

    Options outrank every file and variable of the surroundings, so only an option can change a setting that protects.
    Colours and fonts stay with the file, which Streamlit finds beside app.py.

    Parameters
    ----------
    given : list of str
        Options as typed. `--host` and `--port` are ours; all others are Streamlit's, and the last of a kind counts.
    """
    parser = argparse.ArgumentParser(prog="python -m dashboard", allow_abbrev=False, add_help=False)
    parser.add_argument("--host", "--server.address", default="127.0.0.1")
    parser.add_argument("--port", "--server.port", default="8501")
    own, others = parser.parse_known_args(given)
    where = ["--server.address", own.host, "--server.port", own.port]
    known = [option for name in hosts(own.host) for option in ("--server.allowedHosts", name)]
    if any(option.partition("=")[0] == "--server.allowedHosts" for option in others):
        known = []  # whoever knows the name of a proxy names all
    return ["streamlit", "run", str(HERE / "app.py"), *_flags(), *where, *known, *others], own.host


def _flags() -> Iterator[str]:
    """The file's settings as options, but for the theme, which has lists and tables."""
    for section, settings in tomllib.loads(SETTINGS.read_text("utf-8")).items():
        if section != "theme":
            for name, value in settings.items():
                yield f"--{section}.{name}={str(value).lower() if isinstance(value, bool) else value}"


def hosts(host: str) -> list[str]:
    """Names by which a browser may ask for a server at this address: a page elsewhere that has its own name lead here
    is refused.
    """
    near = ["localhost", "127.0.0.1", "::1"]
    if is_loopback(host):
        return list(dict.fromkeys([host.strip("[]"), *near]))
    own = [address.address.partition("%")[0] for found in psutil.net_if_addrs().values() for address in found]
    everywhere = host in ("0.0.0.0", "::", "")
    return list(dict.fromkeys([*near, socket.gethostname(), *own] if everywhere else [host.strip("[]"), *near]))


def main() -> None:
    sys.argv, host = command(sys.argv[1:])
    if closed := why_closed(host):
        raise SystemExit(closed)
    if not is_loopback(host):
        warning = f"Warning: whoever reaches {host} and knows FUTE_PASSWORD can read and change everything."
        print(warning, file=sys.stderr, flush=True)
    from streamlit import net_util
    from streamlit.web import cli

    # For a page of another origin Streamlit would ask a server in the network what this machine is called there.
    net_util.get_external_ip = lambda: None
    Thread(target=read_ahead, name="read-ahead", daemon=True).start()
    cli.main()


if __name__ == "__main__":
    main()
