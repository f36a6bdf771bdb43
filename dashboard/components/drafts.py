"""The prompt that is being written, kept by the browser as one types, so that it is there again after a reload.

It never leaves the browser but to fill this form, and holds nothing of an endpoint's key or address.
"""

import json
from functools import lru_cache

import streamlit as st

from dashboard.components import answer_reading, page, prompt_editor, reasoning_turn
from fute_core.templates.reasoning import MOST_TOKENS

WORDS = (*prompt_editor.FIELDS, "lab-system", "lab-family", "lab-ref", "lab-served", reasoning_turn.THEN)
CHOSEN = {
    "lab-completion": (True, False), "lab-model": (*prompt_editor.PACKAGED, "other", "endpoint"),
    "lab-reading": tuple(answer_reading.READINGS), reasoning_turn.ON: (True, False),
    reasoning_turn.TOKENS: tuple(range(1, MOST_TOKENS + 1)),
}  # fmt: skip
KEY = "remember-draft"
SCRIPT = """
const NAME = "task-atlas-draft";
export default function ({ data, setTriggerValue }) {
  try {
    if (data.ask) setTriggerValue("kept", localStorage.getItem(NAME) ?? "null");
    else if (data.keep) localStorage.setItem(NAME, data.keep);
    else if (data.forget) localStorage.removeItem(NAME);
  } catch {
    // A browser that keeps nothing loses the draft and nothing else.
    if (data.ask) setTriggerValue("kept", "null");
  }
}
"""


def keep() -> None:
    """Below the form: has the browser keep what differs from what the form began with, and asks for it once a visit."""
    typed = st.session_state
    now = written()
    begun = typed.setdefault("lab.draft_begun", now)
    asks = "lab.draft_asked" not in typed
    changed = not asks and now != begun
    forget = not asks and not changed and typed.get("lab.draft_kept", False)
    typed["lab.draft_kept"] = changed
    data = {"ask": asks, "keep": json.dumps({"run": typed.get("run"), **now}) if changed else "", "forget": forget}
    _component()(key=KEY, data=data, height=1, on_kept_change=take)
    if typed.get("lab.draft_other"):
        with st.container(horizontal=True, vertical_alignment="center", key="draft-other"):
            page.quiet("What you were writing before is kept: this link brought another prompt into the form.")
            st.button("Bring it back", key="lab-draft-back", on_click=bring_back)


def written() -> dict[str, object]:
    """The form as it is now, as far as it is drawn."""
    return {key: st.session_state[key] for key in (*WORDS, *CHOSEN) if key in st.session_state}


def take() -> None:
    """What the browser kept, into a form that nothing was written in yet; beside the prompt of a link it is offered."""
    typed = st.session_state
    typed["lab.draft_asked"] = True
    run, kept = read(str(typed[KEY].get("kept") or ""))
    if not kept or kept == written():
        return
    linked = typed.get("lab.linked")
    if linked and linked != run:
        typed["lab.draft_other"] = kept
    elif prompt_editor.untouched():
        typed.update(kept)


def bring_back() -> None:
    st.session_state.update(st.session_state.pop("lab.draft_other", {}))


def read(text: str) -> tuple[str | None, dict[str, object]]:
    """(run that was looked at, fields) of a draft. Whatever else a browser may hold is no draft: (None, {})."""
    try:
        kept = json.loads(text)
    except ValueError:
        return None, {}
    if not isinstance(kept, dict):
        return None, {}
    most = prompt_editor.MOST_CHARACTERS
    fields = {key: kept[key] for key in WORDS if isinstance(kept.get(key), str) and len(kept[key]) <= most}
    fields |= {
        key: kept[key]
        for key, among in CHOSEN.items()
        if any(kept.get(key) == one and type(kept[key]) is type(one) for one in among)
    }
    if len(str(fields.get(reasoning_turn.THEN, ""))) > reasoning_turn.LONGEST:
        return None, {}
    if not set(prompt_editor.FIELDS) <= set(fields) or len(str(fields["lab-name"])) > prompt_editor.LONGEST_NAME:
        return None, {}
    run = kept.get("run")
    return run if isinstance(run, str) else None, fields


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component("remember_draft", js=SCRIPT, isolate_styles=False)
