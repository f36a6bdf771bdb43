"""Intermediate-task transfer on a small real matrix: which source helps a target most, and does similarity tell?

The encoder of the surrogate is fine-tuned on a source, then, with a new head, on few rows of the target. Only its last
layers and the head learn: what the layers below say of a text is computed once, so that a matrix takes minutes on a
CPU. Every cell is in the store as soon as it is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.digest import digest
from fute_core.embedding import Recipe, embed_dataset
from fute_core.evaluation import metrics
from fute_core.evaluation.boxes import dataset_parts
from fute_core.evaluation.metrics import Estimate, estimate
from fute_core.evaluation.reference import calibrated
from fute_core.evaluation.results import Result, Table
from fute_core.surrogate import load_surrogate
from fute_core.tasks import TaskDataset, TaskEmbedding

if TYPE_CHECKING:
    import torch

    from fute_core.store import Store
    from fute_core.surrogate import Surrogate

FORMAT = 1
BATCH = 16
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is fine-tuned. rows : of the target, one matrix each. steps : of `BATCH` rows, on source and on target.

    layers : the last so many of the encoder learn. tokens : of a text at most. seeds : other heads and orders.
    """

    datasets: tuple[str, ...] = ("sst2", "uci_amazon", "tweet_offensive", "davidson", "tweet_emotion", "go_emotions",
                                 "sms_spam", "ag_news", "subj", "cola")  # fmt: skip
    source_rows: int = 300
    rows: tuple[int, ...] = (64, 256)
    test_rows: int = 150
    source_steps: int = 40
    target_steps: tuple[int, ...] = (12, 24)
    layers: int = 1
    tokens: int = 32
    learning_rate: float = 5e-4
    seeds: tuple[int, ...] = (0,)


QUICK = Plan(datasets=("sst2", "mr", "sms_spam", "ag_news"), source_rows=48, rows=(32,), test_rows=40, source_steps=3,
             target_steps=(3,), tokens=16)  # fmt: skip


def transfer_result(
    store: "Store", plan: Plan, recipe: Recipe, tell: Tell = lambda message: None, name: str = "transfer"
) -> Result:
    """Fill the matrices and rank sources by similarity, text features, size, and at random."""
    tuner = _Tuner(load_surrogate(recipe.surrogate), plan)
    matrices = {}
    for n, steps in zip(plan.rows, plan.target_steps, strict=True):
        matrices[n] = _matrix(store, tuner, plan, n, steps, lambda message, n=n: tell(f"{n} rows: {message}"))
    predicted = predictions(store, plan, recipe)
    values: dict[str, object] = {}
    tables: list[Table] = []
    for n, (scores, alone) in matrices.items():
        found = {method: ranking_measures(scores, similarity) for method, similarity in predicted.items()}
        values[f"rows_{n}"] = {**found["task embedding"], "baselines": {m: v for m, v in found.items() if m[0] != "t"}}
        values[f"matrix_{n}"] = {"datasets": plan.datasets, "alone": alone.tolist(), "accuracy": scores.tolist()}
        tables += [_measures_table(n, found), _matrix_table(n, plan.datasets, scores, alone)]
    remarks = (
        f"The last {plan.layers} of the encoder's layers and the head are tuned; {plan.source_rows} rows of the "
        "source.",
        "Accuracy in percent on held-out rows of the target; NDCG counts gains of 2^accuracy in percentage points.",
        "Cells differ by the noise of their test rows and of one fine-tuning, which bounds what any ranking can reach.",
    )
    return Result(name, "Intermediate-task transfer", values, tuple(tables), remarks)


def ranking_measures(scores: np.ndarray, similarity: np.ndarray) -> dict[str, Estimate]:
    """Means over targets; scores and similarity are (sources, targets), the diagonal is not looked at."""
    rows, chances = [], []
    for target in range(scores.shape[1]):
        sources = np.arange(len(scores)) != target
        gold, predicted = scores[sources, target], similarity[sources, target]
        rows.append(
            {
                "rho": metrics.rank_of_best(gold, predicted),
                "spearman": metrics.spearman(gold, predicted),
                "ndcg": metrics.ndcg(gold, predicted),
                "ndcg_published": metrics.ndcg_published(gold, predicted),
                "regret_at_1": metrics.regret_at(gold, predicted, 1),
                "regret_at_3": metrics.regret_at(gold, predicted, 3),
            }
        )
        equal = np.zeros(len(gold))
        chances.append(
            {
                "rho": (len(gold) + 1) / 2,
                "spearman": 0.0,
                "ndcg": metrics.ndcg_references(gold)["random"],
                "regret_at_1": metrics.regret_at(gold, equal, 1),
                "regret_at_3": metrics.regret_at(gold, equal, 3),
            }
        )
    return {
        measure: estimate([r[measure] for r in rows], float(np.mean([c.get(measure, np.nan) for c in chances])))
        for measure in rows[0]
    }


