"""Prompt selection (FUTE section 4.3): does the prompt whose vector is nearest to a dataset's do best on it?

Truth: balanced accuracy of (prompt, model) on held-out rows of every dataset of the prompt's family, label priors
removed without labels as in the embedding. Prediction: similarity of the MTE to the DTE, plain and calibrated. What the
model said is in the store, so a run that was stopped goes on where it was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.analysis.agreement import answer_agreement
from fute_core.atlas.atlas import stored_answers
from fute_core.datasets.probes import ProbeSet
from fute_core.digest import digest
from fute_core.embedding.pipelines import Recipe, collect_answers, embed_dataset, embed_model
from fute_core.evaluation import zero_label
from fute_core.evaluation.metrics import spearman
from fute_core.evaluation.parts.boxes import skill, test_rows
from fute_core.evaluation.parts.matching import accuracy, comparable_rows, matched_labels, relabelled_accuracy
from fute_core.evaluation.parts.reference import Choice, basis_of, calibrated, chosen_parts
from fute_core.home import DATA
from fute_core.methods.functional import log_odds
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import contextual_calibration
from fute_core.space.space import TaskSpace
from fute_core.tasks import PromptTemplate, TaskDataset, TaskEmbedding, Text
from fute_core.templates.loading import shipped_prompts

if TYPE_CHECKING:
    from fute_core.models.language import LanguageModel
    from fute_core.store.store import Store

DEFAULT_RECIPE = Recipe()
ALL = Choice()
ROWS = 100
HEAD_C = 0.01
SPLITS = 40
PERPLEXITY_ROWS = 16
SURPRISE_FORMAT = 1
MIN_PROMPTS = 4
"""Fewer prompts make no ranking."""
RANKING = "task embedding: agreement"
"""Agreement of whitened answers, label by label: what `select` ranks by."""
PLAIN = "plain cosine of the answers' Gram matrices"
CALIBRATED = "task embedding: calibrated similarity"
CONSENSUS = "consensus of the prompts on the probe texts"
WITNESS = 0.2
TWO_WITNESSES = f"task embedding: agreement, with {WITNESS} of the consensus"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Prompted:
    """A prompt on a model with its MTE."""

    name: str
    predictor: PromptedLM
    embedding: TaskEmbedding

    @property
    def template(self) -> PromptTemplate:
        return self.predictor.template


@dataclass(frozen=True)
class Case:
    """All prompts of a family on one model, on one dataset. All arrays float (p,), in the order of `prompts`.

    gold : balanced accuracy in percent, label priors removed; gold_raw : as answered.
    skill : under the best renaming of the answers; named_skill : with the answers as they are named.
    predicted : by the name of what ranks them; RANKING and CALIBRATED are ours.
    reliability : Spearman that the true order has with itself on other rows, so the most that a ranking can reach.
    """

    dataset: str
    family: str
    model: str
    own_data: bool
    prompts: tuple[str, ...]
    gold: np.ndarray
    gold_raw: np.ndarray
    skill: np.ndarray
    named_skill: np.ndarray
    predicted: Mapping[str, np.ndarray]
    reliability: float


@dataclass(frozen=True)
class Study:
    """Everything measured. cases : one a dataset and model. spaces : one an arity. missing : prompts left out."""

    cases: tuple[Case, ...]
    spaces: tuple[TaskSpace, ...]
    missing: tuple[str, ...]


def study_prompts(
    store: "Store",
    *,
    models: Mapping[str, "str | LanguageModel"],
    recipe: Recipe = DEFAULT_RECIPE,
    choice: Choice = ALL,
    rows: int = ROWS,
    families: Sequence[str] | None = None,
    per_family: int | None = None,
    stored_only: bool = False,
    tell: Tell = lambda message: None,
) -> Study:
    """Ask, embed and measure.

    models : name to what `PromptedLM` takes. rows : held-out rows a dataset at most.
    per_family : only the first so many prompts.
    stored_only : leave out prompts that the store has not all answers of, and never ask a model.
    """
    parts = chosen_parts(choice)
    cases: list[Case] = []
    spaces: list[TaskSpace] = []
    missing: list[str] = []
    for pair in (False, True):
        templates = _templates(pair, families, per_family)
        if not templates:
            continue
        dtes = {place: embed_dataset(part.dte, recipe, store) for place, part in parts.items() if part.dte.pair == pair}
        prompted: dict[tuple[str, str | None], list[Prompted]] = {}
        for label, model in models.items():
            for template in templates:
                name = template.name if len(models) == 1 else f"{template.name} @ {label}"
                predictor = PromptedLM(template, model)
                if stored_only and _unanswered(store, predictor, recipe.probes(pair).texts):
                    missing.append(name)
                    continue
                tell(f"{name}: probe texts")
                mte = embed_model(predictor, recipe, store, name=name, pair=pair, kind="prompt", family=template.family)
                prompted.setdefault((label, template.family), []).append(Prompted(name, predictor, mte))
        if not prompted:
            continue
        mtes = [p.embedding for group in prompted.values() for p in group]
        space = calibrated([*dtes.values(), *mtes])
        spaces.append(space)
        basis = basis_of(recipe, pair, store)
        for (label, family), group in prompted.items():
            for (where, name), dte in dtes.items():
                if parts[where, name].dte.family != family:
                    continue
                tell(f"{family} prompts on {name}")
                rows_of = test_rows(name, rows, where)
                by_head = _head_agreement(store, group, parts[where, name].dte, recipe)
                case = _case(store, label, group, rows_of, dte, space, basis, by_head, where is not DATA, stored_only)
                cases += [case] if case else []
    return Study(tuple(cases), tuple(spaces), tuple(missing))


def _templates(pair: bool, families: Sequence[str] | None, per_family: int | None) -> list[PromptTemplate]:
    count: dict[str | None, int] = {}
    kept = []
    for template in shipped_prompts().values():
        if template.pair != pair or (families is not None and template.family not in families):
            continue
        count[template.family] = count.get(template.family, 0) + 1
        if per_family is None or count[template.family] <= per_family:
            kept.append(template)
    return kept


def _case(
    store: "Store", model: str, group: Sequence[Prompted], dataset: TaskDataset, dte: TaskEmbedding, space: TaskSpace,
    basis: np.ndarray, by_head: Mapping[str, float], own_data: bool, stored_only: bool,
) -> Case | None:  # fmt: skip
    """None where labels do not match, or fewer than MIN_PROMPTS prompts can be measured."""
    known = comparable_rows(dataset, group[0].template.labels)
    if known is None:
        return None
    index, truth = known
    texts = tuple(dataset.texts[i] for i in index)
    asked = ProbeSet("eval", tuple(str(i) for i in index), texts, dataset.pair, (dataset.name,) * len(texts))
    if stored_only:
        group = [p for p in group if not _unanswered(store, p.predictor, texts)]
    if len(group) < MIN_PROMPTS:
        return None
    given = [p.predictor.proba(collect_answers(p.predictor, asked, store)).astype(np.float64) for p in group]
    freed = [contextual_calibration(p).astype(np.float64) for p in given]
    k = len(np.unique(truth))
    own = space.index(dte.name, "dataset")
    at = [space.index(p.name, "prompt") for p in group]
    functional = [b for b in dte.blocks if b.part == "functional"] or list(dte.blocks)
    part = slice(functional[0].start, functional[-1].stop)
    agreements, consensus = _agreements(store, group, dataset, dte, space, basis), _consensus(store, group, basis)
    predicted = {
        RANKING: agreements,
        CALIBRATED: space.vectors[at] @ space.vectors[own],
        PLAIN: np.array([_cosine(p.embedding.vector[part], dte.vector[part]) for p in group]),
        TWO_WITNESSES: (1 - WITNESS) * agreements + WITNESS * consensus,
        CONSENSUS: consensus,
        **zero_label.scores(given, freed),
        "agreement with the dataset's head": np.array([by_head[p.name] for p in group]),
        **_by_perplexity(store, group, texts, stored_only),
    }
    return Case(
        dte.name, dataset.family or "", model, own_data, tuple(p.name for p in group),
        np.array([100 * accuracy(p, truth) for p in freed]), np.array([100 * accuracy(p, truth) for p in given]),
        np.array([skill(relabelled_accuracy(p, truth), k) for p in freed]),
        np.array([skill(accuracy(p, truth), k) for p in freed]),
        predicted,
        reliability(freed, truth),
    )  # fmt: skip


def _by_perplexity(
    store: "Store", group: Sequence[Prompted], texts: Sequence[Text], stored_only: bool
) -> dict[str, np.ndarray]:
    """Minus the mean surprise of each prompt with texts filled in, float (p,): the likelier prompt is the better one.

    After Gonen et al. 2022, over PERPLEXITY_ROWS of the texts. Empty where that cannot be known: the model reads
    prompts with an encoder, or it has not read these and is not to be asked.
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
        means.append(np.mean(found))
    return {zero_label.PERPLEXITY: -np.array(means)} if np.isfinite(means).all() else {}


