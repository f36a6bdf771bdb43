"""Which column of a table is the text, the second text of a pair, and the label: by what they hold and are called."""

import difflib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fute_core.datasets.label_choice import label_candidates
from fute_core.datasets.names import LABEL_COLUMNS, TEXT_COLUMNS, listed, plain
from fute_core.datasets.profiles import Profile, profile
from fute_core.datasets.tables import Table
from fute_core.datasets.text_choice import text_candidates
from fute_core.errors import BadInput, Undecided

TOKENS_NOT_READ = (
    "tagged tokens are not read, since a dataset here is labelled texts or pairs; write one label for each whole text, "
    "as plain values."
)
OPTIONS = {"text": "--text-column", "text_pair": "--text-pair-column", "label": "--label-column"}


@dataclass(frozen=True)
class Columns:
    """Columns as far as they are found, and what is not plain about them.

    Parameters
    ----------
    text, text_pair, label : str or None
        The likeliest columns; None where there is none, for `text_pair` also where texts are single.
    open : mapping of str to str
        For "text" and "label", the question that a user has to answer, where more than one column is plausible.
    notes : tuple of str
        Which other columns could be meant and were not read.
    """

    text: str | None
    text_pair: str | None
    label: str | None
    open: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def choose_columns(
    table: Table, text: str | None = None, text_pair: str | None = None, label: str | None = None
) -> Columns:
    """Find the columns, those that are given or else those that are plain.

    Parameters
    ----------
    table : Table
        The table.
    text, text_pair, label : str or None
        Names of columns, None for those that content and name make plain. A column of second texts is looked for only
        where no text column is given.

    Returns
    -------
    Columns
        With a text and a label, and nothing open.

    Raises
    ------
    BadInput
        Where there is no such column, where one is named twice, or where two are plausible; names them, each with an
        example.
    """
    given = [name for name in (text, text_pair, label) if name is not None]
    if twice := next((name for name in given if given.count(name) > 1), None):
        raise BadInput(f"{table.file}: column {twice!r} is named twice; name different columns for texts and labels.")
    found = guess_columns(table, text, text_pair, label)
    for what, question in found.open.items():
        raise Undecided(what, question)
    if found.text is None:
        raise BadInput(_no_column(table, "text", TEXT_COLUMNS))
    if found.label is None:
        raise BadInput(_no_column(table, "label", LABEL_COLUMNS))
    return found


def guess_columns(
    table: Table, text: str | None = None, text_pair: str | None = None, label: str | None = None
) -> Columns:
    """Find the likeliest columns, for a user to look at and change.

    Parameters
    ----------
    table : Table
        The table.
    text, text_pair, label : str or None
        Names of columns that are given.

    Returns
    -------
    Columns
        With questions where more than one is plausible.

    Raises
    ------
    BadInput
        Where a given column is not there.
    """
    for name in (text, text_pair, label):
        if name is not None:
            _check_given(table, name)
    known = {name: profile(table, name) for name in table.columns}
    free = {name: p for name, p in known.items() if name not in (text, text_pair, label)}
    made = Columns(text, text_pair, label)
    if text is None:
        made = _with_text(table, made, free)
    free = {name: p for name, p in free.items() if name not in (made.text, made.text_pair)}
    return _with_label(table, made, free) if label is None else made


def tagged_tokens(table: Table) -> str | None:
    """Tell of a table whose rows are words with a tag each (named entities, parts of speech), which are not read.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    str or None
        A sentence; None for any other table.
    """
    lists = [name for name in table.columns if isinstance(table.rows[0].get(name), list)]
    words = next((name for name in lists if all(isinstance(value, str) for value in table.rows[0][name])), None)
    tags = [name for name in lists if name != words and len(table.rows[0][name]) == len(table.rows[0][words or name])]
    if words is None or not tags:
        return None
    return f"{table.file} has a tag for each word ({listed([words, *tags])}), and {TOKENS_NOT_READ}"


