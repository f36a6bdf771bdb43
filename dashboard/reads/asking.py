"""A text put to classifiers and prompts: who is asked by default, who cannot be, and the answers as they come.

Models compute in a process of their own (`answering`): nothing of it holds up a page, and one that takes all memory
does not take the server with it.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.reads import data, examples, work
from dashboard.reads.answering import Answering
from dashboard.session.filtering import KIND_NAME, item_id, model_of
from fute_core.analysis.asking import Asked, Reply, askable, by_labels, checked, reply_json
from fute_core.analysis.respondents import whom_to_ask
from fute_core.atlas.newcomers import is_tuned
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from dashboard.session.view import View
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.tasks import Text

EACH = 4
"""Classifiers, and prompts, that are asked beside an item."""
LOOKED_AT = 24
"""Neighbours of a kind among which those are looked for that can be asked here."""
NO_WEIGHTS = "The weights of fine-tuned language models do not ship; their answers to the probe texts do."
text_of = checked


@dataclass(frozen=True)
class Suggested:
    """Whom to ask for a view. of : the item they are neighbours of.

    passed_over : who is selected or nearer and cannot be asked, by the reason.
    """

    of: "Item | None"
    ids: tuple[str, ...]
    passed_over: Mapping[str, list[str]]


def suggested(atlas: "Atlas", view: "View") -> Suggested:
    """The classifiers and prompts of the selection, and those nearest to the current item that can be asked here."""
    chosen = data.chosen(atlas, view.selected)
    of = chosen[-1] if chosen else examples.best_prompt(atlas) or next(iter(atlas.items), None)
    if of is None:
        return Suggested(None, (), {})
    ids = [item_id(i) for i in chosen if i.embedding.kind != "dataset" and not is_tuned(i)]
    passed: dict[str, list[str]] = {}
    if tuned := [i.embedding.name for i in chosen if is_tuned(i)]:
        passed[NO_WEIGHTS] = tuned
    taken = {"model": 0, "prompt": 0}
    for item in whom_to_ask(atlas, of, LOOKED_AT):
        kind = item.embedding.kind
        if item in chosen or (taken[kind] >= EACH and item is not of):
            continue
        found = NO_WEIGHTS if is_tuned(item) else who(item)
        if isinstance(found, str):
            passed.setdefault(found, []).append(item.embedding.name)
        else:
            ids.append(item_id(item))
            taken[kind] += item is not of
    return Suggested(of, tuple(ids), passed)


def who(item: "Item") -> Asked | str:
    """How an item is asked, or in a sentence why it cannot be."""
    try:
        # What ships needs no job to be opened by, and there may be many jobs to read.
        return askable(item, {} if item.facts.get("shipped") else _requests())
    except FuteError as error:
        return str(error)


@dataclass(frozen=True)
class Someone:
    """Who is asked. what : a quiet line on it. how : see `who`. usual : see `usual_of`. late : asked after others."""

    id: str
    name: str
    kind: str
    family: str | None
    what: str
    how: Asked | str
    usual: Mapping[str, float]
    late: tuple[int, str]


def someone(item: "Item") -> Someone:
    own = item.embedding
    what = ", ".join(p for p in (KIND_NAME[own.kind], model_of(item)) if p)
    return Someone(item_id(item), own.name, own.kind, own.family, what, who(item), usual_of(item), _late(item))


def encoder(name: str, of: "Item") -> Someone:
    """An encoder in an item's place, by the names of the item's labels."""
    try:
        how: Asked | str = by_labels(name, of)
    except FuteError as error:
        how = str(error)
    shown = how.name if isinstance(how, Asked) else name
    return Someone(
        f"encoder:{shown}", shown, "model", of.embedding.family, "encoder, not on the map", how, {}, (0, "~")
    )


def encoders() -> list[str]:
    """Packaged encoders that are installed."""
    from fute_core.models.packaged import list_models

    return [m["name"] for m in list_models() if m["installed"] and m["kind"] != "language model"]


def _requests() -> dict[str, Any]:
    """What jobs have embedded, by the key of the embedding."""
    return {item.key: item.request for job in work.known() for item in job.items if item.key}


def answers(those: Sequence[Someone], text: "Text") -> dict[str, Reply | str | None]:
    """By id: the answer, a sentence why there is none, or None while it is being asked. Asks what was not asked yet."""
    return {one.id: answer(one, text) for one in sorted(those, key=lambda one: one.late)}


def answer(one: Someone, text: "Text") -> Reply | str | None:
    if isinstance(one.how, str):
        return one.how
    future = _asking(one.how, text)
    if future.cancelled():  # another session, which had asked the same, has gone on to something else
        _forget(one.how, text)
        future = _asking(one.how, text)
    try:
        return future.result() if future.done() else None
    except FuteError as error:
        return str(error)


def drop(those: Sequence[Someone], text: "Text") -> None:
    """Nobody waits for these answers any more; what has not begun yet makes room."""
    for one in those:
        if isinstance(one.how, Asked) and _asking(one.how, text).cancel():
            _forget(one.how, text)


def forget_failed(those: Sequence[Someone], text: "Text") -> None:
    """Those that have failed are asked again by who asks next: what was lacking may be there now."""
    for one in those:
        if isinstance(one.how, Asked) and isinstance(answer(one, text), str):
            _forget(one.how, text)


def rows(those: Sequence[Someone], text: "Text") -> list[dict[str, Any]]:
    """The answers as rows of a file, one a label; somebody without an answer has one row with the reason."""
    found: list[dict[str, Any]] = []
    for one in those:
        got = answer(one, text)
        told = reply_json(one.name, one.kind, "It has not answered yet." if got is None else got)
        asked = {"text": data.text_of(text), "asked": one.name, "kind": one.kind, "family": one.family or ""}
        if told["problem"] or told["score"] is not None:
            found.append(asked | {"label": "", "probability": told["score"], "usually": None, "note": told["problem"]})
        found += [asked | {"label": label, "probability": p, "usually": one.usual.get(label), "note": ""}
                  for label, p in told["probabilities"].items()]  # fmt: skip
    return found


def usual_of(item: "Item") -> dict[str, float]:
    """How likely each label is over the probe texts on average, as far as known."""
    known = item.embedding.provenance.details
    labels, prior = known.get("labels") or (), known.get("label_prior")
    return dict(zip(map(str, labels), prior, strict=False)) if isinstance(prior, list | tuple) else {}


def _late(item: "Item") -> tuple[int, str]:
    """Those that answer at once first; then one language model after the other, since one is kept loaded."""
    model = item.facts.get("language_model")
    if item.embedding.kind == "prompt":
        return 1, str(model)
    return (2, "") if item.facts.get("architecture") == "encoder" else (0, "")


def _asking(asked: Asked, text: "Text") -> "Future[Reply]":
    return _begun(asked.kind, asked.name, asked.data, text, asked)


def _forget(asked: Asked, text: "Text") -> None:
    _begun.clear(asked.kind, asked.name, asked.data, text, asked)


@st.cache_resource(show_spinner=False, max_entries=512)
def _begun(kind: str, name: str, told: str, text: "Text", _asked: Asked) -> "Future[Reply]":
    return answering().submit(_asked, text)


@st.cache_resource(show_spinner=False)
def answering() -> Answering:
    return Answering()
