"""Whether choosing as the Choose page does beats chance and cheap rankings: said of the measured results alone.

Whatever `docs/results/` holds is told; a result that is not there is told of as not measured.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.reads.results import is_estimate
from dashboard.session.text import joined, number

Estimate = Mapping[str, Any]
TEXT = "text features (TextEmb)"
"""The baseline that reads the same texts and no labels."""
SIZE = "size (rows times labels)"
"""The baseline that reads nothing at all."""
OTHER_TRUTH = "accuracy with"
"""How the ranking by the truth with another number of rows is called, which bounds what any ranking reaches."""


def by_rows(transfer: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Parts of the transfer result by the number of rows of the target, the fewest first."""
    return dict(sorted(_parts(transfer, "rows", "spearman")))


def by_number(cover: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Parts of the cover result by the number of chosen datasets, the fewest first."""
    return dict(sorted(_parts(cover, "k", "better_than_random")))


def order_headline(transfer: Mapping[str, Any]) -> str:
    """Whether the order by similarity was shown to follow the true one better than chance does."""
    parts = by_rows(transfer)
    if not parts:
        return "Whether this order is better than chance was not measured."
    shown = [n for n, part in parts.items() if _above(part["spearman"])]
    if len(shown) == len(parts):
        return "This order is better than chance."
    if not shown:
        return "That this order is better than chance is not shown."
    open_ = [n for n in parts if n not in shown]
    return (
        f"With {joined(shown)} rows of the target this order is better than chance; with {joined(open_)} that is not "
        "shown."
    )


def order_words(transfer: Mapping[str, Any]) -> list[str]:
    """How text features and mere size compare, what bounds every ranking, and what training first brought at all."""
    parts = by_rows(transfer)
    told = [*_text_features(parts), *_size(parts), *_bound(parts)]
    for n, part in list(parts.items())[:1]:
        told += _gains(n, part)
    return told


def cover_headline(cover: Mapping[str, Any]) -> str:
    """For which numbers the chosen datasets were shown to rank models better than most random choices do."""
    parts = by_number(cover)
    if not parts:
        return "Whether chosen datasets rank models better than any few was not measured."
    shown = [k for k, part in parts.items() if _above(part["better_than_random"])]
    if not shown:
        return "That models are ranked better on chosen datasets than on any few is not shown."
    open_ = [k for k in parts if k not in shown]
    rest = f"; with {joined(open_)} that is not shown" if open_ else ""
    return f"With {joined(shown)} chosen datasets models are ranked better than on most random choices{rest}."


def _text_features(parts: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """Whether the order by text features was shown to be worse, or better."""
    apart: dict[str, list[int]] = {"worse": [], "better": [], "": []}
    for n, part in parts.items():
        own, texts = part["spearman"], _of(part, TEXT, "spearman")
        if texts is not None:
            apart["worse" if _beyond(own, texts) else "better" if _beyond(texts, own) else ""].append(n)
    for word in ("worse", "better"):
        if apart[word]:
            yield f"With {joined(apart[word])} rows the order by text features, which read no labels, is {word}."
    if apart[""]:
        yield (
            f"With {joined(apart[''])} rows the order by text features, which read no labels, is not shown to be worse "
            "or better: the intervals overlap."
        )


def _size(parts: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """Where the largest datasets first is an order that was shown to be better than chance, and this one was not."""
    for n, part in parts.items():
        size = _of(part, SIZE, "spearman")
        if size is not None and _above(size) and not _above(part["spearman"]):
            yield (
                f"With {n} rows the largest datasets first, by rows times labels, is an order better than chance: "
                f"{_with_interval(size)}."
            )


def _bound(parts: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """How far two measurements of the truth agree."""
    for n, part in parts.items():
        for name in part.get("baselines") or {}:
            if name.startswith(OTHER_TRUTH) and (truth := _of(part, name, "spearman")) is not None:
                yield (
                    f"The true order with {n} rows and that by {name} agree by {_with_interval(truth)}: that bounds "
                    "what any ranking can be shown to reach."
                )
                return


def _gains(n: int, part: Mapping[str, Any]) -> Iterator[str]:
    """In points of accuracy: what any source brings, what the best one, and what taking the first costs."""
    any_, best, regret = (part.get(name) for name in ("gain_of_mean_source", "gain_of_best_source", "regret_at_1"))
    if is_estimate(any_) and is_estimate(best):
        yield (
            f"With {n} rows, training on another dataset first added {_with_interval(any_, 1)} points of accuracy on "
            f"average over all of them, and on the best one {_with_interval(best, 1)}."
        )
    if is_estimate(regret) and regret.get("chance") is not None:
        texts = _of(part, TEXT, "regret_at_1")
        also = "" if texts is None else f", the first by text features {_with_interval(texts, 1)}"
        yield (
            f"The first of this order lost {_with_interval(regret, 1)} points against the best; one taken by lot "
            f"{number(regret['chance'], 1)} on average{also}."
        )


def _of(part: Mapping[str, Any], baseline: str, measure: str) -> Estimate | None:
    found = ((part.get("baselines") or {}).get(baseline) or {}).get(measure)
    return found if is_estimate(found) else None


def _parts(known: Mapping[str, Any], name: str, measure: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for key, part in known.items():
        found = re.fullmatch(rf"{name}_(\d+)", key)
        if found and isinstance(part, Mapping) and is_estimate(part.get(measure)):
            yield int(found[1]), part


def _above(own: Estimate) -> bool:
    """Whether chance lies below the whole interval."""
    return own.get("low") is not None and own["low"] > (own.get("chance") or 0.0)


def _beyond(one: Estimate, other: Estimate) -> bool:
    """Whether the whole interval of one lies above that of the other."""
    low, high = one.get("low"), other.get("high")
    return low is not None and high is not None and low > high


def _with_interval(own: Estimate, digits: int = 2) -> str:
    if own.get("low") is None or own.get("high") is None:
        return number(own["value"], digits)
    low, high = (number(own[end], digits) for end in ("low", "high"))
    return f"{number(own['value'], digits)} (95 % interval {low} to {high})"
