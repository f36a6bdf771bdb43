"""What matrices are multiplied in, on the device that is chosen."""

from typing import Any

from fute_core.models.device import chose_processor
from fute_core.models.processor import has_bf16


def precision() -> str:
    """What matrices are multiplied in; part of a prompted model's fingerprint, as the device itself is not.

    Returns
    -------
    {"float32", "bfloat16"}
        The faster of the two on this processor; float32 on an accelerator.
    """
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
        if isinstance(module, (torch.nn.Linear, Conv1D)) and module is not output:
            module.to(torch.bfloat16)
            module.register_forward_pre_hook(lambda _module, args: (args[0].to(torch.bfloat16), *args[1:]))
            module.register_forward_hook(lambda _module, _args, out: out.float())
            continue
        for tensor in (*module.parameters(recurse=False), *module.buffers(recurse=False)):
            if tensor.is_floating_point():
                tensor.data = tensor.data.float()
