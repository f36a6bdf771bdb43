"""What stands behind one similarity: answers side by side, where they part, and neighbours that are shared."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components import marks, page
from dashboard.reads import data
from dashboard.session.filtering import KIND_NAME, item_id
from dashboard.session.text import html_text, number, plural, shorten
from fute_core.space.told import standing

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

NEAR = 12
MOST_LABELS = 12
LONGEST_TEXT = 240


def pair_facts(atlas: "Atlas", one: "Item", other: "Item") -> dict[str, object]:
    """Similarity, its place on the calibrated scale, what it is the sum of, and its intervals over texts and rows."""
    i, j = atlas.positions[item_id(one)], atlas.positions[item_id(other)]
    cosine = float(atlas.space.cosines([i], [j])[0, 0])
    share = atlas.meaning.share(one.embedding, other.embedding, cosine)
    bounds = atlas.intervals(i, j)
    over = [f"{_ends(bounds)}, over probe texts"] if bounds else []
    over += [*over_rows(atlas, i, j), *over_rows(atlas, j, i)]
    return {
        "On the scale": data.closer_than(share),
        "Similarity": number(cosine, 3),
        "Which is": summed(atlas, one, other),
        "95 % interval": "; ".join(over) or "not known, no answers",
    }


def over_rows(atlas: "Atlas", i: int, j: int) -> list[str]:
    """The intervals over the rows of the first, where they are at hand; none for all others."""
    rows, both = (None, None) if i == j else (atlas.intervals(i, j, over) for over in ("rows", "both"))
    if rows is None:
        return []
    said = f"{_ends(rows)}, over the rows of {atlas.items[i].embedding.name}"
    return [said, f"{_ends(both)}, over both"] if both else [said]


def _ends(bounds: tuple[float, float]) -> str:
    return f"{number(bounds[0], 3)} to {number(bounds[1], 3)}"


def summed(atlas: "Atlas", one: "Item", other: "Item") -> str:
    """What the similarity is the sum of, in words; empty where answers are not known."""
    split = None if one is other else data.split(atlas, one, other)
    if split is None:
        return ""
    alike, apart = split.texts[split.texts > 0].sum(), split.texts[split.texts < 0].sum()
    said = (
        f"{_term(alike)} from probe texts that both answer alike, {_term(apart)} from those that they answer unlike, "
        f"{_term(split.common)} from taking away what all of their kinds have in common"
    )
    return said + (f", {_term(split.others)} from the texts of the two datasets" if abs(split.others) > 5e-4 else "")


def _term(value: float) -> str:
    """With its sign, of which minus is a true one."""
    return f"{value:+.3f}".replace("-", "\u2212")


def headings(items: Sequence["Item"]) -> list[str]:
    """A name for each item, with its kind where two share it: columns of a table must not fall together."""
    names = [i.embedding.name for i in items]
    return [
        name if names.count(name) == 1 else f"{name} ({KIND_NAME[i.embedding.kind]})"
        for name, i in zip(names, items, strict=True)
    ]


def shared_neighbours(atlas: "Atlas", items: Sequence["Item"]) -> list[dict[str, object]]:
    """Each that is among the nearest of any of the items, and of which; what is not shared comes first.

    The items themselves are left out. A similarity stands for every item; "near" says of which it is a neighbour, and
    "may do the same job as" for which of them it is alike enough.
    """
    own = {item_id(i) for i in items}
    near = [{n.id: n for n in data.neighbours(atlas, i, NEAR + len(items)) if n.id not in own} for i in items]
    near = [dict(list(found.items())[:NEAR]) for found in near]
    where = atlas.positions
    places = [where[item_id(i)] for i in items]
    heads = headings(items)
    rows = []
    for key in dict.fromkeys(k for found in near for k in found):
        known = next(found[key] for found in near if key in found)
        of = [head for head, found in zip(heads, near, strict=True) if key in found]
        cosines = atlas.space.cosines(places, [where[key]])[:, 0]
        row = {"neighbour": known.name, "kind": KIND_NAME[known.kind], "family": known.family or ""}
        row |= {f"to {head}": round(float(c), 3) for head, c in zip(heads, cosines, strict=True)}
        row["near"] = "all" if len(of) == len(items) else "only " + " and ".join(of)
        other = atlas.items[where[key]].embedding
        same = [
            head
            for head, i, c in zip(heads, items, cosines, strict=True)
            if standing(atlas.meaning, i.embedding, other, float(c)) == "same"
        ]
        rows.append((len(of), {**row, "may do the same job as": ", ".join(same)}))
    return [row for _, row in sorted(rows, key=lambda r: r[0])]


def sides(atlas: "Atlas", one: "Item", other: "Item", k: int) -> dict[str, list[data.Said]] | None:
    """By heading the k probe texts that take most from the similarity shown, and those that add most, with answers.

    None where the answers of one of them are not known.
    """
    if data.split(atlas, one, other) is None:
        return None
    apart, alike = data.sides(atlas, one, other, k)
    return {"Texts that pull them apart most": apart, "Texts that make them alike": alike}


def any_abusive(atlas: "Atlas", found: dict[str, list[data.Said]] | None) -> bool:
    return any(data.abusive(atlas, [text for rows in (found or {}).values() for text, *_ in rows]))


def texts(
    atlas: "Atlas", one: "Item", other: "Item", found: dict[str, list[data.Said]] | None, *, hide: bool,
    names: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """What `sides` found, side by side. hide : abusive texts are blurred. names : what the two are called here."""
    if found is None:
        page.quiet("The answers of one of them are not known, so there are no texts to show.")
        return
    marked = [
        marks.named(i.embedding.kind, i.embedding.family, shorten(name, 30))
        for i, name in zip((one, other), names or [one.embedding.name, other.embedding.name], strict=True)
    ]
    for column, (title, rows) in zip(st.columns(2, gap="large"), found.items(), strict=True):
        with column:
            page.eyebrow(title)
            if not rows:
                page.quiet("None.")
                continue
            blurred = [hide and bad for bad in data.abusive(atlas, [text for text, *_ in rows])]
            st.html("".join(_quote(*row, marked, bad) for row, bad in zip(rows, blurred, strict=True)))


def _quote(text: str, first: str, second: str, marked: Sequence[str], blurred: bool) -> str:
    hidden = ' aria-hidden="true"' if blurred else ""
    return (
        f'<div class="quote{" blurred" if blurred else ""}"><span dir="auto"{hidden}>'
        f"{html_text(shorten(text, LONGEST_TEXT))}</span>"
        f'<small class="said">{marked[0]}: {html_text(first)}</small>'
        f'<small class="said">{marked[1]}: {html_text(second)}</small></div>'
    )


def labels_of(item: "Item") -> list[str]:
    """A name for each column of the answers."""
    known = [str(label) for label in item.facts.get("labels") or ()]
    return [known[n] if n < len(known) else f"label {n + 1}" for n in range(item.answers.shape[1])]


def label_shares(item: "Item") -> dict[str, float]:
    """How much of its answers each label gets over the probe texts, in percent, the largest first."""
    shares = 100 * np.nanmean(item.answers, 0)
    names = _unique(labels_of(item))
    return {names[n]: round(float(shares[n]), 1) for n in np.argsort(-shares, kind="stable")}


def share_bars(item: "Item") -> str:
    """HTML: the same as bars; of many labels the largest."""
    shares = label_shares(item)
    shown = "".join(
        f'<div class="share"><span>{html_text(label)}</span><span class="bar"><i style="width:{share:.1f}%"></i></span>'
        f"<span>{share:.1f}&#160;%</span></div>"
        for label, share in list(shares.items())[:MOST_LABELS]
    )
    more = len(shares) - MOST_LABELS
    return shown + (f'<p class="quiet">and {plural(more, "label")} more</p>' if more > 0 else "")


def confusion(one: "Item", other: "Item") -> list[dict[str, object]]:
    """How many probe texts get which first answer of the one (rows) and of the other (columns)."""
    known = ~(np.isnan(one.answers).any(1) | np.isnan(other.answers).any(1))
    table = np.zeros((one.answers.shape[1], other.answers.shape[1]), int)
    np.add.at(table, (one.answers[known].argmax(1), other.answers[known].argmax(1)), 1)
    head, *across = _unique([f"{headings([one, other])[0]} says", *labels_of(other)])
    return [
        {head: label, **dict(zip(across, map(int, row), strict=True))}
        for label, row in zip(labels_of(one), table, strict=True)
    ]


def _unique(names: Sequence[str]) -> list[str]:
    """A number after a name that was there before: labels may be called alike."""
    return [f"{name} ({names[:i].count(name) + 1})" if name in names[:i] else name for i, name in enumerate(names)]
