"""The two pipelines: a dataset to its DTE, a black box to its MTE. Nothing else.

Both look into the store first, by a key that needs neither torch nor the model.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.arguments import of_kind
from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import Progress, collect_answers
from fute_core.embedding.how_read import answered_by, labelled, language_model_of, read_from, readable_by
from fute_core.embedding.recipe import Recipe, dataset_key, model_key, recipe_space
from fute_core.embedding.shipped import encoder_identity, fitted_by_gallery, knowing_probes
from fute_core.embedding.versions import versions
from fute_core.errors import BadInput, Cancelled
from fute_core.methods import Fitted, Method, Observations
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors import Predictor
from fute_core.predictors.answers import answers_from
from fute_core.predictors.probabilities import are_labels
from fute_core.predictors.scoring import softmax
from fute_core.store.keys import answers_key
from fute_core.tasks import Kind, TaskDataset
from fute_core.vectors import Provenance, TaskEmbedding, all_finite

if TYPE_CHECKING:
    from fute_core.store.store import Store

CONSTANT = 1e-6
"""Answers to different texts that are nearer than this are the same."""
LEAST_SHARE = 1e-4
"""A row with less probability of a label than this is no row of it, as in `methods.heads`."""


def embed_dataset(
    dataset: TaskDataset,
    recipe: Recipe | None = None,
    store: "Store | None" = None,
    *,
    key: str | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TaskEmbedding:
    """Embed what a labelled dataset asks for: its DTE (FUTE section 3.1).

    Parameters
    ----------
    dataset : TaskDataset
        All its rows are used; `load_dataset(limit=...)` takes a part.
    recipe : Recipe, optional
        How the vector is made; by default `Recipe()`.
    store : Store, optional
        Where the vector is looked up and kept; None keeps nothing.
    key : str, optional
        Its `recipe.dataset_key`, where the caller has made it already.
    progress : callable, optional
        Called with (rows read, rows in all); for trained methods the share of the longest training, in rows.
    should_stop : callable, optional
        Asked after every batch or step of training; on true the work ends.

    Returns
    -------
    TaskEmbedding
        Of kind "dataset"; the same rows under the same recipe come back from the store.

    Raises
    ------
    BadInput
        For fewer than two labels, for a label with one row, and for scores beyond what numbers hold.
    Cancelled
        Where `should_stop` said so.

    Examples
    --------
    >>> import fute_core as fute
    >>> mine = fute.Dataset(["fine", "good", "dull", "bad"], [1, 1, 0, 0], name="films")
    >>> fute.embed_dataset(mine, fute.Recipe("text")).vector.shape
    (384,)
    """
    of_kind("a fute.Dataset", TaskDataset, dataset=dataset)
    _check_rows(dataset)
    recipe = recipe or Recipe()
    method = recipe.build()
    probes = recipe.probes(dataset.pair) if method.needs_probes else None
    key = key or dataset_key(dataset, recipe)
    if store is not None and (known := _known(key, store, getattr(method, "gives_answers", False))) is not None:
        return read_from(dataset, _named(labelled(dataset, known), dataset.name, "dataset", dataset.family, store))
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
    return read_from(dataset, made)


def embed_model(
    predictor: Predictor,
    recipe: Recipe | None = None,
    store: "Store | None" = None,
    *,
    name: str,
    pair: bool = False,
    kind: Kind = "model",
    family: str | None = None,
    calibrate: bool | None = None,
    key: str | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TaskEmbedding:
    """Embed what a black box does with the probe texts: its MTE (FUTE section 3.2).

    Parameters
    ----------
    predictor : Predictor
        The black box.
    recipe : Recipe, optional
        How the vector is made; by default `Recipe()`.
    store : Store, optional
        Where vector and answers are looked up and kept; None keeps nothing.
    name : str
        What to call it.
    pair : bool, default False
        It reads pairs of texts.
    kind : {"model", "prompt"}, default "model"
        What it is shown as.
    family : str, optional
        The job that it does.
    calibrate : bool, optional
        Remove label priors by batch calibration; None means for prompts only.
    key : str, optional
        Its `recipe.model_key`, where the caller has made it already.
    progress : callable, optional
        Called with (probe texts answered, probe texts in all).
    should_stop : callable, optional
        Asked after every chunk of answers; on true the work ends.

    Returns
    -------
    TaskEmbedding
        A point of the same space as the datasets of this recipe.

    Raises
    ------
    BadInput
        For answers that cannot be used.
    Cancelled
        Where `should_stop` said so; all finished answers stay in the store.

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
    recipe = recipe or Recipe()
    method = recipe.build()
    probes = recipe.probes(pair)
    calibrate = kind == "prompt" if calibrate is None else calibrate
    key = key or model_key(predictor, recipe, pair=pair, calibrate=calibrate)
    if store is not None and (known := _known(key, store, True)) is not None:
        return answered_by(predictor, _named(known, name, kind, family, store))
    started = time.perf_counter()
    raw = collect_answers(predictor, probes, store, progress=progress, should_stop=should_stop)
    answers = answers_from(predictor, raw)
    details: dict[str, Any] = {"labels": list(predictor.labels), "unanswered": len(raw) - len(answers.index)}
    if model := language_model_of(predictor):
        details["language_model"] = model
    if (told := getattr(predictor, "told", None)) is not None:
        details |= told(raw)
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
    made = _fit(
        observations, recipe, method, probes, store, started, None,
        name=name, kind=kind, family=family, key=key, data=predictor.fingerprint(), details=details,
        n_truncated=predictor.count_truncated(texts) if hasattr(predictor, "count_truncated") else 0,
    )  # fmt: skip
    return answered_by(predictor, made)


