"""A promptsource template cut at its `|||`, also where an `{% if %}` goes around the two parts."""

from dataclasses import dataclass

from fute_core.errors import BadInput
from fute_core.templates.syntax import lex

BAR = "|||"
BLOCKS = ("if", "for", "macro", "call", "filter", "with", "block", "autoescape")


@dataclass(frozen=True)
class GuardedParts:
    """The two parts of a template.

    Parameters
    ----------
    prompt : str
        Jinja of what is asked.
    answer : str
        Jinja of what is answered.
    conditions : tuple of str
        What a row has to meet to be asked at all.
    """

    prompt: str
    answer: str
    conditions: tuple[str, ...] = ()


def cut(source: str) -> GuardedParts:
    """Cut a template at its `|||`.

    Parameters
    ----------
    source : str
        Jinja with a `|||`.

    Returns
    -------
    GuardedParts
        Its prompt and its answer. Of an `{% if %}` around both the condition alone is left.

    Raises
    ------
    BadInput
        Where there is no one prompt: no `|||`, several, or one inside another block or a branch.
    """
    tokens = lex(source)
    bars = [at for at, (kind, text) in enumerate(tokens) if kind == "data" for _ in range(text.count(BAR))]
    if not bars:
        raise BadInput(f"there is no {BAR} between prompt and answer, so it has no answer to score.")
    if len(bars) > 1:
        raise BadInput(f"there are several {BAR}, so several prompts or answers for each text, which is not supported.")
    at = bars[0]
    head, tail = tokens[at][1].split(BAR)
    around = _open_blocks(tokens[:at])
    if any(word != "if" for word, *_ in around):
        raise BadInput(
            f"a Jinja block goes around the {BAR}, so not every text has one prompt, which is not supported."
        )
    guards = {n for _, start, stop in around for n in range(start, stop)}
    prompt = "".join(text for n, (_, text) in enumerate(tokens[:at]) if n not in guards) + head
    answer = "{% if true %}" * len(around) + tail + "".join(text for _, text in tokens[at + 1 :])
    conditions = tuple("".join(text for _, text in tokens[start + 1 : stop - 1]) for _, start, stop in around)
    return GuardedParts(
        prompt.strip(), answer.strip(), tuple(said.strip().removeprefix("if").strip() for said in conditions)
    )


def _open_blocks(tokens: list[tuple[str, str]]) -> list[tuple[str, int, int]]:
    """(word, first token, token after the last) of the tag of every block still open at the end of the tokens."""
    blocks: list[tuple[str, int, int]] = []
    start = 0
    for at, (kind, _) in enumerate(tokens):
        if kind == "block_begin":
            start = at
        if kind != "block_end":
            continue
        said = [text for k, text in tokens[start + 1 : at] if k != "whitespace"]
        word = said[0] if said else ""
        if word in BLOCKS or (word == "set" and "=" not in said):
            blocks.append((word, start, at + 1))
        elif word in ("else", "elif") and blocks:
            blocks[-1] = ("a branch", *blocks[-1][1:])
        elif word.startswith("end") and blocks:
            blocks.pop()
    return blocks
