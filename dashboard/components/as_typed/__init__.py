"""Text areas that count while one types: after a short pause, not only when they are left."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

FRONTEND = Path(__file__).parent / "frontend"


def as_typed(*keys: str) -> None:
    """For the `st.text_area`s of these keys, on the page that calls this; single lines have `live=True` instead."""
    _component()(key=f"as-typed-{'-'.join(keys)}", data={"keys": list(keys)}, height=1)


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "as_typed", js=(FRONTEND / "as_typed.js").read_text("utf-8"), isolate_styles=False
    )  # fmt: skip
