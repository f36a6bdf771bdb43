"""Prompts of a run on labelled rows of the dataset they are ranked for, and by what costs nothing more."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import job_list, leave, page, prompt_editor
from dashboard.components.item_list import Row, item_list
from dashboard.reads import costs, own_rows, prompt_files
from dashboard.reads.places import Landed
from dashboard.session import state
from dashboard.session.text import md, plural
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.analysis.own_texts import OwnTexts
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.jobs import Job

RIVALS = (
    "how often a prompt answers as most do, how much its answers tell of the text (mutual information), and how evenly "
    "it uses its labels (entropy), in nats. They know nothing of the dataset but the names of its labels."
)


def on_rows(job: "Job", target: "Item", there: dict[int, Landed]) -> bool:
    """Who is right most often on labelled rows of the dataset, or what asking that takes; False while it is asked."""
    rows = own_rows.rows(target)
    if rows is None or rows.pair != target.embedding.provenance.pair:
        return True
    requests = {found.name: job.items[i].request for i, found in there.items()}
    name = target.embedding.name
    page.eyebrow(f"On {plural(len(rows.texts), 'labelled row')} of {name}", "right")
    try:
        lacking, found = own_rows.answered(rows, requests)
    except FuteError as error:
        page.quiet(str(error))
        return True
    if found is not None:
        shown(found, f"{job.id}-{name}")
        return True
    if (asking := own_rows.asking(target, requests)) is not None:
        page.progress(len(rows.texts) * len(requests) - lacking, len(rows.texts) * len(requests), "Answering its rows")
        page.quiet(job_list.line(asking))
        return False
    thinks = [costs.thinking(prompt_files.template_of(request)) for request in requests.values()]
    pace = costs.pace_of(costs.model_of(next(iter(requests.values()))), max(thinks))
    written = f", at most {len(rows.texts) * sum(thinks):,} tokens to write" if any(thinks) else ""
    page.quiet(f"Its own rows tell more of it than the probe texts do. {lacking:,} answers{written}, "
               f"{prompt_editor.how_long(pace, lacking)}.")  # fmt: skip
    st.button(md(f"Ask {plural(len(rows.texts), 'row')} of {name}"), key=f"lab-rows-{job.id}", on_click=ask,
              args=(target, requests))  # fmt: skip
    return True


def ask(target: "Item", requests: dict) -> None:
    """Starts the job; where that cannot be, the whole page says why."""
    try:
        own_rows.ask(target, requests)
    except FuteError as error:
        st.session_state["lab.problem"] = str(error)
    st.session_state["lab.whole"] = True


def shown(found: "OwnTexts", key: str) -> None:
    """The ranking by labels, and the sentence that says whether one can be told from the others."""
    page.notice(found.reason)
    rows = [
        Row(id=f"prompt:{r.name}", kind="prompt", name=f"{n}. {r.name}", current=r.name == found.winner,
            note=f"group {r.group}, answers as most prompts do on {r.with_vote:,}", figure=f"{r.right:,}")
        for n, r in enumerate(found.ranking, 1)
    ]  # fmt: skip
    item_list(rows, key=f"lab-rows-{key}", label="Prompts by how often they are right", on_pick=state.select)
    if found.left_out:
        page.quiet(f"Left out, with fewer than two of its labels: {', '.join(found.left_out)}.")
    with st.container(horizontal=True, gap="small"):
        leave.downloads(lambda: table_of(found), f"own-rows-{key}", "ranking on its rows")


def rivals(atlas: "Atlas", target: "Item", entrants: list[Landed]) -> None:
    """Beside the agreement: what needs neither labels nor an embedding, from the same answers."""
    try:
        found = own_rows.by_vote(atlas, target, entrants)
    except FuteError as error:
        page.quiet(str(error))
        return
    if found is None:
        return
    with st.expander("What other rankings say of the same answers"):
        page.quiet(f"On {plural(found.n_texts, 'probe text')}: {RIVALS}")
        st.dataframe(table_of(found), hide_index=True)


def table_of(found: "OwnTexts") -> list[dict[str, object]]:
    """A ranking as it leaves; what is not known has no column."""
    return [
        {"rank": n, "group": r.group, "prompt": r.name, **({"right": r.right} if found.labelled else {}),
         "with the vote": r.with_vote, "mutual information": round(r.information, 4), "entropy": round(r.entropy, 4),
         "texts": found.n_texts}
        for n, r in enumerate(found.ranking, 1)
    ]  # fmt: skip
