"""What is known of one item: card, provenance, true neighbours on the calibrated scale, answers, example texts."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import navigation
from dashboard.components import marks, page, told
from dashboard.components.item_list import Row, item_list
from dashboard.reads import data
from dashboard.session import state
from dashboard.session.filtering import KIND_NAME, KIND_NAMES, item_id
from dashboard.session.text import html_text, md, number, shorten
from fute_core.analysis.skill import is_weak, skill_of
from fute_core.atlas.newcomers import is_tuned
from fute_core.space.readable import why_silent, why_unsure
from fute_core.space.row_spread import OVER_WORDS
from fute_core.space.scale import few_texts

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.space.row_spread import Over

NEIGHBOURS = 8
TEXTS = 6
WHY_TEXTS = 4
OVER_NAMES: "dict[Over, str]" = {"texts": "Probe texts", "rows": "Its own rows", "both": "Both"}


def details(atlas: "Atlas", item: "Item", *, key: str, actions: Callable[[], None] | None = None) -> None:
    """The whole panel, top to bottom. actions : draws buttons below the title."""
    title(item)
    if actions is not None:
        actions()
    page.facts(what_it_is(item))
    if template := item.facts.get("template"):
        st.code(str(template), language=None, wrap_lines=True)
    pair, kind = item.embedding.provenance.pair, item.embedding.kind
    if other := data.redundant(pair, kind).get(item.embedding.name):
        page.notice(redundant(other))
    unsure = why_unsure(item.embedding)
    for remark in filter(None, [unsure[:1].upper() + unsure[1:], few_texts(item.embedding)]):
        page.notice(remark)
    neighbours(atlas, item, key=key)
    telling(atlas, item)
    with st.expander("How this point was made"):
        page.facts(provenance(item))
        if any(e.file == "compare" for e in navigation.present()):
            st.page_link(
                navigation.path_of("compare"), label="Its runs, against each other",
                query_params={**state.params(), "sel": [item_id(item)]},
            )  # fmt: skip


def title(item: "Item") -> None:
    own = item.embedding
    kind = f"{KIND_NAME[own.kind]}{', a fine-tuned language model' if is_tuned(item) else ''}"
    st.html(
        f'<div class="item-title">{marks.named(own.kind, own.family, own.name, weak=is_weak(item.facts))}</div>'
        f'<p class="quiet">{html_text(", ".join(p for p in (kind, own.family) if p))}'
        f"{'' if item.facts.get('shipped') else ', yours'}</p>"
    )


def redundant(other: str) -> str:
    """For an item that repeats another, see `Scale.same_level`."""
    return (
        f"Redundant beside {other}: as close as the closest quarter of pairs known to do the same job, and closer than "
        "any known to do different ones."
    )


def what_it_is(item: "Item") -> dict[str, object]:
    """Facts by the words a user knows them by, as far as known."""
    known = item.facts
    labels = [str(label) for label in known.get("labels") or ()]
    rows: dict[str, object] = {
        "Title": known.get("title"),
        "Language model": known.get("language_model"),
        "Architecture": known.get("architecture"),
        "Tuned from": f"{known['base_model']}, whose licence is {known['base_licence']}" if is_tuned(item) else None,
        "Trained on": known.get("dataset") if item.embedding.kind == "model" else None,
        "Accuracy": _accuracy(known),
        "Skill": _skill(known),
        "Labels": _some(labels, 8),
        "Answers": _choices(known.get("choices")),
        "Thinks first": f"at most {known['reasoning']} tokens" if known.get("reasoning") else None,
        "Label prior": _prior(labels, known.get("label_prior")),
        "Off the answers": _percent(known.get("outside_mass")),
        "Licence": known.get("licence"),
        "Cite": known.get("cite"),
        "Source": known.get("source"),
        "Placed": "as a newcomer: it has shaped nothing, and is judged as one" if is_tuned(item) else None,
        "Weights": "do not ship; its answers to the probe texts do" if is_tuned(item) else None,
    }
    return {name: value for name, value in rows.items() if value not in (None, "")}


def provenance(item: "Item") -> dict[str, object]:
    """Enough to make the vector again."""
    made = item.embedding.provenance
    options = ", ".join(f"{k} {v}" for k, v in made.params.items())
    return {
        "Method": f"{made.method}{f' ({options})' if options else ''}",
        "Surrogate": f"{made.surrogate} ({made.surrogate_digest[:8]})",
        "Probe texts": made.probes or None,
        "Texts used": f"{made.n_texts:,}{f', {made.n_truncated:,} cut off' if made.n_truncated else ''}",
        "Seed": made.seed,
        "Made": made.created[:16].replace("T", " ") or None,
        "Took": f"{made.seconds:.1f} s",
        "Versions": ", ".join(f"{k} {v}" for k, v in made.versions.items()),
        "Key": item.embedding.key[:12],
    }


def neighbours(atlas: "Atlas", item: "Item", *, key: str) -> None:
    """What may be said of its job, and the nearest in the original space; a click goes there."""
    told.verdict(data.verdict(atlas, item))
    if why_silent(item.embedding):
        return
    page.eyebrow("Nearest", "closer than")
    kinds = [k for k in KIND_NAMES if any(i.embedding.kind == k for i in atlas.items)]
    st.segmented_control(
        "Kind", ["all", *kinds], default="all", required=True, key=f"{key}-near-kind", label_visibility="collapsed",
        format_func=lambda k: KIND_NAMES.get(k, "All"), persist_state="session",
    )  # fmt: skip
    found = nearest(atlas, item, key)
    if not found:
        page.quiet("Nothing else of that kind is in this space.")
        return
    over = interval_over(item)
    sure = data.intervals(atlas, item, [n.id for n in found], over)
    rows = [
        Row(id=n.id, kind=n.kind, family=n.family, name=n.name, figure=data.percent(n.share),
            note=between(n.similarity, *sure.get(n.id, ())), title=f"{n.name}: {data.closer_than(n.share)}",
            current=n.id in state.view().selected, weak=n.weak, number=at)
        for at, n in enumerate(found, 1)
    ]  # fmt: skip
    standings = [n.standing for n in found]
    item_list(told.parted(rows, standings), key=f"{key}-near", label=f"Nearest to {item.embedding.name}",
              on_pick=state.select)  # fmt: skip
    page.quiet(
        "Closer than this share of the pairs known to do different jobs, measured in the original space, "
        f"never on the map{f'; intervals are over {OVER_WORDS[over]}' if sure else ''}. {told.grey(standings)}"
    )


def interval_over(item: "Item") -> "Over":
    """What the intervals of the list are over; a choice where more is at hand than the probe texts."""
    if len(overs := data.overs(item)) == 1:
        return overs[0]
    return st.segmented_control(
        "95\u00a0% interval over", overs, default=overs[0], required=True, key="near-interval",
        format_func=OVER_NAMES.get, persist_state="session",
    )  # fmt: skip


def nearest(atlas: "Atlas", item: "Item", key: str) -> list[data.Near]:
    """The neighbours that the panel of that key lists, of the kind that is chosen in it."""
    kind = st.session_state.get(f"{key}-near-kind", "all")
    return data.neighbours(atlas, item, NEIGHBOURS, None if kind == "all" else kind)


def telling(atlas: "Atlas", item: "Item") -> None:
    """What makes the item like another one, and a dataset's rows; abusive texts of both wait for one question."""
    other, found = why(atlas, item)
    rows = data.examples(item.embedding.name)[:TEXTS] if item.embedding.kind == "dataset" else []
    abusive = data.abusive(atlas, [text for text, *_ in found])
    own = item.embedding.family in data.ABUSIVE
    hide = page.hides_abusive(any(abusive) or (own and bool(rows)))
    if other is not None:
        with st.expander(md(f"Texts that make it like {shorten(other.embedding.name, 30)}")):
            page.quotes([(text, None, f"{one} here, {two} there") for text, one, two in found],
                        blurred=[hide and bad for bad in abusive])  # fmt: skip
    if rows:
        page.eyebrow("Example texts")
        page.quotes([(r["text"], r["text_pair"], r["label"]) for r in rows], blurred=hide and own)


