"""Vectors straight from answers on any choice of probe texts: what stability asks of probes costs no model call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fute_core.evaluation.parts.boxes import Box, Parts, train_box
from fute_core.evaluation.parts.reference import Place
from fute_core.methods import Observations
from fute_core.methods.functional import Functional, centre, compress, model_answers, probe_basis
from fute_core.space.calibration import Calibrator
from fute_core.space.whitening import within_task_whitening
from fute_core.tasks import Block, Kind, Provenance, TaskEmbedding, Text

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate

CHEAP_ARCHITECTURES = ("logistic", "naive-bayes")
"""Of the architectures of `boxes`, those that train in a second."""


@dataclass(frozen=True)
class Answering:
    """A dataset or a black box with its centred answers (m, k) on all probe texts. place : of its dataset.

    skill : of a black box on held-out rows; 1 for a dataset.
    """

    name: str
    kind: Kind
    family: str | None
    place: Place
    answers: np.ndarray
    skill: float = 1.0


@dataclass(frozen=True)
class AnswerSpace:
    """Items that answered the same m probe texts, whose surrogate features are (m, d)."""

    items: tuple[Answering, ...]
    features: np.ndarray
    pair: bool

    def vectors(self, probes: np.ndarray | None = None, whiten: bool = True) -> np.ndarray:
        """Calibrated vectors (n, d) from the answers on the probe texts at `probes` (all), centred by kind.

        whiten : as the gallery does, by how items of one dataset differ, learnt on the items themselves.
        """
        chosen = np.arange(len(self.features)) if probes is None else probes
        return self._calibrator(chosen, whiten).transform(self._embeddings(self.items, chosen))

    def vectors_of(self, items: Sequence[Answering]) -> np.ndarray:
        """Vectors of items that are not part of the space, under its calibration."""
        return self._own_calibrator.transform(self._embeddings(items, np.arange(len(self.features))))

    @cached_property
    def _own_calibrator(self) -> Calibrator:
        return self._calibrator(np.arange(len(self.features)), True)

    def _calibrator(self, probes: np.ndarray, whiten: bool) -> Calibrator:
        whitening = {}
        if whiten:
            basis = probe_basis(self.features[probes], Functional.rank)
            tasks: dict[Place, list[np.ndarray]] = {}
            for item in self.items:
                factor = basis.T @ centre(item.answers[probes])
                if (norm := np.linalg.norm(factor)) > 0:
                    tasks.setdefault(item.place, []).append(factor / norm)
            if groups := [group for group in tasks.values() if len(group) > 1]:
                whitening = {"gram": within_task_whitening(groups)}
        return Calibrator(whitening=whitening).fit(self._embeddings(self.items, probes))

    def _embeddings(self, items: Sequence[Answering], probes: np.ndarray) -> list[TaskEmbedding]:
        basis = probe_basis(self.features[probes], Functional.rank)
        found = []
        for item in items:
            vector, _ = compress(centre(item.answers[probes]), basis)
            provenance = Provenance(
                "answers", "", "functional", {}, item.name, len(probes), self.pair, 0, probes=str(len(probes))
            )
            block = Block("gram", 0, len(vector), part="functional")
            found.append(TaskEmbedding(item.name, item.kind, vector, (block,), item.name, provenance, item.family))
        return found


def answer_space(
    parts: Mapping[Place, Parts], probes: Sequence[Text], surrogate: "Surrogate", architectures: Sequence[str]
) -> AnswerSpace:
    """The datasets' heads and a black box of each architecture for each dataset, all of one arity."""
    items = []
    for place, part in parts.items():
        rows = part.dte
        observations = Observations(rows.texts, rows.targets, probes=probes)
        answers = Functional().answers(surrogate, observations)
        items.append(Answering(rows.name, "dataset", rows.family, place, answers))
    for place, part in parts.items():
        items += [answering(train_box(a, part), part.dte.family, place, probes) for a in architectures]
    return AnswerSpace(tuple(items), surrogate.features(probes), bool(probes) and isinstance(probes[0], tuple))


def answering(box: Box, family: str | None, place: Place, probes: Sequence[Text]) -> Answering:
    proba = box.predictor.predict_proba(probes)
    answers = model_answers(proba, np.arange(len(probes)), len(probes), False)
    return Answering(box.name, "model", family, place, answers, box.skill)
