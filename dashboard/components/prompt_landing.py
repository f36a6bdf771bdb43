"""A run of prompts: its progress, the place that gets surer, and what can be done with it. Readings: prompt_reading."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard import navigation
from dashboard.components import (
    details,
    job_list,
    leave,
    marks,
    page,
    prompt_board,
    prompt_editor,
    prompt_pin,
    prompt_reading,
)
from dashboard.components.atlas_map import Landing, atlas_map
from dashboard.components.atlas_map.payload import family_labels, pack_points
from dashboard.reads import costs, data, examples, lab, places, prompt_files, undoing, work
from dashboard.reads.places import Landed
from dashboard.session import said, state
from dashboard.session.filtering import item_id
from dashboard.session.text import md, shorten
from fute_core.atlas.landing import HELD, STAGES
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from dashboard.session.view import View
    from fute_core.atlas.atlas import Atlas
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import Job
    from fute_core.vectors import TaskEmbedding

MAP_HEIGHT = 430


def nothing_yet() -> None:
    page.empty(
        "Nothing has landed yet",
        "Take the prompt at the left as it is, or write your own, and ask the model. The first place is there after "
        "32 probe texts, and gets surer with every text.",
    )
    atlas = data.atlas(state.view().pair)
    if shown := examples.best_prompt(atlas):
        page.section("What it will look like", "A shipped prompt that landed; what is known of it is told like this.")
        details.title(shown)
        st.code(str(shown.facts.get("template") or ""), language=None, wrap_lines=True)
        details.neighbours(atlas, shown, key="lab-example")


def run(job_id: str) -> None:
    """Everything about one run. Polls while it runs, and until all has been computed; then it is still."""
    if "lab.deleting" in st.session_state:
        ask_delete(st.session_state["lab.deleting"])
    job = work.find(job_id)
    if job is None:
        page.quiet("This run was removed from the jobs.")
        return
    running = job.state in job_list.WORKING
    settled = not running and st.session_state.get("lab.settled") == (job_id, data.stamp())
    # The same fragment in every state: a click on what an earlier one drew would find nobody.
    st.fragment(watched, run_every=1.0 if running else None if settled else 1.5)(job_id, running, settled, state.view())


def watched(job_id: str, running: bool, settled: bool, view: "View") -> None:
    """Draws the run. Where its state or the view is no longer what the whole page was drawn from, draws that anew.

    What cannot be drawn now is told in a sentence, and tried again at the next turn.
    """
    if st.session_state.pop("lab.whole", False) or state.view() != view:
        st.rerun()
    with page.trouble():
        complete = show(job_id, running=running)
        if not running and complete != settled:
            if complete:
                st.session_state["lab.settled"] = (job_id, data.stamp())
            else:  # another target was chosen, whose ranking is awaited
                st.session_state.pop("lab.settled", None)
            said.rerun()
    said.over()


def show(job_id: str, *, running: bool) -> bool:
    """Draws the run; whether nothing more will come of itself."""
    job = work.find(job_id)
    if job is None or (running and job.state not in job_list.WORKING):
        st.rerun()
    pair = lab.is_pair(job.items[0].request)
    atlas = data.atlas(pair)
    progress(job)
    undo()
    entrants = [(i, places.landed(pair, item)) for i, item in enumerate(job.items)]
    there = {i: found for i, found in entrants if found is not None}
    awaited = [i for i, item in enumerate(job.items) if item.state in (*job_list.WORKING, "done")]
    if not there:
        if running:
            first = job.items[0].request
            pace = costs.pace_of(costs.model_of(first), costs.thinking(prompt_files.template_of(first)))
            soon = f": {prompt_editor.how_long(pace, STAGES[0])}" if pace else ""
            page.quiet(f"The model is being loaded; the first place is shown after {STAGES[0]} answers{soon}.")
        elif awaited:
            page.quiet("Reading its answers.")
        return not awaited
    which = choose(job, there)
    picture(atlas, there[which], f"{job.id}-{which}")
    known = about(atlas, job, which, there)
    return known and all(i in there and there[i].complete for i in awaited)


def progress(job: "Job") -> None:
    page.quiet(job_list.line(job))
    if job.state in job_list.WORKING:
        done, total, _ = job_list.share(job)
        page.progress(done, total, "Answering probe texts")
        st.button("Cancel", key=f"lab-cancel-{job.id}", type="tertiary", on_click=act, args=(job.id, "cancel"))
    for sentence in job_list.problems(job):
        st.error(md(sentence))
    if job.state in ("cancelled", "interrupted", "failed"):
        st.button("Go on from here", key=f"lab-resume-{job.id}", on_click=act, args=(job.id, "retry"))


def act(job_id: str, name: str) -> None:
    """A button of the run; where that cannot be, the whole page says why."""
    try:
        work.act(job_id, name)
    except FuteError as error:
        st.session_state["lab.problem"] = str(error)
        st.session_state["lab.whole"] = True


def choose(job: "Job", there: dict[int, Landed]) -> int:
    if len(there) == 1:
        return next(iter(there))
    names = {i: found.name for i, found in there.items()}
    return st.selectbox("Prompt", list(names), format_func=names.get, key=f"lab-which-{job.id}")


def picture(atlas: "Atlas", found: Landed, key: str) -> None:
    """The shared map with the prompt on its way."""
    stage = found.last
    everything = np.array([item_id(i) != f"prompt:{found.name}" for i in atlas.items])
    points = _points(places.space_key(atlas), atlas)
    family = places.nearest(atlas, found, "dataset", 1)
    landing = Landing(
        id=key, name=shorten(found.name, 40), x=stage.x, y=stage.y, rx=max(stage.rx, 1e-6), ry=max(stage.ry, 1e-6),
        turn=stage.turn,
        trail=[(s.x, s.y) for s in found.stages[:-1]],
        colour=marks.colour(family[0][0].embedding.family if family else None),
    )  # fmt: skip
    atlas_map(
        points, key="lab-map", frame="lab", passing=everything, hide=True, landing=landing, height=MAP_HEIGHT,
        labels=family_labels(atlas.items, atlas.coordinates, everything), selected=(),
        on_select=lambda ids: state.select(*ids),
    )  # fmt: skip
    probes = atlas.probes
    meant = (
        f"{HELD} of the shipped prompts ended within such a region"
        if stage.n < len(probes.texts)
        else "the region is where other texts might put it"
    )
    page.notice(
        f"Place after {stage.n} probe texts; {meant}. Distance on a map is not similarity: trust the list below."
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _points(key: str, _atlas: "Atlas"):
    return pack_points(_atlas.items, _atlas.coordinates)


def about(atlas: "Atlas", job: "Job", which: int, there: dict[int, Landed]) -> bool:
    """What is known after the last stage; whether nothing of it is still being computed."""
    found = there[which]
    prompt_reading.verdict(atlas, found)
    actions(atlas, job, which, found)
    prompt_reading.near(atlas, found)
    left, right = st.columns(2, gap="medium")
    with left:
        repeated = prompt_reading.stability(atlas, found)
        prompt_reading.bias(found)
    with right:
        placed = found.complete and prompt_reading.ranked_in_family(atlas, found)
    prompt_reading.texts(atlas, found)
    if len(there) > 1 or len(job.items) > 1:
        ranked = prompt_board.board(atlas, job, there)
    elif found.complete:
        with st.expander("Rank it for a dataset"):
            ranked = prompt_board.board(atlas, job, {which: found})
    else:  # a rank that means little yet would take its time from the model
        ranked = False
        page.quiet("How it ranks among other prompts is told once all texts are answered.")
    return repeated and placed and ranked


def actions(atlas: "Atlas", job: "Job", which: int, found: Landed) -> None:
    """On the map, keep, rename, delete, pin; what makes sense in this state."""
    item = job.items[which]
    if found.item is None and job.state == "done" and (old := places.older(atlas, item)):
        page.notice(f"It was stored by an earlier method ({old}), whose places this map cannot show. Its answers are "
                    "kept, so placing it anew asks the model nothing.")  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lab-actions"):
        st.button("Edit in the form", key="lab-edit", on_click=into_form, args=(item.request,))
        st.page_link(navigation.path_of("runs"), label="All about this run",
                     query_params={**state.params(), "run": [job.id], "prompt": [str(which + 1)]})  # fmt: skip
        if found.item is not None:
            if st.button("Show on the map", key="lab-to-map"):
                state.go(navigation.path_of("map"), selected=(item_id(found.item),))
            with st.popover("Rename"):
                name = st.text_input(
                    "New name", found.item.embedding.name, max_chars=80, key=f"lab-rename-{found.name}"
                )
                if st.button("Rename", key="lab-rename") and name.strip():
                    rename(found.item.embedding, name.strip())
            if st.button("Delete", key="lab-delete"):
                st.session_state["lab.deleting"] = found.item.embedding
                st.rerun()
        elif job.state == "done":
            few, old = item.request.probes is not None, places.older(atlas, item)
            words = "Place it by today's method" if old else "Put it on the map again"
            words = f"Refine to {len(atlas.probes.texts)} texts and keep it" if few else words
            st.button(words, type="primary", key="lab-refine", on_click=refine, args=(job, which))
        near = places.nearest(atlas, found, None, 20)
        rows = [prompt_pin.row_of(found.last.scale, found.kind, *one) for one in near]
        about = [item_id(i) for i in (*([found.item] if found.item else []), *(one[0] for one in near))]
        leave.pin_button(f"{found.name}: where it lands", key="lab", table=lambda: prompt_pin.as_read(rows),
                         about=about, note=lambda: prompt_pin.note(atlas, found, item.request),
                         picture=lambda: prompt_pin.picture(atlas, found))  # fmt: skip
        leave.downloads(lambda: rows, "prompt-neighbours", "list")


def into_form(request: "EmbedRequest") -> None:
    """The prompt into the form, whose page has to be drawn anew."""
    try:
        prompt_editor.fill_with(request)
    except FuteError as error:
        st.session_state["lab.problem"] = str(error)
    st.session_state["lab.whole"] = True


def rename(embedding: "TaskEmbedding", name: str) -> None:
    with page.trouble():
        back = undoing.renamed(embedding, name)
        st.session_state["lab.undo"] = f"{embedding.name} is called {name} now.", back
        st.rerun()


def refine(job: "Job", which: int) -> None:
    """The same prompt on all probe texts; what was answered is not asked again."""
    try:
        st.session_state["run"] = work.start([replace(job.items[which].request, probes=None)]).id
    except FuteError as error:
        st.session_state["lab.problem"] = str(error)
    st.session_state["lab.whole"] = True


def keep() -> None:
    """The question is answered or closed; until then it stays, however often the page is drawn anew."""
    st.session_state.pop("lab.deleting", None)


@st.dialog("Delete this prompt?", on_dismiss=keep)
def ask_delete(embedding: "TaskEmbedding") -> None:
    page.quiet(embedding.name)
    st.text("It leaves the map for everybody on this server. You can take that back right after.")
    with st.container(horizontal=True):
        if st.button("Delete it", type="primary", key="lab-delete-yes", on_click=keep):
            delete(embedding)
        if st.button("Keep it", key="lab-delete-no", on_click=keep):
            st.rerun()


def delete(embedding: "TaskEmbedding") -> None:
    with page.trouble():
        back = undoing.deleted(embedding)
        st.session_state["lab.undo"] = f"{embedding.name} was deleted.", back
        st.rerun()


def undo() -> None:
    """Takes the last rename or deletion back."""
    last = st.session_state.get("lab.undo")
    if last is None:
        return
    sentence, take_back = last

    def back() -> None:
        st.session_state.pop("lab.undo", None)
        try:
            take_back()
        except FuteError as error:
            st.session_state["lab.problem"] = str(error)
        st.session_state["lab.whole"] = True

    with st.container(horizontal=True, vertical_alignment="center", key="lab-undo-line"):
        page.quiet(sentence)
        st.button("Undo", key="lab-undo", on_click=back)
