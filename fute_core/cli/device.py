"""`--device` and `--precision`: where the models of a command compute and in what, and what is told of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from fute_core.cli.output import note
from fute_core.models.device import (
    CHOICES,
    PROCESSOR,
    VARIABLE,
    chosen_device,
    computing_on,
    find_device,
    read_choice,
    said_of,
    wanted_device,
)
from fute_core.models.precision import CHOICES as PRECISIONS
from fute_core.models.precision import VARIABLE as PRECISION_VARIABLE
from fute_core.models.precision import multiplying_in

option = click.option(
    "--device", metavar="DEVICE", help=f"Where models compute: {CHOICES}.  [default: {VARIABLE}, else auto]"
)
precision_option = click.option(
    "--precision", type=click.Choice(PRECISIONS),
    help=f"What language models multiply in; auto is float32 on an accelerator.  [default: {PRECISION_VARIABLE}, else "
    "auto]",
)  # fmt: skip


def on_device(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--device` and `--precision`, and let everything that it computes be computed so.

    Parameters
    ----------
    command : callable
        The command's function, which does not see the options.

    Returns
    -------
    callable
        What click makes a command of.
    """

    @wraps(command)
    def computing(*args: Any, device: str | None, precision: str | None, **given: Any) -> Any:
        with computing_on(device), multiplying_in(precision):
            tell(device)  # also refuses a device that is not there
            return command(*args, **given)

    return option(precision_option(computing))


def check(device: str | None) -> None:
    """Refuse a device that is not there before anything is read.

    Parameters
    ----------
    device : str or None
        As given to `--device`.

    Raises
    ------
    BadInput, Unavailable
        As `find_device`.
    """
    if device is not None:
        find_device(device)


def tell(device: str | None) -> None:
    """Say in a line which accelerator `auto` takes.

    Parameters
    ----------
    device : str or None
        As given to `--device`.

    Raises
    ------
    BadInput, Unavailable
        As `find_device`.
    """
    with computing_on(device):
        chosen, said = chosen_device(), read_choice(wanted_device())[0]
    if said == "auto" and chosen != PROCESSOR:
        note(f"Models compute on {said_of(chosen)}; --device cpu keeps them on the processor.")
