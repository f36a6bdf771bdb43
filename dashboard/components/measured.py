"""Whether choosing helps, as measured: a headline, the figures as dots, and what they were measured on."""

from collections.abc import Mapping
from typing import Any

from dashboard.components import page
from dashboard.components.dots import Dot, dots
from dashboard.components.grid_cells import lines
from dashboard.reads import choose_words, results
from dashboard.session import state


def cover() -> None:
    """Whether models are ranked on a few chosen datasets as on all."""
    known = results.found().get("cover", {})
    page.section("Do a few stand for all?", choose_words.cover_headline(known))
    drawn = []
    for k, part in choose_words.by_number(known).items():
        if results.is_estimate(of := part.get("chosen_spearman")):
            drawn.append(Dot(f"{k} chosen", of["value"], of.get("low"), of.get("high"), own=True))
            if of.get("chance") is not None:
                drawn.append(Dot(f"{k} by lot, on average", of["chance"]))
    if drawn:
        dots("Order of models on these and on all agree (Spearman)", drawn)
    _source("cover", known)


def caveat() -> None:
    """In a sentence over a ranking of sources, since it says how far to believe the ranking."""
    page.notice(choose_words.order_headline(results.found().get("transfer", {})))


def order() -> None:
    """Whether sources ranked by similarity help more than chance and cheap rankings."""
    known = results.found().get("transfer", {})
    page.section("Does this order help?")
    for n, part in choose_words.by_rows(known).items():
        own = part["spearman"]
        drawn = [Dot("this order", own["value"], own.get("low"), own.get("high"), own=True)]
        drawn += [
            Dot(name, of["spearman"]["value"], of["spearman"].get("low"), of["spearman"].get("high"))
            for name, of in (part.get("baselines") or {}).items() if results.is_estimate(of.get("spearman"))
        ]  # fmt: skip
        dots(f"Agreement with the true order, {n} rows of the target (Spearman)", drawn, chance=own.get("chance"),
             note=f"{own['n']} targets." if own.get("n") else "")  # fmt: skip
    lines(choose_words.order_words(known))
    _source("transfer", known)


def _source(name: str, known: Mapping[str, Any]) -> None:
    """What the figures were measured on, as the result itself says."""
    if known:
        if state.view().pair:
            page.quiet("Measured on datasets of single texts; of text pairs nothing of the kind was measured.")
        for remark in (known.get("remarks") or ())[:1]:
            page.quiet(str(remark))
        page.quiet(f"{results.made_by(known)} All numbers stand on the page About the method.")
