"""What came back in a run: example texts with their probabilities, and what the model would rather have said."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import leave, page
from dashboard.reads import data, history
from dashboard.reads.places import Landed
from dashboard.session.text import plural

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas

A_LABEL = 2
HESITANT = 4
OUTSIDE = 4
LABELS = 6
OFF = "After these texts more than half of the probability fell on other words. Which ones is not kept"
SHOWN = 3
"""Labels told for a text: the likeliest."""


def answers(atlas: "Atlas", asked: history.Asked, found: Landed) -> bool:
    """Texts it was surest of, label by label, and those it hesitated on; whether nothing is still being asked."""
    given = found.answers
    page.section(
        "Its answers",
        f"To {plural(len(given.index), 'probe text')}. Shares are of what fell on the answer choices, label priors not "
        "removed; then comes what fell on other words."
        + (" In italics what the model thought before it answered." if given.thoughts is not None else ""),
    )
    if len(given.labels) < 2:
        page.quiet("It gives scores and no labels.")
        return True
    groups = [
        (f"Surest of {label}", rows) for label, rows in list(history.surest(found, A_LABEL).items())[:LABELS] if rows
    ]
    never = [label for label, rows in history.surest(found, A_LABEL).items() if not rows]
    groups.append(("It hesitated", history.hesitant(found, HESITANT)))
    off = history.outside(found, OUTSIDE)
    texts = {row: data.text_of(atlas.probes.texts[given.index[row]]) for _, rows in groups for row in rows}
    texts |= {row: data.text_of(atlas.probes.texts[given.index[row]]) for row in off}
    abusive = dict(zip(texts, data.abusive(atlas, list(texts.values())), strict=True))
    hide = page.hides_abusive(any(abusive.values()))
    columns = st.columns(2, gap="large")
    for n, (title, rows) in enumerate(groups):
        with columns[n % 2]:
            page.eyebrow(title)
            page.quotes([(texts[row], None, told(found, row)) for row in rows],
                        blurred=[hide and abusive[row] for row in rows], thoughts=thoughts(found, rows))  # fmt: skip
    if (more := len(given.labels) - LABELS) > 0:
        page.quiet(f"The table has {plural(more, 'more label')}.")
    if never:
        page.quiet(f"No text was answered by {', '.join(never[:LABELS])} first.")
    with st.container(horizontal=True, gap="small"):
        leave.downloads(lambda: table(atlas, found), "run-answers", "answers to all texts")
    return own_words(atlas, asked, found, off, [hide and abusive[row] for row in off])


def told(found: Landed, row: int) -> str:
    """ "positive 93 %, negative 7 %", and how much went to no answer choice."""
    given = found.answers
    ranked = sorted(zip(given.proba[row], given.labels, strict=True), reverse=True)[:SHOWN]
    said = ", ".join(f"{label} {100 * share:.0f} %" for share, label in ranked)
    return said if given.outside is None else f"{said}; {100 * given.outside[row]:.0f} % on other words"


def thoughts(found: Landed, rows: list[int]) -> list[str] | None:
    """What the model thought of these texts; None where it answered at once."""
    said = found.answers.thoughts
    return None if said is None else [said[row] or "(nothing)" for row in rows]


def own_words(atlas: "Atlas", asked: history.Asked, found: Landed, rows: list[int], blurred: list[bool]) -> bool:
    """What it says of itself where no choice was likely; only when asked for. Whether nothing is awaited."""
    if not rows:
        return True
    page.section("Where no choice was likely")
    given = found.answers
    texts = [data.text_of(atlas.probes.texts[given.index[row]]) for row in rows]
    lines = [told(found, row) for row in rows]
    asks = f"runs-words-{asked.job.id}-{asked.place}"
    there = True
    if given.thoughts is not None:
        page.quiet(f"{OFF} with the answers; what it thought before is, and stands in italics.")
    elif not history.can_speak(asked):
        page.quiet(f"{OFF} with the answers, and only a packaged model can be asked for them here.")
    elif not st.session_state.get(asks):
        page.quiet(f"{OFF} with the answers; the model can be asked again for these few.")
        st.button("Ask what it wanted to say", key=f"{asks}-go", on_click=lambda: st.session_state.update({asks: True}))
    else:
        words = history.own_words(atlas, asked, [int(given.index[row]) for row in rows])
        there = words is not None
        if words is None:
            page.quiet("The model is loaded and asked.")
        else:
            page.quiet(f"Asked again: its likeliest next words, at most {history.TOKENS} tokens.")
            lines = [f"it says “{said.strip() or 'nothing'}”; {line}" for said, line in zip(words, lines, strict=True)]
    page.quotes(
        list(zip(texts, [None] * len(texts), lines, strict=True)), blurred=blurred, thoughts=thoughts(found, rows)
    )
    return there


def table(atlas: "Atlas", found: Landed) -> list[dict[str, object]]:
    """All answers as they leave: a row a text."""
    given = found.answers
    rows = []
    for n, probe in enumerate(given.index):
        row: dict[str, object] = {"text": data.text_of(atlas.probes.texts[probe])}
        row |= {f"answer: {label}": round(float(p), 4) for label, p in zip(given.labels, given.proba[n], strict=True)}
        if given.outside is not None:
            row["on other words"] = round(float(given.outside[n]), 4)
        if given.thoughts is not None:
            row["thought"] = given.thoughts[n]
        rows.append(row)
    return rows
