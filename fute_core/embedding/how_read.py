"""How a file was read, told beside its embedding: no part of the vector, so it is added after the store."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fute_core.models.code_signs import code_signs
from fute_core.models.encoder import Surrogate
from fute_core.models.whole_words import READERS, whole_words
from fute_core.predictors import Predictor
from fute_core.tasks import TaskDataset, Text
from fute_core.vectors import TaskEmbedding


def readable_by(texts: Sequence[Text], surrogate: Surrogate, name: str) -> dict[str, float]:
    """Tell how much of texts is prose in a language that the encoder reads.

    Parameters
    ----------
    texts : sequence of str or of (str, str)
        Of a dataset.
    surrogate : Surrogate
        The encoder.
    name : str
        Its short name.

    Returns
    -------
    dict of str to float
        `code_signs`, see `models.code_signs`, and `whole_words`, see `models.whole_words`, where that is known.
    """
    signs = {"code_signs": round(code_signs(texts), 3)}
    share = whole_words(texts, surrogate.tokenizer.get_vocab()) if name in READERS else None
    return signs if share is None else {**signs, "whole_words": round(share, 3)}


def read_from(dataset: TaskDataset, made: TaskEmbedding) -> TaskEmbedding:
    """Tell columns and labels as they were read now: the stored vector may come from a file with other names.

    Parameters
    ----------
    dataset : TaskDataset
        What was read.
    made : TaskEmbedding
        Its embedding, new or from the store.

    Returns
    -------
    TaskEmbedding
        With `columns`, `labels`, `dropped` and `read_notes` among its details, where the dataset is from a file.
    """
    if not dataset.columns:
        return made
    return _with(made, {
        "columns": dict(dataset.columns), "labels": list(dataset.labels), "dropped": dict(dataset.dropped),
        "read_notes": list(dataset.notes),
    })  # fmt: skip


def labelled(dataset: TaskDataset, known: TaskEmbedding) -> TaskEmbedding:
    """Give a stored vector the names of labels that the dataset has now: they are no part of its key.

    Parameters
    ----------
    dataset : TaskDataset
        What is embedded.
    known : TaskEmbedding
        The vector of the same rows.

    Returns
    -------
    TaskEmbedding
        With `labels` among its details, which the name that is given to it keeps.
    """
    labels = list(dataset.labels)
    return known if known.provenance.details.get("labels") == labels else _with(known, {"labels": labels})


def answered_by(predictor: Predictor, made: TaskEmbedding) -> TaskEmbedding:
    """Tell what a predictor says of how its answers were read.

    Parameters
    ----------
    predictor : Predictor
        A black box; a file of outputs has `notes` and `dropped`.
    made : TaskEmbedding
        Its embedding, new or from the store.

    Returns
    -------
    TaskEmbedding
        With `dropped` and `read_notes` among its details, where there is anything to tell, and for a prompt with
        `language_model`.
    """
    how = {"dropped": dict(getattr(predictor, "dropped", {})), "read_notes": list(getattr(predictor, "notes", ()))}
    told = how if any(how.values()) else {}
    if model := language_model_of(predictor):
        told = {"language_model": model, **told}
    return _with(made, told) if told else made


def language_model_of(predictor: Predictor) -> str:
    """Name the language model that a prompt is put to.

    Parameters
    ----------
    predictor : Predictor
        A black box.

    Returns
    -------
    str
        Empty for all but prompts whose choices are scored.
    """
    return getattr(predictor, "language_model", "")


def _with(made: TaskEmbedding, how: dict[str, Any]) -> TaskEmbedding:
    return replace(made, provenance=replace(made.provenance, details={**made.provenance.details, **how}))
