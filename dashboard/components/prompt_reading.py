"""What the answers of a prompt say: which task it does, how sure that is, and how it ranks."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import page, told
from dashboard.components.details import between
from dashboard.components.item_list import Row, item_list
from dashboard.reads import data, places, ranks
from dashboard.reads.places import Landed
from dashboard.session import state
from dashboard.session.filtering import KIND_NAMES, item_id
from dashboard.session.text import html_text, number, plural
from fute_core.space.groups import told_of_models
from fute_core.space.told import GREY, headline, standing_on
from fute_core.space.verdict import Verdict

if TYPE_CHECKING:
    from fute_core.analysis.ranking import Ranked, Selection
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

LABELS_SHOWN = 12
RANKS_SHOWN = 8
OUTSIDE = (
    ": it would rather say something else. Name the answers in the prompt; where it ends in an open line, let the "
    "model go on from its last word."
)


def verdict(atlas: "Atlas", found: Landed) -> None:
    """Which task it does, how far that can be trusted, and whether it is what it was written for."""
    judged = places.verdict(atlas, found)
    if judged is None:
        return
    page.section(*verdict_words(judged, all_texts=found.last.n >= len(atlas.probes.texts)))
    for said in told_of_models([found.language_model], atlas.space.calibrator.counts_):
        page.quiet(said)
    if judged.of and found.family and found.family != judged.of:
        page.notice(f"It was written for {found.family} and lands elsewhere: look at the texts that decide, below.")


def verdict_words(judged: Verdict, *, all_texts: bool) -> tuple[str, str]:
    """A headline, and a sentence that says how far to trust it."""
    more = "" if all_texts or judged.job == "same" else " More probe texts will tell."
    return headline(judged.job, judged.of, early=not all_texts), judged.why + more


def near(atlas: "Atlas", found: Landed) -> None:
    """Nearest datasets and prompts side by side, on the calibrated scale with their interval."""
    for kind, column in zip(("dataset", "prompt"), st.columns(2, gap="medium"), strict=True):
        with column:
            page.eyebrow(f"Nearest {KIND_NAMES[kind].lower()}", "closer than")
            nearest = places.nearest(atlas, found, kind)
            rows = [
                Row(id=item_id(i), kind=kind, family=i.embedding.family, name=i.embedding.name,
                    figure=data.percent(found.last.scale.share(found.kind, kind, cosine, 1)),
                    title=f"similarity {number(cosine)}, between {number(low)} and {number(high)}")
                for i, cosine, low, high in nearest
            ]  # fmt: skip
            standings = [standing_on(found.last.scale, found.kind, kind, cosine) for _, cosine, _, _ in nearest]
            if rows:
                item_list(
                    told.parted(rows, standings), key=f"lab-near-{kind}", label=f"Nearest {kind}s", on_pick=state.select
                )
                if grey := told.grey(standings):
                    page.quiet(grey)
            else:
                page.quiet(f"There are no {KIND_NAMES[kind].lower()} in this space yet.")


def stability(atlas: "Atlas", found: Landed) -> bool:
    """Independent repeats, each on probe texts of its own; False while they are computed."""
    repeats = places.repeats(atlas, found)
    if not repeats:
        if repeats is not None and found.complete:
            page.quiet("Too few answers to repeat it on other texts; ask with 128 probe texts or more.")
        return repeats is not None
    items = [places.nearest_to(atlas, r.similarity, "dataset", found.name) for r in repeats]
    page.eyebrow("Repeats on other texts", "nearest dataset")
    page.quiet(where_repeats_land([i for i, _ in items], repeats[0].n))
    rows = [
        Row(id=item_id(item), kind="dataset", family=item.embedding.family, name=item.embedding.name,
            note=item.embedding.family or "", figure=number(cosine),
            title=f"Repeat {n} of {len(items)}, similarity {number(cosine)}")
        for n, (item, cosine) in enumerate(items, 1)
    ]  # fmt: skip
    item_list(rows, key="lab-repeats", label="Nearest dataset of each repeat", on_pick=state.select)
    return True


def where_repeats_land(nearest: Sequence["Item"], n: int) -> str:
    """Where independent repeats on n texts each land, in a sentence."""
    families = Counter(i.embedding.family or i.embedding.name for i in nearest)
    family, most = families.most_common(1)[0]
    where = f"{'All' if most == len(nearest) else f'{most} of'} {len(nearest)} repeats land nearest to {family}"
    if most == 1:
        where = f"All {len(nearest)} repeats land in different families: this place is chance"
    return f"{where}. Each has {n} probe texts that no other has, and no answer is read twice."


def ranked_in_family(atlas: "Atlas", found: Landed) -> bool:
    """Its rank among the prompts of the family it lands in; False while that is computed."""
    known = ranks.in_family(atlas, found)
    if known is None:
        return True
    target, rivals, selection = known
    if selection is None:
        return False
    page.eyebrow(f"Among the prompts for {target.embedding.family}", "agreement")
    by_chance = ranks.by_chance(atlas, target, selection)
    page.quiet(place_among(selection, found.name, by_chance))
    skill = {i.embedding.name: i.facts.get("accuracy") for i in rivals}
    own = next(n for n, r in enumerate(selection.ranking) if r.name == found.name)
    shown = {*range(RANKS_SHOWN), own}
    rows = [
        ranked_row(n, r, current=r.name == found.name, accuracy=skill.get(r.name), chance=r.name in by_chance)
        for n, r in enumerate(selection.ranking) if n in shown
    ]  # fmt: skip
    item_list(rows, key="lab-in-family", label=f"Prompts for {target.embedding.family}, ranked", on_pick=state.select)
    if any(row["dim"] for row in rows):
        page.quiet(GREY)
    return True


def place_among(selection: "Selection", name: str, by_chance: Collection[str] = ()) -> str:
    """Rank of one, with those of its group; none where it is no better than chance."""
    ranking = selection.ranking
    own = next(n for n, r in enumerate(ranking) if r.name == name)
    if name in by_chance:
        return f"No number among {len(ranking)}: it is no more like {selection.target} than by chance."
    same = [n for n, r in enumerate(ranking) if r.group == ranking[own].group and r.name not in by_chance]
    said = f"Number {own + 1} of {len(ranking)} by agreement with {selection.target} and with one another"
    if len(same) > 1:
        said += f"; any of numbers {same[0] + 1} to {same[-1] + 1} may be the best of them"
    return f"{said}."


def ranked_row(
    n: int, ranked: "Ranked", *, current: bool = False, accuracy: object = None, chance: bool = False
) -> Row:
    """chance : its similarity is no better than chance, so it is grey and has no number."""
    sure = between(ranked.similarity, ranked.low, ranked.high)
    about = ["answers all texts alike" if ranked.constant else sure]
    if isinstance(accuracy, float):
        about.append(f"accuracy {100 * accuracy:.0f}\u00a0%")
    return Row(
        id=f"prompt:{ranked.name}", kind="prompt", family=ranked.family,
        name=ranked.name if chance else f"{n + 1}. {ranked.name}", dim=chance,
        note=", ".join([f"group {ranked.group}", *about]), figure=number(ranked.agreement), current=current,
        title=ranks.agreement_words(ranked),
    )  # fmt: skip


def bias(found: Landed) -> None:
    """How often each answer comes, before and after label priors are removed; and what fell outside all answers."""
    answers = found.answers
    page.eyebrow("Label bias", "before → after batch calibration")
    before, after = answers.proba.mean(0), answers.used(found.calibrate).mean(0)
    rows = "".join(
        f"<dt>{html_text(label)}</dt><dd><span class='number'>{100 * b:.0f} % → {100 * a:.0f} %</span>"
        f"<div class='bar'><i class='before' style='width:{100 * b:.0f}%'></i></div>"
        f"<div class='bar'><i style='width:{100 * a:.0f}%'></i></div></dd>"
        for label, b, a in list(zip(answers.labels, before, after, strict=True))[:LABELS_SHOWN]
    )
    st.html(f'<dl class="facts">{rows}</dl>')
    if len(answers.labels) > LABELS_SHOWN:
        page.quiet(f"and {plural(len(answers.labels) - LABELS_SHOWN, 'label')} more")
    if answers.outside is not None:
        outside = float(answers.outside.mean())
        page.quiet(
            f"{100 * outside:.0f} % of the model's probability fell on words that are no answer choice"
            + (OUTSIDE if outside > 0.5 else ".")
        )


def texts(atlas: "Atlas", found: Landed) -> None:
    """The probe texts that put it where it is; abusive ones are blurred until asked for."""
    item, telling = places.deciding(atlas, found)
    if item is None or not telling:
        return
    page.eyebrow(f"Texts that make it like {item.embedding.name}")
    page.careful_quotes(
        [(text, None, f"{here} here, {there} there") for text, here, there in telling],
        data.abusive(atlas, [text for text, *_ in telling]),
    )  # fmt: skip