def _agreements(
    store: "Store", group: Sequence[Prompted], dataset: TaskDataset, dte: TaskEmbedding, space: TaskSpace,
    basis: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """`agreement` of each prompt with the DTE, float (p,)."""
    whitening = space.calibrator.whitening.get("gram", np.eye(basis.shape[1]))

    def whitened(embedding: TaskEmbedding) -> np.ndarray:
        return (whitening @ (basis.T @ log_odds(stored_answers(store, embedding.key))))[None]

    matched, target = matched_labels(dataset, group[0].template.labels), whitened(dte)
    return np.array([answer_agreement(target, whitened(p.embedding), matched)[0] for p in group])


def _consensus(store: "Store", group: Sequence[Prompted], basis: np.ndarray) -> np.ndarray:
    """Cosine of each prompt's log answers with the sum of all others', float (p,)."""
    said = np.array([basis.T @ log_odds(stored_answers(store, p.embedding.key)) for p in group])
    return np.array([_cosine(own.ravel(), rest.ravel()) for own, rest in zip(said, said.sum(0) - said, strict=True)])


def reliability(probas: Sequence[np.ndarray], truth: np.ndarray, splits: int = SPLITS) -> float:
    """Mean Spearman of the prompts' accuracies on two random halves of the rows, stepped up to all rows.

    probas : each (n, k). Spearman-Brown: r of halves is 2 r / (1 + r) of the whole; 0 where halves do not agree.
    """
    rng = np.random.default_rng(0)
    found = []
    for _ in range(splits):
        first = np.zeros(len(truth), bool)
        for label in np.unique(truth):
            rows = rng.permutation(np.flatnonzero(truth == label))
            first[rows[: len(rows) // 2]] = True
        halves = [[accuracy(p[part], truth[part]) for p in probas] for part in (first, ~first)]
        found.append(spearman(*map(np.array, halves)))
    halved = max(float(np.nanmean(found)), 0.0)
    return 2 * halved / (1 + halved)


def _head_agreement(store: "Store", group: Sequence[Prompted], rows: TaskDataset, recipe: Recipe) -> dict[str, float]:
    """Kappa of each prompt's answers and the dataset's own linear head on the probe texts, labels matched by name.

    It needs the dataset's labels, as the task embedding does, and their names, which the embedding does not.
    """
    from fute_core.methods.heads import fit_head
    from fute_core.models.encoder import load_surrogate

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
        proba = prompted.predictor.proba(collect_answers(prompted.predictor, probes, store))
        out[prompted.name] = zero_label.agreement(contextual_calibration(proba).argmax(1), answers, len(labels))
    return out


def _unanswered(store: "Store", predictor: PromptedLM, texts: Sequence) -> bool:
    return bool(store.get_answers(predictor.score_fingerprint(), texts)[1].any())


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms else 0.0