def predictions(store: "Store", plan: Plan, recipe: Recipe) -> dict[str, np.ndarray]:
    """What ranks sources for each target: float (sources, targets) by the name of the ranking."""
    rows = [_rows(name, "dte") for name in plan.datasets]
    embeddings = [embed_dataset(r, recipe, store) for r in rows]
    texts = [embed_dataset(r, Recipe("text", surrogate=recipe.surrogate), store) for r in rows]
    sizes = np.array([float(len(r.texts)) * len(r.labels) for r in rows])
    space = calibrated(embeddings)
    return {
        "task embedding": space.vectors @ space.vectors.T,
        "text features (TextEmb)": _cosines(texts),
        "size (rows times labels)": np.tile(sizes[:, None], (1, len(sizes))),
        "random": np.random.default_rng(0).random((len(sizes), len(sizes))),
    }


def _matrix(
    store: "Store", tuner: "_Tuner", plan: Plan, n_rows: int, steps: int, tell: Tell
) -> tuple[np.ndarray, np.ndarray]:
    """(accuracy in percent (sources, targets), accuracy without a source (targets,)); NaN-free, means over seeds."""
    k = len(plan.datasets)
    scores = np.zeros((k + 1, k))
    settings = {key: value for key, value in asdict(plan).items() if key not in ("datasets", "rows", "target_steps")}
    for s, source in enumerate([*plan.datasets, None]):
        for t, target in enumerate(plan.datasets):
            if source == target:
                continue
            found = []
            for seed in plan.seeds:
                key = digest(
                    ("transfer", FORMAT, tuner.surrogate.digest, source, target, n_rows, steps, seed, settings)
                )
                if (known := store.get(key)) is None:
                    tell(f"{source or 'no source'} to {target}")
                    value = tuner.transfer(source, target, n_rows, steps, seed)
                    store.put(key, {"accuracy": np.array([value])}, {"kind": "transfer"})
                else:
                    value = float(known[0]["accuracy"][0])
                found.append(value)
            scores[s, t] = 100 * np.mean(found)
    return scores[:k], scores[k]


