"""The two pipelines: a dataset to its DTE, a black box to its MTE. Nothing else.

Both look into the store first, by a key that needs neither torch nor the model.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.datasets.probes import ProbeSet, load_probes
from fute_core.digest import digest
from fute_core.embedding.shipped import encoder_identity, fitted_by_gallery
from fute_core.errors import BadInput, Cancelled
from fute_core.methods import METHODS, Fitted, Method, Observations
from fute_core.methods.options import checked_options
from fute_core.models.encoder import MAX_LENGTH
from fute_core.models.surrogate import DEFAULT_SURROGATE, load_surrogate
from fute_core.predictors import Predictor
from fute_core.predictors.answers import answers_from, known_as, raw_answers
from fute_core.predictors.scoring import softmax
from fute_core.store.keys import answers_key
from fute_core.tasks import Kind, Provenance, TaskDataset, TaskEmbedding, Text

if TYPE_CHECKING:
    from fute_core.store.store import Store

FORMAT = 1
FORMAT_OF_SCORES = 2
"""Of datasets with scores for targets: their Fisher part takes them standardised."""
CHUNK = 32
CONSTANT = 1e-6
"""Answers to different texts that are nearer than this are the same."""
LEAST_SHARE = 1e-4
"""A row with less probability of a label than this is no row of it, as in `methods.heads`."""
DEFAULT_METHOD = "fused"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Recipe:
    """How vectors of one space are made: surrogate, method with its options, and the shared probe texts.

    n_probes : how many probe texts, None for the default of single texts or of pairs.
    seed : for methods that draw random numbers.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.Recipe("functional", {"spelling": 0}).build()
    Functional(C=0.003, rank=384, spelling=0.0)
    """

    method: str = DEFAULT_METHOD
    params: Mapping[str, Any] = field(default_factory=dict)
    surrogate: str = DEFAULT_SURROGATE
    n_probes: int | None = None
    seed: int = 0

    def build(self) -> Method:
        """The method with its options. Raises BadInput for an unknown method or option, or a value that is none."""
        method = METHODS[self.method]
        return method(**checked_options(method, self.params))

    def probes(self, pair: bool) -> ProbeSet:
        return load_probes(pair, self.n_probes)


def embed_dataset(
    dataset: TaskDataset,
    recipe: Recipe = Recipe(),
    store: "Store | None" = None,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TaskEmbedding:
    """DTE: what a labelled dataset asks for (FUTE section 3.1).

    All rows of `dataset` are used; take a part with `catalog.load_dataset(limit=...)`. Raises BadInput for fewer than
    two rows a label or fewer than two labels.

    progress : called with (rows read, rows in all); for trained methods the share of the longest training, in rows.
    should_stop : asked after every batch or step of training; Cancelled is raised.

    Examples
    --------
    >>> import fute_core as fute
    >>> mine = fute.Dataset(["fine", "good", "dull", "bad"], [1, 1, 0, 0], name="films")
    >>> fute.embed_dataset(mine, fute.Recipe("text")).vector.shape
    (384,)
    """
    _check_rows(dataset)
    method = recipe.build()
    probes = recipe.probes(dataset.pair) if method.needs_probes else None
    key = dataset_key(dataset, recipe)
    if store is not None and (known := _known(key, store, hasattr(method, "answers"))) is not None:
        return _read_from(dataset, _named(known, dataset.name, "dataset", dataset.family, store))
    started = time.perf_counter()
    observations = Observations(
        dataset.texts, dataset.targets, dataset.regression, probes.texts if probes else (), None, recipe.seed,
        _on_step(len(dataset.texts), progress, should_stop),
    )  # fmt: skip
    made = _fit(
        observations, recipe, method, probes, store, started, progress,
        name=dataset.name, kind="dataset", family=dataset.family, key=key,
        data=dataset.fingerprint(), details={"labels": list(dataset.labels)},
    )  # fmt: skip
    return _read_from(dataset, made)


def embed_model(
    predictor: Predictor,
    recipe: Recipe = Recipe(),
    store: "Store | None" = None,
    *,
    name: str,
    pair: bool = False,
    kind: Kind = "model",
    family: str | None = None,
    calibrate: bool | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TaskEmbedding:
    """MTE: what a black box does with the probe texts (FUTE section 3.2).

    calibrate : remove label priors by contextual calibration; None means for prompts only.
    progress : called with (probe texts answered, probe texts in all).
    should_stop : asked after every chunk of answers; Cancelled is raised and all finished answers stay in the store.

    Examples
    --------
    >>> import fute_core as fute
    >>> from fute_core.predictors.callable import CallablePredictor
    >>> def asks(texts):
    ...     return [[float("?" in text), float("?" not in text)] for text in texts]
    >>> box = CallablePredictor(asks, ["question", "statement"])
    >>> fute.embed_model(box, fute.Recipe("functional", n_probes=32), name="asks").kind
    'model'
    """
    method = recipe.build()
    probes = recipe.probes(pair)
    calibrate = kind == "prompt" if calibrate is None else calibrate
    key = model_key(predictor, recipe, pair=pair, calibrate=calibrate)
    if store is not None and (known := _known(key, store, True)) is not None:
        return _named(known, name, kind, family, store)
    started = time.perf_counter()
    raw = collect_answers(predictor, probes, store, progress=progress, should_stop=should_stop)
    answers = answers_from(predictor, raw)
    details: dict[str, Any] = {"labels": list(predictor.labels), "unanswered": len(raw) - len(answers.index)}
    if predictor.labels:
        details["label_prior"] = [round(float(p), 4) for p in answers.proba.mean(0)]
    if answers.outside is not None:
        details["outside_mass"] = round(float(answers.outside.mean()), 4)
    if beyond := getattr(predictor, "n_beyond", 0):
        details["beyond_probes"] = beyond
    if store is not None:
        given = answers.full(len(raw), calibrate)
        store.put(answers_key(key), {"answers": given}, {"probes": probes.identity})
    texts = tuple(probes.texts[i] for i in answers.index)
    observations = Observations(
        texts, answers.used(calibrate), not predictor.labels,
        probes.texts, answers.index, recipe.seed, _on_step(len(texts), None, should_stop),
    )  # fmt: skip
    return _fit(
        observations, recipe, method, probes, store, started, None,
        name=name, kind=kind, family=family, key=key, data=predictor.fingerprint(), details=details,
        n_truncated=predictor.count_truncated(texts) if hasattr(predictor, "count_truncated") else 0,
    )  # fmt: skip


def collect_answers(
    predictor: Predictor,
    probes: ProbeSet,
    store: "Store | None" = None,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> np.ndarray:
    """Raw answers (n, s) on the probe texts, asked in chunks; each finished chunk is stored at once.

    Rows are NaN where a predictor has no answer (a file of outputs with rows missing).
    """
    name = known_as(predictor)
    answers: list[np.ndarray | None] = [None] * len(probes.texts)
    if store is not None:
        found, missing = store.get_answers(name, probes.texts)
        for i in np.flatnonzero(~missing):
            answers[i] = found[i]
    todo = [i for i, row in enumerate(answers) if row is None]
    total = len(probes.texts)
    for start in range(0, len(todo), CHUNK):
        if should_stop is not None and should_stop():
            raise Cancelled(f"Stopped after {total - len(todo) + start} of {total} probe texts; they are kept.")
        rows = todo[start : start + CHUNK]
        texts = [probes.texts[i] for i in rows]
        new = raw_answers(predictor, texts)
        if store is not None:
            store.put_answers(name, texts, new)
        for i, row in zip(rows, new, strict=True):
            answers[i] = row
        if progress is not None:
            progress(total - len(todo) + start + len(rows), total)
    return np.stack(answers)


def stored_answers_of(
    predictor: Predictor, probes: ProbeSet, store: "Store"
) -> tuple[str, list[Text], np.ndarray] | None:
    """What `Store.put_answers` would need to put the answers that are known already into another store, or None."""
    name = known_as(predictor)
    found, missing = store.get_answers(name, probes.texts)
    there = np.flatnonzero(~missing)
    return (name, [probes.texts[i] for i in there], np.stack([found[i] for i in there])) if len(there) else None


def dataset_key(dataset: TaskDataset, recipe: Recipe) -> str:
    """Store key of a DTE: content, method, surrogate weights and probe texts, but no name."""
    method = recipe.build()
    probes = recipe.probes(dataset.pair) if method.needs_probes else None
    return _key(recipe, method, dataset.fingerprint(), probes, FORMAT_OF_SCORES if dataset.regression else FORMAT)


def model_key(predictor: Predictor, recipe: Recipe, *, pair: bool, calibrate: bool) -> str:
    """Store key of an MTE: the predictor's fingerprint stands for the model."""
    return _key(recipe, recipe.build(), (predictor.fingerprint(), calibrate), recipe.probes(pair))


