"""`python -m dashboard`: the server, which reads what the map shows while it comes up; other options: Streamlit's."""

import argparse
import ipaddress
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

HERE = Path(__file__).parent
SETTINGS = HERE / ".streamlit" / "config.toml"


def read_ahead() -> None:
    """What the first visitor would wait for: libraries and the shipped vectors, calibrated."""
    with suppress(Exception):  # whatever is wrong is said on the page, which reads it again
        import dashboard.reads.maps  # noqa: F401, and all that it imports
        from fute_core.atlas.gallery import load_gallery

        if (gallery := load_gallery(False)) is not None:
            gallery.space  # noqa: B018, kept by the gallery
        import pandas  # noqa: F401, which Streamlit imports with the first component


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
    return ["streamlit", "run", str(HERE / "app.py"), *_flags(), *where, *others], own.host


def _flags() -> Iterator[str]:
    """The file's settings as options, but for the theme, which has lists and tables."""
    for section, settings in tomllib.loads(SETTINGS.read_text("utf-8")).items():
        if section != "theme":
            for name, value in settings.items():
                yield f"--{section}.{name}={str(value).lower() if isinstance(value, bool) else value}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server at this address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def main() -> None:
    sys.argv, host = command(sys.argv[1:])
    if not is_loopback(host):
        warning = f"Warning: the dashboard has no password, so whoever reaches {host} can read and change all of it."
        print(warning, file=sys.stderr, flush=True)
    from streamlit.web import cli

    Thread(target=read_ahead, name="read-ahead", daemon=True).start()
    cli.main()


if __name__ == "__main__":
    main()
