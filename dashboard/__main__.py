"""`python -m dashboard`: the server, which reads what the map shows while it comes up. Options are Streamlit's."""

import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread


def read_ahead() -> None:
    """What the first visitor would wait for: libraries and the shipped vectors, calibrated."""
    with suppress(Exception):  # whatever is wrong is said on the page, which reads it again
        import dashboard.maps  # noqa: F401, and all that it imports
        from fute_core.gallery import load_gallery

        if (gallery := load_gallery(False)) is not None:
            gallery.space  # noqa: B018, kept by the gallery
        import pandas  # noqa: F401, which Streamlit imports with the first component


def main() -> None:
    from streamlit.web import cli

    Thread(target=read_ahead, name="read-ahead", daemon=True).start()
    sys.argv = ["streamlit", "run", str(Path(__file__).with_name("app.py")), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
