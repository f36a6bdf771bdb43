"""What matrices of language models are multiplied in, on the device that is chosen."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from fute_core.errors import BadInput
from fute_core.models.asked import asked_inside
from fute_core.models.device import chose_processor
from fute_core.models.processor import has_bf16

VARIABLE = "FUTE_PRECISION"
CHOICES = ("auto", "float32", "bfloat16")
_asked: ContextVar[str | None] = ContextVar("asked", default=None)


@contextmanager
def multiplying_in(wanted: str | None) -> Iterator[None]:
    """Choose what language models multiply in, for everything that is computed inside, in this thread.

    Parameters
    ----------
    wanted : str or None
        One of `CHOICES`; None leaves the choice as it is.

    Yields
    ------
    None
        Load models and ask them inside.

    Raises
    ------
    BadInput
        For what is no choice.
    """
    with asked_inside(_asked, None if wanted is None else check_precision(wanted)):
        yield


def check_precision(wanted: str) -> str:
    """Refuse what is no precision.

    Parameters
    ----------
    wanted : str
        What was said.

    Returns
    -------
    str
        One of `CHOICES`.

    Raises
    ------
    BadInput
        For anything else.
    """
    said = wanted.strip().lower()
    if said not in CHOICES:
        raise BadInput(f"{wanted!r} is no precision; choose {', '.join(CHOICES[:-1])} or {CHOICES[-1]}.")
    return said


def precision() -> str:
    """Tell what matrices are multiplied in; part of a prompted model's fingerprint, as the device itself is not.

    Returns
    -------
    {"float32", "bfloat16"}
        As `multiplying_in` says, else `FUTE_PRECISION`; else the faster of the two on this processor, and float32 on
        an accelerator.

    Raises
    ------
    BadInput
        For a variable that is no choice.
    """
    wanted = check_precision(_asked.get() or os.environ.get(VARIABLE) or "auto")
    if wanted != "auto":
        return wanted
    return "bfloat16" if has_bf16() and chose_processor() else "float32"


def read_last_position_fast(model: Any) -> None:
    """Make what enters the output layer contiguous.

    The last position alone is a strided slice. For it the matrix product would copy the whole vocabulary matrix for
    every row, which took longer than all layers together.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Changed in place.
    """
    output = model.get_output_embeddings()
    if output is not None:
        output.register_forward_pre_hook(lambda _module, args: (args[0].contiguous(), *args[1:]))


def multiply_in_bf16(model: Any) -> None:
    """Multiply the layers' matrices in bfloat16, and keep everything between them and the output layer in float32.

    Layers that are quantised stay as they are: they multiply in a way of their own.

    On a processor this is faster than bfloat16 throughout, where norms and attention are slow, and its label
    probabilities are two to three times nearer to those of float32.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Changed in place.
    """
    import torch
    from transformers.pytorch_utils import Conv1D

    output = model.get_output_embeddings()
    for module in model.modules():
        if isinstance(module, torch.nn.Linear) and type(module) is not torch.nn.Linear:
            continue
        if isinstance(module, (torch.nn.Linear, Conv1D)) and module is not output:
            module.to(torch.bfloat16)
            module.register_forward_pre_hook(lambda _module, args: (args[0].to(torch.bfloat16), *args[1:]))
            module.register_forward_hook(lambda _module, _args, out: out.float())
            continue
        for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False)):
            if tensor.is_floating_point():
                tensor.data = tensor.data.float()