def why(atlas: "Atlas", item: "Item") -> tuple["Item | None", list[tuple[str, str, str]]]:
    """The nearest other item, or the one selected before it, and the probe texts that make the two alike."""
    before = [i for i in data.chosen(atlas, state.view().selected) if i is not item]
    nearest = data.neighbours(atlas, item, NEIGHBOURS)[:1]
    other = before[-1] if before else next(iter(data.chosen(atlas, [n.id for n in nearest])), None)
    if other is None or data.split(atlas, item, other) is None:
        return None, []
    return other, data.sides(atlas, item, other, WHY_TEXTS)[1]


def compare_link(atlas: "Atlas", picked: Sequence["Item"]) -> None:
    """To the Compare page with what is selected; a single item goes there with its nearest neighbour."""
    if not any(e.file == "compare" for e in navigation.present()):
        return
    ids = [item_id(i) for i in picked]
    near = data.neighbours(atlas, picked[0], NEIGHBOURS)[:1] if len(ids) == 1 else []
    if len(ids) + len(near) < 2:
        return
    st.page_link(
        navigation.path_of("compare"), label="Compare", help=md(f"With its nearest, {near[0].name}") if near else None,
        query_params={**state.params(), "sel": [*ids, *(n.id for n in near)]},
    )  # fmt: skip


