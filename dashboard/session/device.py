"""Where and in what a visitor's jobs compute; nothing is said of it where there is the processor alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest

KEY, PRECISION = "device", "precision"
AUTO = "auto"


def placed(requests: Sequence["EmbedRequest"]) -> list["EmbedRequest"]:
    """The same requests, each to be computed where and in what this visitor chose, unless it says so itself."""
    chosen = {name: said for name in (KEY, PRECISION) if (said := st.session_state.get(name, AUTO)) != AUTO}
    return [replace(r, options={**_told(chosen, r), **r.options}) for r in requests]


def _told(chosen: dict[str, str], request: "EmbedRequest") -> dict[str, str]:
    """What is chosen, without the precision for what no language model here is asked."""
    prompted = request.kind == "prompt" and not request.options.get("base_url")
    return chosen if prompted else {name: said for name, said in chosen.items() if name != PRECISION}
