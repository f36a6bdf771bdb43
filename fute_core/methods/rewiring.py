"""Copies of an encoder whose modules may be hooked and rewired, and where its attention lies."""

import copy

import torch

QUERY_KEY_VALUE = (("query", "key", "value"), ("q", "k", "v"), ("q_lin", "k_lin", "v_lin"),
                   ("q_proj", "k_proj", "v_proj"))  # fmt: skip


def shared_copy(model: torch.nn.Module) -> torch.nn.Module:
    """Copy a module tree that holds the very same weights: what is done to its modules never shows in the model.

    So a method may hook, patch or rewire it, in any thread, and has nothing to undo.

    Parameters
    ----------
    model : torch.nn.Module
        The model.

    Returns
    -------
    torch.nn.Module
        The copy.
    """
    tensors = [*model.parameters(), *model.buffers()]
    return copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})


def attention_modules(model: torch.nn.Module) -> list[tuple[str, tuple[str, str, str]]]:
    """Find every self-attention.

    Parameters
    ----------
    model : torch.nn.Module
        An encoder, or a decoder.

    Returns
    -------
    list of (str, (str, str, str))
        Module name, and the names of its query, key and value layers, in order of depth.
    """
    found = []
    for name, module in model.named_modules():
        children = {child for child, _ in module.named_children()}
        for names in QUERY_KEY_VALUE:
            if children.issuperset(names):
                found.append((name, names))
    return found