def _with_text(table: Table, made: Columns, free: dict[str, Profile]) -> Columns:
    found = text_candidates(free, pairs=made.text_pair is None)
    if not found.first:
        return made
    if len(found.first) > 1:
        made = replace(made, open={**made.open, "text": _question(table, "text", found.first, free)})
    first, *second = found.first[0]
    others = [name for name in found.others if name not in found.first[0]]
    if others and not made.open:
        end = "was not read; for another text or for pairs" if len(others) == 1 else "were not read; for others"
        made = replace(made, notes=(
            *made.notes,
            f"{_quoted(others)} {'holds' if len(others) == 1 else 'hold'} text as well and {end}, give "
            f"{OPTIONS['text']} and {OPTIONS['text_pair']}.",
        ))  # fmt: skip
    return replace(made, text=first, text_pair=second[0] if second else made.text_pair)


def _with_label(table: Table, made: Columns, free: dict[str, Profile]) -> Columns:
    found = label_candidates(table, free)
    if not found.first:
        return made
    if len(found.first) > 1:
        choices = [(name,) for name in found.first]
        made = replace(made, open={**made.open, "label": _question(table, "label", choices, free)})
    elif found.others:
        could = "could be a label as well" if len(found.others) == 1 else "could be labels as well"
        made = replace(made, notes=(
            *made.notes, f"{_quoted(found.others)} {could}; choose with {OPTIONS['label']}."
        ))  # fmt: skip
    return replace(made, label=found.first[0])


def _question(table: Table, what: str, choices: Sequence[tuple[str, ...]], known: dict[str, Profile]) -> str:
    names = list(dict.fromkeys(name for choice in choices for name in choice))
    shown = [f"{name!r} ({known[name].example()})" for name in names[:4]]
    shown += [f"{len(names) - 4} more"] if len(names) > 4 else []
    ways = [_as_options(what, choice) for choice in choices[:4]]
    if what == "text" and len(choices) == 2 and all(len(choice) == 1 for choice in choices):
        ways.append(f"{_as_options('text', (choices[0][0], choices[1][0]))} for pairs")
    return (
        f"{table.file} has {len(names)} columns that could be the {what}: {' and '.join(shown)}; choose with "
        f"{' or '.join(ways)}."
    )


def _as_options(what: str, choice: tuple[str, ...]) -> str:
    places = ("text", "text_pair") if what == "text" else ("label",)
    return " ".join(f"{OPTIONS[place]} {shlex.quote(name)}" for place, name in zip(places, choice, strict=False))


def _quoted(names: Sequence[str]) -> str:
    return listed(list(names))


def _check_given(table: Table, name: str) -> None:
    if name in table.columns:
        return
    near = difflib.get_close_matches(name, table.columns, 1)
    guess = f"did you mean {near[0]!r}?" if near else f"it has {listed(table.columns)}."
    raise BadInput(f"{table.file} has no column {name!r}; {guess}")


def _or_outputs(table: Table) -> str:
    """The end of the sentence; a file of answers by the ids of texts is another thing."""
    outputs = any(plain(c) in ("id", "probe_id") for c in table.columns)
    return "; answers to the probe texts are read by fute embed outputs, or kind='outputs'." if outputs else "."


def _no_column(table: Table, what: str, usual: Sequence[str]) -> str:
    if tagged := tagged_tokens(table):
        return tagged
    nested = [c for c in table.columns if profile(table, c).kind == "nested" and (what == "text" or plain(c) in usual)]
    if nested:
        return (
            f"{table.file}, column {nested[0]!r} holds lists or objects and no column holds {what}s; write text and "
            "label of each row as plain values."
        )
    by_case = {plain(name): name for name in reversed(table.columns)}
    near = next((by_case[m[0]] for name in usual if (m := difflib.get_close_matches(name, by_case, 1, 0.75))), None)
    return (
        f"{table.file} has no {what} column called {', '.join(usual[:4])} or the like, but {listed(table.columns)}; "
        f"name it with {OPTIONS[what]}" + (f" (is it {near!r}?)" if near else "") + _or_outputs(table)
    )
