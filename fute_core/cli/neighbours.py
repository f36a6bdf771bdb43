"""Neighbours and what they prove, as `fute embed` and `fute neighbours` print them."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from fute_core.cli.output import emit_table, say
from fute_core.display import kind_name

interval_option = click.option(
    "--interval",
    type=click.Choice(["texts", "rows", "both"]),
    default="texts",
    show_default=True,
    help="What 95 % intervals are over: the probe texts, the dataset's own rows, or both.",
)
UNREAD = "What lies nearest all the same"
"""Above neighbours of texts that the encoder does not read."""


def emit_neighbours(title: str, rows: Sequence[Mapping[str, Any]], verdict: Mapping[str, Any] | None) -> None:
    """Print neighbours with what each similarity means, and the verdict below; where texts are not read at all, above.

    Parameters
    ----------
    title : str
        Above the table.
    rows : sequence of mapping
        As `atlas.nearest.nearest_rows` makes them.
    verdict : mapping or None
        As `Verdict.as_json`.
    """
    from fute_core.space.row_spread import OVER_WORDS
    from fute_core.space.told import STANDING, STANDINGS, WITHOUT_RANK, headline

    by_chance = [row["standing"] == "chance" for row in rows]
    ranks = ["" if chance else at for at, chance in enumerate(by_chance, 1)]
    cells = [
        (rank, row["name"], kind_name(row["kind"]), row["family"], row["similarity"], _interval(row), _closer(row),
         STANDINGS[row["standing"]])
        for rank, row in zip(ranks, rows, strict=True)
    ]  # fmt: skip
    columns = ("rank", "nearest", "kind", "family", "similarity", "95 % interval", "closer than", STANDING)
    told = "" if verdict is None else f"{headline(verdict['job'], verdict['of'])}. {verdict['why']}"
    if verdict is not None and verdict["job"] == "unreadable":  # before a neighbour is taken for one
        say(f"{title}\n{told}")
        title, told = UNREAD, ""
    emit_table(title, columns, cells)
    if over := [OVER_WORDS[one] for one in dict.fromkeys(row["interval"] for row in rows) if one]:
        click.echo(f"95 % intervals: over {', or '.join(over)}.")
    if any(by_chance):
        click.echo(WITHOUT_RANK)
    if told:
        say(told)


def _interval(row: Mapping[str, Any]) -> str:
    return "" if row["low"] is None else f"{row['low']:z.2f} to {row['high']:z.2f}"


def _closer(row: Mapping[str, Any]) -> str:
    """Rounded down, so that it never claims more than the pairs behind it tell."""
    return "" if row["closer_than"] is None else f"{min(int(1000 * row['closer_than'] + 1e-6), 999) / 10:.1f} %"
