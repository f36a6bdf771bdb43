"""What the evaluations share: the calibration they stand on, and which datasets they take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fute_core.atlas.comparable import shipped_calibrator
from fute_core.atlas.gallery import Item
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.pipelines import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.boxes import (
    Parts,
    dataset_parts,
    take,
)
from fute_core.home import DATA
from fute_core.methods.functional import log_odds, probe_basis
from fute_core.models.encoder import load_surrogate
from fute_core.space.calibration import Calibrator
from fute_core.space.space import TaskSpace
from fute_core.space.whitening import within_task_whitening
from fute_core.store.store import Store
from fute_core.tasks import TaskDataset, TaskEmbedding

Place = tuple[Path, str]


@dataclass(frozen=True)
class Choice:
    """Which data an evaluation takes: everything, or a small part of it.

    folder : datasets of one's own beside the shipped ones. names : only these of the shipped ones. rows : for a DTE.
    """

    folder: Path | None = None
    names: tuple[str, ...] | None = None
    rows: int | None = None


def chosen_parts(choice: Choice) -> Mapping[Place, Parts]:
    """The parts of every classification dataset of the choice, by (folder, name); BadInput as in `own_parts`."""
    found = {(DATA, name): dataset_parts(name) for name in choice.names or shipped_datasets()}
    found |= own_parts(choice.folder) if choice.folder else {}
    return {
        place: replace(parts, dte=_first(parts.dte, choice.rows)) if choice.rows else parts
        for place, parts in found.items()
        if not parts.dte.regression
    }


def own_parts(folder: Path) -> dict[Place, Parts]:
    """The parts of every dataset of a folder of one's own, by (folder, name).

    Raises BadInput for what cannot be read, and for a dataset that has the name of a shipped one.
    """
    own = shipped_datasets(folder)
    if twice := [name for name in own if name in shipped_datasets()]:
        raise BadInput(f"{folder} has a dataset {twice[0]!r}, and so have the shipped ones; rename it.")
    return {(folder, name): dataset_parts(name, folder) for name in own}


def calibrated(embeddings: Sequence[TaskEmbedding]) -> TaskSpace:
    """The space of these embeddings under the shipped reference, or under their own means where it does not compare."""
    return TaskSpace(embeddings, calibrator=shipped_calibrator(embeddings[0]))


def _first(rows: TaskDataset, limit: int) -> TaskDataset:
    """At most `limit` rows, even over the labels."""
    of_label = rows.targets.argmax(1)
    seen: dict[int, int] = {}
    turn = []
    for label in of_label:
        turn.append(seen.get(label, 0))
        seen[label] = turn[-1] + 1
    order = sorted(range(len(of_label)), key=lambda i: (turn[i], i))[:limit]
    return take(rows, sorted(order))


def fit_reference(
    items: Sequence[Item], basis: np.ndarray, centred_on: Sequence[TaskEmbedding] | None = None
) -> Calibrator:
    """Whitening learnt from datasets with their black boxes, and each kind's mean over `centred_on` (the items)."""
    tasks: dict[str, list[np.ndarray]] = {}
    for item in items:
        task = item.embedding.name if item.embedding.kind == "dataset" else item.facts.get("dataset")
        if task is None:
            continue
        factor = basis.T @ log_odds(item.answers)
        if (norm := np.linalg.norm(factor)) > 0:
            tasks.setdefault(task, []).append(factor / norm)
    groups = [group for group in tasks.values() if len(group) > 1]
    whitening = {"gram": within_task_whitening(groups)} if groups else {}
    return Calibrator(whitening=whitening).fit(centred_on or [item.embedding for item in items])


def basis_of(recipe: Recipe, pair: bool, store: Store) -> np.ndarray:
    """Orthonormal (m, r) of the recipe's probe texts, see `methods.functional.probe_basis`."""
    surrogate = load_surrogate(recipe.surrogate, store)
    return probe_basis(surrogate.features(recipe.probes(pair).texts), recipe.build().rank)


def left_out_similarity(items: Sequence[Item], basis: np.ndarray) -> np.ndarray:
    """float64 (n, n): each row in a space whose whitening was learnt without that item's family; means over all."""
    embeddings = [i.embedding for i in items]
    out = np.zeros((len(items), len(items)))
    for family in {e.family for e in embeddings}:
        rows = [k for k, e in enumerate(embeddings) if e.family == family]
        calibrator = fit_reference([i for i in items if i.embedding.family != family], basis, embeddings)
        vectors = calibrator.transform(embeddings).astype(np.float64)
        out[rows] = vectors[rows] @ vectors.T
    return out