def row_of(item: "Item") -> dict[str, object]:
    """One line of a table that leaves: names, not positions."""
    own, made = item.embedding, item.embedding.provenance
    known = item.facts
    return {
        "id": item_id(item), "name": own.name, "kind": own.kind, "family": own.family or "",
        "language_model": known.get("language_model"), "architecture": known.get("architecture"),
        "base_model": known.get("base_model"), "base_licence": known.get("base_licence"),
        "dataset": known.get("dataset"), "accuracy": known.get("accuracy"), "skill": known.get("skill"),
        "labels": "|".join(str(label) for label in known.get("labels") or ()), "template": known.get("template"),
        "licence": known.get("licence"), "method": made.method, "surrogate": made.surrogate,
        "surrogate_digest": made.surrogate_digest, "probes": made.probes, "n_texts": made.n_texts, "seed": made.seed,
        "created": made.created, "key": own.key,
    }  # fmt: skip


def between(similarity: float, low: float | None = None, high: float | None = None) -> str:
    """A similarity, and its 95 % interval where it is known."""
    value, *sure = (number(v) for v in (similarity, low, high) if v is not None)
    return f"similarity {value}" + (f", 95\u00a0% from {sure[0]} to {sure[1]}" if sure else "")


def _percent(value: object) -> str | None:
    return f"{100 * value:.1f}\u00a0%" if isinstance(value, int | float) else None


def _accuracy(known: Mapping[str, Any]) -> str | None:
    """By dataset, where it was measured on several or on a few rows only."""
    measured = known.get("accuracies") or {}
    if len(measured) > 1:
        return ", ".join(f"{_percent(m['accuracy'])} on {name} ({m['rows']} rows)" for name, m in measured.items())
    found = skill_of(known)
    if found is None or not found.rows:
        return _percent(known.get("accuracy"))
    where = f" of {next(iter(measured))}" if measured else ""
    sure = f"{100 * found.low:.0f} to {100 * found.high:.0f}\u00a0%"
    return f"{_percent(found.accuracy)}, 95\u00a0% interval {sure}, {found.rows} rows{where}"


def _skill(known: Mapping[str, Any]) -> str | None:
    """(accuracy - chance) / (1 - chance)."""
    found = skill_of(known)
    if found is None:
        return None
    return f"{number(found.skill)}{' (close to guessing: its place means little)' if found.weak else ''}"


def _some(names: list[str], most: int) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _choices(choices: object) -> str | None:
    return " | ".join("/".join(map(str, words)) for words in choices) if isinstance(choices, list | tuple) else None


def _prior(labels: list[str], prior: object) -> str | None:
    if not isinstance(prior, list | tuple) or len(prior) != len(labels) or len(labels) > 8:
        return None
    return ", ".join(f"{label} {100 * p:.0f}\u00a0%" for label, p in zip(labels, prior, strict=True))