def recipe_space(recipe: Recipe, pair: bool) -> dict[str, Any]:
    """`TaskEmbedding.space()` of what the recipe makes, before anything is made."""
    name, weights = encoder_identity(recipe.surrogate)
    method = recipe.build()
    probes = recipe.probes(pair).identity if method.needs_probes else ""
    made = Provenance(name, weights, method.name, method.params(), "", 0, pair, recipe.seed, probes=probes)
    return TaskEmbedding("", "dataset", np.empty(0, np.float32), (), "", made).space()


def _key(recipe: Recipe, method: Method, data: Any, probes: ProbeSet | None, form: int = FORMAT) -> str:
    _, weights = encoder_identity(recipe.surrogate)
    return digest(
        {
            "format": form,
            "surrogate": (weights, MAX_LENGTH),
            "method": (method.name, method.params()),
            "data": data,
            "probes": probes.identity if probes else None,
            "seed": recipe.seed if method.seeded else None,
        }
    )


def _on_step(n: int, progress: Progress | None, should_stop: Callable[[], bool] | None) -> Callable[[float], None]:
    """What a method tells of its work, as n texts of progress, and how it is stopped."""

    def on_step(share: float) -> None:
        if should_stop is not None and should_stop():
            raise Cancelled(f"Stopped while reading {n} texts, at {share:.0%}; what was embedded before is kept.")
        if progress is not None:
            progress(min(int(share * n), n - 1), n)  # the last one is told of when the vector is stored

    return on_step


