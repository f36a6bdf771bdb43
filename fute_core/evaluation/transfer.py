"""Intermediate-task transfer on a small real matrix: which source helps a target most, and does similarity tell?

The encoder of the surrogate is fine-tuned on a source, then, with a new head, on few rows of the target (`tuning`). A
ranking may use what is known before that: all rows of the source, and of the target those few rows alone. Every cell is
in the store as soon as it is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation import metrics
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.gains import ndcg, ndcg_published, ndcg_references
from fute_core.evaluation.parts.leep import leep_of_heads
from fute_core.evaluation.parts.reference import calibrated
from fute_core.evaluation.parts.rows import train_part
from fute_core.evaluation.parts.tuning import BATCH, Tuner, Tuning
from fute_core.evaluation.results import Result, ResultTable
from fute_core.models.device import PROCESSOR, computing_on
from fute_core.models.surrogate import load_surrogate
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate
    from fute_core.store.store import Store

FORMAT = 2
OURS = "task embedding"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class TransferPlan:
    """What is measured.

    Parameters
    ----------
    datasets : tuple of str
        Each is a source and a target.
    rows : tuple of int
        Rows of the target, one matrix each.
    target_steps : tuple of int
        Steps on the target, of `tuning.BATCH` rows, one number a matrix.
    tuning : Tuning
        How the encoder is fine-tuned.
    seeds : tuple of int
        Orders of the rows; a cell is the mean over them.
    """

    datasets: tuple[str, ...] = ("sst2", "uci_amazon", "tweet_offensive", "davidson", "tweet_emotion", "go_emotions",
                                 "sms_spam", "youtube_spam")  # fmt: skip
    rows: tuple[int, ...] = (64, 256)
    target_steps: tuple[int, ...] = (8, 16)
    tuning: Tuning = field(default_factory=Tuning)
    seeds: tuple[int, ...] = (0,)


QUICK = TransferPlan(
    ("sst2", "mr", "sms_spam"), (32,), (2,), Tuning(source_rows=48, test_rows=40, source_steps=2, tokens=12)
)


def transfer_result(
    store: "Store", plan: TransferPlan, recipe: Recipe, tell: Tell = lambda message: None, name: str = "transfer"
) -> Result:
    """Fill the matrices and rank sources by similarity, text features, size, and at random.

    Parameters
    ----------
    store : Store
        Keeps every cell as soon as it is measured.
    plan : TransferPlan
        What is measured.
    recipe : Recipe
        How sources and targets are embedded.
    tell : callable
        Hears a sentence of each cell.
    name : str
        Of the result.

    Returns
    -------
    Result
        Matrices, and how well each ranking follows them.
    """
    with computing_on(PROCESSOR):  # where the results that ship were fine-tuned
        surrogate = load_surrogate(recipe.surrogate, store)
    tuner = Tuner(surrogate, plan.tuning)
    matrices = {}
    for n, steps in zip(plan.rows, plan.target_steps, strict=True):
        matrices[n] = _matrix(store, tuner, plan, n, steps, tell)
    values: dict[str, object] = {}
    tables: list[ResultTable] = []
    for n, (scores, alone) in matrices.items():
        tell(f"{n} rows: embeddings")
        predicted = predictions(store, plan, recipe, n, surrogate)
        # What a ranking could reach: the truth with another number of rows, as far as cells are more than noise.
        predicted |= {f"accuracy with {m} rows": other for m, (other, _) in matrices.items() if m != n}
        found = {method: ranking_measures(scores, similarity) for method, similarity in predicted.items()}
        gains = _gains(scores, alone)
        values[f"rows_{n}"] = {
            **found[OURS],
            "gain_of_best_source": gains[0],
            "gain_of_mean_source": gains[1],
            "baselines": {method: of for method, of in found.items() if method != OURS},
        }
        values[f"matrix_{n}"] = {"datasets": plan.datasets, "alone": alone.tolist(), "accuracy": scores.tolist()}
        tables += [_measures_table(n, found), _matrix_table(n, plan.datasets, scores, alone)]
    tuning = plan.tuning
    remarks = (
        f"Fine-tuned: the last {tuning.layers} of the encoder's layers and the head, texts cut at {tuning.tokens} "
        f"tokens; {tuning.source_steps} steps of {BATCH} rows on {tuning.source_rows} rows of the source, then "
        f"{', '.join(map(str, plan.target_steps))} steps on {', '.join(map(str, plan.rows))} rows of the target.",
        f"Accuracy in percent on {tuning.test_rows} held-out rows of the target; NDCG counts gains of 2^accuracy in "
        "percentage points; regret is in percentage points.",
        "The target's embedding comes from the same few rows that it is tuned on.",
        "Cells differ by the noise of their test rows and of one fine-tuning, which bounds what any ranking can reach: "
        "see the ranking by accuracy with another number of rows.",
    )
    return Result(name, "Intermediate-task transfer", values, tuple(tables), remarks)


def ranking_measures(scores: NDArray[np.float64], similarity: np.ndarray) -> dict[str, Estimate]:
    """Measure how well one ranking of sources follows the truth.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_sources, n_targets)
        Accuracy in percent after transfer; the diagonal is not looked at.
    similarity : ndarray of float, shape (n_sources, n_targets)
        What ranks the sources of each target.

    Returns
    -------
    dict of str to Estimate
        Means over targets, by the name of the measure.
    """
    rows, chances = [], []
    for target in range(scores.shape[1]):
        sources = np.arange(len(scores)) != target
        gold, predicted = scores[sources, target], similarity[sources, target]
        rows.append(
            {
                "rho": metrics.rank_of_best(gold, predicted),
                "spearman": metrics.spearman(gold, predicted),
                "ndcg": ndcg(gold, predicted),
                "ndcg_published": ndcg_published(gold, predicted),
                "regret_at_1": metrics.regret_at(gold, predicted, 1),
                "regret_at_3": metrics.regret_at(gold, predicted, 3),
            }
        )
        equal = np.zeros(len(gold))
        chances.append(
            {
                "rho": (len(gold) + 1) / 2,
                "spearman": 0.0,
                "ndcg": ndcg_references(gold)["random"],
                "regret_at_1": metrics.regret_at(gold, equal, 1),
                "regret_at_3": metrics.regret_at(gold, equal, 3),
            }
        )
    return {
        measure: estimate([r[measure] for r in rows], float(np.mean([c.get(measure, np.nan) for c in chances])))
        for measure in rows[0]
    }


def predictions(
    store: "Store", plan: TransferPlan, recipe: Recipe, n_rows: int, surrogate: "Surrogate"
) -> dict[str, np.ndarray]:
    """Compute everything that ranks sources before any transfer is measured.

    Parameters
    ----------
    store : Store
        Keeps embeddings.
    plan : TransferPlan
        Names the datasets.
    recipe : Recipe
        How sources and targets are embedded.
    n_rows : int
        Rows of the target that may be read.
    surrogate : Surrogate
        Of the recipe.

    Returns
    -------
    dict of str to ndarray of float, shape (n_sources, n_targets)
        By the name of the ranking.
    """
    sources = [train_part(name, plan.tuning.source_rows) for name in plan.datasets]
    targets = [train_part(name, n_rows) for name in plan.datasets]
    targets = [replace(rows, name=f"{rows.name}, {n_rows} rows") for rows in targets]
    k = len(sources)

    def vectors(how: Recipe) -> list[TaskEmbedding]:
        return [embed_dataset(rows, how, store) for rows in (*sources, *targets)]

    space = calibrated(vectors(recipe))
    sizes = np.array([float(len(rows.texts)) * len(rows.labels) for rows in sources])
    return {
        OURS: space.cosines(range(k), range(k, len(space))),
        "LEEP of the embeddings' heads": np.array([[leep_of_heads(s, t, surrogate) for t in targets] for s in sources]),
        "text features (TextEmb)": _cosines(vectors(Recipe("text", surrogate=recipe.surrogate)))[:k, k:],
        "size (rows times labels)": np.tile(sizes[:, None], (1, k)),
        "random": np.random.default_rng(0).random((k, k)),
    }


def _matrix(
    store: "Store", tuner: Tuner, plan: TransferPlan, n_rows: int, steps: int, tell: Tell
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(accuracy in percent (sources, targets), accuracy without a source (targets,)); the diagonal is zero."""
    k = len(plan.datasets)
    scores = np.zeros((k + 1, k))
    for s, source in enumerate([*plan.datasets, None]):
        for t, target in enumerate(plan.datasets):
            if source != target:
                cells = [_cell(store, tuner, source, target, n_rows, steps, seed, tell) for seed in plan.seeds]
                scores[s, t] = 100 * np.mean(cells)
    return scores[:k], scores[k]


