"""What a user asks to embed, as data that travels to another process."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fute_core.embedding.recipe import DEFAULT_METHOD, Recipe
from fute_core.models.device import read_choice
from fute_core.models.precision import check_precision
from fute_core.models.surrogate import default_surrogate
from fute_core.predictors.keys import check_name, check_no_secret
from fute_core.space.settling import check_confidence

DEFAULT_LIMIT = 300


@dataclass(frozen=True)
class EmbedRequest:
    """One embedding to make, in JSON values only.

    Parameters
    ----------
    kind : {"dataset", "prompt", "model", "outputs"}
        A dataset, a prompt, a model (by default a sequence classifier), or a file of answers on probe texts.
    ref : str
        Shipped name, file or Hub id of the dataset, prompt file or classifier, or the file of answers.
    model : str, optional
        For a prompt, the language model: packaged name, folder, Hub id, or its name at ``options["base_url"]``.
    template : str, optional
        For a prompt, the template's name inside `ref`; for sentences of labels, what they are called.
    name, family : str, optional
        What to call the item, and the job that it does.
    method, method_params, surrogate : str, mapping, str
        How the vector is made, see `Recipe`.
    limit : int, optional
        For a dataset, rows used at most.
    probes, seed : int
        See `Recipe`.
    options : mapping
        Columns (text_column, text_pair_column, label_column, split), regression, label_case, fields, choices, chat,
        length_normalise, calibrate, base_url, api, api_key_env (a variable's name, since requests are kept on disk),
        at_once, timeout, text (answers are read as text), samples, max_tokens, pair, min_share, answer_column, labels
        (of answers, or for an encoder a sentence or several for each label, see `predictors.zero_shot`), temperature;
        opener, for a model: a name in `predictors.PREDICTORS`; settle, for prompts and models: at which confidence the
        verdict is settled, so that no more probe texts are asked; own_rows: rows of a dataset that are asked as well,
        see `own_rows.with_own_rows`; row_draws: of a dataset, keep what intervals over its rows need; device: where
        models compute. The last three are no part of a key.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.EmbedRequest("prompt", "sentiment", model="smollm2", template="sentiment-12-faces").label
    'sentiment-12-faces @ smollm2'
    """

    kind: Literal["dataset", "prompt", "model", "outputs"]
    ref: str
    model: str | None = None
    template: str | None = None
    name: str | None = None
    family: str | None = None
    method: str = DEFAULT_METHOD
    method_params: Mapping[str, Any] = field(default_factory=dict)
    surrogate: str = field(default_factory=default_surrogate)
    limit: int | None = DEFAULT_LIMIT
    probes: int | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if base_url := self.options.get("base_url"):
            check_no_secret(base_url)
        if variable := self.options.get("api_key_env"):
            check_name(variable)
        if (device := self.options.get("device")) is not None:
            read_choice(device)
        if (arithmetic := self.options.get("precision")) is not None:
            check_precision(arithmetic)
        if (confidence := self.options.get("settle")) is not None:
            check_confidence(confidence)

    @property
    def recipe(self) -> Recipe:
        """How the vector is made, as the pipelines take it."""
        return Recipe(self.method, self.method_params, self.surrogate, self.probes, self.seed)

    @property
    def label(self) -> str:
        """What to call it before it is done."""
        if self.name:
            return self.name
        if self.options.get("labels"):
            return f"{self.template or 'zero-shot'} @ {short_name(self.ref)}"
        if self.kind == "prompt":
            return f"{self.template or self.ref} @ {short_name(self.model or '')}"
        return short_name(self.ref)


def short_name(ref: str) -> str:
    """Shorten a reference to what names it.

    Parameters
    ----------
    ref : str
        Path, Hub id or shipped name.

    Returns
    -------
    str
        A file's name without its ending, or a folder's name; a Hub id stays as it is, whatever dots it has.
    """
    if os.path.isdir(ref):
        return os.path.basename(os.path.abspath(ref))
    return Path(ref).stem if os.path.exists(ref) else ref  # Path.exists raises for some names