def _fit(
    observations: Observations, recipe: Recipe, method: Method, probes: ProbeSet | None, store: "Store | None",
    started: float, progress: Progress | None, *, name: str, kind: Kind, family: str | None, key: str, data: str,
    details: Mapping[str, Any], n_truncated: int | None = None,
) -> TaskEmbedding:  # fmt: skip
    pair = bool(observations.texts) and isinstance(observations.texts[0], tuple)
    fitted = fitted_by_gallery(observations, recipe_space(recipe, pair), pair) if kind != "dataset" else None
    if fitted is None:
        surrogate = load_surrogate(recipe.surrogate, store)
        fitted = method.fit(surrogate, observations)
        n_truncated = surrogate.count_truncated(observations.texts) if n_truncated is None else n_truncated
    if not np.isfinite(fitted.vector).all():
        raise BadInput(
            f"{name!r} gave numbers beyond all bounds under method {method.name!r}, so nothing was kept; give smaller "
            "scores or, to a method that trains, a smaller learning rate."
        )
    if _says_nothing(observations, fitted):
        details = {**details, "constant": True}
    if store is not None and kind == "dataset" and hasattr(method, "answers"):
        answers = method.answers(surrogate, observations)
        proba = answers if observations.regression else softmax(answers)
        store.put(answers_key(key), {"answers": proba.astype(np.float32)}, {"probes": probes.identity})
    encoder, weights = encoder_identity(recipe.surrogate)
    embedding = TaskEmbedding(
        name, kind, fitted.vector, fitted.blocks, key,
        Provenance(
            surrogate=encoder, surrogate_digest=weights, method=method.name, params=method.params(),
            data=data, n_texts=len(observations.texts), pair=pair, seed=recipe.seed, n_truncated=n_truncated or 0,
            probes=probes.identity if probes and method.needs_probes else "", versions=versions(),
            created=datetime.now(UTC).isoformat(timespec="seconds"), seconds=time.perf_counter() - started,
            details={**details, **fitted.details},
        ),
        family,
    )  # fmt: skip
    if store is not None:
        store.put_embedding(embedding)
    if progress is not None:
        progress(len(observations.texts), len(observations.texts))
    return embedding


def _known(key: str, store: "Store", with_answers: bool) -> TaskEmbedding | None:
    """What the store has under a key; None also where the answers that belong to it are gone, so that both are made."""
    if with_answers and store.get(answers_key(key)) is None:
        return None
    return store.get_embedding(key)


def _says_nothing(observations: Observations, fitted: Fitted) -> bool:
    """Whether all texts or all answers are the same, so that nothing is known of what is asked for."""
    alike = len(set(observations.texts)) < 2 or np.ptp(observations.targets, axis=0).max() < CONSTANT
    answered = [fitted.vector[b.start : b.stop].any() for b in fitted.blocks if b.part == "functional"]
    return bool(alike or not all(answered))


def _read_from(dataset: TaskDataset, made: TaskEmbedding) -> TaskEmbedding:
    """With the columns that were read now: the stored vector may come from a file where they were called otherwise."""
    if not dataset.columns:
        return made
    details = {**made.provenance.details, "columns": dict(dataset.columns)}
    return replace(made, provenance=replace(made.provenance, details=details))


def _named(known: TaskEmbedding, name: str, kind: Kind, family: str | None, store: "Store") -> TaskEmbedding:
    """A stored vector under the name it is asked for now; the store learns the name, and computes nothing."""
    named = replace(known, name=name, kind=kind, family=family)
    if not store.is_named(named):
        store.put_name(named)
    return named


def _check_rows(dataset: TaskDataset) -> None:
    if len(dataset.texts) != len(dataset.targets):
        raise BadInput(
            f"Dataset {dataset.name!r} has {len(dataset.texts)} texts and {len(dataset.targets)} targets; "
            "give one target a text."
        )
    if dataset.regression:
        return
    counts = (dataset.targets > LEAST_SHARE).sum(0)
    if (counts > 0).sum() < 2:
        raise BadInput(f"Dataset {dataset.name!r} has one label only; a task needs at least two.")
    if few := [label for label, c in zip(dataset.labels, counts, strict=True) if 0 < c < 2]:
        raise BadInput(f"Dataset {dataset.name!r} has one row of label {few[0]!r}; give at least 2 rows a label.")


def versions() -> dict[str, str]:
    """Versions of the libraries that a vector's last bits depend on; without our own where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("task-atlas", "torch", "transformers", "scikit-learn", "numpy"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
