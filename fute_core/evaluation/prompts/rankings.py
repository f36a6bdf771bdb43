"""What ranks prompts for a dataset: agreement with its embedding, similarity, and baselines that need neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis import zero_label
from fute_core.analysis.agreement import answer_agreement, same_names
from fute_core.analysis.candidates import Candidate
from fute_core.analysis.choosing import choose
from fute_core.analysis.consensus import agreement_with_others
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.gallery import Item, load_gallery
from fute_core.digest import digest
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.matching import matched_labels
from fute_core.methods.functional import log_odds
from fute_core.predictors.answers import ProbeAnswers
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.space.calibration import Calibrator
from fute_core.space.factors import Factors
from fute_core.space.space import TaskSpace
from fute_core.tasks import PromptTemplate, TaskDataset, Text
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

HEAD_C = 0.01
PERPLEXITY_ROWS = 16
SURPRISE_FORMAT = 1
AGREEMENT = "task embedding: agreement with the dataset"
"""Agreement of whitened answers, label by label where names are the same: most of what `fute select` ranks by."""
SELECTED = "fute select: what may do the job first, then agreement with the dataset and with the other prompts"
"""The order that `fute select` prints."""
SIMILARITY = "task embedding: calibrated similarity"
PLAIN = "plain cosine of the answers' Gram matrices"
CONSENSUS = "agreement with the other prompts"
HEAD = "agreement with the dataset's head"


@dataclass(frozen=True)
class PromptedItem:
    """A prompt on a model.

    Parameters
    ----------
    name : str
        Of the prompt, with the model's where there are several models.
    predictor : PromptedLM
        The prompt on the model.
    embedding : TaskEmbedding
        Its MTE.
    answers : ndarray of float32, shape (m, k)
        Label distributions on the probe texts, label priors removed.
    """

    name: str
    predictor: PromptedLM
    embedding: TaskEmbedding
    answers: NDArray[np.float32]

    @property
    def template(self) -> PromptTemplate:
        """The prompt alone."""
        return self.predictor.template


def by_embedding(
    group: Sequence[PromptedItem], dataset: TaskDataset, target: Item, space: TaskSpace, basis: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Score prompts by their embedding and that of the dataset.

    Parameters
    ----------
    group : sequence of p PromptedItem
        Prompts of one family on one model.
    dataset : TaskDataset
        Whose labels are matched with those of the prompts by their names, as `fute select` does.
    target : Item
        The dataset's embedding, and the answers of its heads on the probe texts.
    space : TaskSpace
        Holds the dataset and the prompts.
    basis : ndarray of float64, shape (m, r)
        Of the probe texts.

    Returns
    -------
    dict of str to ndarray of float64, shape (p,)
        By the name of the ranking; higher is taken as better. `SELECTED` is among them where the recipe is that of the
        shipped atlas.
    """
    dte = target.embedding
    own = space.index(dte.name, "dataset")
    at = [space.index(p.name, "prompt") for p in group]
    raw = Calibrator("none").fit([dte])
    said = _whitened(space, basis, [target.answers, *(p.answers for p in group)])
    labels = [p.template.labels for p in group]
    agreements = [
        answer_agreement(said[0], own, same_names(dataset.labels, of))[0]
        for own, of in zip(said[1:], labels, strict=True)
    ]
    return {
        AGREEMENT: np.array(agreements),
        **_selected(group, dataset, target),
        SIMILARITY: space.cosines([own], at)[0],
        PLAIN: raw.place([dte]).cosines(raw.place([p.embedding for p in group]), beside=False)[0],
        CONSENSUS: agreement_with_others(said[1:], labels, np.ones(len(group), bool))[:, 0],
    }


def _whitened(
    space: TaskSpace, basis: NDArray[np.float64], answers: Sequence[NDArray[np.float32] | None]
) -> list[NDArray[np.float64]]:
    """Factors (1, r, k) of items at unit norm, as the ranking has them in each draw of probe texts."""
    factors = []
    for own in answers:
        assert own is not None, "every embedding of the functional part comes with its answers"
        factors.append(basis.T @ log_odds(own))
    whitened = Factors.of(factors, (space.calibrator.whitening or {}).get("gram"))
    return [columns[None] for columns in np.split(whitened.columns, whitened.starts[1:], axis=1)]


