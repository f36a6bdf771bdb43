"""How a model's answers are read: by the probabilities of the answer words, or as the words that it writes."""

from typing import Any

import streamlit as st

from dashboard.components import page
from dashboard.reads.costs import Model
from fute_core.predictors.endpoint import MODES
from fute_core.predictors.written import MAX_TOKENS, MOST_SAMPLES

READINGS = {"probabilities": "Probabilities of the answers", "text": "The words that it writes"}
ASKED_FOR = {
    "chat": "the first token of a chat answer",
    "completions": "whole answers, where the server scores given text",
    "next-token": "the next token after the plain prompt",
}
WRITTEN_AS = {"chat": "an answer in a chat", "next-token": "what goes on from the plain prompt"}
LONGEST_ANSWER = 16_384
"""Tokens, with the thoughts before it."""


def reading(at_endpoint: bool) -> tuple[tuple[str, Any], ...]:
    """The fields; gives the options of a request, those alone that are not as usual."""
    st.session_state.setdefault("lab-reading", "probabilities")
    how = st.radio(
        "Read from its answers", list(READINGS), key="lab-reading", persist_state="session", horizontal=True,
        format_func=READINGS.get,
        help="Probabilities say more with one question. Words are for models that give none, as most hosted ones, and "
        "for those that think before they answer.",
    )  # fmt: skip
    chosen: dict[str, Any] = {}
    if how == "text":
        chosen = {"text": True, **_words()}
    if at_endpoint:
        offered = WRITTEN_AS if how == "text" else ASKED_FOR
        api = st.selectbox(
            "The server is asked for", list(offered), key=f"lab-api-{how}", persist_state="session",
            format_func=offered.get,
        )  # fmt: skip
        if api not in (None, MODES[0]):
            chosen["api"] = api
    return tuple(chosen.items())


def _words() -> dict[str, int]:
    """How often a text is asked, and how long an answer may be."""
    st.session_state.setdefault("lab-samples", 1)
    st.session_state.setdefault("lab-max-tokens", MAX_TOKENS)
    with st.container(horizontal=True):
        samples = st.number_input(
            "Answers a text", 1, MOST_SAMPLES, key="lab-samples", persist_state="session",
            help="One takes the likeliest words, and says which label is likeliest and no more. More are drawn and "
            "counted, each a call.",
        )  # fmt: skip
        longest = st.number_input(
            "Tokens of an answer", 1, LONGEST_ANSWER, key="lab-max-tokens", persist_state="session",
            help="At most. A model that thinks before it answers needs far more, such as 2000.",
        )  # fmt: skip
    page.quiet(
        "Thoughts between <think> and </think> are left out. An answer that names no label, or several, is not "
        "counted; if most are so, no vector is made."
    )
    usual = {"samples": 1, "max_tokens": MAX_TOKENS}
    return {name: n for name, n in {"samples": samples, "max_tokens": longest}.items() if n != usual[name]}


def fill(asked: Model) -> None:
    """How a run read its answers, into the fields."""
    read = dict(asked.read)
    how = "text" if read.get("text") else "probabilities"
    st.session_state["lab-reading"] = how
    st.session_state[f"lab-api-{how}"] = read.get("api", MODES[0])
    st.session_state["lab-samples"] = read.get("samples", 1)
    st.session_state["lab-max-tokens"] = min(read.get("max_tokens", MAX_TOKENS), LONGEST_ANSWER)
