"""What a name, path or Hub id means: a dataset, a prompt, a model, or a file of answers."""

import difflib
import os
from os import PathLike
from pathlib import Path

from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.files import ENDINGS
from fute_core.digest import digest
from fute_core.embedding.requests import EmbedRequest, short_name
from fute_core.errors import BadInput
from fute_core.predictors.label_sentences import Labels, label_sentences, read_label_sentences

KINDS = ("dataset", "prompt", "model", "outputs")


def request_of(
    ref: str, *, kind: str | None, model: str | None, template: str | None, pair: bool | None,
    labels: Labels | str | PathLike[str] | None = None,
) -> EmbedRequest:  # fmt: skip
    """Make the request that a reference stands for.

    Parameters
    ----------
    ref : str
        Shipped name, path or Hub id.
    kind : str or None
        One of `KINDS`; None to tell it from the reference.
    model, template : str or None
        For a prompt, its language model, and which template of its file.
    pair : bool or None
        A model reads pairs of texts.
    labels : mapping, sequence of str, str or Path, optional
        For an encoder, sentences for labels, their names alone, or a file of them.

    Returns
    -------
    EmbedRequest
        Not carried out yet.

    Raises
    ------
    BadInput
        Where the reference means nothing, or may mean several things.
    """
    if kind is not None and kind not in KINDS:
        near = difflib.get_close_matches(str(kind), KINDS, 1)
        guess = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(map(repr, KINDS))}."
        raise BadInput(f"kind is {kind!r}; {guess}")
    if labels is not None and kind in (None, "model") and model is None and template is None:
        return sentences_request(ref, labels, pair=bool(pair))
    meant = kind or _kind(ref, model)
    if meant == "prompt":
        if model is None:
            raise BadInput(
                f"Prompt {ref!r} needs a language model; add model='smollm2', or a path or Hub id of another."
            )
        return EmbedRequest("prompt", ref, model=model, template=template)
    for name, value in (("model", model), ("template", template), ("labels", labels)):
        if value is not None:
            what = "encoders" if name == "labels" else "prompts"
            raise BadInput(f"{name}={value!r} is for {what}, and {ref!r} is a {meant}; leave {name}= out.")
    if meant == "model":
        return EmbedRequest("model", ref, options={"pair": True} if pair else {})
    if pair is not None:
        raise BadInput(
            f"pair={pair!r} is for models, and {ref!r} says by itself whether it has pairs; leave pair= out."
        )
    return EmbedRequest("outputs", ref) if meant == "outputs" else EmbedRequest("dataset", ref)


def sentences_request(ref: str, labels: Labels | str | PathLike[str], *, pair: bool = False) -> EmbedRequest:
    """Make the request for an encoder with a sentence for each label.

    Parameters
    ----------
    ref : str
        The encoder: a packaged name, a folder, or a Hub id.
    labels : mapping, sequence of str, str or Path
        Sentences for labels, their names alone, or a YAML file of them, after which the sentences are called.
    pair : bool, default False
        It reads pairs of texts.

    Returns
    -------
    EmbedRequest
        With the sentences in it, so that no other process needs the file.

    Raises
    ------
    BadInput
        For sentences that cannot be used.
    """
    if isinstance(labels, (str, PathLike)):
        said, name = read_label_sentences(os.fspath(labels)), short_name(os.fspath(labels))
    else:
        said = label_sentences(labels)
        name = f"zero-shot-{digest((said.labels, said.sentences))[:6]}"
    options = {"opener": "zero-shot", "labels": said.as_mapping, "temperature": said.temperature, "pair": pair or None}
    given = {key: value for key, value in options.items() if value is not None}
    return EmbedRequest("model", ref, template=name, options=given)


def _kind(ref: str, model: str | None) -> str:
    from fute_core.templates.loading import shipped_prompts

    datasets, prompts = shipped_datasets(), shipped_prompts()
    families = {prompt.family for prompt in prompts.values() if prompt.family}
    if ref in datasets and model is None:
        return "dataset"
    if ref in prompts or ref in families or model is not None:
        return "prompt"
    if os.path.isdir(ref):
        return "model"
    if os.path.exists(ref):
        return "dataset" if Path(ref).suffix.lower() in ENDINGS else "prompt"
    if Path(ref).suffix.lower() in ENDINGS:
        return "dataset"  # reading it says that there is no such file, and guesses which was meant
    if ref.count("/") == 1 and all(part and not part.isspace() for part in ref.split("/")) and " " not in ref:
        raise BadInput(f"{ref!r} may be a dataset or a classifier of the Hub; add kind='dataset' or kind='model'.")
    if len(ref.split()) > 2:
        raise BadInput(
            f"{ref[:40]!r} is neither a shipped name nor a path; texts need labels, as in fute.Dataset(texts, labels), "
            "and a prompt needs answers, as in fute.Prompt(template, choices)."
        )
    near = difflib.get_close_matches(ref, [*datasets, *prompts, *families], 1)
    guess = f"did you mean {near[0]!r}?" if near else "give a shipped name, a path, or a Hub id with kind=."
    raise BadInput(f"No dataset or prompt {ref[:60]!r} is shipped and no such file exists; {guess}")
