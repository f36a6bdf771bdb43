"""Compare: two or three items side by side, what differs first; the evidence behind one similarity."""

import streamlit as st

from dashboard.components import ask, details, evidence, leave, marks, page, pickers, runs, swap, told
from dashboard.components.template_diff import marked
from dashboard.reads import data, examples
from dashboard.session import state
from dashboard.session.filtering import KIND_NAME, item_id
from dashboard.session.text import html_text, md
from fute_core.atlas.newcomers import is_tuned

TEXTS = 6
MOST = 3
HIDDEN = "(an abusive text, hidden when this was pinned)"


def draw() -> None:
    page.heading(
        "Compare",
        "Two or three side by side; the first is pinned and the others are held against it. One alone is held "
        "against its own other runs.",
    )
    atlas = page.open_atlas(state.view().pair)
    with page.trouble():
        items = choose(atlas)
        if not items:
            page.empty(
                "Nothing to compare yet",
                "Choose two or three items above, or select them on the map. One item alone is held against its own "
                "other runs.",
                action="Show an example" if (kin := examples.pair_of_kin(atlas)) else "",
                on_click=lambda: state.select(*kin),
            )
            return
        if len(items) == 1:
            runs.draw(atlas, items[0])
            return
        texts = [evidence.sides(atlas, items[0], other, TEXTS) for other in items[1:]]
        abusive = any(i.embedding.family in data.ABUSIVE for i in items)
        abusive = abusive or any(evidence.any_abusive(atlas, found) for found in texts)
        hide = page.hides_abusive(abusive)
        similarities(atlas, items, hide)
        for other in items[1:]:
            swap.section(items[0], other)
        differences(items)
        for other, found in zip(items[1:], texts, strict=True):
            against(atlas, items[0], other, found, hide, titled=len(items) > 2)
        labels(items, hide)
        page.section("Neighbours")
        for item, head in zip(items, evidence.headings(items), strict=True):
            told.verdict(data.verdict(atlas, item), of=head)
        page.quiet("Those that are not shared come first.")
        near = evidence.shared_neighbours(atlas, items)
        to = [name for name in (near[0] if near else {}) if name.startswith("to ")]
        st.dataframe(near, hide_index=True, height="content",
                     column_config={name: st.column_config.NumberColumn(format="%.3f") for name in to})  # fmt: skip


def choose(atlas) -> list:
    """The selection, as far as it is in this space; picking here changes it."""
    chosen = data.chosen(atlas, state.view().selected)
    st.session_state["compare-pick"] = [item_id(i) for i in chosen[:MOST]]

    def take() -> None:
        state.select(*st.session_state["compare-pick"])

    items = pickers.pick_many("Items, the pinned one first", atlas.items, key="compare-pick", max_selections=MOST,
                              on_change=take, placeholder="Type a name")  # fmt: skip
    if len(chosen) > MOST:
        page.notice(f"{len(chosen):,} items are selected; the first three are compared.")
    if len(items) > 1:
        with st.container(key="pin-which", horizontal=True, gap="small"):
            for item in items[1:]:
                own = item_id(item)
                rest = [i for i in map(item_id, items) if i != own]
                st.button(f"Pin {md(item.embedding.name)} instead", key=f"pin-first-{own}", type="tertiary",
                          on_click=state.select, args=(own, *rest))  # fmt: skip
    return items


def similarities(atlas, items: list, hide: bool) -> None:
    """How alike each is to the pinned one, with its interval. hide : abusive texts are not pinned either."""
    for column, other in zip(st.columns(len(items) - 1, gap="large"), items[1:], strict=True):
        with column, st.container(key=f"card-pair-{item_id(other)}"):
            for item in (items[0], other):
                own = item.embedding
                said = ", ".join(p for p in (KIND_NAME[own.kind], own.family) if p)
                st.html(f'<div class="item-title">{marks.named(own.kind, own.family, own.name)}</div>'
                        f'<p class="quiet">{html_text(said)}</p>')  # fmt: skip
            facts = evidence.pair_facts(atlas, items[0], other)
            page.facts(facts)
            leave.pin_button(f"{items[0].embedding.name} and {other.embedding.name}", key=f"compare-{item_id(other)}",
                             table=lambda other=other, facts=facts: pinned(atlas, items[0], other, facts, hide),
                             about=[item_id(items[0]), item_id(other)])  # fmt: skip