def _on_step(n: int, progress: Progress | None, should_stop: Callable[[], bool] | None) -> Callable[[float], None]:
    """What a method tells of its work, as n texts of progress, and how it is stopped."""

    def on_step(share: float) -> None:
        if should_stop is not None and should_stop():
            raise Cancelled(
                f"Stopped while reading {n} texts, at {100 * share:.0f} %; what was embedded before is kept."
            )
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
        surrogate = load_surrogate(recipe.surrogate).keeping_in(store)
        surrogate = surrogate if probes is None else knowing_probes(surrogate, pair)
        fitted = method.fit(surrogate, observations)
        n_truncated = surrogate.count_truncated(observations.texts) if n_truncated is None else n_truncated
        if kind == "dataset":
            details = {**details, **readable_by(observations.texts, surrogate, recipe.surrogate)}
    if not all_finite(fitted.values, fitted.factor):
        raise BadInput(
            f"{name!r} gave numbers beyond all bounds under method {method.name!r}, so nothing was kept; give smaller "
            "scores or, to a method that trains, a smaller learning rate."
        )
    details = {**details, **_of_answers(observations, fitted, kind)}
    if store is not None and probes is not None and kind == "dataset" and fitted.answers is not None:
        proba = fitted.answers if observations.regression else softmax(fitted.answers)
        store.put(answers_key(key), {"answers": proba.astype(np.float32)}, {"probes": probes.identity})
    encoder, weights = encoder_identity(recipe.surrogate)
    embedding = TaskEmbedding(
        name, kind, fitted.values, fitted.blocks, key,
        Provenance(
            surrogate=encoder, surrogate_digest=weights, method=method.name, params=method.params(),
            data=data, n_texts=len(observations.texts), pair=pair, seed=recipe.seed, n_truncated=n_truncated or 0,
            probes=probes.identity if probes and method.needs_probes else "", versions=versions(),
            created=datetime.now(UTC).isoformat(timespec="seconds"), seconds=time.perf_counter() - started,
            details={**details, **fitted.details},
        ),
        family, fitted.factor,
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


def _of_answers(observations: Observations, fitted: Fitted, kind: Kind) -> dict[str, bool]:
    """What is told of answers: that all are the same, so that nothing is known of what is asked for; or mere labels."""
    alike = len(set(observations.texts)) < 2 or np.ptp(observations.targets, axis=0).max() < CONSTANT
    constant = bool(alike or (fitted.factor is not None and not fitted.factor.shape[1]))
    hard = kind != "dataset" and are_labels(observations.targets)
    return {**({"constant": True} if constant else {}), **({"one_hot": True} if hard else {})}


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
