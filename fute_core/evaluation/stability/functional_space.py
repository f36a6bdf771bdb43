"""Vectors straight from answers on any choice of probe texts: what stability asks of probes costs no model call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.evaluation.parts.boxes import Box, train_box
from fute_core.evaluation.parts.choice import Place
from fute_core.evaluation.parts.rows import Parts
from fute_core.gram import gram_factor, triangle_length
from fute_core.methods import Observations
from fute_core.methods.functional import Functional, centre, model_answers, probe_basis, task_answers
from fute_core.space.calibration import Calibrator
from fute_core.space.placed import Placed
from fute_core.space.whitening import within_task_whitening
from fute_core.tasks import Kind, Text
from fute_core.vectors import Block, Provenance, TaskEmbedding

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate

CHEAP_ARCHITECTURES = ("logistic", "naive-bayes")
"""Of the architectures of `boxes`, those that train in a second."""


@dataclass(frozen=True)
class ItemAnswers:
    """A dataset or a black box with its answers on all probe texts.

    Parameters
    ----------
    name : str
        Of the item.
    kind : {"dataset", "model"}
        What it is.
    family : str or None
        The job that it does.
    place : Place
        Of its dataset.
    answers : ndarray of float64, shape (m, k)
        Centred, see `methods.functional.centre`.
    skill : float
        Of a black box on held-out rows; 1 for a dataset.
    """

    name: str
    kind: Kind
    family: str | None
    place: Place
    answers: NDArray[np.float64]
    skill: float = 1.0


@dataclass(frozen=True)
class FunctionalSpace:
    """The space of the functional part alone, made from answers in a moment.

    Parameters
    ----------
    items : tuple of n ItemAnswers
        Datasets and black boxes that answered the same m probe texts.
    features : ndarray of float32, shape (m, d)
        Of the probe texts, by the surrogate.
    pair : bool
        Whether the probe texts are pairs.
    """

    items: tuple[ItemAnswers, ...]
    features: NDArray[np.float32]
    pair: bool

    def placed(self, probes: NDArray[np.intp] | None = None, whiten: bool = True) -> Placed:
        """Calibrate the items, centred by kind.

        Parameters
        ----------
        probes : ndarray of int, optional
            Positions of the probe texts that count; all by default.
        whiten : bool
            Whiten as the gallery does, by how items of one dataset differ, learnt on the items themselves.

        Returns
        -------
        Placed
            The n items.
        """
        chosen = np.arange(len(self.features)) if probes is None else probes
        return self._calibrator(chosen, whiten).place(self._embeddings(self.items, chosen))

    def place(self, items: Sequence[ItemAnswers]) -> Placed:
        """Calibrate items that are not part of the space.

        Parameters
        ----------
        items : sequence of n ItemAnswers
            Answers on the same probe texts.

        Returns
        -------
        Placed
            The n items.
        """
        return self._own_calibrator.place(self._embeddings(items, np.arange(len(self.features))))

    @cached_property
    def _own_calibrator(self) -> Calibrator:
        return self._calibrator(np.arange(len(self.features)), True)

    def _calibrator(self, probes: NDArray[np.intp], whiten: bool) -> Calibrator:
        whitening = {}
        if whiten:
            basis = probe_basis(self.features[probes], Functional.rank)
            tasks: dict[Place, list[NDArray[np.float64]]] = {}
            for item in self.items:
                factor = basis.T @ centre(item.answers[probes])
                if (norm := np.linalg.norm(factor)) > 0:
                    tasks.setdefault(item.place, []).append(factor / norm)
            if groups := [group for group in tasks.values() if len(group) > 1]:
                whitening = {"gram": within_task_whitening(groups)}
        return Calibrator(whitening=whitening).fit(self._embeddings(self.items, probes))

    def _embeddings(self, items: Sequence[ItemAnswers], probes: NDArray[np.intp]) -> list[TaskEmbedding]:
        basis = probe_basis(self.features[probes], Functional.rank)
        found = []
        for item in items:
            factor, _ = gram_factor(centre(item.answers[probes]), basis)
            provenance = Provenance(
                "answers", "", "functional", {}, item.name, len(probes), self.pair, 0, probes=str(len(probes))
            )
            block = Block("gram", 0, triangle_length(len(factor)), part="functional")
            none = np.zeros(0, np.float32)
            found.append(
                TaskEmbedding(item.name, item.kind, none, (block,), item.name, provenance, item.family, factor)
            )
        return found


def functional_space(
    parts: Mapping[Place, Parts], probes: Sequence[Text], surrogate: "Surrogate", architectures: Sequence[str]
) -> FunctionalSpace:
    """Answer probe texts with the head of each dataset, and with black boxes trained on it.

    Parameters
    ----------
    parts : mapping of Place to Parts
        Datasets of one arity.
    probes : sequence of m texts
        What is answered.
    surrogate : Surrogate
        Gives the features that heads read.
    architectures : sequence of str
        Of the black boxes, one a dataset of each.

    Returns
    -------
    FunctionalSpace
        The datasets, then the black boxes.
    """
    items = []
    for place, part in parts.items():
        rows = part.dte
        observations = Observations(rows.texts, rows.targets, probes=probes)
        answers = task_answers(surrogate, observations)
        items.append(ItemAnswers(rows.name, "dataset", rows.family, place, answers))
    for place, part in parts.items():
        items += [box_answers(train_box(a, part), part.dte.family, place, probes) for a in architectures]
    return FunctionalSpace(tuple(items), surrogate.features(probes), bool(probes) and isinstance(probes[0], tuple))


def box_answers(box: Box, family: str | None, place: Place, probes: Sequence[Text]) -> ItemAnswers:
    """Answer probe texts with a black box.

    Parameters
    ----------
    box : Box
        The black box.
    family : str or None
        Of its dataset.
    place : Place
        Of its dataset.
    probes : sequence of m texts
        What is answered.

    Returns
    -------
    ItemAnswers
        Its centred answers.
    """
    proba = box.predictor.predict_proba(probes)
    answers = model_answers(proba, np.arange(len(probes)), len(probes), False)
    return ItemAnswers(box.name, "model", family, place, answers, box.skill)
