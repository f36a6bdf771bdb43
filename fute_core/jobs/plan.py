"""What a list of requests means before anything is computed: what is known, what is asked twice, how many texts."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fute_core.errors import FuteError, missing_library
from fute_core.models.packaged import PACKAGED_MODELS

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.store.store import Store

KeyOf = Callable[["EmbedRequest"], str | None]
"""Finds the store key of a request; None where only running tells."""


@dataclass(frozen=True)
class PlannedItem:
    """One request, looked at.

    Parameters
    ----------
    request : EmbedRequest
        What is asked, files and folders by their whole path.
    key : str or None
        Store key; None where only running tells.
    cached : bool
        Whether the store has it already.
    texts : int or None
        How many texts will be read, as far as known; for a dataset at most that many.
    same_as : int or None
        Place of an earlier item with the same key, which is computed once for both.
    problem : str or None
        Why it cannot be done, as a sentence.
    unexpected : bool
        Whether nobody foresaw that.
    """

    request: "EmbedRequest"
    key: str | None = None
    cached: bool = False
    texts: int | None = None
    same_as: int | None = None
    problem: str | None = None
    unexpected: bool = False


@dataclass(frozen=True)
class Plan:
    """What a list of requests means.

    Parameters
    ----------
    items : tuple of PlannedItem
        One a request, in their order.
    store : str
        Folder of the store that was looked into.
    """

    items: tuple[PlannedItem, ...]
    store: str

    @property
    def to_compute(self) -> tuple[PlannedItem, ...]:
        """What has to be computed: neither cached, nor a duplicate, nor impossible."""
        return tuple(i for i in self.items if not i.cached and i.same_as is None and i.problem is None)

    @property
    def texts(self) -> int:
        """Texts to read in all, as far as known."""
        return sum(item.texts or 0 for item in self.to_compute)


def plan(requests: Sequence["EmbedRequest"], store: "Store", key_of: KeyOf | None = None) -> Plan:
    """Look each request up without computing anything.

    Parameters
    ----------
    requests : sequence of EmbedRequest
        What is asked.
    store : Store
        Where to look.
    key_of : callable, optional
        How to find a request's store key; default `embedding.fulfil.request_key`.

    Returns
    -------
    Plan
        A request that cannot be done has its `problem` there.
    """
    if key_of is None:
        from fute_core.embedding.fulfil import request_key

        key_of = request_key
    first: dict[str, int] = {}
    items = []
    for index, request in enumerate(map(_from_anywhere, requests)):
        try:
            key = key_of(request)
            known = None if key is None else store.get_embedding(key)
        except Exception as error:  # a third party's predictor may raise anything; the other requests go on
            unexpected = not isinstance(error, FuteError)
            items.append(PlannedItem(request, problem=sentence(error), unexpected=unexpected))
            continue
        earlier = None if key is None else first.setdefault(key, index)
        texts = known.provenance.n_texts if known else _expected_texts(request)
        items.append(PlannedItem(request, key, known is not None, texts, earlier if earlier != index else None))
    return Plan(tuple(items), str(store.path))


def _from_anywhere(request: "EmbedRequest") -> "EmbedRequest":
    """With files and folders by their whole path, since a job may go on from another folder; names stay names."""
    paths = {
        name: os.path.abspath(ref)
        for name in ("ref", "model", "surrogate")
        if (ref := getattr(request, name)) and ref not in PACKAGED_MODELS and _is_path(request, name, ref)
    }
    return replace(request, **paths)


def _is_path(request: "EmbedRequest", name: str, ref: str) -> bool:
    """A bare word means a folder where a model is asked for, and else what is shipped under that name."""
    bare = os.sep not in ref and not Path(ref).suffix
    if bare and (name == "ref" and request.kind != "model"):
        return False
    return os.path.isdir(ref) if bare else os.path.exists(ref)


def sentence(error: BaseException) -> str:
    """What to tell the user of an error.

    Parameters
    ----------
    error : BaseException
        Any.

    Returns
    -------
    str
        Our own sentence, or the kind of an unexpected error and its first line.
    """
    if isinstance(error, FuteError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and (told := missing_library(error)):
        return str(told)
    said = first_line(error)
    return f"Stopped by an unexpected {type(error).__name__}{f': {said}' if said else ''}."


def first_line(error: BaseException) -> str:
    """What a library's error says, short enough for a sentence.

    Parameters
    ----------
    error : BaseException
        Any.

    Returns
    -------
    str
        At most 300 characters; empty where it says nothing.
    """
    return (str(error).strip().splitlines() or [""])[0][:300]


def _expected_texts(request: "EmbedRequest") -> int | None:
    if request.kind == "dataset":
        return request.limit
    from fute_core.datasets.probes import DEFAULT_SINGLE
    from fute_core.embedding.opening import predictor_of

    if rows := request.options.get("own_rows"):
        return int(rows["rows"])
    with suppress(FuteError):
        _, facts = predictor_of(request)
        return len(request.recipe.probes(facts["pair"]).texts)
    return request.probes or DEFAULT_SINGLE
