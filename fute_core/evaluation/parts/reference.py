"""What the evaluations share: the calibration they stand on, and which datasets they take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fute_core.atlas.atlas import shipped_calibrator
from fute_core.datasets.catalog import shipped_datasets
from fute_core.errors import BadInput
from fute_core.evaluation.parts.boxes import Parts, dataset_parts, take
from fute_core.home import DATA
from fute_core.space.space import TaskSpace
from fute_core.store.store import Header, Store
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


class UnnamedStore(Store):
    """The user's store, in which an evaluation keeps its vectors without names.

    So they come back by content the next time, and nothing that the user embedded changes its meaning. They carry no
    name inside either: they never had one that a newer vector took.
    """

    def put_embedding(self, embedding: TaskEmbedding) -> None:
        super().put_embedding(replace(embedding, name=""))

    def put_name(self, named: TaskEmbedding | Header) -> None:
        pass


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