def _selected(group: Sequence[PromptedItem], dataset: TaskDataset, target: Item) -> dict[str, NDArray[np.float64]]:
    """Places in the ranking that a user gets, (p,), counted down from 0; none where nothing of this recipe ships."""
    dte = target.embedding
    gallery = load_gallery(dte.provenance.pair)
    if gallery is None or gallery.items[0].embedding.space() != dte.space():
        return {}
    atlas = open_atlas(dte.provenance.pair, store=False)
    target = Item(dte, {"labels": dataset.labels}, target.answers)
    candidates = []
    for prompted in group:
        index = np.flatnonzero(~np.isnan(prompted.answers).any(1))
        answers = ProbeAnswers(prompted.template.labels, index, prompted.answers[index])
        own = prompted.embedding
        candidates.append(Candidate(prompted.name, "prompt", own.family, answers, False, own.language_model))
    found = choose(atlas, target, candidates, gallery.basis)
    place = {ranked.name: -float(n) for n, ranked in enumerate(found.ranking)}
    return {SELECTED: np.array([place[p.name] for p in group])}


def by_perplexity(
    store: "Store", group: Sequence[PromptedItem], texts: Sequence[Text], stored_only: bool
) -> dict[str, NDArray[np.float64]]:
    """Score prompts by how likely the model finds them: minus the mean surprise of a prompt with texts filled in.

    Parameters
    ----------
    store : Store
        Has what the model was asked before.
    group : sequence of p PromptedItem
        Prompts of one family on one model.
    texts : sequence of texts
        `PERPLEXITY_ROWS` of them, evenly spread, are filled in.
    stored_only : bool
        Never ask the model.

    Returns
    -------
    dict of str to ndarray of float64, shape (p,)
        One ranking. Empty where it cannot be known: the model reads prompts with an encoder, or it has not read these
        and is not to be asked.

    References
    ----------
    Gonen et al. (2022), Demystifying prompts in language models via perplexity estimation.
    """
    spread = np.unique(np.linspace(0, len(texts) - 1, PERPLEXITY_ROWS).round().astype(int))
    chosen = [texts[i] for i in spread]
    means = []
    for prompted in group:
        known_as = digest(("surprise", SURPRISE_FORMAT, prompted.predictor.score_fingerprint()))
        found, missing = store.get_answers(known_as, chosen)
        if missing.any():
            if stored_only or prompted.predictor.lm.kind == "seq2seq":
                return {}
            lacking = [text for text, lacks in zip(chosen, missing, strict=True) if lacks]
            store.put_answers(known_as, lacking, prompted.predictor.surprise(lacking)[:, None])
            found, _ = store.get_answers(known_as, chosen)
        means.append(float(np.mean([value for value in found if value is not None])))
    return {zero_label.PERPLEXITY: -np.array(means)} if np.isfinite(means).all() else {}


def by_head(
    store: "Store", group: Sequence[PromptedItem], rows: TaskDataset, recipe: Recipe
) -> Mapping[str, float]:  # fmt: skip
    """Score prompts by Cohen's kappa with the dataset's own linear head on the probe texts.

    Labels that mean the same are matched by hand where their names differ, which favours this baseline: `fute select`
    goes by names alone.

    Parameters
    ----------
    store : Store
        Has the encoder's features of texts seen before.
    group : sequence of PromptedItem
        Prompts of one family on one model.
    rows : TaskDataset
        Trains the head. Its labels are needed, as for the embedding, and their names, which the embedding does not
        need.
    recipe : Recipe
        Names the surrogate and the probe texts.

    Returns
    -------
    mapping of str to float
        Kappa by the name of the prompt.
    """
    from fute_core.methods.heads import fit_head
    from fute_core.models.surrogate import load_surrogate

    surrogate = load_surrogate(recipe.surrogate, store)
    probes = recipe.probes(rows.pair)
    head = fit_head(surrogate.features(rows.texts), rows.targets, C=HEAD_C)
    said = head.logits(surrogate.features(probes.texts))
    labels = group[0].template.labels
    by_label = np.full((len(said), len(labels)), -np.inf)
    for column, label in enumerate(matched_labels(rows, labels)):
        if label >= 0:
            by_label[:, label] = np.maximum(by_label[:, label], said[:, column])
    answers = by_label.argmax(1)
    out = {}
    for prompted in group:
        out[prompted.name] = zero_label.kappa(prompted.answers.argmax(1), answers)
    return out
