"""Prompt templates: rendering in a sandbox, and one file for each format that is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fute_core.tasks import PromptTemplate


@dataclass(frozen=True)
class Loaded:
    """One template of a file: usable, or the sentence that says why not. format : "atlas", "promptsource", ..."""

    name: str
    format: str
    template: PromptTemplate | None = None
    problem: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """What the user says about a file: variable names mapped to text or text_pair, and answer choices by label."""

    fields: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
