"""The prompts of a run ranked for a dataset: by agreement, by what costs nothing more, and on its own rows."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import leave, page, pickers, prompt_reading, prompt_rows
from dashboard.components.item_list import item_list
from dashboard.reads import own_rows, places, ranks
from dashboard.reads.places import Landed
from dashboard.session import state
from dashboard.session.filtering import item_id
from dashboard.session.text import plural
from fute_core.errors import FuteError
from fute_core.space.told import GREY

if TYPE_CHECKING:
    from fute_core.analysis.ranking import Selection
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.jobs import Job


def board(atlas: "Atlas", job: "Job", there: dict[int, Landed]) -> bool:
    """Ranks for a target dataset, in groups of which any may be the best; False while it is computed."""
    page.section(
        "Leaderboard", "Ranked by agreement with a dataset, yours included, and with one another; no label is read."
    )
    targets = [i for i in atlas.items if i.embedding.kind == "dataset" and i.answers is not None]
    entrants = list(there.values())
    own = own_rows.newest_own(targets)
    near = next((i for i, *_ in places.nearest(atlas, entrants[0], "dataset", 1)), None)
    guess = item_id(first) if (first := own or near) else None
    target = pickers.pick_one("Target dataset", targets, key=f"lab-target-{job.id}", value=guess)
    if target is None:
        page.quiet("Choose the dataset whose job the prompts should do.")
        return True
    try:
        selection = ranks.leaderboard(atlas, target, entrants)
    except FuteError as error:
        page.quiet(str(error))
        return True
    if selection is None:
        page.quiet("Ranking.")
        return False
    page.notice(selection.reason)
    page.eyebrow(f"On {plural(selection.n_texts, 'probe text')}", "agreement")
    by_chance = ranks.by_chance(atlas, target, selection)
    rows = [
        prompt_reading.ranked_row(n, r, current=r.name == selection.winner, chance=r.name in by_chance)
        for n, r in enumerate(selection.ranking)
    ]
    item_list(rows, key=f"lab-board-{job.id}", label=f"Prompts ranked for {selection.target}", on_pick=state.select)
    grey = f" {GREY}" if by_chance else ""
    page.quiet(f"Any prompt of a group may be the best of it, as far as these texts tell.{grey}")
    with st.container(horizontal=True, gap="small"):
        leave.downloads(lambda: table_of(atlas, target, selection), f"leaderboard-{job.id}", "leaderboard")
    prompt_rows.rivals(atlas, target, entrants)
    return prompt_rows.on_rows(job, target, there)


def table_of(atlas: "Atlas", target: "Item", selection: "Selection") -> list[dict[str, object]]:
    """The leaderboard as it leaves."""
    return [
        {"rank": n, "group": r.group, "prompt": r.name, "target": selection.target,
         "agreement": r.agreement, "with_dataset": r.with_target, "with_others": r.with_others,
         "similarity": r.similarity,
         "low": r.low, "high": r.high,
         "share_of_different_jobs": ranks.share(atlas, target, selection, r),
         "probe_texts": selection.n_texts, "answers_all_alike": r.constant}
        for n, r in enumerate(selection.ranking, 1)
    ]  # fmt: skip
