"""What `python -m dashboard` serves: app.py, and pages that know where their server is, whichever page is opened first.

Streamlit's page takes its own address for the server's, so a page opened by its link, such as /compare, first asks for
/compare/_stcore/health and /compare/_stcore/host-config, and is told twice that there is no such thing. It asks nothing
in vain where `window.__streamlit` names the server: the folder that its scripts come from, below whatever path, and
behind whatever proxy, that is.
"""

import gc
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from dashboard import navigation

PAGE = Path(st.__file__).parent / "static" / "index.html"
A_LIBRARY = 50
"""Modules; a page has fewer of its own."""
WHOLE_LOOK_SECONDS = 1800
"""Between two looks through all objects, each of which takes the visitor who meets it some tenths of a second."""
KNOWING = '<head><script>window.__streamlit = {BACKEND_BASE_URL: new URL(".", location.href).href}</script>'


async def opened(request: Request) -> HTMLResponse:
    """Streamlit's page; read each time, since it names the scripts of the version that is installed."""
    text = PAGE.read_text("utf-8").replace("<head>", KNOWING, 1)
    return HTMLResponse(text, headers={"Cache-Control": "no-cache"})


def addresses() -> list[str]:
    """Paths of all pages on this server but the first, which lies where the server does."""
    base = st.get_option("server.baseUrlPath").strip("/")
    below = f"/{base}" if base else ""
    return [f"{below}/{navigation.address_of(entry)}" for entry in navigation.present()[1:]]


def read_ahead() -> None:
    """What the first visitor would wait for: libraries and the shipped vectors, calibrated. Tidies up as well."""
    with suppress(Exception):  # whatever is wrong is said on the page, which reads it again
        import dashboard.reads.maps  # noqa: F401, and all that it imports
        from fute_core.atlas.gallery import load_gallery

        if (gallery := load_gallery(False)) is not None:
            gallery.space  # noqa: B018, kept by the gallery
        import pandas  # noqa: F401, which Streamlit imports with the first component

        from dashboard.components import prompt_landing  # noqa: F401, and with it all of the Prompt lab
        from fute_core.templates.loading import shipped_prompts

        shipped_prompts()  # which its form begins with
    with suppress(Exception):  # what cannot be removed now is tried again later
        from dashboard.reads import brought

        brought.forget_unused()
    gc.collect()
    keep_libraries()
    with suppress(Exception):  # as above
        from dashboard.reads import data

        data.read_ahead(pair=False)


def keep_libraries() -> None:
    """What is loaded is left out when all objects are looked through for what nobody holds, and so is what comes later.

    Streamlit has that done after every run of a page, and every visitor waits meanwhile. Libraries stay, and are ten
    times as much as all that pages make. UMAP's come with the first map of three dimensions. What sessions hold at such
    a moment is left out as well, so now and then all is looked through again: a session that has ended since then goes.
    """
    loaded, whole, looked = len(sys.modules), False, time.monotonic()
    gc.freeze()

    def around(phase: str, found: dict[str, int]) -> None:
        """Leaves out right after a look, when there is nothing that nobody holds, which would be kept as well."""
        nonlocal loaded, whole, looked
        if found["generation"] != 2:
            return
        if phase == "start":
            whole = time.monotonic() - looked >= WHOLE_LOOK_SECONDS
            if whole:
                gc.unfreeze()
        elif whole or len(sys.modules) >= loaded + A_LIBRARY:
            loaded, looked = len(sys.modules), time.monotonic() if whole else looked
            gc.freeze()

    gc.callbacks.append(around)


@asynccontextmanager
async def coming_up(app: st.App) -> AsyncIterator[None]:
    """Reads ahead once Streamlit's caches have a place."""
    Thread(target=read_ahead, name="read-ahead", daemon=True).start()
    yield


app = st.App("app.py", routes=[Route(path, opened) for path in addresses()], lifespan=coming_up)
