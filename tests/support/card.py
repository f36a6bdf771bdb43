"""A device called `card` that needs no hardware, so that a tensor left on the processor fails a test.

A tensor of the card is a shell: torch sees its shape, its type and the device `card:0`, while the numbers lie on the
processor. Every operator is carried out there, so that answers are the processor's own; but an operator that is given
numbers of both is refused, as any accelerator refuses it, and so is float64, which some accelerators lack. What it does
not show is how fast an accelerator is, how much it holds and how it rounds.

What is refused inside a backward pass ends the process, since torch runs that pass in a thread of its own.

It stands on a part of torch that is marked experimental: backends in Python for the device key that torch leaves free.
"""

from typing import Any

import torch
from torch.utils._pytree import tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "card"
KEY = "PrivateUse1"
RESHAPED = {torch.ops.aten.view.default, torch.ops.aten._unsafe_view.default}
"""What asks for numbers that lie in order, as a shell says of its own."""
_numbers: dict[int, torch.Tensor] = {}  # found by storage, which shells that torch makes of a shell share with it


def shell(numbers: torch.Tensor) -> torch.Tensor:
    """A tensor of the card around numbers of the processor."""
    if numbers.dtype == torch.float64:
        raise TypeError("The card has no float64.")
    with torch.inference_mode(False):  # views of a shell would else be refused, though they are only read
        made = torch._C._acc.create_empty_tensor(numbers.shape, numbers.dtype)
        _numbers[made.untyped_storage()._cdata] = numbers.detach()
    return made


def numbers_of(made: torch.Tensor) -> torch.Tensor:
    """The numbers of a shell, not a copy where that is possible."""
    whole = _numbers[made.untyped_storage()._cdata]
    as_made = whole.shape == made.shape and made.storage_offset() == 0 and made.is_contiguous()
    if as_made:
        return whole
    return _strided(whole, made.size(), made.stride(), made.storage_offset())


def _strided(numbers: torch.Tensor, size: Any, stride: Any, offset: int) -> torch.Tensor:
    """Some of the numbers, of which the shell says that they lie in order from the start of a storage."""
    ordered = numbers.contiguous()
    return ordered.as_strided(size, stride, offset + ordered.storage_offset())


def lies_here(thing: Any) -> bool:
    return isinstance(thing, torch.Tensor) and thing.device.type == NAME


def carry_out(operator: Any, *args: Any, **kwargs: Any) -> Any:
    """Any operator, on the numbers of the shells that it is given."""

    def opened(thing: Any) -> Any:
        if lies_here(thing):
            return numbers_of(thing)
        if isinstance(thing, torch.Tensor) and thing.dim() > 0:
            raise RuntimeError(f"{operator} was given a tensor of the processor beside one of the card.")
        if isinstance(thing, torch.Generator):
            raise RuntimeError(f"{operator} was given a generator of the processor.")
        return torch.device("cpu") if isinstance(thing, torch.device) else thing

    if operator in RESHAPED:
        operator = torch.ops.aten.reshape.default
    with torch.inference_mode(False), torch.no_grad():
        if operator is torch.ops.aten.as_strided.default:
            result = _strided(numbers_of(args[0]), *args[1:3], args[3] if len(args) > 3 and args[3] else 0)
        else:
            result = operator(*tree_map(opened, args), **tree_map(opened, kwargs))
    targets = written_to(operator, args, kwargs)
    if not targets:
        return tree_map(lambda made: shell(made) if isinstance(made, torch.Tensor) else made, result)
    results = result if isinstance(result, (list, tuple)) else (result,)
    for target, made in zip(targets, results, strict=False):
        if lies_here(target) and target.shape != made.shape:  # an empty output, to be given its size
            target.data = shell(made)
    return targets[0] if len(targets) == 1 else tuple(targets)


def written_to(operator: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """The arguments that an operator changes and gives back; none for one that makes new tensors."""
    returns = operator._schema.returns
    if not returns or returns[0].alias_info is None or not returns[0].alias_info.is_write:
        return []
    found = []
    for place, argument in enumerate(operator._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            found.append(args[place] if place < len(args) else kwargs.get(argument.name))
    return found


def copy_to(thing: torch.Tensor, *, dtype: Any = None, device: Any = None, **_: Any) -> torch.Tensor:
    """`tensor.to(...)`, to the card, on it and from it."""
    here = numbers_of(thing) if lies_here(thing) else thing
    copied = here.detach().to(dtype=dtype or thing.dtype, copy=True)
    return shell(copied) if (thing.device if device is None else torch.device(device)).type == NAME else copied


def copy_into(source: torch.Tensor, target: torch.Tensor, _non_blocking: bool = False) -> torch.Tensor:
    """`target.copy_(source)`, of which either may be the processor's."""
    place, values = (numbers_of(thing) if lies_here(thing) else thing for thing in (target, source))
    place.copy_(values)
    return target


def _made_by(function: Any) -> Any:
    def make(*args: Any, dtype: Any = None, **options: Any) -> torch.Tensor:
        for name in ("layout", "device", "pin_memory", "memory_format"):
            options.pop(name, None)
        return shell(function(*args, dtype=dtype, **options))

    return make


def _empty(size: Any, *_stride: Any, dtype: Any = None, **_: Any) -> torch.Tensor:
    return shell(torch.empty(size, dtype=dtype))


class _Module:
    """What stands as `torch.card`: ready, without random numbers of its own to be saved and restored."""

    def is_initialized(self) -> bool:
        return True

    def is_available(self) -> bool:
        return True

    def current_device(self) -> int:
        return 0

    def device_count(self) -> int:
        return 1

    def get_rng_state(self, _device: int) -> torch.Tensor:
        return torch.zeros(0)

    def set_rng_state(self, _state: torch.Tensor, _device: int) -> None:
        pass

    def _is_in_bad_fork(self) -> bool:
        return False

    def manual_seed_all(self, seed: int) -> None:
        pass


_setup_privateuseone_for_python_backend(NAME, _Module())
_anything = torch.library.Library("_", "IMPL")
_anything.fallback(carry_out, KEY)
_aten = torch.library.Library("aten", "IMPL")
for _name, _kernel in {
    "empty.memory_format": _empty,
    "empty_strided": _empty,
    "_to_copy": copy_to,
    "_copy_from": copy_into,
    "arange": _made_by(torch.arange),
    "arange.start": _made_by(torch.arange),
    "arange.start_step": _made_by(torch.arange),
    "scalar_tensor": _made_by(torch.scalar_tensor),
}.items():
    _aten.impl(_name, _kernel, KEY)
