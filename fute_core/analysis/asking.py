"""One text put to models and prompts of the atlas: who can be asked, and what each of them answers.

A map keeps answers to probe texts alone, so whoever is asked something else has to be there again: a shipped classifier
is trained again from its shipped rows, a prompt is put to its language model, and what a user brought is opened as its
job opened it. What cannot be had again says why in a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Item
from fute_core.atlas.newcomers import BASE, is_tuned
from fute_core.datasets.probes import load_probes
from fute_core.embedding.opening import as_asked, predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.models.packaged import PACKAGED, packaged_folder
from fute_core.predictors import Predictor
from fute_core.predictors.answers import answers_from, asked_aloud
from fute_core.tasks import Kind, Text

CHECKED = 8
"""Probe texts on which a classifier that was trained again is held against its shipped answers."""
TOLERANCE = 0.01
"""Largest difference of a probability there; the shipped answers are kept in half precision."""
LONGEST = 10_000
"""Characters of a text."""
Trainer = Callable[[str, str], Predictor]
"""Trains a shipped classifier again, by its dataset and its architecture."""


@dataclass(frozen=True)
class Asked:
    """Somebody who can be asked, as plain data that travels to another process.

    Parameters
    ----------
    name : str
        Its name in the atlas.
    kind : {"model", "prompt"}
        What it is.
    data : str
        Fingerprint of what the atlas was told; what is asked now is the same if it has the same one. Empty for what
        does not lie in the atlas.
    pair : bool
        It reads pairs of texts.
    request : EmbedRequest, optional
        Opens it; None for a shipped classifier.
    trained : tuple of (str, str), optional
        Dataset and architecture of a shipped classifier.
    answers : ndarray of float32, shape (m, k), optional
        Its answers to the first m probe texts.
    """

    name: str
    kind: Kind
    data: str
    pair: bool
    request: EmbedRequest | None = None
    trained: tuple[str, str] | None = None
    answers: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Reply:
    """What somebody answers to a text.

    Parameters
    ----------
    labels : tuple of str, length k
        Names of the labels; empty for a score.
    proba : tuple of float, length k
        How likely each is, with the label priors of the model; of a score the one value. Empty where the answer named
        no label.
    outside : float, optional
        Probability that went to none of the answer choices, 0 to 1; None where that is not known.
    same : bool
        It is the very one that lies in the atlas, or none is meant to; False where weights, files or libraries have
        changed.
    cut : bool
        It has read the beginning of the text alone.
    thought : str, optional
        What it said before it answered, where its prompt lets it reason first.
    """

    labels: tuple[str, ...]
    proba: tuple[float, ...]
    outside: float | None
    same: bool
    cut: bool
    thought: str | None = None


def askable(item: Item, requests: Mapping[str, EmbedRequest]) -> Asked:
    """Tell how an item is asked.

    Parameters
    ----------
    item : Item
        Of the atlas.
    requests : mapping of str to EmbedRequest
        What users had embedded, by the store key of the embedding.

    Returns
    -------
    Asked
        What `reply` takes; nothing is loaded yet.

    Raises
    ------
    BadInput
        For what answers no other text than it has, with the reason.
    Unavailable
        For a packaged language model that is not installed.

    Examples
    --------
    >>> import fute_core as fute
    >>> from fute_core.analysis.asking import askable
    >>> atlas = fute.open_atlas(store=False)
    >>> askable(atlas.items[atlas.positions["model:sst2 · trees"]], {}).trained
    ('sst2', 'trees')
    """
    own, facts = item.embedding, item.facts
    if own.kind == "dataset":
        raise BadInput(f"{own.name} is a dataset: it has labelled texts and answers none; ask what was trained on it.")
    if is_tuned(item):
        raise BadInput(
            f"{own.name} is {facts[BASE]} fine-tuned on {facts['dataset']}; its answers to the probe texts ship, its "
            f"weights do not, so it answers no other text; ask {facts['dataset']}, for which its classifiers answer."
        )
    request, trained = requests.get(own.key), None
    if facts.get("shipped"):
        if own.kind == "prompt":
            name = str(facts["prompt"])
            request = EmbedRequest("prompt", name, model=str(facts["language_model"]), template=name, name=own.name)
        else:
            trained = (str(facts["dataset"]), str(facts["architecture"]))
    if request is None and trained is None:
        raise BadInput(f"What made {own.name} is not known here any more; embed it again as a job to ask it.")
    if request is not None:
        _check(own.name, request)
    answers = None if trained is None or item.answers is None else item.answers[:CHECKED]
    return Asked(own.name, own.kind, own.provenance.data, own.provenance.pair, request, trained, answers)


def by_labels(encoder: str, item: Item) -> Asked:
    """Ask an encoder in an item's place, by a sentence for each of the item's labels.

    Parameters
    ----------
    encoder : str
        A packaged name, a folder or a Hub id.
    item : Item
        Whose labels they are.

    Returns
    -------
    Asked
        What `reply` takes; it lies in no atlas.

    Raises
    ------
    BadInput
        For an item without labels.

    Examples
    --------
    >>> import fute_core as fute
    >>> from fute_core.analysis.asking import by_labels
    >>> atlas = fute.open_atlas(store=False)
    >>> by_labels("minilm", atlas.items[atlas.positions["dataset:sst2"]]).name
    'minilm by the labels of sst2'
    """
    own = item.embedding
    labels = [str(label) for label in item.facts.get("labels") or ()]
    if not labels:
        raise BadInput(f"{own.name} has no labels by which {encoder} could be asked; name somebody who has.")
    pair = own.provenance.pair
    request = EmbedRequest("model", encoder, options={"labels": labels, "pair": pair})
    return Asked(f"{encoder} by the labels of {own.name}", "model", "", pair, request)


def reply(asked: Asked, text: Text, train: Trainer) -> Reply:
    """Ask somebody about a text.

    Parameters
    ----------
    asked : Asked
        Who is asked.
    text : str or (str, str)
        A text, or a pair for who reads pairs; see `checked`.
    train : callable
        Trains a shipped classifier again.

    Returns
    -------
    Reply
        The answer; nothing of it is stored.

    Raises
    ------
    BadInput, Unavailable
        For a text of the wrong kind, and for a model that cannot be used any more.
    """
    text = checked(text, asked.pair)
    with as_asked(asked.request):
        if asked.trained is not None:
            predictor: Predictor = train(*asked.trained)
        else:
            assert asked.request is not None, "whoever can be asked is trained or opened"
            predictor = predictor_of(asked.request)[0]
        raw, thoughts = asked_aloud(predictor, [text])
        found, same = answers_from(predictor, raw), _is_same(predictor, asked)
    count = getattr(predictor, "count_truncated", None)
    labels, proba = tuple(map(str, predictor.labels)), tuple(float(p) for row in found.proba[:1] for p in row)
    outside = None if found.outside is None or not len(found.outside) else float(found.outside[0])
    return Reply(labels, proba, outside, same, bool(count and count([text])), thoughts[0] if thoughts else None)


def checked(text: Text, pair: bool) -> Text:
    """Refuse what cannot be asked about.

    Parameters
    ----------
    text : str or (str, str)
        As typed.
    pair : bool
        Two texts are wanted.

    Returns
    -------
    str or (str, str)
        The same without blanks around it.

    Raises
    ------
    BadInput
        For no text, one text in place of two, or one of more than `LONGEST` characters.
    """
    parts = (text,) if isinstance(text, str) else tuple(text)
    if len(parts) != 1 + pair:
        raise BadInput("These read pairs of texts; give a second text." if pair else "These read one text; give one.")
    parts = tuple(part.strip() for part in parts)
    if not all(parts):
        raise BadInput("There is no text to ask about; type both texts." if pair else "Type a text to ask about.")
    if (longest := max(map(len, parts))) > LONGEST:
        raise BadInput(f"A text of {longest:,} characters is too long to ask about; give at most {LONGEST:,}.")
    return (parts[0], parts[1]) if pair else parts[0]


def reply_json(name: str, kind: Kind, found: Reply | str) -> dict[str, Any]:
    """Write an answer, or why there is none, as JSON values.

    Parameters
    ----------
    name, kind : str
        Of who was asked.
    found : Reply or str
        The answer, or a sentence.

    Returns
    -------
    dict
        `name`, `kind`, `answer` (the likeliest label; None for a score or without an answer), `probabilities` by label,
        `score`, `outside`, `same`, `cut`, `thought` and `problem`.
    """
    if isinstance(found, str):
        return {"name": name, "kind": kind, "answer": None, "probabilities": {}, "score": None, "outside": None,
                "same": None, "cut": None, "thought": None, "problem": found}  # fmt: skip
    by_label = {label: round(p, 4) for label, p in zip(found.labels, found.proba, strict=False)}
    return {
        "name": name, "kind": kind, "answer": max(by_label, key=by_label.__getitem__) if by_label else None,
        "probabilities": by_label, "score": found.proba[0] if found.proba and not found.labels else None,
        "outside": None if found.outside is None else round(found.outside, 4), "same": found.same, "cut": found.cut,
        "thought": found.thought, "problem": None if found.proba else "The answer names none of the labels.",
    }  # fmt: skip


def _check(name: str, request: EmbedRequest) -> None:
    """Raises for what is known to give no answer, before anything is loaded."""
    if request.kind == "outputs":
        raise BadInput(f"{name} is a file of answers to the probe texts, and says nothing of other texts.")
    if request.options.get("base_url"):
        raise BadInput(f"{name} was asked at an endpoint, whose key nobody keeps; ask it there.")
    if request.kind == "prompt" and PACKAGED.get(request.model or "") == "language model":
        packaged_folder(request.model or "")


def _is_same(predictor: Predictor, asked: Asked) -> bool:
    """By its fingerprint, which of a fitted model may differ in the last digit; then by the answers that ship."""
    same = not asked.data or predictor.fingerprint() == asked.data
    if same or asked.answers is None:
        return same
    texts = load_probes(asked.pair).texts[: len(asked.answers)]
    return bool(np.abs(predictor.predict_proba(texts) - asked.answers).max() < TOLERANCE)