def _cell(
    store: "Store", tuner: Tuner, source: str | None, target: str, n_rows: int, steps: int, seed: int, tell: Tell
) -> float:
    settings = asdict(tuner.tuning)
    key = digest(("transfer", FORMAT, tuner.surrogate.digest, source, target, n_rows, steps, seed, settings))
    if (known := store.get(key)) is not None:
        return float(known[0]["accuracy"][0])
    tell(f"{n_rows} rows: {source or 'no source'} to {target}")
    value = tuner.transfer(source, target, n_rows, steps, seed)
    store.put(key, {"accuracy": np.array([value])}, {"kind": "transfer"})
    return value


def _gains(scores: NDArray[np.float64], alone: NDArray[np.float64]) -> tuple[Estimate, Estimate]:
    """Points that the best source, and sources on average, add to the target alone."""
    off = ~np.eye(len(scores), dtype=bool)
    columns = [scores[off[:, t], t] - alone[t] for t in range(len(alone))]
    return estimate([c.max() for c in columns]), estimate([c.mean() for c in columns])


def _cosines(embeddings: Sequence[TaskEmbedding]) -> NDArray[np.floating[Any]]:
    vectors = np.stack([e.vector for e in embeddings])
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines: NDArray[np.floating[Any]] = vectors @ vectors.T
    return cosines


def _measures_table(n: int, found: Mapping[str, Mapping[str, Estimate]]) -> ResultTable:
    measures = tuple(next(iter(found.values())))
    rows: list[tuple[str | float | None, ...]] = [
        (method, *(f"{v.value:.3f} ({v.low:.3f} to {v.high:.3f})" for v in of.values())) for method, of in found.items()
    ]
    rows.append(("expected at random", *(v.chance for v in found[OURS].values())))
    return ResultTable(f"Rankings of sources, {n} rows of the target", ("ranking", *measures), tuple(rows),
                 "Means over targets with 95 % bootstrap intervals.")  # fmt: skip


def _matrix_table(n: int, names: Sequence[str], scores: NDArray[np.float64], alone: NDArray[np.float64]) -> ResultTable:
    rows: list[tuple[str | float | None, ...]] = [("no source", *alone.tolist())]
    rows += [
        (name, *(None if s == t else scores[s, t].item() for t in range(len(names)))) for s, name in enumerate(names)
    ]
    return ResultTable(f"Accuracy in percent, {n} rows of the target", ("source", *names), tuple(rows))
