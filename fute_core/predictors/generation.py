"""What a causal language model writes after prompts, in batches that fit into the memory there is."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fute_core.models.language import LanguageModel
from fute_core.models.memory import read_fitting
from fute_core.models.tokens_read import note_tokens
from fute_core.predictors.batches import TOKENS_PER_BATCH, batches, left_padded

Result = TypeVar("Result")


def in_batches(
    lm: LanguageModel, prompts: list[list[int]], ask: Callable[[NDArray[np.intp]], list[Result]]
) -> Iterator[tuple[NDArray[np.intp], list[Result]]]:
    """Ask about prompts, as many at once as the device has room for.

    Parameters
    ----------
    lm : LanguageModel
        What is asked.
    prompts : list of list of int
        Token ids; those of similar length come together.
    ask : callable
        Given positions of prompts, gives something for each.

    Yields
    ------
    tuple of (ndarray of int, list)
        Positions, and what `ask` gave; every prompt is in exactly one batch.
    """

    def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
        return [left[rows] for rows in batches([prompts[i] for i in left], 0, most)]

    yield from read_fitting(lm.model, len(prompts), split, ask, TOKENS_PER_BATCH)


def all_likeliest(lm: LanguageModel, prompts: list[list[int]], max_tokens: int) -> list[str]:
    """Continue prompts by their likeliest words, in batches.

    Parameters
    ----------
    lm : LanguageModel
        A causal one.
    prompts : list of list of int
        Token ids of n prompts.
    max_tokens : int
        Tokens of a continuation, at most.

    Returns
    -------
    list of str, length n
        As `likeliest` gives them.
    """
    said = [""] * len(prompts)
    for rows, words in in_batches(lm, prompts, lambda some: likeliest(lm, [prompts[i] for i in some], max_tokens)):
        for row, answer in zip(rows, words, strict=True):
            said[int(row)] = answer
    return said


def likeliest(lm: LanguageModel, prompts: list[list[int]], max_tokens: int) -> list[str]:
    """Continue prompts by the likeliest token, one after the other (greedy decoding), all at once.

    Parameters
    ----------
    lm : LanguageModel
        A causal one.
    prompts : list of list of int
        Token ids of n prompts.
    max_tokens : int
        Tokens of a continuation, at most.

    Returns
    -------
    list of str, length n
        The continuations, without the tokens that end them.
    """
    return continued(lm, prompts, max_tokens, do_sample=False, temperature=None, top_p=None, top_k=None)


def continued(lm: LanguageModel, prompts: list[list[int]], max_tokens: int, **how: Any) -> list[str]:
    """Have a model write after prompts, all at once.

    Parameters
    ----------
    lm : LanguageModel
        A causal one.
    prompts : list of list of int
        Token ids of n prompts.
    max_tokens : int
        Tokens of a continuation, at most.
    **how : object
        How tokens are chosen, as `generate` of transformers takes it.

    Returns
    -------
    list of str
        The continuations, without the tokens that end them; those of one prompt beside each other.
    """
    import torch

    ids, mask, _ = left_padded(prompts, 0, lm.device)
    end = lm.tokenizer.eos_token_id or 0
    with torch.inference_mode():
        found = lm.model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=max_tokens, pad_token_id=end, **how
        )
    # Of what it writes, it reads all but what ends an answer.
    note_tokens(mask.sum() * (len(found) // len(ids)) + (found[:, ids.shape[1] : -1] != end).sum())
    words: list[str] = lm.tokenizer.batch_decode(found[:, ids.shape[1] :], skip_special_tokens=True)
    return words
