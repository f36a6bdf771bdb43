"""A job that makes one point, on the page that started it: how far it is, and then where the point landed."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard import navigation
from dashboard.components import details, job_list, page
from dashboard.components.atlas_map import Near, atlas_map
from dashboard.components.atlas_map.payload import family_labels, pack_points
from dashboard.reads import data, work
from dashboard.reads.moments import kept
from dashboard.reads.work import WORKING
from dashboard.session import said, state

if TYPE_CHECKING:
    from fute_core.jobs import Job

HEIGHT = 320


def watch(name: str, doing: str, before: str) -> None:
    """name : of what the session keeps the job's id under. before : said while there is none."""
    job = work.find(st.session_state.get(name))
    if job is None:
        page.quiet(before)
        return
    working = job.state in WORKING
    st.fragment(_draw, run_every=1.0 if working else None)(job.id, doing, working)


def _draw(job_id: str, doing: str, working: bool) -> None:
    job = work.find(job_id)
    if job is None:
        return
    if working and job.state not in WORKING:
        said.rerun()  # what has landed is drawn once, by a run that no longer polls
    with st.container(key=f"card-landed-{job.id}"), page.trouble():
        job_list.summary(job, doing)
        if job.state == "done":
            point(job)


def point(job: "Job") -> None:
    """The point on the shared map, what may be said of its job, and the nearest."""
    request = job.items[0].request
    pair = bool(request.options.get("pair") or request.options.get("text_pair_column"))
    here = f"{'dataset' if request.kind == 'dataset' else 'model'}:{request.label}"
    atlas = data.atlas(pair)
    if here not in atlas.positions:
        page.quiet("It was removed, or made in another way than the space that is shown.")
        return
    item, everything = atlas.items[atlas.positions[here]], np.ones(len(atlas.items), bool)
    if st.button("Show on the map", key="landed-to-map"):
        state.go(navigation.path_of("map"), selected=(here,), pair=pair)
    atlas_map(
        _points(pair, data.stamp()), key="landed-map", frame=f"{'pairs' if pair else 'single'} landed",
        passing=everything, selected=[here], height=HEIGHT,
        labels=family_labels(atlas.items, atlas.coordinates, everything),
        near=[Near(id=n.id, same=n.standing == "same") for n in details.nearest(atlas, item, "landed")],
    )  # fmt: skip
    details.neighbours(atlas, item, key="landed")


@kept(2)
def _points(pair: bool, stamp: str):
    atlas = data.atlas(pair, stamp)
    return pack_points(atlas.items, atlas.coordinates)
