"""Datasets: what is shipped and what you brought, each with its card, rows and neighbours; and bringing another."""

import streamlit as st

from dashboard import navigation
from dashboard.components import details, filters, landed, marks, page, upload
from dashboard.components.item_list import Row, item_list
from dashboard.reads import brought, data, datasets, work
from dashboard.reads.datasets import Known
from dashboard.session import address, state
from dashboard.session.said import say
from dashboard.session.text import html_text, md, plural, shorten
from fute_core.datasets import uploads
from fute_core.errors import FuteError

ROWS = 8
MODES = {"browse": "Browse", "upload": "Upload"}


def draw() -> None:
    view = state.view()
    page.heading("Datasets", "What is asked for: labelled texts, each a point of the map. Bring your own as a table.")
    address.spell_out(do=MODES)
    address.option("do", "choice of what to do", MODES.values())
    mode = st.segmented_control(
        "What to do", list(MODES), key="do", bind="query-params", default="browse", required=True,
        format_func=MODES.get, label_visibility="collapsed",
    )  # fmt: skip
    with page.trouble():
        damaged()
        known = datasets.known(view.pair)
        if mode == "upload":
            bring(known)
        else:
            browse(known)


def damaged() -> None:
    """A row for each upload that cannot be read, with what removes it."""
    for name in brought.broken():
        with st.container(horizontal=True, vertical_alignment="center", key=f"card-broken-{name[:32]}"):
            page.notice(f"An upload cannot be read: its card {shorten(name, 40)} is damaged, or its file is gone.")
            if st.button("Remove it", key=f"remove-{name}"):
                ask_remove_broken(name)


@st.dialog("Remove this upload?")
def ask_remove_broken(name: str) -> None:
    page.quiet(name)
    st.text("The card and the file it belongs to are removed. Embeddings that were made of it stay.")
    if st.button("Remove it", type="primary", key="remove-broken"):
        with page.trouble():
            brought.remove_broken(name)
            st.rerun()


def browse(known: list[Known]) -> None:
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        shown = listing(known)
    with right, st.container(key="dataset-panel"):
        current = state.view().current
        one = next((k for k in known if k.id == current), None) or (shown[0] if shown else None)
        if one:
            card(one)


def listing(known: list[Known]) -> list[Known]:
    """The list, filtered by the page's own search and the shared families."""
    view = state.view()
    with st.container(key="bar", horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Search", key="find", bind="query-params", placeholder="Search names and titles",
                              label_visibility="collapsed", live=True)  # fmt: skip
    shown = [k for k in known if datasets.fits(k, words, view.families)]
    if not shown:
        why = f"Nothing here is called “{words}”." if words else f"No dataset of {', '.join(view.families)} is here."
        page.empty("No datasets", why, action="Clear search and filters", on_click=clear)
        return []
    page.eyebrow(plural(len(shown), "dataset"), "rows")
    rows = [
        Row(id=k.id, kind="dataset", family=k.family, name=k.name, figure=f"{k.rows:,}" if k.rows else "",
            note=datasets.note(k), title=k.title or k.name, current=k.id == view.current)
        for k in shown
    ]  # fmt: skip
    item_list(rows, key="datasets", label="Datasets", on_pick=state.select)
    return shown


def clear() -> None:
    filters.clear()
    st.session_state["find"] = ""


def card(one: Known) -> None:
    """All that is known of one dataset, and what can be done with it."""
    name = one.name if one.title and one.title != one.name else ""  # else it is the heading already
    said = ", ".join(p for p in (name, one.family, "" if one.shipped else "yours") if p)
    st.html(
        f'<div class="item-title">{marks.named("dataset", one.family, one.title or one.name)}</div>'
        f'<p class="quiet">{html_text(said)}</p>'
    )
    actions(one)
    page.facts(one.facts)
    if one.labels:
        page.eyebrow("Labels", "rows" if any(one.labels.values()) else "")
        upload.label_bars(one.labels) if any(one.labels.values()) else page.quiet(", ".join(one.labels))
    if one.repeats:
        page.notice(details.redundant(one.repeats))
    if one.item is not None:
        details.neighbours(data.atlas(state.view().pair), one.item, key="dataset")
    preview(one)


def actions(one: Known) -> None:
    with st.container(horizontal=True, gap="small", key="dataset-actions"):
        if one.item is not None:
            if st.button("Show on the map", key=f"to-map-{one.id}"):
                state.go(navigation.path_of("map"), selected=(one.id,))
        elif one.job:
            page.quiet(f"Being embedded: {one.job}")
        else:
            st.button("Embed", type="primary", key=f"embed-{one.id}", on_click=embed, args=(one,))
        if not one.shipped and one.upload is not None and st.button("Remove", key=f"remove-{one.id}"):
            ask_remove(one)
    if problem := st.session_state.pop("datasets.problem", None):
        st.error(md(problem))


def embed(one: Known) -> None:
    try:
        work.start([datasets.request_of(one)])
        say(f"Embedding {md(one.name)}; see Jobs.")
    except FuteError as error:
        st.session_state["datasets.problem"] = str(error)


@st.dialog("Remove this dataset?")
def ask_remove(one: Known) -> None:
    page.quiet(one.name)
    st.text("The file you uploaded and its point on the map are removed, for everybody on this server.")
    with st.container(horizontal=True):
        if st.button("Remove it", type="primary", key="remove-yes"):
            uploads.forget(one.upload)
            if one.item is not None:
                data.store().delete(one.item.embedding)
            st.rerun()
        if st.button("Keep it", key="remove-no"):
            st.rerun()


def preview(one: Known) -> None:
    """A few rows; those of abusive families are blurred until asked for."""
    with page.trouble():
        rows = datasets.example_rows(one, ROWS)
        if not rows:
            return
        page.eyebrow("Example rows")
        page.careful_quotes(
            [(row["text"], row.get("text_pair"), row["label"]) for row in rows],
            [one.family in data.ABUSIVE] * len(rows),
        )  # fmt: skip


def bring(known: list[Known]) -> None:
    """The upload, its job, and where it lands."""
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        added = upload.draw({k.name for k in known})
        if added is not None:
            with page.trouble():
                job = work.start([datasets.upload_request(added)])
                st.session_state["datasets.job"] = job.id
    with right:
        landed.watch("datasets.job", "Embedding", "The dataset becomes a point of the map, shown here once it is "
                     "there; you can go on meanwhile.")  # fmt: skip


draw()
