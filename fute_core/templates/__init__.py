"""Prompt templates: rendering in a sandbox, and one file for each format that is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fute_core.tasks import PromptTemplate


@dataclass(frozen=True)
class Loaded:
    """One template of a file: usable, or the sentence that says why not.

    Parameters
    ----------
    name : str
        What it is called.
    format : {"atlas", "promptsource", "lm-eval", "jinja"}
        What it was read as.
    template : PromptTemplate, optional
        The template; None where it cannot be used.
    problem : str, optional
        Why it cannot be used; None where it can.
    notes : tuple of str, default ()
        What was left out or decided while it was read.
    """

    name: str
    format: str
    template: PromptTemplate | None = None
    problem: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """What the user says about a file that it does not say itself.

    Parameters
    ----------
    fields : mapping of str to str
        The template's variables, each with "text" or "text_pair".
    choices : mapping of str to tuple of str
        Labels, each with its answer words; they stand in place of the file's.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
