"""Prompts by models as a table of buttons: numbers to be read, a click or Enter on a cell, arrows to walk."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

import numpy as np
import streamlit as st

from dashboard.components.heatmap import SHARES, SHARES_DARK

FRONTEND = Path(__file__).parent / "frontend"
INKS = ("#14171A", "#FFFFFF")
"""Of numbers, on pale and on strong cells."""


class Shown(TypedDict, total=False):
    """One cell. main, note and title are shown as text, so they need no escaping.

    kind : "known", "plain" (asked, but the number is not known), "missing" or "running". strength : 0 to 1, its colour.
    group : number of its group. picked : it is one of those that are open.
    """

    kind: str
    main: str
    note: str
    title: str
    strength: float
    group: int
    picked: bool


def grid_table(
    prompts: Sequence[str],
    models: Sequence[str],
    cells: Sequence[Sequence[Shown]],
    *,
    key: str,
    label: str,
    on_pick: Callable[[str, str], None],
) -> None:
    """Draw it; calls back with the prompt and the model of the cell that was clicked.

    label : what the table is, for screen readers.
    """

    def take() -> None:
        found = st.session_state[key].get("cell")
        if found is not None:
            on_pick(prompts[int(found[0])], models[int(found[1])])

    _component()(
        key=key,
        data={
            "label": label,
            "models": list(models),
            "rows": [
                {"prompt": prompt, "cells": [{**cell, "look": look(cell.get("strength"))} for cell in row]}
                for prompt, row in zip(prompts, cells, strict=True)
            ],
        },
        on_cell_change=take,
    )


def look(strength: float | None) -> list[str] | None:
    """Ground and ink on a light page, then on a dark one; None for a cell without a colour."""
    if strength is None:
        return None
    found = []
    for scale in (SHARES, SHARES_DARK):
        stops = [at for at, _ in scale]
        channels = [[int(colour[k : k + 2], 16) for _, colour in scale] for k in (1, 3, 5)]
        ground = [float(np.interp(strength, stops, channel)) for channel in channels]
        inks = [[int(ink[k : k + 2], 16) for k in (1, 3, 5)] for ink in INKS]
        best = max(INKS, key=lambda ink, g=ground: contrast(g, inks[INKS.index(ink)]))
        found += ["#" + "".join(f"{round(c):02x}" for c in ground), best]
    return found


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two colours in 0 to 255, as the Web Content Accessibility Guidelines define it: 1 to 21."""
    light = []
    for colour in (one, other):
        linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(light) / min(light)


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "grid_table",
        html='<div class="grid-table"></div>',
        css=(FRONTEND / "table.css").read_text("utf-8"),
        js=(FRONTEND / "table.js").read_text("utf-8"),
        isolate_styles=False,
    )