class _Tuner:
    """Fine-tunes the last layers of an encoder on cached states of the layers below."""

    def __init__(self, surrogate: "Surrogate", plan: Plan):
        self.surrogate = surrogate
        self.plan = plan
        self._states: dict[tuple[str, str], tuple] = {}
        self._tuned: dict[tuple[str, int], Mapping] = {}

    def transfer(self, source: str | None, target: str, n_rows: int, steps: int, seed: int) -> float:
        """Accuracy on the target's test rows, 0 to 1."""
        import copy

        layers = copy.deepcopy(self._top())
        if source is not None:
            if (source, seed) not in self._tuned:
                self._train(layers, source, self.plan.source_rows, self.plan.source_steps, seed)
                self._tuned[source, seed] = copy.deepcopy(layers.state_dict())
            layers.load_state_dict(self._tuned[source, seed])
        head = self._train(layers, target, n_rows, steps, seed + 1)
        return self._accuracy(layers, head, target)

    def _top(self):
        found = getattr(getattr(self.surrogate.model, "encoder", None), "layer", None)
        if found is None:
            from fute_core.errors import BadInput

            raise BadInput(
                f"Transfer fine-tunes encoders of the BERT kind; {self.surrogate.id!r} ({self.surrogate.family}) is "
                "none."
            )
        return found[-self.plan.layers :]

    def _train(self, layers, name: str, n_rows: int, steps: int, seed: int):
        """Trains `layers` in place with a new linear head, which is returned."""
        import torch

        states, mask, labels, k = self._cached(name, "train")
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            head = torch.nn.Linear(states.shape[-1], k)
        chosen = _even(labels.numpy(), n_rows)
        order = np.random.default_rng(seed)
        layers.train(False).requires_grad_(True)  # no dropout: with so few steps it only adds noise
        parameters = [*layers.parameters(), *head.parameters()]
        optimiser = torch.optim.AdamW(parameters, lr=self.plan.learning_rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.1, max(steps, 1))
        queue: list[int] = []
        for _ in range(steps):
            while len(queue) < BATCH:
                queue += order.permutation(chosen).tolist()
            batch, queue = queue[:BATCH], queue[BATCH:]
            loss = torch.nn.functional.cross_entropy(
                head(self._pooled(layers, states[batch], mask[batch])), labels[batch]
            )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            schedule.step()
        return head

    def _accuracy(self, layers, head, name: str) -> float:
        import torch

        states, mask, labels, _ = self._cached(name, "test")
        with torch.inference_mode():
            logits = torch.cat(
                [head(self._pooled(layers, states[i : i + 50], mask[i : i + 50])) for i in range(0, len(states), 50)]
            )
        return float((logits.argmax(1) == labels).float().mean())

    def _pooled(self, layers, states: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        longest = int(mask.sum(1).max())
        states, mask = states[:, :longest], mask[:, :longest]
        bias = (1.0 - mask)[:, None, None, :] * -1e4
        for layer in layers:
            out = layer(states, attention_mask=bias)
            states = out[0] if isinstance(out, tuple) else out
        return self.surrogate.pool(states, mask)

    def _cached(self, name: str, which: str):
        """(states below the tuned layers (n, t, h), mask (n, t), labels (n,), number of labels)."""
        import torch

        if (name, which) not in self._states:
            rows = _rows(name, which)
            if which == "test":
                index = _even(rows.targets.argmax(1), self.plan.test_rows)
                rows_texts, targets = [rows.texts[i] for i in index], rows.targets[index]
            else:
                index = _even(rows.targets.argmax(1), max(self.plan.source_rows, *self.plan.rows))
                rows_texts, targets = [rows.texts[i] for i in index], rows.targets[index]
            ids = self.surrogate.tokenise(rows_texts, max_length=self.plan.tokens)
            padded = self.surrogate.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
            with torch.no_grad():
                out = self.surrogate.model(**padded, output_hidden_states=True)
            states = out.hidden_states[-1 - self.plan.layers].detach().clone()
            mask = padded["attention_mask"].float()
            labels = torch.tensor(targets.argmax(1))
            self._states[name, which] = states, mask, labels, targets.shape[1]
        return self._states[name, which]


def _rows(name: str, which: str) -> TaskDataset:
    return getattr(dataset_parts(name), which)


def _even(of_label: np.ndarray, count: int) -> np.ndarray:
    """Index of about `count` rows, even over the labels, in file order."""
    labels = np.unique(of_label)
    turns = sorted((turn, place) for label in labels for turn, place in enumerate(np.flatnonzero(of_label == label)))
    return np.sort([place for _, place in turns[:count]])


def _cosines(embeddings: Sequence[TaskEmbedding]) -> np.ndarray:
    vectors = np.stack([e.vector for e in embeddings])
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


def _measures_table(n: int, found: Mapping[str, Mapping[str, Estimate]]) -> Table:
    measures = tuple(next(iter(found.values())))
    rows = [
        (method, *(f"{v.value:.3f} ({v.low:.3f} to {v.high:.3f})" for v in of.values())) for method, of in found.items()
    ]
    rows.append(("expected at random", *(v.chance for v in found["task embedding"].values())))
    return Table(f"Rankings of sources, {n} rows of the target", ("ranking", *measures), tuple(rows),
                 "Means over targets with 95 % bootstrap intervals.")  # fmt: skip


def _matrix_table(n: int, names: Sequence[str], scores: np.ndarray, alone: np.ndarray) -> Table:
    rows = [("no source", *alone.tolist())]
    rows += [
        (name, *(None if s == t else scores[s, t].item() for t in range(len(names)))) for s, name in enumerate(names)
    ]
    return Table(f"Accuracy in percent, {n} rows of the target", ("source", *names), tuple(rows))