def pinned(atlas, one, other, facts: dict, hide: bool) -> list[dict[str, object]]:
    """The comparison as rows: what is known of the pair, then the texts with both answers; abusive ones left out."""
    heads = evidence.headings([one, other])
    rows: list[dict[str, object]] = [
        {"what": name, "text or value": value, heads[0]: "", heads[1]: ""} for name, value in facts.items()
    ]
    for title, texts in (evidence.sides(atlas, one, other, TEXTS) or {}).items():
        abusive = data.abusive(atlas, [text for text, *_ in texts])
        rows += [
            {"what": title, "text or value": HIDDEN if hide and bad else text, heads[0]: a, heads[1]: b}
            for (text, a, b), bad in zip(texts, abusive, strict=True)
        ]
    return rows


def differences(items: list) -> None:
    """Facts by item, only those that differ; what they share is behind an expander."""
    known = [
        {"Kind": KIND_NAME[i.embedding.kind], "Family": i.embedding.family or "", **details.what_it_is(i),
         "Made": i.embedding.provenance.created[:16].replace("T", " ")}
        for i in items
    ]  # fmt: skip
    names = list(dict.fromkeys(name for facts in known for name in facts))
    rows = {n: [str(facts.get(n, "")) for facts in known] for n in names}
    heads = evidence.headings(items)
    differ = [{"what": n, **dict(zip(heads, v, strict=True))} for n, v in rows.items() if len(set(v)) > 1]
    same = {n: v[0] for n, v in rows.items() if len(set(v)) == 1}
    page.section("What differs")
    if differ:
        st.dataframe(differ, hide_index=True)
    else:
        page.quiet("Nothing that is known of them.")
    templates(items)
    if any(same.values()):
        with st.expander("What is the same"):
            page.facts(same)


def templates(items: list) -> None:
    """The prompts' texts, each other one beside the pinned one with the words marked that differ."""
    texts = [str(i.facts.get("template") or "") for i in items]
    if not texts[0]:
        return
    for item, text in zip(items[1:], texts[1:], strict=True):
        if text and text != texts[0]:
            page.eyebrow(f"Templates of {items[0].embedding.name} and {item.embedding.name}")
            for column, shown in zip(st.columns(2, gap="large"), marked(texts[0], text), strict=True):
                with column:
                    st.html(f'<div class="template" dir="auto">{shown}</div>')


def against(atlas, one, other, found, hide: bool, *, titled: bool) -> None:
    """Where the answers of two part, and where they agree."""
    page.section(f"Answers of {one.embedding.name} and {other.embedding.name}" if titled else "Their answers")
    evidence.texts(atlas, one, other, found, hide=hide)
    if any(i.embedding.kind != "dataset" and not is_tuned(i) for i in (one, other)) and not titled:
        ask.link("Ask them about a text of your own")
    if one.answers is None or other.answers is None:
        return
    if one.answers.shape[1] > 1 and other.answers.shape[1] > 1:
        page.eyebrow("Their answers against each other, in probe texts")
        st.dataframe(evidence.confusion(one, other), hide_index=True)


def labels(items: list, hide: bool) -> None:
    """How the answers of each go over its labels, and a dataset's examples."""
    page.section("Labels and texts", "How much of its answers to the probe texts each label gets.")
    for column, item in zip(st.columns(len(items), gap="large"), items, strict=True):
        own = item.embedding
        with column:
            st.html(f'<div class="item-title">{marks.named(own.kind, own.family, own.name)}</div>')
            if item.answers is not None and item.answers.shape[1] > 1:
                st.html(evidence.share_bars(item))
            else:
                page.quiet("Its answers are not known." if item.answers is None else "It gives scores, not labels.")
            rows = data.examples(own.name) if own.kind == "dataset" else []
            if rows:
                with st.expander("Examples from its rows"):
                    page.quotes([(r["text"], r["text_pair"], r["label"]) for r in rows],
                                blurred=hide and own.family in data.ABUSIVE)  # fmt: skip


draw()
