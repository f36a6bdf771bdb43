"""Where this visitor's jobs compute, and in what: a choice wherever there is more than the processor."""

import streamlit as st

from dashboard.session import device

PRECISIONS = {device.AUTO: "What suits the device", "float32": "float32", "bfloat16": "bfloat16"}


def draw() -> None:
    there = _devices()
    if len(there) < 2:
        return
    names = {device.AUTO: "The first accelerator", **there, "spread": "All, for large models"}
    with st.container(key="compute", gap=None):
        st.html('<div class="eyebrow">Jobs compute on</div>')
        st.selectbox(
            "Jobs compute on", list(names), format_func=names.get, key=device.KEY, label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
    with st.container(key="multiply", gap=None):
        st.html('<div class="eyebrow">Language models multiply in</div>')
        st.selectbox(
            "Language models multiply in", list(PRECISIONS), format_func=PRECISIONS.get, key=device.PRECISION,
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip


@st.cache_data(show_spinner=False)
def _devices() -> dict[str, str]:
    """Name of each device to what it is called."""
    from fute_core.models.device import list_devices

    return {d["name"]: d["title"] if d["name"] == "cpu" else f"{d['name']}, {d['title']}" for d in list_devices()}
