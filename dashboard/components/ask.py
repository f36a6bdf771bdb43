"""Asking classifiers and prompts about a text that a visitor types: the form, and their answers side by side."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.components import leave, marks, page, pickers
from dashboard.reads import asking, data
from dashboard.reads.asking import Someone, Suggested
from dashboard.session import said, state
from dashboard.session.filtering import item_id
from dashboard.session.text import html_text, plural, shorten
from fute_core.analysis.asking import LONGEST, Reply
from fute_core.atlas.newcomers import is_tuned

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas

MOST_LABELS = 5
NAMED = 3
MOST_THOUGHT = 240
"""Characters of what was thought before an answer."""
_TEXT, _WHO = "ask.text", "ask.who"
Got = Mapping[str, Reply | str | None]


def form(atlas: "Atlas") -> None:
    """The text, or both of a pair, and who is asked: the selection and what is nearest to it, unless changed."""
    pair = state.view().pair
    start = asking.suggested(atlas, state.view())
    with st.form("ask", border=False):
        typed = [
            st.text_area(label, key=f"ask-text-{n}", max_chars=LONGEST, height=96, persist_state="session",
                         placeholder=example)
            for n, (label, example) in enumerate(_slots(pair))
        ]  # fmt: skip
        able = [i for i in atlas.items if i.embedding.kind != "dataset" and not is_tuned(i)]
        items = pickers.pick_many(
            "Who is asked", able, key=f"ask-who-{'-'.join(state.view().selected[-1:])}", value=start.ids
        )
        encoder = st.selectbox(
            "An encoder as well", asking.encoders(), None, key="ask-encoder", persist_state="session",
            placeholder="None", help="It knows no task: it takes the label whose name fits the text best.",
        )  # fmt: skip
        asked = st.form_submit_button("Ask", type="primary")
    suggestion(start)
    if asked:
        with page.trouble():
            text = asking.text_of(tuple(typed) if pair else typed[0], pair)
            if (before := st.session_state.get(_TEXT)) is not None:
                # What failed is asked again by a second click; what nobody waits for any more makes room.
                (asking.forget_failed if before == text else asking.drop)(asked_before(atlas), before)
            st.session_state[_TEXT] = text
            st.session_state[_WHO] = ([item_id(i) for i in items], encoder)


def asked_before(atlas: "Atlas") -> list[Someone]:
    """Who was asked last, as far as they are in this space; an encoder by the labels of the first of them."""
    ids, encoder = st.session_state.get(_WHO, ((), None))
    items = data.chosen(atlas, ids)
    return [*map(asking.someone, items), *([asking.encoder(encoder, items[0])] if encoder and items else [])]


def link(label: str) -> None:
    """To the form, with what is selected."""
    st.page_link(navigation.path_of("models"), label=label, query_params={**state.params(), "do": ["Ask"]})


def _slots(pair: bool) -> list[tuple[str, str]]:
    if pair:
        return [("First text", "A man plays a guitar."), ("Second text", "A man is asleep.")]
    return [("A text", "A dull film, but the actors are great.")]


def suggestion(start: Suggested) -> None:
    """Whose neighbours these are, and who was passed over."""
    if start.of is not None:
        of = start.of.embedding
        page.quiet(
            f"To begin with, those nearest to {of.name} that can be asked here. A dataset answers nothing itself; what "
            "was trained on it does."
        )
    for why, names in start.passed_over.items():
        page.quiet(f"Selected or nearer, but not asked: {_some(names)}. {why}")


def answers(atlas: "Atlas") -> None:
    """What was asked last and what they answer; looks again while somebody has yet to answer."""
    text, those = st.session_state.get(_TEXT), asked_before(atlas)
    if text is None or not those or isinstance(text, tuple) != state.view().pair:
        page.empty(
            "Nothing asked yet",
            "Type a text and ask. Classifiers that ship are trained again from their rows first, which takes a moment; "
            "prompts wait for their language model, which stays loaded for the next text.",
        )
        return
    waiting = any(found is None for found in asking.answers(those, text).values())
    st.fragment(_answers, run_every=0.7 if waiting else None)(those, text, waiting)


def _answers(those: Sequence[Someone], text, waiting: bool) -> None:
    got = asking.answers(those, text)
    page.eyebrow("Asked about")
    page.quotes([(text[0], text[1], "") if isinstance(text, tuple) else (text, None, "")])
    left = sum(found is None for found in got.values())
    if left:
        page.progress(len(got) - left, len(got), "Answered")
    for sentence in summary(those, got):
        page.quiet(sentence)
    st.html(f'<div class="asked-grid">{"".join(card(one, got[one.id]) for one in those if _has_card(got, one))}</div>')
    refused(those, got)
    if any(isinstance(found, Reply) for found in got.values()):
        page.quiet(
            "How likely each label is to it. The tick is how likely it is on average over the probe texts: only what "
            "goes beyond its tick says something of this text."
        )
        with st.container(key="ask-actions", horizontal=True, gap="small"):
            leave.downloads(lambda: asking.rows(those, text), "task-atlas-answers", "answers")
            leave.pin_button("Answers to a text", key="ask", table=lambda: asking.rows(those, text), note=_quoted(text),
                             about=[one.id for one in those if not one.id.startswith("encoder:")])  # fmt: skip
    if waiting and not left:
        said.rerun()


def summary(those: Sequence[Someone], got: Got) -> list[str]:
    """Of those with the same labels, how many say what."""
    by_labels: dict[tuple[str, ...], list[str]] = {}
    for one in those:
        found = got[one.id]
        if isinstance(found, Reply) and found.labels and found.proba:
            first = max(zip(found.proba, found.labels, strict=True))[1]
            by_labels.setdefault(tuple(sorted(found.labels)), []).append(first)
    told = []
    for labels, firsts in by_labels.items():
        if len(firsts) > 1:
            counts = sorted({first: firsts.count(first) for first in firsts}.items(), key=lambda pair: -pair[1])
            of = (
                f" with the labels {', '.join(labels)}" if len(labels) <= MOST_LABELS else f" with {len(labels)} labels"
            )
            told.append(f"Of {len(firsts)}{of}: " + ", ".join(f"{n} say {label}" for label, n in counts) + ".")
    return told


def card(one: Someone, found: Reply | None) -> str:
    """HTML: one who was asked, and how likely each label is to it, with a tick at what it usually says."""
    head = (
        f'<div class="asked"><div class="name">{marks.named(one.kind, one.family, one.name)}</div>'
        f'<p class="quiet">{html_text(one.what)}</p>'
    )
    if found is None:
        return f'{head}<p class="quiet">Being asked</p></div>'
    if not found.labels:
        return f"{head}<p>{found.proba[0]:z.2f}</p></div>" if found.proba else head + "</div>"
    ranked = sorted(zip(found.labels, found.proba, strict=True), key=lambda pair: -pair[1])
    # Of few labels each has its place, so that cards can be read across.
    shown = sorted(ranked) if len(ranked) <= MOST_LABELS else ranked[:MOST_LABELS]
    bars = "".join(_bar(label, p, one.usual.get(label), first=label == ranked[0][0]) for label, p in shown)
    more = len(ranked) - MOST_LABELS
    rest = [f"and {plural(more, 'label')} more"] if more > 0 else []
    if found.thought:
        rest.append(f"It thought first: “{shorten(' '.join(found.thought.split()), MOST_THOUGHT)}”")
    if found.outside is not None and found.outside > 0.5:
        rest.append("Most of its probability went to none of these answers.")
    if found.cut:
        rest.append("It has read the beginning of the text alone.")
    if not found.same:
        rest.append("What answers is not quite what lies on the map: files or libraries have changed.")
    return head + bars + "".join(f'<p class="quiet">{html_text(one)}</p>' for one in rest) + "</div>"


def _bar(label: str, p: float, usual: float | None, *, first: bool) -> str:
    tick = "" if usual is None else f'<i class="usual" style="left:{100 * usual:.1f}%"></i>'
    bar = f'<span class="bar"><i style="width:{100 * p:.1f}%"></i>{tick}</span>'
    return (
        f'<div class="share{" first" if first else ""}"><span>{html_text(label)}</span>{bar}'
        f"<span>{100 * p:.0f}&#160;%</span></div>"
    )


def refused(those: Sequence[Someone], got: Got) -> None:
    """Who has not answered, and why; those with one reason together."""
    reasons: dict[str, list[str]] = {}
    for one in those:
        found = got[one.id]
        if isinstance(found, Reply) and not found.proba:
            found = "The answer names none of the labels."
        if isinstance(found, str):
            reasons.setdefault(found, []).append(one.name)
    for why, names in reasons.items():
        page.notice(f"{_some(names)}: {why}")


def _has_card(got: Got, one: Someone) -> bool:
    found = got[one.id]
    return found is None or (isinstance(found, Reply) and bool(found.proba))


def _quoted(text) -> str:
    return f"Asked about: {data.text_of(text)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
