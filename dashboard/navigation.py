"""The pages, in the order of the navigation. A new page is a file in views/ and a line here."""

from pathlib import Path
from typing import NamedTuple

VIEWS = Path(__file__).parent / "views"


class Entry(NamedTuple):
    """file : name in views/ without ending; also the path in the address (the first one is at the root)."""

    file: str
    title: str
    group: str


ENTRIES = (
    Entry("map", "Map", "Explore"),
    Entry("two_maps", "Two maps", "Explore"),
    Entry("similarity", "Similarity", "Explore"),
    Entry("compare", "Compare", "Explore"),
    Entry("grid", "Grid", "Explore"),
    Entry("choose", "Choose", "Explore"),
    Entry("prompt_lab", "Prompt lab", "Work"),
    Entry("runs", "Runs", "Work"),
    Entry("datasets", "Datasets", "Work"),
    Entry("models", "Models", "Work"),
    Entry("jobs", "Jobs", "Work"),
    Entry("findings", "Findings", "Present"),
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
