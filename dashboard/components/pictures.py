"""The method in pictures: answers side by side, Gram matrices, and the calibrated scale."""

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.components import heatmap, marks
from dashboard.reads import data
from dashboard.session.filtering import KIND_NAME, KIND_NAMES
from dashboard.session.text import html_text, number, shorten

if TYPE_CHECKING:
    from PIL.Image import Image

    from fute_core.analysis.explain import Example
    from fute_core.analysis.strips import Strip
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

PIXELS = 8
LONGEST_TEXT = 150
STEP_ROWS, STEP_TEXT = 3, 70
TICKS = 600
"""Steps of a line of the scale: one and a half pixels of a wide page."""
BESIDE = 0.12
MOST_TOLD, MOST_NAMED, MOST_STEPS = 120, 6, 11
"""Places at which the pointer is told of pairs, pairs that are named at one of them, and numbers below the scale."""


def becoming(
    atlas: "Atlas", example: "Example", rows: Sequence[Mapping[str, Any]], *, hide: bool, hide_rows: bool
) -> str:
    """HTML: how the example's dataset becomes a matrix, step by step. hide, hide_rows : abusive texts blur."""
    own = example.items[0]
    texts = [data.text_of(atlas.probes.texts[p]) for p in example.texts[:STEP_ROWS]]
    bad = data.abusive(atlas, texts)
    read = [_line(shorten(data.text_of(_pair(row)), STEP_TEXT), row["label"], hide_rows) for row in rows[:STEP_ROWS]]
    said = [
        _line(shorten(text, STEP_TEXT), data.answer(own, p), hide and hidden)
        for p, text, hidden in zip(example.texts, texts, bad, strict=False)
    ]
    steps = [
        ("Its texts and labels", "".join(read),
         "An encoder that never changes reads the texts; a small head learns the labels."),
        (f"What the head says to {len(atlas.probes.texts):,} probe texts", "".join(said),
         "The same texts for all. A classifier or a prompt starts here, with answers of its own."),
        ("Which of them it answers alike", f'<img src="{_png(example.pictures[0])}" alt="Its Gram matrix">',
         "This matrix, calibrated, is the point: a dataset or a model task embedding (DTE, MTE)."),
    ]  # fmt: skip
    shown = "".join(
        f"<li><b>{html_text(head)}</b><div>{body}</div><p>{html_text(foot)}</p></li>"
        for head, body, foot in steps
        if body
    )
    return f'<ol class="becoming">{shown}</ol>'


def answers(atlas: "Atlas", example: "Example", *, hide: bool) -> str:
    """HTML: what each item says about the same probe texts, with its certainty as a bar. hide : abusive texts blur."""
    items = [i for i in example.items if i.answers is not None]
    head = "".join(f"<span>{_named(i)}</span>" for i in items)
    rows = []
    texts = [data.text_of(atlas.probes.texts[p]) for p in example.texts]
    for p, text, bad in zip(example.texts, texts, data.abusive(atlas, texts), strict=True):
        said = "".join(f"<span><b>{_named(i)}</b>{html_text(data.answer(i, p))}{_bar(i, p)}</span>" for i in items)
        hidden = ' class="blurred-text" aria-hidden="true"' if hide and bad else ""
        shown = html_text(shorten(text, LONGEST_TEXT))
        rows.append(f'<div class="answers-row"><span dir="auto"{hidden}>{shown}</span>{said}</div>')
    return (
        f'<div class="answers" style="--across:{len(items)}"><div class="answers-row answers-head">'
        f"<span>Probe text</span>{head}</div>{''.join(rows)}</div>"
    )


def grams(atlas: "Atlas", example: "Example") -> str:
    """HTML: the Gram matrices as pictures, with how similar each is to the first."""
    first = example.items[0].embedding
    shown = []
    for at, (item, picture, cosine) in enumerate(zip(example.items, example.pictures, example.similarity, strict=True)):
        share = atlas.meaning.share(first, item.embedding, cosine)
        words = "the dataset itself" if at == 0 else f"similarity {number(cosine)}, {data.closer_than(share)}"
        alt = f"Gram matrix of {item.embedding.name}, {words}"
        shown.append(
            f'<figure><img src="{_png(picture)}" alt="{html_text(alt)}"><figcaption>{_named(item)}'
            f'<p class="quiet">{html_text(_what(item))}; {html_text(words)}</p></figcaption></figure>'
        )
    return f'<div class="grams">{"".join(shown)}</div>'


