"""Measured values as dots on a line, with their interval, chance and number in words: HTML that needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.components import marks
from dashboard.session.text import html_text, number


@dataclass(frozen=True)
class Dot:
    """One line. low, high : its interval, where known. own : this product's, drawn strongly; others are baselines.

    family : its mark stands before the name.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    own: bool = False
    family: str | None = None


def dots(
    title: str, lines: Sequence[Dot], *, chance: float | None = None, tick_is: str = "chance", note: str = "",
    digits: int = 2, start: float = 0.0,
) -> None:  # fmt: skip
    """A group of lines on one scale: from `start` to 1, or as far as the values reach.

    chance : a tick on every line, which may stand for something else than chance, as `tick_is` says.
    """
    found = [v for line in lines for v in (line.value, line.low, line.high) if v is not None]
    found += [] if chance is None else [chance]
    least, most = min([start, *found]), max([*found, 1.0 if max(found) <= 1 else 0.0])
    span = most - least or 1.0

    def at(value: float) -> str:
        return f"{100 * (value - least) / span:.2f}%"

    tick = "" if chance is None else f'<i class="chance" style="left:{at(chance)}"></i>'
    rows = []
    for line in lines:
        words = number(line.value, digits)
        bar = ""
        if line.low is not None and line.high is not None:
            words += f" <small>{number(line.low, digits)} to {number(line.high, digits)}</small>"
            bar = f'<i class="reach" style="left:{at(line.low)};width:{100 * (line.high - line.low) / span:.2f}%"></i>'
        before = marks.mark("dataset", line.family) if line.family else ""
        rows.append(
            f'<div class="dot-line{" own" if line.own else ""}"><span class="who">{before}{html_text(line.name)}</span>'
            f'<span class="track">{bar}{tick}<i class="dot" style="left:{at(line.value)}"></i></span>'
            f'<span class="said">{words}</span></div>'
        )
    begins = f"The lines begin at {number(least)}." if start else ""
    under = " ".join(
        [note, begins, "" if chance is None else f"The tick is {tick_is}, {number(chance, digits)}."]
    ).strip()
    told = f'<p class="quiet">{html_text(under)}</p>' if under else ""
    st.html(f'<div class="dots"><div class="eyebrow"><span>{html_text(title)}</span></div>{"".join(rows)}{told}</div>')
