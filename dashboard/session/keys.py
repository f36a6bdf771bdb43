"""Keys of endpoints as a visitor typed them: in the memory of that visitor's session, and nowhere else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fute_core.predictors.keys import TYPED, origin

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest

KEPT = "keys.typed"


def typed(base_url: str, key: str) -> None:
    """Remember the key for this address alone, so that a run there can be taken up again in this session."""
    st.session_state[KEPT] = {**st.session_state.get(KEPT, {}), origin(base_url): key}


def typed_for(requests: "Sequence[EmbedRequest]") -> str | None:
    """What was typed for the address that they ask; None where no typed key is needed, or none is known."""
    asked = {origin(r.options["base_url"]) for r in requests if r.options.get("api_key_env") == TYPED}
    return st.session_state.get(KEPT, {}).get(asked.pop()) if len(asked) == 1 else None
