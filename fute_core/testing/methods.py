"""The clauses of `fute_core.methods.Method`, each tried on small made-up tasks."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from fute_core.datasets.probes import load_probes
from fute_core.methods import Fitted, Method, Observations
from fute_core.testing.clauses import Problems, same

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


def method_problems(make: Callable[[], Method], surrogate: "Surrogate", n: int) -> Problems:
    """Try every clause of a method's contract.

    Parameters
    ----------
    make : callable
        Builds the method anew.
    surrogate : Surrogate
        The encoder to fit with.
    n : int
        Rows of each task.

    Yields
    ------
    str
        A sentence for each clause that is broken.
    """
    method = make()
    if not isinstance(method, Method):
        yield "it lacks one of name, needs_probes, seeded, params and fit"
        return
    params = method.params()
    if json.loads(json.dumps(params)) != params:
        yield f"params gives {params!r}, which JSON does not keep"
    elif type(method)(**params).params() != params:
        yield "built anew from its own params, it has others"
    two = _task(False, 2, n)
    known = two.targets.copy()
    fitted = method.fit(surrogate, two)
    yield from _vector_problems(fitted)
    if not np.array_equal(two.targets, known):
        yield "fit changes the targets it is given"
    yield from same("fitted again", fitted.vector, make().fit(surrogate, two).vector, 0.0)
    reseeded = make().fit(surrogate, Observations(two.texts, two.targets, False, two.probes, None, 1)).vector
    if not method.seeded and not np.array_equal(reseeded, fitted.vector):
        yield "it says that the seed changes nothing, and another seed gives another vector"
    others = {
        "three labels": _task(False, 3, n),
        "soft targets on probe texts": _task(False, 3, n, of_model=True),
        "scores": _task(False, 0, n),
        "pairs": _task(True, 2, n),
    }
    for what, observations in others.items():
        vector = method.fit(surrogate, observations).vector
        # The shared probe texts of pairs may be others in number, and pairs have a space of their own.
        if what != "pairs" and vector.shape != fitted.vector.shape:
            yield f"{what} give a vector of shape {vector.shape}, two labels one of {fitted.vector.shape}"
        if not np.isfinite(vector).all():
            yield f"{what} give a vector that is not finite"


def _task(pair: bool, k: int, n: int, of_model: bool = False) -> Observations:
    """A small made-up task: the label says how long a text is among the others; k = 0 gives the length as a score."""
    probes = load_probes(pair, 2 * n).texts
    texts = probes[n:] if not of_model else probes[:n]
    lengths = np.array([len("".join(text)) for text in texts], np.float32)
    place = lengths.argsort().argsort() / n
    if k == 0:
        targets = place.astype(np.float32)[:, None]
    else:
        targets = np.eye(k, dtype=np.float32)[(place * k).astype(int)]
        if of_model:
            targets = 0.7 * targets + 0.3 / k
    return Observations(texts, targets.astype(np.float32), k == 0, probes, np.arange(n) if of_model else None, 0)


def _vector_problems(fitted: Fitted) -> Problems:
    vector = fitted.vector
    if not isinstance(vector, np.ndarray) or vector.dtype != np.float32 or vector.ndim != 1:
        yield "its vector is no float32 array of one dimension"
        return
    if not np.isfinite(vector).all():
        yield "its vector is not finite"
    if not vector.any():
        yield "its vector is zero"
    stops = [0]
    for block in fitted.blocks:
        if block.start != stops[-1] or block.stop <= block.start:
            yield f"block {block.name!r} runs from {block.start} to {block.stop} where {stops[-1]} is next"
        stops.append(block.stop)
    if stops[-1] != len(vector):
        yield f"its blocks end at {stops[-1]} and its vector at {len(vector)}"
    if len({(b.part, b.name) for b in fitted.blocks}) < len(fitted.blocks):
        yield "two of its blocks have one name"
    try:
        json.dumps(dict(fitted.details), default=lambda value: value.item())
    except (TypeError, AttributeError):
        yield "its details are no JSON values"
