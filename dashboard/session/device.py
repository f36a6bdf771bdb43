"""The device that a visitor's jobs compute on; nothing is said of it where there is the processor alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest

KEY = "device"
AUTO = "auto"


def placed(requests: Sequence["EmbedRequest"]) -> list["EmbedRequest"]:
    """The same requests, each to be computed where this visitor chose, unless it says where itself."""
    chosen = st.session_state.get(KEY, AUTO)
    if chosen == AUTO:
        return list(requests)
    return [replace(r, options={"device": chosen, **r.options}) for r in requests]
