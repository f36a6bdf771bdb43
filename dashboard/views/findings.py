"""Findings: what was pinned, in the order of the report, with titles and notes; and the report itself."""

from urllib.parse import urlencode, urlparse

import streamlit as st

from dashboard import findings, navigation, state
from dashboard.components import leave, page
from dashboard.components.board import board_report, draw_pin
from dashboard.text import md, plural, shorten


def draw() -> None:
    page.heading(
        "Findings", "What you pinned, saved as you go. Order it, annotate it, and take it with you as one file."
    )
    with page.trouble():
        owner = findings.owner()
        choose(owner)
        board = findings.read(owner, findings.current())
        if board.dropped:
            undo(owner, board)
        if not board.pins:
            page.empty(
                "Nothing pinned yet",
                "Press “Pin to findings” on another page; the chart lands here with a link back.",
                action="Open the map",
                on_click=lambda: st.session_state.update({"findings.open": True}),
            )
            if st.session_state.pop("findings.open", False):
                state.go(navigation.path_of("map"))
            return
        leaving(owner, board)
        for place, pin in enumerate(board.pins):
            with st.container(key=f"card-{pin.key}"):
                card(owner, board.name, pin, place, len(board.pins))


def choose(owner: str) -> None:
    """Which board; a new one; deleting one asks first."""
    names = findings.boards(owner)
    now = findings.current()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        picked = st.selectbox("Board", names, names.index(now) if now in names else 0, width=280)
        st.session_state["findings.board"] = picked
        with st.popover("New board"), st.form("new-board", border=False, clear_on_submit=True):
            name = st.text_input("Name", max_chars=80)
            if st.form_submit_button("Create"):
                with page.trouble():
                    findings.create(owner, name)
                    st.session_state["findings.board"] = " ".join(name.split())[:80]
                    st.rerun()
        if st.button("Delete board", type="tertiary"):
            ask(owner, picked)


@st.dialog("Delete this board?")
def ask(owner: str, name: str) -> None:
    st.markdown(f"{md(name)} and its pins are deleted for good.")
    if st.button("Delete for good", type="primary"):
        findings.delete(owner, name)
        st.session_state["findings.board"] = findings.FIRST
        st.rerun()


def undo(owner: str, board: findings.Board) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page.notice(f"“{shorten(board.dropped[1].title, 60)}” was deleted.")
        st.button("Undo", on_click=lambda: findings.change(owner, board.name, findings.restored))


def leaving(owner: str, board: findings.Board) -> None:
    """The report, and the link that opens the boards again."""
    place = urlparse(st.context.url or "")
    server = f"{place.scheme}://{place.netloc}" if place.netloc else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        page.eyebrow(plural(len(board.pins), "pin"))
        st.download_button(
            "Report as HTML", lambda: board_report(board, server), "task-atlas-findings.html", "text/html",
            on_click="ignore", type="primary", help="One file that opens offline, interactive and printable",
        )  # fmt: skip
    with st.expander("Link to these boards"):
        st.code(f"{server}/findings?{urlencode({'boards': owner})}", language=None)
        page.quiet("Whoever has this link can see and change the boards.")


def card(owner: str, board: str, pin: findings.Pin, place: int, of: int) -> None:
    """Title, the finding, its note, and what can be done with it."""

    def edit(what: str, key: str):
        return lambda: findings.change(
            owner, board, lambda b: findings.edited(b, pin.key, **{what: st.session_state[key]})
        )

    def act(how, *args):
        return lambda: findings.change(owner, board, lambda b: how(b, pin.key, *args))

    title, note = f"title-{pin.key}", f"note-{pin.key}"
    st.text_input("Title", pin.title, max_chars=findings.LONGEST_TITLE, key=title, on_change=edit("title", title))
    draw_pin(pin)
    st.text_area("Note", pin.note, max_chars=findings.LONGEST_NOTE, key=note, height=80, on_change=edit("note", note),
                 placeholder="What this shows")  # fmt: skip
    with st.container(key=f"map-actions-{pin.key}", horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Up", key=f"up-{pin.key}", disabled=place == 0, on_click=act(findings.moved, -1))
        st.button("Down", key=f"down-{pin.key}", disabled=place == of - 1, on_click=act(findings.moved, 1))
        if not isinstance(pin.content, str):
            leave.downloads(lambda: pin.content, f"finding-{pin.key}", "table")
        if pin.address.startswith("/"):
            st.link_button("Reopen the view", pin.address)
        st.button("Delete", key=f"drop-{pin.key}", type="tertiary", on_click=act(findings.dropped))


draw()
