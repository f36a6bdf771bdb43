"""One dataset and all prompts of its family on one model: how well each does, and what ranks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis import zero_label
from fute_core.atlas.gallery import Item
from fute_core.embedding.answering import collect_answers
from fute_core.evaluation.metrics import spearman
from fute_core.evaluation.parts.boxes import skill
from fute_core.evaluation.parts.matching import accuracy, comparable_rows, relabelled_accuracy
from fute_core.evaluation.parts.prompted import as_probes, unanswered
from fute_core.evaluation.prompts.rankings import HEAD, PromptedItem, by_embedding, by_perplexity
from fute_core.predictors.scoring import batch_calibration
from fute_core.space.space import TaskSpace
from fute_core.tasks import TaskDataset

if TYPE_CHECKING:
    from fute_core.store.store import Store

SPLITS = 40
MIN_PROMPTS = 4
"""Fewer prompts make no ranking."""


@dataclass(frozen=True)
class Case:
    """All prompts of a family on one model, on one dataset.

    Parameters
    ----------
    dataset, family, model : str
        Their names.
    own_data : bool
        Whether the dataset is from a folder of one's own.
    prompts : tuple of p str
        Names of the prompts.
    gold, gold_raw : ndarray of float64, shape (p,)
        Balanced accuracy in percent, label priors removed, and as answered.
    skill, named_skill : ndarray of float64, shape (p,)
        Under the best renaming of the answers, and with the answers as they are named.
    predicted : mapping of str to ndarray of float64, shape (p,)
        By the name of what ranks the prompts.
    reliability : float
        Spearman that the true order has with itself on other rows, so the most that a ranking can reach.
    """

    dataset: str
    family: str
    model: str
    own_data: bool
    prompts: tuple[str, ...]
    gold: NDArray[np.float64]
    gold_raw: NDArray[np.float64]
    skill: NDArray[np.float64]
    named_skill: NDArray[np.float64]
    predicted: Mapping[str, NDArray[np.float64]]
    reliability: float


def measure_case(
    store: "Store",
    model: str,
    group: Sequence[PromptedItem],
    dataset: TaskDataset,
    target: Item,
    space: TaskSpace,
    basis: NDArray[np.float64],
    head: Mapping[str, float],
    own_data: bool,
    stored_only: bool,
) -> Case | None:
    """Ask all prompts of a family about a dataset, and score them by everything that ranks them.

    Parameters
    ----------
    store : Store
        Has what the model answered before.
    model : str
        Its name.
    group : sequence of PromptedItem
        Prompts of the family on the model.
    dataset : TaskDataset
        Held-out rows.
    target : Item
        The dataset's embedding, and the answers of its heads on the probe texts.
    space : TaskSpace
        Holds the dataset and the prompts.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts.
    head : mapping of str to float
        As `rankings.by_head` gives it.
    own_data : bool
        Whether the dataset is from a folder of one's own.
    stored_only : bool
        Never ask the model; prompts without all answers are left out.

    Returns
    -------
    Case or None
        None where fewer than `MIN_PROMPTS` prompts with the same labels can be measured.
    """
    group = of_one_label_set(group, dataset)
    if len(group) < MIN_PROMPTS:
        return None
    known = comparable_rows(dataset, group[0].template.labels)
    assert known is not None, "prompts with these labels were just chosen since they can be compared"
    index, truth = known
    texts = tuple(dataset.texts[i] for i in index)
    asked = as_probes(dataset.name, texts, index.tolist(), dataset.pair)
    if stored_only:
        group = [p for p in group if not unanswered(store, p.predictor, texts)]
    if len(group) < MIN_PROMPTS:
        return None
    raw = [p.predictor.proba(collect_answers(p.predictor, asked, store)) for p in group]
    given = [p.astype(np.float64) for p in raw]
    freed = [batch_calibration(p).astype(np.float64) for p in raw]
    k = len(np.unique(truth))
    predicted = {
        **by_embedding(group, dataset, target, space, basis),
        **zero_label.scores(given, freed),
        HEAD: np.array([head[p.name] for p in group]),
        **by_perplexity(store, group, texts, stored_only),
    }
    return Case(
        target.embedding.name, dataset.family or "", model, own_data, tuple(p.name for p in group),
        np.array([100 * accuracy(p, truth) for p in freed]), np.array([100 * accuracy(p, truth) for p in given]),
        np.array([skill(relabelled_accuracy(p, truth), k) for p in freed]),
        np.array([skill(accuracy(p, truth), k) for p in freed]),
        predicted,
        reliability(freed, truth),
    )  # fmt: skip


def of_one_label_set(group: Sequence[PromptedItem], dataset: TaskDataset) -> list[PromptedItem]:
    """Choose prompts that answer by the same labels.

    Prompts of one family may have other labels for other datasets, such as two and three stances; their accuracies on
    one dataset are of other rows then, and say nothing beside each other.

    Parameters
    ----------
    group : sequence of PromptedItem
        Prompts of a family.
    dataset : TaskDataset
        Whose labels they shall have.

    Returns
    -------
    list of PromptedItem
        Those with the labels that most have among the labels that can be compared with the dataset's; of as many, the
        first. Empty where no prompt can be compared.
    """
    sets = [p.template.labels for p in group if comparable_rows(dataset, p.template.labels) is not None]
    return [p for p in group if p.template.labels == max(sets, key=sets.count)] if sets else []


def reliability(probas: Sequence[np.ndarray], truth: NDArray[np.intp], splits: int = SPLITS) -> float:
    """Compute how well the true order of prompts is known.

    The rows are halved at random, evenly over the labels, and r is the mean Spearman of the prompts' accuracies on the
    two halves. By Spearman and Brown all rows have 2 r / (1 + r).

    Parameters
    ----------
    probas : sequence of p ndarrays of float, shape (n, k)
        Label distributions of each prompt.
    truth : ndarray of int, shape (n,)
        True label of each row.
    splits : int
        How often the rows are halved.

    Returns
    -------
    float
        From 0, where halves do not agree, to 1.
    """
    rng = np.random.default_rng(0)
    found = []
    for _ in range(splits):
        first = np.zeros(len(truth), bool)
        for label in np.unique(truth):
            rows = rng.permutation(np.flatnonzero(truth == label))
            first[rows[: len(rows) // 2]] = True
        one, two = ([accuracy(p[part], truth[part]) for p in probas] for part in (first, ~first))
        found.append(spearman(one, two))
    halved = max(float(np.nanmean(found)), 0.0)
    return 2 * halved / (1 + halved)
