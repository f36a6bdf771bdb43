"""Choosing items by name, with kind and family beside it. Options of select boxes are shown as typed: no escaping."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.session.filtering import KIND_NAME, item_id
from dashboard.session.text import shorten

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item


def label_of(item: "Item") -> str:
    """ "name   dataset, sentiment": begins with what is typed to find it."""
    own = item.embedding
    return f"{shorten(own.name, 60)}  ({', '.join(p for p in (KIND_NAME[own.kind], own.family) if p)})"


def pick_one(
    label: str,
    items: Sequence["Item"],
    *,
    key: str,
    value: str | None = None,
    placeholder: str = "Type a name",
    **options: Any,
) -> "Item | None":
    """A select box over items; returns the item. `value` : id to start with."""
    by_id = {item_id(i): i for i in items}
    names = {i: label_of(item) for i, item in by_id.items()}
    index = list(by_id).index(value) if value in by_id else None
    found = st.selectbox(label, list(by_id), index, format_func=names.get, key=key, placeholder=placeholder, **options)
    return by_id.get(found)


def pick_many(
    label: str, items: Sequence["Item"], *, key: str, value: Sequence[str] = (), **options: Any
) -> list["Item"]:
    """A multiselect over items; returns the items in the order they were picked."""
    by_id = {item_id(i): i for i in items}
    names = {i: label_of(item) for i, item in by_id.items()}
    start = None if key in st.session_state else [v for v in value if v in by_id]
    found = st.multiselect(label, list(by_id), start, format_func=names.get, key=key, **options)
    return [by_id[i] for i in found]
