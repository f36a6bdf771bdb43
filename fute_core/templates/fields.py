"""Which of a template's own variables is the text, and which its pair."""

import re
from collections.abc import Mapping, Sequence

from jinja2 import nodes

from fute_core.errors import BadInput
from fute_core.templates import Options
from fute_core.templates.syntax import parse, variables

PLACES = ("text", "text_pair")
PAIRS = (
    ("text", "text_pair"), ("premise", "hypothesis"), ("sentence1", "sentence2"), ("question1", "question2"),
    ("question", "sentence"), ("question", "passage"), ("text1", "text2"), ("s1", "s2"), ("sentence_1", "sentence_2"),
    ("sentence_A", "sentence_B"), ("sentence_a", "sentence_b"), ("query", "document"), ("context", "question"),
    ("question", "answer"), ("premise", "claim"), ("evidence", "claim"),
)  # fmt: skip
NUMBERED = re.compile(r"(?P<stem>.*?)_?(?P<number>\d|[a-eA-E])")
"""A column of several alike, such as headline_a or answer2."""
FIRST_TWO = ("01", "12", "ab", "AB")
MANY = 3
"""So many columns alike are the answers of a row rather than a text and its pair."""


def map_fields(source: str, options: Options, labels: Sequence[str] = ()) -> tuple[str, dict[str, str], bool]:
    """Find out which of a template's own variables is the text, and which its pair.

    One variable is plain, and so are two of a usual pair such as premise and hypothesis, or headline_a and headline_b.

    Parameters
    ----------
    source : str
        Jinja.
    options : Options
        What the user says about the variables: "text", "text_pair", or words in double quotes, which then stand in
        every prompt.
    labels : sequence of str, default ()
        Of the template; columns of the same names are the answers of a row.

    Returns
    -------
    tuple of (str, dict of str to str, bool)
        The template with the words in it; variables of other names, each with "text" or "text_pair"; and whether it
        reads pairs.

    Raises
    ------
    BadInput
        Where it is not plain; the sentence names the options to give, if there are any.
    """
    given = {_plain(name): place for name, place in options.fields.items()}
    for name, place in options.fields.items():
        if place not in PLACES and _words(place) is None:
            raise BadInput(
                f"--field {name}={place} maps to neither text nor text_pair; words of your own stand in double quotes."
            )
    used = variables(source)
    if "label" in used and "label" not in given:
        raise BadInput("the prompt reads the label, which is what the model is asked for; leave it out of the prompt.")
    _refuse_lists(source)
    source = _with_words(source, {name: place for name, place in given.items() if name in used})
    used = tuple(name for name in used if given.get(name, "text") in PLACES)
    return source, *_mapped(used, {name: given[name] for name in used if name in given}, labels)


def _mapped(used: tuple[str, ...], given: dict[str, str], labels: Sequence[str]) -> tuple[dict[str, str], bool]:
    if used == ("text_pair",) and not given:
        raise BadInput("the template uses text_pair and never text; a template for single texts uses {{ text }}.")
    if given:
        given |= {name: name for name in used if name in PLACES and name not in given and name not in given.values()}
    _refuse_two_on_one_place(given)
    left = [name for name in used if name not in given]
    if not left and given:
        fields = given
    elif not given and len(left) == 1:
        fields = {left[0]: "text"}
    elif not given and len(left) == len(PLACES) and (pair := _pair(left)):
        fields = {pair[0]: "text", pair[1]: "text_pair"}
    elif not used:
        raise BadInput("the template never uses the text; put {{ text }} where it belongs.")
    else:
        raise BadInput(_not_plain(used, left, labels))
    return {name: place for name, place in fields.items() if name != place}, "text_pair" in fields.values()


def _plain(name: str) -> str:
    """`pair.en` as the variable that `columns.flatten` makes of it."""
    return re.sub(r"\W", "_", name.replace("[", "_").replace("]", ""))


def _words(place: str) -> str | None:
    quoted = len(place) > 1 and place.startswith('"') and place.endswith('"')
    return place[1:-1] if quoted else None


def _with_words(source: str, given: Mapping[str, str]) -> str:
    """The template after a line that sets every variable for which the user gives words."""
    made = ""
    for name, place in given.items():
        if (words := _words(place)) is not None:
            literal = words.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
            made += "{% set " + name + " = '" + literal + "' %}"
    return made + source


def _refuse_two_on_one_place(given: Mapping[str, str]) -> None:
    for place in PLACES:
        first, *more = [name for name, where in given.items() if where == place] or [""]
        if more:
            raise BadInput(
                f"{first} and {more[0]} are both mapped to {place}; map one variable to each of text and text_pair, "
                f"and give the others words, as in --field {more[0]}='\"some words\"'."
            )


def _refuse_lists(source: str) -> None:
    """A text is no list: joined, it would have something between all its letters."""
    tree = parse(source)
    free = set(variables(source))
    joined: set[str] = set()
    for node in tree.find_all((nodes.Filter, nodes.Call)):
        of = None
        if isinstance(node, nodes.Filter) and node.name == "join":
            of = node.node
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr) and node.node.attr == "join":
            of = node.args[0] if node.args else None
        if isinstance(of, nodes.Name):
            joined.add(of.name)
    if lists := [name for name in joined if name in free]:
        raise BadInput(f"the prompt joins {min(lists)}, a list in each row, and what is asked here is one text.")
    picks = [node.node for node in tree.find_all(nodes.Getitem)
             if isinstance(node.node, nodes.Name) and isinstance(node.arg, nodes.Const)]  # fmt: skip
    picked = {name.name for name in picks} & free - set(PLACES)
    whole = [node for node in tree.find_all(nodes.Name) if node.name in picked and not any(node is p for p in picks)]
    if lists := sorted(picked - {node.name for node in whole}):
        raise BadInput(f"the prompt picks from {lists[0]}, a list in each row, and what is asked here is one text.")


def _pair(left: Sequence[str]) -> tuple[str, str] | None:
    usual = next((pair for pair in PAIRS if set(pair) == set(left)), None)
    if usual is not None:
        return usual
    first, second = sorted(left)
    a, b = NUMBERED.fullmatch(first), NUMBERED.fullmatch(second)
    alike = a is not None and b is not None and a["stem"] == b["stem"] and a["stem"] != ""
    return (first, second) if alike and a and b and a["number"] + b["number"] in FIRST_TWO else None


def _not_plain(used: Sequence[str], left: Sequence[str], labels: Sequence[str]) -> str:
    alike: dict[str, list[str]] = {}
    for name in used:
        if (found := NUMBERED.fullmatch(name)) is not None and found["stem"]:
            alike.setdefault(found["stem"], []).append(name)
    own = next((names for names in alike.values() if len(names) >= MANY), [])
    if own or (labels and set(labels) <= set(used)):
        return (
            f"the answers stand in each row (columns {', '.join(own or labels)}), so the letters or numbers of answers "
            "mean something else in every row, and there are no labels to score."
        )
    of = ", ".join(used)
    if len(used) > len(PLACES):
        return (
            f"it reads {len(used)} columns ({of}), more than a text and its pair; name those with --field NAME=text "
            f"and --field NAME=text_pair, and give the others words, as in --field {left[-1]}='\"some words\"'."
        )
    shown = " ".join(f"--field {name}=..." for name in left)
    return f"it is not plain which of {of} is the text; say so with {shown} (text or text_pair)."
