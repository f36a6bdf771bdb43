"""The pages, in the order of the navigation. A new page is a file in views/ and a line here."""

from pathlib import Path
from typing import NamedTuple

VIEWS = Path(__file__).parent / "views"


class Entry(NamedTuple):
    """file : name in views/ without ending; also the path in the address (the first one is at the root).

    asks : the parameters of an address that are the page's own, besides those of the view.
    """

    file: str
    title: str
    group: str
    asks: tuple[str, ...] = ()


ENTRIES = (
    Entry("map", "Map", "Explore", ("proj", "nn", "mind", "seed", "deep", "edges", "by", "from", "to")),
    Entry("two_maps", "Two maps", "Explore", ("left", "right")),
    Entry("similarity", "Similarity", "Explore", ("rows", "columns", "order", "colour", "cell", "sort")),
    Entry("compare", "Compare", "Explore"),
    Entry("grid", "Grid", "Explore", ("for", "cells")),
    Entry("choose", "Choose", "Explore", ("question", "count")),
    Entry("prompt_lab", "Prompt lab", "Work", ("run",)),
    Entry("runs", "Runs", "Work", ("run", "prompt")),
    Entry("datasets", "Datasets", "Work", ("do", "find")),
    Entry("models", "Models", "Work", ("do",)),
    Entry("jobs", "Jobs", "Work"),
    Entry("findings", "Findings", "Present", ("board", "boards", "talk")),
    Entry("about", "About the method", "Present"),
)


def path_of(file: str) -> str:
    """What `st.Page`, `st.page_link` and `state.go` take, relative to app.py."""
    return f"views/{file}.py"


def address_of(entry: Entry) -> str:
    """A page's path in the address, below the dashboard's own."""
    return entry.file.replace("_", "-")


def present() -> list[Entry]:
    """The pages whose file is there."""
    return [entry for entry in ENTRIES if (VIEWS / f"{entry.file}.py").exists()]
