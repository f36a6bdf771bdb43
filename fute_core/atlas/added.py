"""What users have added to the atlas: embeddings of the store, and the answers kept with them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Item
from fute_core.space.comparable import split_spaces
from fute_core.store.keys import answers_key
from fute_core.store.session import session_store
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


def added_items(store: "Store", pair: bool, shipped: Sequence[Item]) -> list[Item]:
    """List what a user has added: the store's embeddings in the shipped space, else in its largest.

    Parameters
    ----------
    store : Store
        Where embeddings and their answers are kept.
    pair : bool
        Text pairs instead of single texts.
    shipped : sequence of Item
        What ships; an embedding whose name and kind, or whose content, is among them is left out.

    Returns
    -------
    list of Item
        Of each name and kind the newest.
    """
    named = [h for h in store.headers() if h.provenance.pair == pair]
    if shipped:
        wanted = shipped[0].embedding.space()
        found = store.embeddings_of([h for h in named if h.space() == wanted])
    elif found := store.embeddings_of(named):
        found = max(split_spaces(found), key=len)
    taken = {(i.embedding.name, i.embedding.kind) for i in shipped}
    keys = {i.embedding.key for i in shipped}
    newest: dict[tuple[str, str], TaskEmbedding] = {}
    for embedding in found:
        if embedding.key not in keys and (embedding.name, embedding.kind) not in taken:
            newest[embedding.name, embedding.kind] = embedding
    answers = _answers(store, [e.key for e in newest.values()])
    return [
        Item(e, {**e.provenance.details, "shipped": False}, own)
        for e, own in zip(newest.values(), answers, strict=True)
    ]


def stored_answers(store: "Store", key: str) -> NDArray[np.float32] | None:
    """Read the answers that were stored with an embedding.

    Parameters
    ----------
    store : Store
        Where they are kept.
    key : str
        The embedding's store key.

    Returns
    -------
    ndarray of float32, shape (m, k), or None
        Label distributions on the m probe texts, rows of NaN where there is no answer; None where they are not stored.
    """
    return _answers(store, [key])[0]


def known_answers(embedding: TaskEmbedding, store: "Store | None") -> NDArray[np.float32] | None:
    """Find the answers of an embedding that is no item, where `embed` keeps them.

    Parameters
    ----------
    embedding : TaskEmbedding
        The embedding.
    store : Store or None
        Looked into before what this process keeps.

    Returns
    -------
    ndarray of float32, shape (m, k), or None
        As `stored_answers`.
    """
    found = (stored_answers(known, embedding.key) for known in (store, session_store()) if known is not None)
    return next((answers for answers in found if answers is not None), None)


def _answers(store: "Store", keys: Sequence[str]) -> list[NDArray[np.float32] | None]:
    values = store.get_many([answers_key(key) for key in keys])
    return [None if value is None else value[0].get("answers") for value in values]
