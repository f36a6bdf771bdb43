"""Two runs of one item: what was different when they were made, and which answers changed.

Runs have one kind and one name. In each space the name means the newest vector; older ones stay in the store as runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fute_core.atlas.gallery import Item
from fute_core.space.calibration import Calibrator

CONTENT = {"dataset": "Rows and labels", "model": "Model", "prompt": "Prompt and model"}
UNKNOWN = "not set"
LEFT_OUT = frozenset({"labels", "family", "shipped"})
"""Details that have a row of their own, or are no part of a run."""


@dataclass(frozen=True)
class Change:
    """A field that two runs differ in, as shown to a user.

    Parameters
    ----------
    what : str
        Name of the field.
    before, after : str
        Its values in the two runs, `UNKNOWN` where one has none.
    """

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class AnswerChanges:
    """How far the answers of two runs to the same probe texts differ.

    Parameters
    ----------
    n : int
        Texts that both have answered.
    changed : tuple of int
        Positions of the texts whose most probable label is another one, those first that moved most.
    moved : float
        Mean share of the probability that went to other labels, 0 to 1.
    """

    n: int
    changed: tuple[int, ...]
    moved: float


def changes(one: Item, other: Item) -> list[Change]:
    """List every field that two runs differ in.

    Parameters
    ----------
    one, other : Item
        The earlier and the later run.

    Returns
    -------
    list of Change
        First what decides about the vector, then what is known about the item, last versions and times.
    """
    found = []
    for before, after in zip(_fields(one), _fields(other), strict=True):
        for what in dict.fromkeys((*before, *after)):
            change = Change(what, before.get(what, UNKNOWN), after.get(what, UNKNOWN))
            if change.before != change.after:
                found.append(change)
    return found


def changed_answers(one: Item, other: Item) -> AnswerChanges | None:
    """Compare the answers of two runs.

    Parameters
    ----------
    one, other : Item
        The earlier and the later run.

    Returns
    -------
    AnswerChanges or None
        None where the answers of one are not known, or are not about the same labels and probe texts.
    """
    a, b = one.answers, other.answers
    made, again = one.embedding.provenance, other.embedding.provenance
    if a is None or b is None or a.shape != b.shape or a.shape[1] < 2 or made.probes != again.probes:
        return None
    if sorted(_labels(one)) != sorted(_labels(other)):
        return None
    if _labels(one) != _labels(other):
        b = b[:, [_labels(other).index(label) for label in _labels(one)]]
    known = np.flatnonzero(~(np.isnan(a).any(1) | np.isnan(b).any(1)))
    moved = np.abs(a[known] - b[known]).sum(1) / 2
    changed = np.flatnonzero(a[known].argmax(1) != b[known].argmax(1))
    order = changed[np.argsort(-moved[changed], kind="stable")]
    return AnswerChanges(len(known), tuple(int(p) for p in known[order]), float(moved.mean()) if len(known) else 0.0)


def similarity(one: Item, other: Item, calibrator: Calibrator) -> float | None:
    """Compare the vectors of two runs.

    Parameters
    ----------
    one, other : Item
        The two runs.
    calibrator : Calibrator
        Of their space.

    Returns
    -------
    float or None
        Calibrated similarity, -1 to 1; None where the two lie in different spaces, or in another than the calibrator.
    """
    if one.embedding.space() != other.embedding.space() or one.embedding.space() != calibrator.space_:
        return None
    both = calibrator.place([one.embedding, other.embedding])
    return float(both.cosines(both)[0, 1])


def _labels(item: Item) -> list[str]:
    return [str(label) for label in item.facts.get("labels") or ()]


def _fields(item: Item) -> list[dict[str, str]]:
    """By words: what decides about the vector, what came of it, the circumstances. What is not known is left out."""
    made = item.embedding.provenance
    parts: list[dict[str, Any]] = [
        {
            "Method": made.method,
            **{f"Method: {name.replace('_', ' ')}": value for name, value in made.params.items()},
            "Surrogate": made.surrogate,
            "Surrogate weights": made.surrogate_digest[:8],
            "Probe texts": made.probes,
            CONTENT[item.embedding.kind]: made.data and f"digest {made.data[:8]}",
            "Texts used": f"{made.n_texts:,}",
            "Texts cut off": f"{made.n_truncated:,}",
            "Seed": made.seed,
        },
        {
            "Family": item.embedding.family,
            "Labels": ", ".join(_labels(item)),
            **{_words(name): _shown(v) for name, v in made.details.items() if name not in LEFT_OUT},
        },
        {
            **{f"Version of {name}": v for name, v in made.versions.items()},
            "Made": made.created[:16].replace("T", " "),
            "Took": f"{made.seconds:.1f} s",
        },
    ]
    return [{name: str(v) for name, v in part.items() if v not in (None, "")} for part in parts]


def _words(name: str) -> str:
    return "Off the answers" if name == "outside_mass" else name.replace("_", " ").capitalize()


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(v)}" for name, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
