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
from dashboard.session.filtering import item_id
from fute_core.analysis.asking import Asked, Reply, askable, checked, reply_json, whom_to_ask
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
text_of = checked


@dataclass(frozen=True)
class Suggested:
    """Whom to ask for a view. of : the item they are neighbours of. passed_over : who is nearer and cannot be asked."""

    of: "Item | None"
    ids: tuple[str, ...]
    passed_over: Mapping[str, list[str]]


def suggested(atlas: "Atlas", view: "View") -> Suggested:
    """The classifiers and prompts of the selection, and those nearest to the current item that can be asked here."""
    chosen = data.chosen(atlas, view.selected)
    of = chosen[-1] if chosen else examples.best_prompt(atlas) or next(iter(atlas.items), None)
    if of is None:
        return Suggested(None, (), {})
    ids = [item_id(i) for i in chosen if i.embedding.kind != "dataset"]
    passed: dict[str, list[str]] = {}
    taken = {"model": 0, "prompt": 0}
    for item in whom_to_ask(atlas, of, LOOKED_AT):
        kind = item.embedding.kind
        if item_id(item) in ids or (taken[kind] >= EACH and item is not of):
            continue
        found = who(item)
        if isinstance(found, str):
            passed.setdefault(found, []).append(item.embedding.name)
        else:
            ids.append(item_id(item))
            taken[kind] += item is not of
    return Suggested(of, tuple(ids), passed)


def who(item: "Item") -> Asked | str:
    """How an item is asked, or in a sentence why it cannot be."""
    try:
        return askable(item, _requests())
    except FuteError as error:
        return str(error)


def _requests() -> dict[str, Any]:
    """What jobs have embedded, by the key of the embedding."""
    return {item.key: item.request for job in work.known() for item in job.items if item.key}


def answers(items: Sequence["Item"], text: "Text") -> dict[str, Reply | str | None]:
    """By id: the answer, a sentence why there is none, or None while it is being asked. Asks what was not asked yet."""
    return {item_id(item): answer(item, text) for item in sorted(items, key=_slow)}


def answer(item: "Item", text: "Text") -> Reply | str | None:
    asked = who(item)
    if isinstance(asked, str):
        return asked
    future = _asking(asked, text)
    if future.cancelled():  # another session, which had asked the same, has gone on to something else
        _forget(asked, text)
        future = _asking(asked, text)
    try:
        return future.result() if future.done() else None
    except FuteError as error:
        return str(error)


def drop(items: Sequence["Item"], text: "Text") -> None:
    """Nobody waits for these answers any more; what has not begun yet makes room."""
    for asked in map(who, items):
        if isinstance(asked, Asked) and _asking(asked, text).cancel():
            _forget(asked, text)


def forget_failed(items: Sequence["Item"], text: "Text") -> None:
    """Those that have failed are asked again by who asks next: what was lacking may be there now."""
    for item in items:
        asked = who(item)
        if isinstance(asked, Asked) and isinstance(answer(item, text), str):
            _forget(asked, text)


def rows(items: Sequence["Item"], text: "Text") -> list[dict[str, Any]]:
    """The answers as rows of a file, one a label; somebody without an answer has one row with the reason."""
    found: list[dict[str, Any]] = []
    for item in items:
        got = answer(item, text)
        told = reply_json(item.embedding.name, item.embedding.kind, "It has not answered yet." if got is None else got)
        who_ = {"text": data.text_of(text), "asked": told["name"], "kind": told["kind"],
                "family": item.embedding.family or ""}  # fmt: skip
        usual = usual_of(item)
        if told["problem"] or told["score"] is not None:
            found.append(who_ | {"label": "", "probability": told["score"], "usually": None, "note": told["problem"]})
        found += [who_ | {"label": label, "probability": p, "usually": usual.get(label), "note": ""}
                  for label, p in told["probabilities"].items()]  # fmt: skip
    return found


def usual_of(item: "Item") -> dict[str, float]:
    """How likely each label is over the probe texts on average, as far as known."""
    known = item.embedding.provenance.details
    labels, prior = known.get("labels") or (), known.get("label_prior")
    return dict(zip(map(str, labels), prior, strict=False)) if isinstance(prior, list | tuple) else {}


def _slow(item: "Item") -> tuple[int, str]:
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
