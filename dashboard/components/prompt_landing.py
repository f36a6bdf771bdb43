"""A run of prompts: its progress, the place that gets surer, and what the answers say once they are there."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard import data, lab, navigation, state, work
from dashboard.components import job_list, leave, marks, page, pickers
from dashboard.components.atlas_map import Landing, atlas_map
from dashboard.components.atlas_map.payload import family_labels, pack_points
from dashboard.components.item_list import Row, item_list
from dashboard.filtering import KIND_NAMES, item_id
from dashboard.lab import Landed
from dashboard.text import html_text, md, plural
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.atlas import Atlas
    from fute_core.jobs import Job

MAP_HEIGHT = 430
LABELS_SHOWN = 12


def nothing_yet() -> None:
    page.empty(
        "Nothing has landed yet",
        "Take the prompt at the left as it is, or write your own, and ask the model. The first place is there after "
        "32 probe texts, in a few seconds, and gets surer with every text.",
    )


def run(job_id: str) -> None:
    """Everything about one run. Polls while it runs and is still once it is over."""
    job = work.find(job_id)
    if job is None:
        page.quiet("This run was removed from the jobs.")
        return
    if job.state in job_list.WORKING:
        live(job_id)
    else:
        still(job_id)


@st.fragment(run_every=1.0)
def live(job_id: str) -> None:
    show(job_id, running=True)


@st.fragment(run_every=1.5)
def still(job_id: str) -> None:
    """Polls only until every place has been computed; Streamlit keeps an unchanged page as it is."""
    show(job_id, running=False)


def show(job_id: str, *, running: bool) -> None:
    job = work.find(job_id)
    if job is None or (running and job.state not in job_list.WORKING):
        st.rerun()
    with page.trouble():
        pair = lab.is_pair(job.items[0].request)
        atlas = data.atlas(pair)
        progress(job)
        entrants = [(i, lab.landed(pair, item)) for i, item in enumerate(job.items)]
        there = {i: found for i, found in entrants if found is not None}
        if not there:
            if running:
                page.quiet("The model is being loaded; the first place is shown after 32 answers.")
            return
        which = choose(job, there)
        picture(atlas, there[which], f"{job.id}-{which}")
        about(atlas, job, which, there)


def progress(job: "Job") -> None:
    page.quiet(job_list.line(job))
    if job.state in job_list.WORKING:
        done, total, _ = job_list.share(job)
        page.progress(done, total, "Answering probe texts")
        st.button("Cancel", key=f"lab-cancel-{job.id}", type="tertiary", on_click=work.act, args=(job.id, "cancel"))
    for sentence in job_list.problems(job):
        st.error(md(sentence))
    if job.state in ("cancelled", "interrupted", "failed"):
        st.button("Go on from here", key=f"lab-resume-{job.id}", on_click=work.act, args=(job.id, "retry"))


def choose(job: "Job", there: dict[int, Landed]) -> int:
    if len(there) == 1:
        return next(iter(there))
    names = {i: found.name for i, found in there.items()}
    return st.selectbox("Prompt", list(names), format_func=names.get, key=f"lab-which-{job.id}")


def picture(atlas: "Atlas", found: Landed, key: str) -> None:
    """The shared map with the prompt on its way."""
    stage = found.last
    everything = np.array([item_id(i) != f"prompt:{found.name}" for i in atlas.items])
    points = _points(data.stamp(), atlas.items[0].embedding.provenance.pair)
    family = lab.nearest(atlas, found, "dataset", 1)
    landing = Landing(
        id=key, name=found.name, x=stage.x, y=stage.y, rx=max(stage.rx, 1e-6), ry=max(stage.ry, 1e-6),
        trail=[(s.x, s.y) for s in found.stages[:-1]],
        colour=marks.colour(family[0][0].embedding.family if family else None),
    )  # fmt: skip
    atlas_map(
        points, key="lab-map", frame="lab", passing=everything, hide=True, landing=landing, height=MAP_HEIGHT,
        labels=family_labels(atlas.items, atlas.coordinates, everything), selected=(),
        on_select=lambda ids: state.select(*ids),
    )  # fmt: skip
    page.notice(
        f"Place after {stage.n} probe texts; it lies within the region with about 90 % certainty. "
        "Distance on a map is not similarity: trust the list below."
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _points(stamp: str, pair: bool):
    atlas = data.atlas(pair)
    return pack_points(atlas.items, atlas.coordinates)


def about(atlas: "Atlas", job: "Job", which: int, there: dict[int, Landed]) -> None:
    """What is known after the last stage."""
    found = there[which]
    verdict(atlas, found)
    actions(atlas, job, which, found)
    near(atlas, found)
    bias(found)
    texts(atlas, found)
    if len(there) > 1 or len(job.items) > 1:
        board(atlas, job, list(there.values()))
    else:
        with st.expander("Rank it for a dataset"):
            board(atlas, job, [found])


def verdict(atlas: "Atlas", found: Landed) -> None:
    """Which task it does, in a sentence, and its rank among the prompts of that family."""
    nearest = lab.nearest(atlas, found, "dataset", 1)
    if not nearest:
        return
    item, cosine, low, _ = nearest[0]
    share = atlas.scale.share("dataset", "prompt", cosine)
    sure = atlas.scale.share("dataset", "prompt", low) <= 0.05
    family = item.embedding.family or item.embedding.name
    page.section(
        f"It does what {family} datasets ask for" if sure else "No task stands out yet",
        f"Nearest is {item.embedding.name}, {data.closer_than(share)}."
        + ("" if sure else " With this few texts, or this prompt, that could be chance."),
    )
    ranked = lab.rank_in_family(atlas, found)
    if ranked and ranked[3] > 1:
        family, target, rank, of = ranked
        page.quiet(f"By likeness to {target} it is number {rank} of {of} prompts for {family}.")


def actions(atlas: "Atlas", job: "Job", which: int, found: Landed) -> None:
    """On the map, refine, rename, delete, pin; what makes sense in this state."""
    item = job.items[which]
    with st.container(horizontal=True, gap="small", key="lab-actions"):
        if found.item is not None:
            if st.button("Show on the map", key="lab-to-map"):
                state.go(navigation.path_of("map"), selected=(item_id(found.item),))
            with st.popover("Rename"):
                name = st.text_input("New name", found.item.embedding.name, max_chars=80, key=f"lab-rename-{item.key}")
                if st.button("Rename", key="lab-rename") and name.strip():
                    rename(found.item, name.strip())
            st.button("Delete", key="lab-delete", on_click=lambda: st.session_state.update({"lab.delete": True}))
        elif job.state == "done" and item.request.probes:
            st.button(f"Refine to {len(atlas.probes.texts)} texts and keep it", type="primary", key="lab-refine",
                      on_click=refine, args=(job, which))  # fmt: skip
        rows = [row_of(i, s, low, high) for i, s, low, high in lab.nearest(atlas, found, None, 20)]
        leave.pin_button(f"{found.name}: where it lands", key="lab", table=rows,
                         note=f"After {found.last.n} probe texts.")  # fmt: skip
        leave.downloads(lambda: rows, "prompt-neighbours", "list")
    if st.session_state.pop("lab.delete", False) and found.item is not None:
        st.session_state["lab.deleting"] = found.item
        st.rerun()
    undo()


def row_of(item, similarity: float, low: float, high: float) -> dict[str, object]:
    own = item.embedding
    return {"name": own.name, "kind": own.kind, "family": own.family or "", "similarity": round(similarity, 4),
            "low": round(low, 4), "high": round(high, 4)}  # fmt: skip


def rename(item, name: str) -> None:
    try:
        data.store().rename(item.embedding, name)
        st.toast(f"Renamed to {md(name)}.")
        st.rerun()
    except FuteError as error:
        st.error(md(error))


def refine(job: "Job", which: int) -> None:
    """The same prompt on all probe texts; what was answered is not asked again."""
    from dataclasses import replace

    st.session_state["run"] = work.start([replace(job.items[which].request, probes=None)]).id
    st.session_state["lab.whole"] = True


@st.dialog("Delete this prompt?")
def ask_delete(item) -> None:
    page.quiet(item.embedding.name)
    st.text("It leaves the map for everybody on this server. You can take that back right after.")
    with st.container(horizontal=True):
        if st.button("Delete it", type="primary", key="lab-delete-yes"):
            data.store().delete(item.embedding)
            st.session_state["lab.deleted"] = item.embedding
            st.rerun()
        if st.button("Keep it", key="lab-delete-no"):
            st.rerun()


def undo() -> None:
    """Brings the last deleted prompt back."""
    gone = st.session_state.get("lab.deleted")
    if gone is None:
        return

    def back() -> None:
        data.store().put_embedding(gone)
        st.session_state.pop("lab.deleted", None)

    with st.container(horizontal=True, vertical_alignment="center"):
        page.quiet(f"{gone.name} was deleted.")
        st.button("Undo", key="lab-undo", on_click=back)


def near(atlas: "Atlas", found: Landed) -> None:
    """Nearest datasets and prompts side by side, on the calibrated scale with their interval."""
    for kind, column in zip(("dataset", "prompt"), st.columns(2, gap="medium"), strict=True):
        with column:
            page.eyebrow(f"Nearest {KIND_NAMES[kind].lower()}", "closer than")
            rows = [
                Row(id=item_id(i), kind=kind, family=i.embedding.family, name=i.embedding.name,
                    figure=data.percent(atlas.scale.share("prompt", kind, cosine)),
                    title=f"similarity {cosine:.2f}, between {low:.2f} and {high:.2f}")
                for i, cosine, low, high in lab.nearest(atlas, found, kind)
            ]  # fmt: skip
            if rows:
                item_list(rows, key=f"lab-near-{kind}", label=f"Nearest {kind}s", on_pick=state.select)
            else:
                page.quiet(f"There are no {KIND_NAMES[kind].lower()} in this space yet.")


def bias(found: Landed) -> None:
    """How often each answer comes, before and after label priors are removed; and what fell outside all answers."""
    answers = found.answers
    page.eyebrow("Label bias", "before → after calibration")
    before, after = answers.proba.mean(0), answers.used(found.calibrate).mean(0)
    rows = "".join(
        f"<dt>{html_text(label)}</dt><dd><span class='number'>{100 * b:.0f} % → {100 * a:.0f} %</span>"
        f"<div class='bar'><i style='width:{100 * b:.0f}%;opacity:.35'></i></div>"
        f"<div class='bar'><i style='width:{100 * a:.0f}%'></i></div></dd>"
        for label, b, a in list(zip(answers.labels, before, after, strict=True))[:LABELS_SHOWN]
    )
    st.html(f'<dl class="facts">{rows}</dl>')
    if answers.outside is not None:
        outside = float(answers.outside.mean())
        page.quiet(
            f"{100 * outside:.0f} % of the model's probability fell on words that are no answer choice"
            + (": it would rather say something else, so name the answers in the prompt." if outside > 0.5 else ".")
        )


def texts(atlas: "Atlas", found: Landed) -> None:
    """The probe texts that put it where it is."""
    item, telling = lab.deciding(atlas, found)
    if item is None or not telling:
        return
    page.eyebrow(f"Texts that make it like {item.embedding.name}")
    page.quotes([(text, None, f"{here} here, {there} there") for text, here, there in telling])


def board(atlas: "Atlas", job: "Job", entrants: list[Landed]) -> None:
    """Ranks for a target dataset, with groups of those that cannot be told apart."""
    page.section("Leaderboard", "Ranked by likeness to a dataset, yours included; no label is read.")
    targets = [i for i in atlas.items if i.embedding.kind == "dataset" and i.answers is not None]
    guess = next((item_id(i) for i, *_ in lab.nearest(atlas, entrants[0], "dataset", 1)), None)
    target = pickers.pick_one("Target dataset", targets, key=f"lab-target-{job.id}", value=guess)
    if target is None:
        page.quiet("Choose the dataset whose job the prompts should do.")
        return
    selection = lab.leaderboard(atlas, target, entrants)
    if selection is None:
        page.quiet("There are no common answers to rank by yet.")
        return
    page.notice(selection.reason)
    rows = [
        {"group": r.group, "prompt": r.name, "similarity": round(r.similarity, 3),
         "95 % interval": f"{r.low:.2f} to {r.high:.2f}",
         "closer than": data.percent(atlas.scale.share("dataset", "prompt", r.similarity)),
         "": "answers all texts alike" if r.constant else ""}
        for r in selection.ranking
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, width="stretch")
    page.quiet(f"On {plural(selection.n_texts, 'probe text')}; prompts of one group cannot be told apart.")
    leave.downloads(lambda: rows, f"leaderboard-{job.id}", "leaderboard")