def scale(strips: Sequence["Strip"], example: "Example | None") -> str:
    """HTML: each pair of kinds on two lines, pairs known to do the same job above those that do different ones.

    A line is a picture with a column for each step of the scale: as marks, so many pairs take a browser seconds.
    """
    everything = np.concatenate([values for strip in strips for values in (strip.same, strip.different)])
    least, most = min(0.0, float(everything.min())), max(0.0, float(everything.max()))
    room = BESIDE * (most - least)  # for the name of what stands at an end
    least, most = least - room, most + room
    same = heatmap.SCALE[-2 if marks.dark() else -1][1]

    def at(value: float) -> str:
        return f"{100 * (value - least) / (most - least or 1.0):.2f}%"

    legend = "".join(
        f'<span><i class="mark" style="background:{colour}"></i>{name}</span>'
        for name, colour in (("same job", same), ("different jobs", marks.colour(None)))
    )
    rows = [f'<div class="strip strip-head"><span></span><span>{legend}</span></div>']
    for strip in strips:
        lines = [
            f'<img class="{name}" src="{_ticks(values, least, most, colour, ink)}" alt="{name}: {len(values):,} pairs">'
            for name, values, colour, ink in (
                ("same", strip.same, same, 0.8), ("different", strip.different, marks.colour(None), 0.35),
            )
        ]  # fmt: skip
        told = "".join(
            f'<i style="left:{at(step)}" title="{html_text(words)}"></i>' for step, words in _told(strip, least, most)
        )
        here = "".join(
            f'<b style="left:{at(cosine)}">{html_text(shorten(item.embedding.name, 26))}</b>'
            for item, cosine in _others(example) if strip.kinds == ("dataset", item.embedding.kind)
        )  # fmt: skip
        who = f"{KIND_NAMES[strip.kinds[0]]} and {KIND_NAMES[strip.kinds[1]].lower()}"
        rows.append(
            f'<div class="strip"><span>{who}</span><span class="track">'
            f'<i class="zero" style="left:{at(0.0)}"></i>{"".join(lines)}{told}{here}</span></div>'
        )
    steps = [value for value in np.arange(-10, 11) / 10 if least <= value <= most]
    steps = steps if len(steps) <= MOST_STEPS else [value for value in steps if round(10 * value) % 2 == 0]
    numbers = "".join(f'<small style="left:{at(value)}">{number(value, 1)}</small>' for value in steps)
    rows.append(f'<div class="strip strip-foot"><span>Similarity</span><span class="track">{numbers}</span></div>')
    return f'<div class="strips">{"".join(rows)}</div>'


def _others(example: "Example | None") -> list[tuple["Item", float]]:
    """What is compared with the example's dataset."""
    return list(zip(example.items, example.similarity, strict=True))[1:] if example else []


def _told(strip: "Strip", least: float, most: float) -> list[tuple[float, str]]:
    """What the pointer is told of pairs that do the same job, by where they stand: their names, and the similarity."""
    step = (most - least) / MOST_TOLD or 1.0
    found: dict[float, list[str]] = {}
    for value, (one, other) in zip(strip.same, strip.pairs, strict=True):
        at = round(float(value) / step) * step
        found.setdefault(at, []).append(f"{shorten(one, 40)} and {shorten(other, 40)}: {number(value)}")
    more = lambda n: f"\nand {n} more" if n > 0 else ""  # noqa: E731
    return [(at, "\n".join(pairs[:MOST_NAMED]) + more(len(pairs) - MOST_NAMED)) for at, pairs in found.items()]


def _ticks(values: np.ndarray, least: float, most: float, colour: str, opacity: float) -> str:
    """A data address of a line with a tick at each value, which is the stronger the more values fall onto it."""
    from PIL import Image

    counts, _ = np.histogram(values, TICKS, (least, most or 1.0))
    line = np.empty((1, TICKS, 4), np.uint8)
    line[..., :3] = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    line[..., 3] = np.round(255 * (1 - (1 - opacity) ** counts))
    return _address(Image.fromarray(line))


def strip_words(strip: "Strip") -> str:
    """How well the two lines of a pair of kinds are apart."""
    kinds = f"{KIND_NAMES[strip.kinds[0]]} and {KIND_NAMES[strip.kinds[1]].lower()}"
    if strip.above is None:
        return f"{kinds}: too few pairs known to do the same or different jobs."
    above = f"{100 * strip.above:.0f} % of {len(strip.same):,}"
    return f"{kinds}: {above} same-job pairs lie above 95 % of the different-job pairs."


def _pair(row: Mapping[str, Any]) -> "str | tuple[str, str]":
    return (row["text"], row["text_pair"]) if row["text_pair"] else row["text"]


def _line(text: str, said: str, hidden: bool) -> str:
    """A text, and what is said of it."""
    blurred = ' class="blurred-text" aria-hidden="true"' if hidden else ""
    return f'<div class="step-line"><span dir="auto"{blurred}>{html_text(text)}</span><em>{html_text(said)}</em></div>'


def _named(item: "Item") -> str:
    own = item.embedding
    return marks.named(own.kind, own.family, shorten(own.name, 34))


def _what(item: "Item") -> str:
    own = item.embedding
    return ", ".join(part for part in (KIND_NAME[own.kind], own.family) if part)


def _bar(item: "Item", p: int) -> str:
    row = item.answers[p]
    if np.isnan(row).any() or len(row) == 1:
        return ""
    return f'<span class="bar"><i style="width:{100 * float(row.max()):.0f}%"></i></span>'


def _png(picture: np.ndarray) -> str:
    """A data address; each cell is a square of several pixels, so that it stays sharp."""
    from PIL import Image

    return _address(Image.fromarray(np.kron(heatmap.colours(picture), np.ones((PIXELS, PIXELS, 1), np.uint8))))


def _address(picture: "Image") -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def gradients(item: "Item") -> str:
    """What the encoder's gradients add to a similarity; empty for a method without them, or where models have them."""
    made = item.embedding.provenance
    weight = made.params.get("fisher_weight")
    if made.method != "fused" or not weight or made.params.get("fisher_of_models"):
        return ""
    return (
        f"Between datasets the encoder's gradients count as well, for {weight / (1 + weight):.2f} of it; all other "
        "pairs are compared by their answers alone."
    )
