"""Compare: two or three items side by side, what differs first; the evidence behind one similarity."""

import streamlit as st

from dashboard import data, state
from dashboard.components import details, evidence, leave, marks, page, pickers
from dashboard.filtering import item_id
from dashboard.text import md

TEXTS = 8
MOST = 3


def draw() -> None:
    page.heading("Compare", "Two or three side by side; the first is pinned and the others are held against it.")
    atlas = page.open_atlas(state.view().pair)
    with page.trouble():
        items = choose(atlas)
        if len(items) < 2:
            page.empty("Nothing to compare yet", "Choose two or three items above, or select them on the map.")
            return
        abusive = any(i.embedding.family in data.ABUSIVE for i in items)
        blurred = abusive and not st.toggle("Show abusive texts", key="compare-abusive", persist_state="session")
        differences(items)
        for other in items[1:]:
            against(atlas, items[0], other, blurred)
        page.section("Neighbours", "Those that are not shared come first.")
        st.dataframe(evidence.shared_neighbours(atlas, items), hide_index=True)
        for item in items:
            own(item, blurred)


def choose(atlas) -> list:
    """The selection, as far as it is in this space; picking here changes it."""
    now = [item_id(i) for i in data.chosen(atlas, state.view().selected)][:MOST]
    st.session_state["compare-pick"] = now

    def take() -> None:
        state.select(*st.session_state["compare-pick"])

    return pickers.pick_many("Items, the pinned one first", atlas.items, key="compare-pick", max_selections=MOST,
                             on_change=take, placeholder="Type a name")  # fmt: skip


def differences(items: list) -> None:
    """Facts by item, only those that differ; what they share is behind an expander."""
    known = [{"Kind": i.embedding.kind, "Family": i.embedding.family or "", **details.what_it_is(i)} for i in items]
    names = list(dict.fromkeys(name for facts in known for name in facts))
    rows = {n: [str(facts.get(n, "")) for facts in known] for n in names}
    head = [item_id(i) for i in items]
    differ = [{"": n, **dict(zip(head, v, strict=True))} for n, v in rows.items() if len(set(v)) > 1]
    page.section("What differs")
    st.dataframe(differ, hide_index=True)
    with st.expander("What is the same"):
        page.facts({n: v[0] for n, v in rows.items() if len(set(v)) == 1})


def against(atlas, one, other, blurred: bool) -> None:
    """Similarity with its interval, and where the answers part."""
    for item in (one, other):
        named = item.embedding
        st.html(f'<div class="item-title">{marks.named(named.kind, named.family, named.name)}</div>')
    facts = evidence.pair_facts(atlas, one, other)
    page.facts(facts)
    leave.pin_button(f"{one.embedding.name} and {other.embedding.name}", key=f"compare-{item_id(other)}",
                     table=lambda: [{"one": one.embedding.name, "other": other.embedding.name, **facts}],
                     about=[item_id(one), item_id(other)])  # fmt: skip
    if one.answers is None or other.answers is None:
        page.quiet("The answers of one of them are not known, so there are no texts to show.")
        return
    for title, rows in (
        ("Texts that pull them apart most", evidence.disagreements(atlas, one, other, TEXTS)),
        ("Texts that make them alike", data.telling_texts(atlas, one, other, TEXTS // 2)),
    ):
        page.eyebrow(title)
        page.quotes([(text, None, f"{a} | {b}") for text, a, b in rows], blurred=blurred)
    if one.answers.shape[1] > 1 and other.answers.shape[1] > 1:
        page.eyebrow("Their answers against each other, in probe texts")
        st.dataframe(evidence.confusion(one, other), hide_index=True)


def own(item, blurred: bool) -> None:
    """Labels over the probe texts, and a dataset's examples."""
    with st.expander(md(f"Labels and texts of {item.embedding.name}")):
        if item.answers is not None and item.answers.shape[1] > 1:
            page.facts({k: f"{v} % of its answers" for k, v in evidence.label_shares(item).items()})
        if item.embedding.kind == "dataset":
            rows = data.examples(item.embedding.name)
            page.quotes([(r["text"], r["text_pair"], r["label"]) for r in rows], blurred=blurred)


draw()
