"""Grid: prompts by language models for a dataset; which model suits which task, and does a prompt carry over?"""

import streamlit as st

from dashboard import navigation
from dashboard.components import grid_cells, leave, page
from dashboard.components.grid_table import grid_table
from dashboard.reads import costs, grid
from dashboard.session import address, state
from dashboard.session.filtering import item_id
from dashboard.session.text import plural
from fute_core.analysis.grid_words import carried_words, grid_rows

SHOWS = {"accuracy": "Accuracy", "agreement": "Agreement"}
NEW = "grid.missing"
"""The missing cell that was clicked, as (dataset, prompt, model)."""


def draw() -> None:
    page.heading(
        "Grid",
        "Which language model suits which task, and does a prompt carry over? A row is a prompt, a column is a model, "
        "a cell says how well the two do a dataset's job.",
    )
    pair = state.view().pair
    atlas = page.open_atlas(pair)
    with page.trouble():
        names = grid.datasets(pair)
        if not names:
            page.empty(
                "No prompts to lay out yet",
                "A dataset has a grid once two prompts for its job have been asked. Ask one in the Prompt lab.",
                action="Open the Prompt lab", on_click=lambda: st.session_state.update({"grid.leave": True}),
            )  # fmt: skip
            if st.session_state.pop("grid.leave", False):
                state.go(navigation.path_of("prompt_lab"))
            return
        with st.container(key="grid-bar", horizontal=True, vertical_alignment="bottom", gap="small"):
            address.spell_out(cells=SHOWS)
            address.option("for", "dataset", names)
            dataset = st.selectbox("Dataset", names, key="for", bind="query-params", width=260)
            address.option("cells", "content of the cells", SHOWS.values())
            show = st.segmented_control("Cells show", list(SHOWS), default="accuracy", required=True, key="cells",
                                        format_func=SHOWS.get, bind="query-params", width="content")  # fmt: skip
            added = st.selectbox("Another model", list(costs.packaged()), None, key="grid-model", width=240,
                                 persist_state="session", accept_new_options=True, placeholder="Folder or Hub id",
                                 help="Gives a model a column, whose cells can then be asked.")  # fmt: skip
        lines = costs.packaged()
        found = grid.grid(pair, dataset, [*(m for m, line in lines.items() if not line), *([added] if added else [])])
        left, right = st.columns([1.25, 1], gap="large")
        with left, st.container(key="grid-left"):
            table(atlas, found, show)
            grid_cells.watched(grid.running())
        with right, st.container(key="grid-right"):
            if missing := missing_of(found):
                grid_cells.offer(found, *missing, lines.get(missing[1], ""), on_close=close)
            effects(found)
            one_model(found, lines)
        opened(atlas, found)


def table(atlas, found, show: str) -> None:
    """The matrix, what its numbers mean, and how it leaves."""
    selection = None
    if show == "agreement" or len(found.measured) < len(found.cells):
        with page.trouble():
            selection = grid.agreement(atlas, found)
            if selection is None:
                grid_cells.until_there(lambda: grid.agreement(atlas, found))
    at = missing_of(found)
    cells = grid_cells.cells(found, show, selection, grid.running(), state.view().selected, at)
    grid_table(found.prompts, found.models, cells, key="grid", label=f"Prompts by models for {found.dataset}",
               on_pick=lambda prompt, model: pick(found, prompt, model))  # fmt: skip
    page.quiet(grid_cells.legend(found, show, selection))
    with st.container(key="grid-actions", horizontal=True, vertical_alignment="center", gap="small"):
        rows = lambda: grid_cells.with_agreement(grid_rows(found), selection)  # noqa: E731, two who ask for the same
        leave.downloads(rows, f"task-atlas-grid-{found.dataset}", "grid")
        leave.pin_button(f"Prompts by models for {found.dataset}", key="grid", table=rows,
                         about=sorted(item_id(c.item) for c in found.cells.values()))  # fmt: skip
        page.quiet(f"{plural(len(found.prompts), 'prompt')}, {plural(len(found.models), 'model')}, "
                   f"{len(found.measured):,} cells measured.")  # fmt: skip


def pick(found, prompt: str, model: str) -> None:
    """Open a cell beside the one that was opened before; close it where it was open; offer to ask a missing one."""
    cell = found.cells.get((prompt, model))
    if cell is None:
        st.session_state[NEW] = (found.dataset, prompt, model)
        return
    close()
    own = item_id(cell.item)
    before = [i for i in state.view().selected if i in {item_id(c.item) for c in found.cells.values()}]
    state.select(*(i for i in before if i != own)) if own in before else state.select(*before[-1:], own)


def missing_of(found) -> tuple[str, str] | None:
    """(prompt, model) of the missing cell that was clicked, while it belongs to this grid and is still missing."""
    dataset, *place = st.session_state.get(NEW, ("", "", ""))
    known = dataset == found.dataset and place[0] in found.prompts and place[1] in found.models
    return (place[0], place[1]) if known and tuple(place) not in found.cells else None


def close() -> None:
    st.session_state.pop(NEW, None)


def opened(atlas, found) -> None:
    """The texts on which two cells differ most: the two that are open, or the one and its nearest in the grid."""
    chosen = set(state.view().selected)
    cells = {item_id(c.item): c for c in found.cells.values()}
    picked = [cells[i] for i in state.view().selected if i in cells][-2:]
    if not picked or not chosen:
        page.quiet("Click a cell for the texts on which it differs from another; click a second one to choose which.")
        return
    with st.container(key="card-grid"):
        grid_cells.texts(atlas, *(picked if len(picked) == 2 else grid_cells.with_partner(found, picked[0])))


def effects(found) -> None:
    """What the choice of model and of prompt does, as a figure and in words; and what is carried over."""
    if not found.measured:
        return
    page.section("What moves accuracy", "In points of accuracy, with chance taken off; lines are 95 % intervals.")
    grid_cells.effects(found)
    if found.carried:
        page.section("Does a prompt carry over?")
        grid_cells.lines(carried_words(found))
        grid_cells.lines(grid_cells.between_models(found))


def one_model(found, lines: dict[str, str]) -> None:
    """What is missing while all cells are of one model, and how to add another."""
    if len({cell.model for cell in found.cells.values()}) > 1:
        return
    page.section("A second model")
    page.quiet(
        "All prompts here were asked with one model, so nothing can be said of carrying over. Choose another model "
        "above: a packaged one, a folder or a Hub id. Its column is empty; a click on a cell says what asking it costs "
        "and starts it. A model behind an endpoint is asked in the Prompt lab, where a prompt keeps its name."
    )
    for name, line in lines.items():
        if line and name not in found.models:
            page.quiet(f"{name} comes as a package:")
            st.code(line, language=None, wrap_lines=True)


draw()
