"""The method in pictures: answers side by side, Gram matrices, and the calibrated scale."""

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard.components import heatmap, marks
from dashboard.reads import data
from dashboard.session.filtering import KIND_NAME, KIND_NAMES
from dashboard.session.text import html_text, shorten

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from fute_core.analysis.explain import Example
    from fute_core.analysis.strips import Strip
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

PIXELS = 8
LONGEST_TEXT = 150


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
        words = "the dataset itself" if at == 0 else f"similarity {cosine:.2f}, {data.closer_than(share)}"
        alt = f"Gram matrix of {item.embedding.name}, {words}"
        shown.append(
            f'<figure><img src="{_png(picture)}" alt="{html_text(alt)}"><figcaption>{_named(item)}'
            f'<p class="quiet">{html_text(_what(item))}; {html_text(words)}</p></figcaption></figure>'
        )
    return f'<div class="grams">{"".join(shown)}</div>'


def scale(strips: Sequence["Strip"], example: "Example | None", ink: str) -> "go.Figure":
    """Each pair of kinds on two lines: pairs known to do different jobs below, those that do the same above."""
    import plotly.graph_objects as go

    figure = go.Figure()
    names = []
    for row, strip in enumerate(strips):
        base = -float(row)
        names.append(f"{KIND_NAMES[strip.kinds[0]]} and<br>{KIND_NAMES[strip.kinds[1]].lower()}")
        lines = (("different jobs", strip.different, -0.17, marks.colour(None), 0.35, None),
                 ("same job", strip.same, 0.17, heatmap.SCALE[-1][1] if ink == "light" else heatmap.SCALE[-2][1], 0.8,
                  [f"{html_text(shorten(a, 40))}<br>{html_text(shorten(b, 40))}" for a, b in strip.pairs]))  # fmt: skip
        for name, values, up, colour, opacity, pairs in lines:
            figure.add_scatter(
                x=np.round(values, 3).astype(np.float32), y=np.full(len(values), base + up, np.float32), name=name,
                mode="markers", opacity=opacity, showlegend=row == 0, legendgroup=name, customdata=pairs,
                marker={"symbol": "line-ns-open", "size": 15, "color": colour, "line": {"width": 1.2}},
                hovertemplate=("%{customdata}<br>" if pairs else "two different jobs<br>")
                + "similarity %{x:.2f}<extra></extra>",
            )  # fmt: skip
    figure.update_layout(
        height=120 + 100 * len(strips), margin={"l": 8, "r": 8, "t": 8, "b": 8}, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={"title": "Similarity", "zeroline": True, "fixedrange": True},
        yaxis={"tickvals": [-float(r) for r in range(len(strips))], "ticktext": names, "showgrid": False,
               "zeroline": False, "fixedrange": True, "range": [0.45 - len(strips), 0.5], "automargin": True},
        hovermode="closest", dragmode=False,
    )  # fmt: skip
    for at, item in enumerate(example.items if example else ()):
        row = next((r for r, s in enumerate(strips) if s.kinds == ("dataset", item.embedding.kind)), None)
        if at and row is not None:
            figure.add_annotation(
                x=example.similarity[at], y=0.26 - row, text=html_text(shorten(item.embedding.name, 26)),
                showarrow=True, arrowhead=0, arrowwidth=1, ax=0, ay=-16, font={"size": 11},
            )  # fmt: skip
    return figure


def strip_words(strip: "Strip") -> str:
    """How well the two lines of a pair of kinds are apart."""
    kinds = f"{KIND_NAMES[strip.kinds[0]]} and {KIND_NAMES[strip.kinds[1]].lower()}"
    if strip.above is None:
        return f"{kinds}: too few pairs known to do the same or different jobs."
    return (
        f"{kinds}: {strip.above:.0%} of {len(strip.same):,} same-job pairs lie above 95 % of the different-job pairs."
    )


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

    buffer = io.BytesIO()
    Image.fromarray(np.kron(heatmap.colours(picture), np.ones((PIXELS, PIXELS, 1), np.uint8))).save(buffer, "PNG")
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
