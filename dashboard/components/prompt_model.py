"""Which model a prompt is asked of: a packaged one, a folder or Hub id, or an endpoint."""

import streamlit as st

from dashboard.components import answer_reading, page
from dashboard.components.prompt_editor import PACKAGED
from dashboard.reads import costs
from dashboard.reads.costs import Model

LACKING = {
    "other": "Name the folder or the Hub id of the model first.",
    "endpoint": "Give the endpoint's base URL and model name first.",
}


def model() -> Model | None:
    """What answers, and how its answers are read; None while a field is missing."""
    kind = st.radio(
        "Model", [*PACKAGED, "other", "endpoint"], key="lab-model", persist_state="session", horizontal=True,
        format_func={**PACKAGED, "other": "A folder or Hub id", "endpoint": "An endpoint"}.get,
    )  # fmt: skip
    if kind in PACKAGED:
        if line := costs.packaged()[kind]:
            page.quiet("It is not installed; install it, and start the dashboard again:")
            st.code(line, language=None, wrap_lines=True)
            return None
        return Model(kind, read=answer_reading.reading(at_endpoint=False))
    return _endpoint() if kind == "endpoint" else _other()


def lacking() -> str:
    """What is still to be filled in where `model` gives none, in a sentence; empty where it has said so itself."""
    return LACKING.get(st.session_state["lab-model"], "")


def _other() -> Model | None:
    ref = st.text_input("Folder or Hub id", key="lab-ref", placeholder="org/model", persist_state="session").strip()
    page.quiet("A folder is read where it is. A Hub id is fetched from the network by the job.")
    read = answer_reading.reading(at_endpoint=False)
    return Model(ref, read=read) if ref else None


def _endpoint() -> Model | None:
    with st.container(horizontal=True):
        url = st.text_input("Base URL", key="lab-url", placeholder="http://localhost:8000/v1", persist_state="session")
        name = st.text_input("Model name", key="lab-served", placeholder="as the server calls it",
                             persist_state="session")  # fmt: skip
    key = st.text_input(
        "Key", key="lab-key", type="password", placeholder="where the server asks for one",
        help="Sent to this address alone, for this run, and written nowhere. The OPENAI_API_KEY of the computer that "
        "runs the dashboard goes only to the address of its OPENAI_BASE_URL.",
    )  # fmt: skip
    page.quiet(
        "Any OpenAI-compatible server; of one without log-probabilities, read the words that it writes. The probe "
        "texts are sent to it."
    )
    read = answer_reading.reading(at_endpoint=True)
    url, name = url.strip(), name.strip()
    return Model(name, url, key=key.strip(), read=read) if url and name else None
