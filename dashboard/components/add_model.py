"""Adding a model: a classifier by folder or id, answers made elsewhere on exported probe texts, or an endpoint."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import navigation
from dashboard.components import page, upload
from dashboard.reads import data
from dashboard.session import state
from dashboard.session.filtering import KIND_NAME
from dashboard.session.text import md
from fute_core.datasets import uploads
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest

WAYS = {
    "classifier": "A classifier",
    "outputs": "Answers made elsewhere",
    "endpoint": "A language model behind an endpoint",
}
OUTPUT_TYPES = ["csv", "tsv", "txt", "json", "jsonl", "parquet"]


def form(pair: bool) -> "EmbedRequest | None":
    """What a job needs, once the user asks to add it."""
    way = st.radio("What is it?", list(WAYS), key="add-way", format_func=WAYS.get, persist_state="session")
    return {"classifier": classifier, "outputs": outputs, "endpoint": endpoint}[way](pair)


def classifier(pair: bool) -> "EmbedRequest | None":
    from fute_core.embedding.requests import EmbedRequest

    ref = st.text_input(
        "Folder or Hub id", key="add-ref", placeholder="/models/my-classifier or org/model", persist_state="session",
        help="A transformers sequence classifier with safetensors weights; among text pairs also a model that marks "
        "the answer to a question. A folder is read where it is; a Hub id is fetched from the network.",
    ).strip()  # fmt: skip
    name, family = _naming(ref.rstrip("/").rpartition("/")[2])
    lacks = _lacks({"a folder or Hub id": ref, "a name": name or not ref})
    if _press("Add the classifier", "add-classifier", lacks or _taken(name)):
        return EmbedRequest("model", ref, name=name, family=family, options={"pair": pair})
    return None


def outputs(pair: bool) -> "EmbedRequest | None":
    """Export the probe texts, answer them anywhere, bring the answers."""
    from fute_core.embedding.requests import EmbedRequest

    page.section("1. Take the probe texts")
    with st.container(horizontal=True):
        for ending, mime in (("csv", "text/csv"), ("jsonl", "application/jsonl")):
            st.download_button(
                f"Probe texts as {ending.upper()}", lambda ending=ending: probe_file(pair, ending),
                f"probe-texts-{'pairs' if pair else 'single'}.{ending}", mime, on_click="ignore",
                key=f"probes-{ending}",
            )  # fmt: skip
    page.section("2. Bring the answers")
    file = st.file_uploader(
        "Answers", OUTPUT_TYPES, key="add-outputs", max_upload_size=50,
        help="CSV, JSON or Parquet with id and one column of probabilities a label, or one column of labels or raw "
        "answers. Rows in any order; other columns may stand beside.",
    )  # fmt: skip
    if file is None:
        page.quiet("One row a text, with the id it came with. No text has to be in the file.")
        return None
    try:
        path = uploads.keep(file.getvalue(), file.name, tuple(f".{ending}" for ending in OUTPUT_TYPES))
        table = uploads.read(path)
    except FuteError as error:
        st.error(md(error))
        return None
    upload.raw_rows(table)
    how = upload.answers(path, table)
    if how is None:
        return None
    name, family = _naming(uploads.title_of(file.name))
    if _press("Add the model", "add-answers", _lacks({"a name": name}) or _taken(name)):
        return EmbedRequest("outputs", str(path), name=name, family=family, options=how)
    return None


def endpoint(pair: bool) -> None:
    """A language model answers through a prompt, which the lab writes."""
    page.quiet(
        "A language model does what its prompt says, so prompt and model are one point. Write the prompt in the Prompt "
        "lab and choose the endpoint there: any OpenAI-compatible base URL, any model name."
    )
    with st.container(horizontal=True):
        url = st.text_input("Base URL", key="add-url", placeholder="http://localhost:8000/v1")
        name = st.text_input("Model name", key="add-served", placeholder="as the server calls it")
    lacks = _lacks({"a base URL": url.strip(), "a model name": name.strip()})
    if _press("Write a prompt for it", "add-endpoint", lacks):
        st.session_state.update({"lab-model": "endpoint", "lab-url": url.strip(), "lab-served": name.strip()})
        state.go(navigation.path_of("prompt_lab"))


def probe_file(pair: bool, ending: str) -> bytes:
    """The default probe texts as a file's content."""
    import tempfile
    from pathlib import Path

    from fute_core.datasets.probes import export_probes

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"probes.{ending}"
        export_probes(path, pair)
        return path.read_bytes()


def _naming(usual: str) -> tuple[str, str | None]:
    with st.container(horizontal=True):
        name: Any = st.text_input("Name", usual, key=f"add-name-{usual}", max_chars=60).strip()
        family: Any = st.text_input("Family, if you like", key="add-family", placeholder="sentiment").strip()
    return name, family or None


def _press(label: str, key: str, why_not: str) -> bool:
    """A button that waits until nothing is missing, and says what is."""
    pressed = st.button(label, type="primary", key=key, disabled=bool(why_not))
    if why_not:
        page.quiet(why_not)
    return pressed


def _lacks(given: Mapping[str, object]) -> str:
    """What still has to be filled in, by what it is called; empty where nothing is."""
    missing = [what for what, value in given.items() if not value]
    return f"It still needs {' and '.join(missing)}." if missing else ""


def _taken(name: str) -> str:
    """Why no model may be called so; empty where one may."""
    try:
        items = [i for pair in (False, True) for i in _items(pair)]
    except FuteError:
        return ""
    if any(i.embedding.kind == "model" and i.embedding.name == name for i in items):
        return f"Another {KIND_NAME['model']} is called {name!r}; choose another name."
    return ""


def _items(pair: bool):
    try:
        return data.atlas(pair).items
    except FuteError:
        return ()
