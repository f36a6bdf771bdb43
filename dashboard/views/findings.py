"""Findings: what was pinned, in the order of the report, with titles and notes; and the report itself."""

from urllib.parse import urlencode, urlparse

import streamlit as st

from dashboard import navigation
from dashboard.components import leave, page
from dashboard.components.board import board_report, draw_pin
from dashboard.reads import findings
from dashboard.session import address, boards, state
from dashboard.session.text import md, plural, shorten


def draw() -> None:
    if "talk" in st.query_params:
        with page.trouble():
            talk(st.query_params["talk"])
        return
    page.heading(
        "Findings", "What you pinned, saved as you go. Order it, annotate it, and take it with you as one file."
    )
    with page.trouble():
        if not boards.is_key(st.query_params.get("boards", boards.owner())):
            st.session_state["findings.addressed"] = boards.owner()  # the address keeps what it is told of
            page.notice("The link has no key to boards that could be read; these are your own.")
        owner = boards.shown()
        addressed(owner)
        if owner != boards.owner():
            of_another(owner)
        damaged(owner)
        name = choose(owner)
        board = findings.read(owner, name)
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
            with st.container(key=f"card-pin-{pin.key}"):
                card(owner, board.name, pin, place, len(board.pins))


def talk(key: str) -> None:
    """A board as slides over the whole window, for whoever has the link; nothing on it can be changed."""
    board = findings.by_talk(key)
    if board is None or not board.pins:
        page.heading("Findings")
        page.empty(
            "No talk here",
            "The board of this link was deleted, holds no pin, or is elsewhere. Ask its author for the report.",
        )
        return
    with st.container(key="talk"):
        st.iframe(board_report(board, server(), slides=True), height=600, alt=f"Slides: {board.name}")


def server() -> str:
    """Where the dashboard lies, as a reader's browser reaches it."""
    place = urlparse(st.context.url or "")
    return f"{place.scheme}://{place.netloc}" if place.netloc else ""


def addressed(owner: str) -> None:
    """The owner's key into the address, once: a link and a reload reopen the boards, and Back leads away."""
    if st.query_params.get("boards") != owner and st.session_state.get("findings.addressed") != owner:
        st.query_params["boards"] = owner
    st.session_state["findings.addressed"] = owner


def of_another(owner: str) -> None:
    """Boards that a link opened: looking at them changes nothing about where pins go."""
    with st.container(horizontal=True, vertical_alignment="center", key="boards-of-another"):
        page.notice("A link opened these boards. What you pin elsewhere goes to your own.")
        st.button("Pin to these from now on", on_click=boards.adopt, args=(owner,), key="adopt-boards")


def damaged(owner: str) -> None:
    """A row for each file that is no board, with what removes it."""
    for file in findings.broken(owner):
        with st.container(horizontal=True, vertical_alignment="center", key=f"card-broken-{file[:32]}"):
            page.notice(f"A board cannot be read: its file {shorten(file, 40)} is damaged, or of another version.")
            if st.button("Remove the file", key=f"remove-{file}"):
                ask_remove(owner, file)


@st.dialog("Remove this file?")
def ask_remove(owner: str, file: str) -> None:
    page.quiet(file)
    st.text("What it held cannot be shown any more. The other boards stay.")
    if st.button("Remove it", type="primary", key="remove-broken"):
        with page.trouble():
            findings.remove_broken(owner, file)
            st.rerun()


def choose(owner: str) -> str:
    """Which board, also in the address; a new one; deleting one asks first. Returns its name."""
    names = findings.boards(owner)
    if (wanted := st.session_state.pop("findings.next", None)) in names:
        st.session_state["board"] = wanted
    with st.container(key="boards", horizontal=True, vertical_alignment="bottom", gap="small"):
        address.option("board", "board", names)
        picked = st.selectbox("Board", names, key="board", bind="query-params", width=280)
        if owner == boards.owner():
            boards.choose(picked)
        with st.popover("New board"), st.form("new-board", border=False, clear_on_submit=True):
            name = st.text_input("Name", max_chars=findings.LONGEST_NAME)
            if st.form_submit_button("Create"):
                with page.trouble():
                    st.session_state["findings.next"] = findings.create(owner, name)
                    st.rerun()
        if st.button("Delete board", type="tertiary"):
            ask(owner, picked)
    return picked


@st.dialog("Delete this board?")
def ask(owner: str, name: str) -> None:
    with page.trouble():
        count = plural(len(findings.read(owner, name).pins), "pin")
        st.markdown(f"{md(name)} and its {count} are deleted for good.")
    if st.button("Delete for good", type="primary"):
        findings.delete(owner, name)
        st.session_state["findings.next"] = findings.boards(owner)[0]
        st.rerun()


def undo(owner: str, board: findings.Board) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page.notice(f"“{shorten(board.dropped[1].title, 60)}” was deleted.")
        st.button("Undo", on_click=lambda: findings.change(owner, board.name, findings.restored))


def leaving(owner: str, board: findings.Board) -> None:
    """The report, and the link that opens the board again."""
    at = server()
    show = f"{at}/findings?{urlencode({'talk': findings.talk_key(owner, board.name)})}"
    with st.container(key="board-out", horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "Report as HTML", lambda: board_report(board, at), "task-atlas-findings.html", "text/html",
            on_click="ignore", type="primary", help="One file that opens offline, interactive and printable",
        )  # fmt: skip
        st.link_button("Show as slides", show, help="Arrows turn them, Escape closes them; PDF prints a slide a sheet")
        with st.popover("Link to this board"):
            page.eyebrow("To look at, as slides")
            st.code(show, language=None)
            page.quiet("Whoever has this link sees this board as it is then, and can change nothing.")
            page.eyebrow("To change")
            st.code(f"{at}/findings?{urlencode({'boards': owner, 'board': board.name})}", language=None)
            page.quiet("Whoever has this link can see and change your boards.")
        page.quiet(f"{plural(len(board.pins), 'pin')}. The report adds methods, versions, seeds, licences, citations.")


def card(owner: str, board: str, pin: findings.Pin, place: int, of: int) -> None:
    """Title, the finding, its note, and what can be done with it."""

    def edit(what: str, key: str):
        return lambda: findings.change(
            owner, board, lambda b: findings.edited(b, pin.key, **{what: st.session_state[key]})
        )

    def act(how, *args):
        return lambda: findings.change(owner, board, lambda b: how(b, pin.key, *args))

    title, note = f"title-{pin.key}", f"note-{pin.key}"
    st.text_input("Title", pin.title, max_chars=findings.LONGEST_TITLE, key=title, on_change=edit("title", title),
                  label_visibility="collapsed")  # fmt: skip
    shown, said = st.columns([3, 1], gap="medium")
    with shown:
        draw_pin(pin)
    with said:
        st.text_area("Note", pin.note, max_chars=findings.LONGEST_NOTE, key=note, height=150,
                     on_change=edit("note", note), placeholder="What this shows; stands in the report",
                     label_visibility="collapsed")  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            leave.downloads(pin.rows, f"finding-{pin.key}", "numbers")
            if pin.address.startswith("/"):
                st.link_button("Reopen the view", pin.address)
        with st.container(horizontal=True, gap="small"):
            st.button("Up", key=f"up-{pin.key}", disabled=place == 0, on_click=act(findings.moved, -1))
            st.button("Down", key=f"down-{pin.key}", disabled=place == of - 1, on_click=act(findings.moved, 1))
            st.button("Delete", key=f"drop-{pin.key}", type="tertiary", on_click=act(findings.dropped))


draw()
