"""Sentences that stand for labels: given in Python, made of the labels' names, or read from a YAML file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput

TEMPLATE = "This text is about {label}."
"""Makes the sentence of a label of which only the name is known."""
Labels = Mapping[str, str | Sequence[str]] | Sequence[str]


@dataclass(frozen=True)
class LabelSentences:
    """What a text is compared with.

    Parameters
    ----------
    labels : tuple of str, length k
        Names of the labels.
    sentences : tuple of tuple of str, length k
        At least one for each label; no sentence stands for two labels.
    temperature : float, optional
        What scores are divided by before they become probabilities; None leaves it to the encoder's kind.
    """

    labels: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    temperature: float | None = None

    @property
    def as_mapping(self) -> dict[str, list[str]]:
        """The sentences by label, in JSON values."""
        return {label: list(some) for label, some in zip(self.labels, self.sentences, strict=True)}


def label_sentences(
    labels: Labels, template: str | None = None, temperature: float | None = None, where: str = "labels"
) -> LabelSentences:
    """Check sentences for labels, or make them of names.

    Parameters
    ----------
    labels : mapping or sequence of str
        Labels with a sentence or several; or names alone.
    template : str, optional
        For names alone, the sentence with "{label}" in the name's place; by default `TEMPLATE`.
    temperature : float, optional
        See `LabelSentences`.
    where : str, default "labels"
        What an error calls the source.

    Returns
    -------
    LabelSentences
        At least two labels.

    Raises
    ------
    BadInput
        For what is neither, for fewer than two labels or one that stands twice, for a label without a sentence, for one
        sentence under two labels, for a template without "{label}", and for a temperature that is not above 0.
    """
    if temperature is not None and not (math.isfinite(temperature) and temperature > 0):
        raise BadInput(f"{where}: the temperature is {temperature:g}; give a number above 0, such as 0.05.")
    if isinstance(labels, Mapping):
        if template is not None:
            raise BadInput(f"{where}: the labels have sentences of their own, so the template says nothing; drop one.")
        names = list(labels)
        each = [(some,) if isinstance(some, str) else some for some in labels.values()]
    elif isinstance(labels, Sequence) and not isinstance(labels, str):
        names = list(labels)
        each = [(_filled(template or TEMPLATE, name, where),) for name in names]
    else:
        raise BadInput(f"{where}: give a sentence for each label, or a list of names, and not {labels!r:.40}.")
    for name, some in zip(names, each, strict=True):
        whole = isinstance(some, Sequence) and some and all(isinstance(one, str) and one.strip() for one in some)
        if not isinstance(name, str) or not name.strip() or not whole:
            raise BadInput(f"{where}: label {str(name)[:40]!r} needs a sentence, or a list of sentences, in words.")
    if len(names) < 2 or len(set(names)) < len(names):
        listed = ", ".join(map(repr, names))[:80] or "nothing"
        raise BadInput(f"{where} has {listed}; give two labels or more, each once.")
    flat = [one for some in each for one in some]
    if twice := next((one for one in flat if flat.count(one) > 1), None):
        raise BadInput(f"{where}: the sentence {twice[:60]!r} stands twice; give each label sentences of its own.")
    return LabelSentences(tuple(names), tuple(tuple(some) for some in each), temperature)


def _filled(template: str, name: Any, where: str) -> str:
    if "{label}" not in template:
        raise BadInput(f"{where}: the template {template[:60]!r} has no {{label}}; write it where the name belongs.")
    return template.replace("{label}", str(name).replace("_", " "))


def read_label_sentences(path: Path | str) -> LabelSentences:
    """Read sentences for labels from a YAML file.

    Parameters
    ----------
    path : Path or str
        A file with `labels`, a mapping of labels to a sentence or a list of them, or a list of names; and with
        `template` and `temperature` where wanted.

    Returns
    -------
    LabelSentences
        Checked.

    Raises
    ------
    BadInput
        For a file that cannot be read, and for what `label_sentences` refuses.
    """
    from fute_core.templates.yaml_files import parse_yaml, read_text

    path = Path(path)
    said = parse_yaml(path, read_text(path))
    if not isinstance(said, dict) or "labels" not in said:
        raise BadInput(f"{path.name} has no labels; write `labels:` with a sentence for each label.")
    known = ("labels", "template", "temperature")
    if unknown := next((key for key in said if key not in known), None):
        raise BadInput(f"{path.name} says {unknown!r}, which means nothing here; it may have {', '.join(known)}.")
    temperature = said.get("temperature")
    try:
        number = None if temperature is None else float(temperature)
    except (TypeError, ValueError):
        raise BadInput(f"{path.name}: the temperature {temperature!r} is no number; write one such as 0.05.") from None
    return label_sentences(said["labels"], said.get("template"), number, path.name)
