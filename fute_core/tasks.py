"""The nouns of the field as plain frozen dataclasses: datasets and prompts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from fute_core.digest import digest
from fute_core.display import Shown, listed, named

Text = str | tuple[str, str]
Kind = Literal["dataset", "model", "prompt"]


def label_key(label: str) -> str:
    """Give what a label is known by among those of others.

    Parameters
    ----------
    label : str
        Its name.

    Returns
    -------
    str
        The same in upper and lower case, with blanks around it or without.
    """
    return label.strip().casefold()


@dataclass(frozen=True, repr=False)
class TaskDataset(Shown):
    """Labelled texts: what a dataset task embedding (DTE) is made from.

    Parameters
    ----------
    name : str
        What it is called; no part of what a vector is made from.
    texts : tuple of str, or of (str, str), length n
        Single texts, or (text, text_pair) tuples, never a mix.
    targets : ndarray of float32, shape (n, k)
        One-hot or soft rows that sum to 1; scores of shape (n, 1) where `labels` is empty (regression).
    labels : tuple of str, length k
        Label names in column order; empty for regression.
    family : str, optional
        The job that it does, such as "sentiment".
    card : mapping
        Title, source, licence, cite, language, as far as known.
    columns : mapping
        Which columns of the file were read, by "text", "text_pair" (None for single texts) and "label"; empty for what
        is from no file.
    dropped : mapping
        How many rows of the file were left out, by reason such as "no label".
    notes : tuple of str
        Sentences about how the file was read, where that was not plain.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.Dataset(["fine", "good", "dull", "bad"], [1, 1, 0, 0], name="films").labels
    ('0', '1')
    """

    name: str
    texts: tuple[Text, ...]
    targets: np.ndarray
    labels: tuple[str, ...] = ()
    family: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str | None] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def pair(self) -> bool:
        """Whether texts are (text, text_pair) tuples."""
        return bool(self.texts) and isinstance(self.texts[0], tuple)

    @property
    def regression(self) -> bool:
        """Whether targets are scores: there are no labels."""
        return not self.labels

    def fingerprint(self) -> str:
        """Digest the content that changes a vector: texts and targets, not the name or the label names.

        Returns
        -------
        str
            The same for the same content, in every process.
        """
        return digest(("dataset", self.texts, self.targets, self.regression))

    def _title(self) -> str:
        return f"Dataset {named(self.name)}"

    def _facts(self) -> dict[str, str]:
        facts = {"pairs of texts" if self.pair else "texts": f"{len(self.texts):,}"}
        if self.regression:
            facts["scores"] = f"{self.targets.min():g} to {self.targets.max():g}" if len(self.targets) else "none"
        else:
            rows = np.bincount(self.targets.argmax(1), minlength=len(self.labels))
            facts["labels"] = listed(f"{label} {n}" for label, n in zip(self.labels, rows, strict=True))
        return facts | ({"family": self.family} if self.family else {})


@dataclass(frozen=True)
class Reasoning:
    """A turn in which the model reasons in its own words before it is asked for the label (chain of thought).

    Parameters
    ----------
    then : str, default "Therefore, the answer is"
        Jinja2 source of what follows the model's words, and is followed by an answer; it does not see the texts.
    max_tokens : int, default 64
        Tokens that the model may write; where it is not done by then, it is cut off.

    References
    ----------
    Kojima et al. (2022), *Large Language Models are Zero-Shot Reasoners*, section 3: a prompt for the reasoning, and a
    second one for the answer.
    """

    then: str = "Therefore, the answer is"
    max_tokens: int = 64


@dataclass(frozen=True)
class PromptTemplate:
    """A Jinja template over `text` (and `text_pair`) with the answers that stand for each label.

    Parameters
    ----------
    name : str
        What it is called.
    source : str
        Jinja2 source; it sees `text`, `text_pair` and every name in `fields`.
    choices : tuple of tuple of str, length k
        For each label its verbalizers, at least one.
    labels : tuple of str, length k
        Label names, one for each row of `choices`.
    family : str, optional
        The job that it does, such as "sentiment".
    fields : mapping of str to str
        The template's own variable names, mapped to "text" or "text_pair".
    system : str, optional
        System message for chat models.
    delimiter : str, default one blank
        What stands between the rendered prompt and an answer.
    pair : bool, default False
        It reads pairs of texts.
    completion : bool, default False
        Written to be continued as it is (examples, an open sentence), so not put into a chat template unless the user
        says so.
    reasoning : Reasoning, optional
        The model reasons in its own words first, and is then asked for the label; by default it answers at once.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.PromptTemplate("plain", "{{ text }} Good?", (("yes",), ("no", "never")), ("good", "bad")).labels
    ('good', 'bad')
    """

    name: str
    source: str
    choices: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]
    family: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    system: str | None = None
    delimiter: str = " "
    pair: bool = False
    completion: bool = False
    reasoning: Reasoning | None = None

    def fingerprint(self) -> str:
        """Digest what changes the model's answers: not the name, the family or the label names.

        Returns
        -------
        str
            The same for the same content, in every process.
        """
        read = (self.source, self.choices, dict(self.fields), self.system, self.delimiter, self.pair, self.completion)
        if self.reasoning is None:  # as it was before there was reasoning
            return digest(("prompt", *read))
        return digest(("prompt", *read, "reasoning", self.reasoning.then, self.reasoning.max_tokens))
