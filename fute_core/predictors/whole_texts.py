"""Whole texts that differ by an answer inside of them, as the tokens a language model reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from fute_core.errors import BadInput
from fute_core.predictors.prompt_tokens import PromptTokens
from fute_core.tasks import Text
from fute_core.templates.rendering import render


@dataclass(frozen=True)
class Wholes:
    """The texts with every choice in the place of the answer.

    Parameters
    ----------
    ids : list of list of int, length n * s
        Token ids: the choices of the first text, then those of the second.
    given : list of int, length n * s
        How many tokens all choices of a text begin with in common, at least one. What is scored comes after.
    too_long : int
        How many of the n texts were cut.
    """

    ids: list[list[int]]
    given: list[int]
    too_long: int


def whole_sequences(tokens: PromptTokens, texts: Sequence[Text]) -> Wholes:
    """Turn texts into sequences, one for each choice. A text with a sequence that is too long is cut.

    Parameters
    ----------
    tokens : PromptTokens
        Of a template whose answers stand inside the text.
    texts : sequence of str or of (str, str)
        n single texts, or pairs.

    Returns
    -------
    Wholes
        With the model's start token in front, as lm-evaluation-harness puts one before a text that follows on nothing.

    Raises
    ------
    BadInput
        Where the words around a text alone are too long.
    """
    ids: list[list[int]] = []
    given: list[int] = []
    too_long = 0
    for text in texts:
        read, cut = _read(tokens, text), text
        while (excess := max(map(len, read)) - tokens.max_length) > 0:
            if not any(cut if isinstance(cut, tuple) else (cut,)):
                raise BadInput(f"Prompt {tokens.template.name!r} alone has more than {tokens.max_length} tokens; "
                               "shorten it.")  # fmt: skip
            cut = tokens.shortened(cut, excess)
            read = _read(tokens, cut)
        too_long += cut != text
        ids += read
        given += [max(_common(read), 1)] * len(read)
    return Wholes(ids, given, too_long)


def _read(tokens: PromptTokens, text: Text) -> list[list[int]]:
    """Token ids of a text with every choice."""
    template = tokens.template
    head = f"{template.system}\n\n" if template.system else ""
    read = tokens.encode([head + render(template, text, word) for words in template.choices for word in words])
    of = tokens.tokenizer
    start = of.bos_token_id if of.bos_token_id is not None else of.eos_token_id
    return [one if start is None or one[:1] == [start] else [start, *one] for one in read]


def _common(sequences: list[list[int]]) -> int:
    first, last = min(sequences), max(sequences)
    return next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
