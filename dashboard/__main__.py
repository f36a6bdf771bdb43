"""`python -m dashboard`: the server with settings that protect; other options: Streamlit's."""

import argparse
import socket
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psutil

from dashboard.session import login
from dashboard.session.password import is_loopback, why_closed

HERE = Path(__file__).parent
SETTINGS = HERE / ".streamlit" / "config.toml"


def command(given: list[str]) -> tuple[list[str], str]:
    """What to ask of Streamlit, and the address it will listen on.

    Options outrank every file and variable of the surroundings, so only an option can change a setting that protects.
    Colours and fonts stay with the file, which Streamlit finds beside server.py.

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
    return ["streamlit", "run", str(HERE / "server.py"), *_flags(), *where, *known, *others], own.host


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
        may = f"is named by {login.NAME}" if login.is_chosen() else "knows FUTE_PASSWORD"
        warning = f"Warning: whoever reaches {host} and {may} can read and change everything."
        print(warning, file=sys.stderr, flush=True)
    from streamlit import net_util
    from streamlit.web import cli

    # For a page of another origin Streamlit would ask a server in the network what this machine is called there.
    net_util.get_external_ip = lambda: None
    cli.main()


if __name__ == "__main__":
    main()
