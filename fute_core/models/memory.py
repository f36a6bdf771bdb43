"""How many tokens may be read at once in the memory of a device.

A processor reads few tokens at a time, since more would leave its cache. An accelerator reads as many as fit into what
is free; where that was guessed too high, half as many, and what was read before is kept.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import Unavailable
from fute_core.models.device import PROCESSOR, said_of
from fute_core.models.driver import driver_of
from fute_core.models.place import lies_apart, places, where
from fute_core.models.room import free_memory, is_out_of_memory

Result = TypeVar("Result")
Split = Callable[[NDArray[np.intp], int], Iterable[NDArray[np.intp]]]
"""Cuts positions of texts into batches of at most so many tokens each."""
SHARE = 0.4
"""Of the free memory, for what lies between the layers: the estimate of a token is rough, and others may come."""
MOST_BYTES = 4e9
"""Of what lies between the layers, however much is free: so much keeps an accelerator busy."""
MOST_TOKENS = 65_536
"""More at once makes nothing faster."""
ATTENDED = 128
"""Tokens that one attends to, as an estimate: what encoders read of a text."""
UNKNOWN_TOKENS = 8_192
"""Where a device does not say what is free."""
_learned: "tuple[WeakKeyDictionary[Any, int], WeakKeyDictionary[Any, int]]" = WeakKeyDictionary(), WeakKeyDictionary()
"""Tokens at once for every model: where it only reads, and where it is differentiated."""


def tokens_at_once(model: Any, on_processor: int, backward: bool = False) -> int:
    """Tell how many tokens a model is to read at once, padding included.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Where it computes.
    on_processor : int
        What suits the caches of a processor.
    backward : bool, default False
        Whether a backward pass follows, for which every layer keeps what it has computed.

    Returns
    -------
    int
        At most `MOST_TOKENS`; half of what it was after every time that it was too much. What reads layers from its
        file for every batch reads as many as fit on a processor, too.
    """
    device, learned = where(model), _learned[backward]
    if device.type == PROCESSOR and not lies_apart(model):
        return min(on_processor, learned.get(model, on_processor))
    if model not in learned:  # asked once, since torch keeps for itself what it has used
        learned[model] = _fitting_tokens(model, backward)
    return learned[model]


def read_fitting(
    model: Any,
    n: int,
    split: Split,
    read: Callable[[NDArray[np.intp]], Result],
    on_processor: int,
    backward: bool = False,
) -> Iterator[tuple[NDArray[np.intp], Result]]:
    """Read texts in batches that fit into the memory there is.

    Where one does not, what is left is read in batches of half as many tokens, now and by later calls.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        What reads.
    n : int
        How many texts there are.
    split : callable
        Given positions and tokens, cuts the positions into batches of at most so many tokens; a longer text is one by
        itself.
    read : callable
        Given the positions of a batch, reads it; what it leaves behind where it fails is its own to mend.
    on_processor, backward : int, bool
        As in `tokens_at_once`.

    Yields
    ------
    tuple of (ndarray of int, object)
        The positions of a batch, and what was read; every position is in exactly one.

    Raises
    ------
    Unavailable
        Where a single text does not fit.
    """
    left = np.arange(n)
    while len(left):
        done = [np.zeros(0, np.intp)]
        most = tokens_at_once(model, on_processor, backward)
        for index in split(left, most):
            try:
                result = read(index)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                if len(index) < 2:
                    raise _too_long(model) from error
            else:
                done.append(index)
                yield index, result
                continue
            # Outside of the handler, whose error holds on to all that was being computed.
            _halve(model, most, backward)
            break
        left = np.setdiff1d(left, np.concatenate(done))


def do_fitting(model: Any, work: Callable[[int], Result], on_processor: int, backward: bool = False) -> Result:
    """Do something of which no part can be kept, such as a step of training; again as a whole where it does not fit.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        What reads.
    work : callable
        Given how many tokens may be read at once.
    on_processor, backward : int, bool
        As in `tokens_at_once`.

    Returns
    -------
    object
        What `work` gave.

    Raises
    ------
    Unavailable
        Where not even one text at a time fits.
    """
    while True:
        most = tokens_at_once(model, on_processor, backward)
        try:
            return work(most)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if most == 1:
                raise _too_long(model) from error
        _halve(model, most, backward)


def _halve(model: Any, most: int, backward: bool) -> None:
    _learned[backward][model] = max(1, most // 2)
    gc.collect()
    driver, _ = driver_of(str(where(model)))
    if hasattr(driver, "empty_cache"):
        driver.empty_cache()


def _fitting_tokens(model: Any, backward: bool) -> int:
    told = [free_memory(str(place)) for place in places(model) | {where(model)} if place.type != "meta"]
    known = [free for free in told if free is not None]
    if len(known) < len(told):
        return UNKNOWN_TOKENS
    free = min(known)  # what lies between the layers is on each device in turn
    return int(np.clip(min(SHARE * free, MOST_BYTES) / _bytes_a_token(model, backward), 1, MOST_TOKENS))


def _bytes_a_token(model: Any, backward: bool) -> int:
    """About what a token takes while a layer computes, and what is kept of it in every layer; float32."""
    config = model.config.get_text_config()

    def told(name: str, otherwise: int) -> int:
        return int(getattr(config, name, None) or otherwise)

    hidden = told("hidden_size", 1024)
    heads = told("num_attention_heads", 1)
    layers = told("num_hidden_layers", 12)
    layer = 8 * hidden + 4 * told("intermediate_size", 4 * hidden)
    if backward:
        return 4 * layers * (2 * layer + 2 * heads * ATTENDED)
    return 4 * (layer + 2 * layers * hidden * told("num_key_value_heads", heads) // heads)


def _too_long(model: Any) -> Unavailable:
    device = str(where(model))
    free = free_memory(device)
    there = "" if free is None else f" ({free / 1e9:.1f} GB are free)"
    return Unavailable(
        f"A single text does not fit into the memory of {said_of(device)} beside the model{there}; choose cpu or "
        "another device, or cut the longest texts."
    )
