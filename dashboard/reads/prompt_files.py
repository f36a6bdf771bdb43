"""The template that a request names, read once a file, since all runs are looked through."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.tasks import PromptTemplate


def template_of(request: "EmbedRequest") -> "PromptTemplate | None":
    """What was asked; None where its file is gone or is no file of templates any more."""
    file = Path(request.ref)
    return _templates(request.ref, file.stat().st_mtime_ns if file.is_file() else 0).get(request.template or "")


@st.cache_resource(show_spinner=False, max_entries=256)
def _templates(ref: str, touched: int) -> "dict[str, PromptTemplate]":
    from fute_core.embedding.opening import prompt_templates

    try:
        return dict(prompt_templates(ref))
    except FuteError:
        return {}
