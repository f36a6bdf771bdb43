"""What stands behind one similarity: answers side by side, where they part, and neighbours that are shared."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard import data
from dashboard.filtering import item_id

if TYPE_CHECKING:
    from fute_core.atlas import Atlas, Item

NEAR = 12


def pair_facts(atlas: "Atlas", one: "Item", other: "Item") -> dict[str, object]:
    """Similarity, its place on the calibrated scale, and its interval over probe texts, in words."""
    where = data.positions(atlas)
    i, j = where[item_id(one)], where[item_id(other)]
    cosine = float(atlas.space.vectors[i] @ atlas.space.vectors[j])
    share = atlas.scale.share(one.embedding.kind, other.embedding.kind, cosine)
    bounds = atlas.intervals(i, j)
    return {
        "On the scale": data.closer_than(share),
        "Similarity": f"{cosine:.3f}",
        "95 % interval": f"{bounds[0]:.3f} to {bounds[1]:.3f}, over probe texts" if bounds else "not known, no answers",
    }


def shared_neighbours(atlas: "Atlas", items: Sequence["Item"]) -> list[dict[str, object]]:
    """Each that is among the nearest of any of the items, and of which; what is not shared comes first."""
    near = [{n.id: n for n in data.neighbours(atlas, item, NEAR)} for item in items]
    rows = []
    for key in dict.fromkeys(k for found in near for k in found):
        known = next(found[key] for found in near if key in found)
        row = {"neighbour": known.name, "kind": known.kind, "family": known.family or ""}
        row |= {
            i.embedding.name: f"{f[key].similarity:.3f}" if key in f else "" for i, f in zip(items, near, strict=True)
        }
        rows.append((sum(key in found for found in near), row))
    return [row for _, row in sorted(rows, key=lambda r: r[0])]


def disagreements(atlas: "Atlas", one: "Item", other: "Item", k: int) -> list[tuple[str, str, str]]:
    """The k probe texts that pull the two apart most, with the answer of each."""
    from fute_core.evidence import text_shares

    shares = text_shares(one.answers, other.answers)
    worst = [int(p) for p in np.argsort(shares, kind="stable")[:k] if shares[p] < 0]
    return [(data.text_of(atlas.probes.texts[p]), data.answer(one, p), data.answer(other, p)) for p in worst]


def labels_of(item: "Item") -> list[str]:
    """A name for each column of the answers."""
    known = [str(label) for label in item.facts.get("labels") or ()]
    return [known[n] if n < len(known) else f"label {n + 1}" for n in range(item.answers.shape[1])]


def label_shares(item: "Item") -> dict[str, float]:
    """How much of its answers each label gets over the probe texts, in percent."""
    shares = np.nanmean(item.answers, 0)
    return {label: round(100 * float(s), 1) for label, s in zip(labels_of(item), shares, strict=True)}


def confusion(one: "Item", other: "Item") -> list[dict[str, object]]:
    """How many probe texts get which first answer of the one (rows) and of the other (columns)."""
    known = ~(np.isnan(one.answers).any(1) | np.isnan(other.answers).any(1))
    table = np.zeros((one.answers.shape[1], other.answers.shape[1]), int)
    np.add.at(table, (one.answers[known].argmax(1), other.answers[known].argmax(1)), 1)
    across = labels_of(other)
    return [
        {f"{one.embedding.name} says": label, **dict(zip(across, map(int, row), strict=True))}
        for label, row in zip(labels_of(one), table, strict=True)
    ]


def one_dataset_and_its_models(atlas: "Atlas", start: "Item | None", texts: int = 5) -> list[dict[str, str]]:
    """What a dataset and the nearest model of each kind say about the probe texts that make them alike."""
    datasets = [i for i in (start, *atlas.items) if i is not None and i.embedding.kind == "dataset"]
    for dataset in datasets:
        if dataset.answers is None:
            continue
        near = [n.id for kind in ("model", "prompt") for n in data.neighbours(atlas, dataset, 1, kind)]
        models = [m for m in data.chosen(atlas, near) if m.answers is not None]
        if not models:
            continue
        from fute_core.evidence import text_shares

        best = np.argsort(-text_shares(dataset.answers, models[0].answers), kind="stable")[:texts]
        abusive = any(i.embedding.family in data.ABUSIVE for i in (dataset, *models))
        return [] if abusive else [
            {"probe text": data.text_of(atlas.probes.texts[p]),
             **{i.embedding.name: data.answer(i, int(p)) for i in (dataset, *models)}}
            for p in best
        ]  # fmt: skip
    return []
