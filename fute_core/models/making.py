"""Writing a converted model: whole or not at all, whoever else makes it at the same time."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from fute_core.errors import Unavailable
from fute_core.home import fute_home, private_folder
from fute_core.scratch import ScratchFolder

CONVERSION = 2
"""Part of the folder name of a converted model: raise it when conversion changes. From 2 on there are digests."""
MAKING = ".making-"
"""What the name of a folder begins with in which something is made."""


def is_made_here(folder: Path) -> bool:
    """Whether a folder is where converted models are, so that it can be made again.

    Parameters
    ----------
    folder : Path
        Of any model.

    Returns
    -------
    bool
        False for a model of the user's, and for one that lies in its package.
    """
    return folder.parent == fute_home() / "models"


def place_to_make(target: Path) -> Path:
    """Find where a model is, or can be made.

    Parameters
    ----------
    target : Path
        The file or folder that it is in the home.

    Returns
    -------
    Path
        The same; where it is not there and the home may not be written, one that is gone with the process.
    """
    there = next(place for place in (target, *target.absolute().parents) if place.exists())
    return target if there == target or os.access(there, os.W_OK) else Path(_opened(os.getpid()).name) / target.name


@lru_cache(maxsize=2)
def _opened(process: int) -> ScratchFolder:
    return ScratchFolder()


@contextmanager
def made_whole(target: Path) -> Iterator[Path]:
    """Give a path to write to, which becomes the target in the end.

    Parameters
    ----------
    target : Path
        The file or folder to make.

    Yields
    ------
    Path
        Nothing is there yet; another file or folder may be made beside it, and is thrown away.

    Raises
    ------
    Unavailable
        Where the disk is full or may not be written.
    """
    try:
        private_folder(target.parent)
        folder = Path(tempfile.mkdtemp(prefix=MAKING, dir=target.parent))
        try:
            yield folder / target.name
            for made in (folder / target.name, *(folder / target.name).rglob("*")):
                made.chmod(0o700 if made.is_dir() else 0o600)
            if not target.exists():
                os.replace(folder / target.name, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        if not target.exists():  # else another process was faster
            full = f"The model cannot be saved in {target.parent} ({error.strerror}); free some room, or set FUTE_HOME."
            raise Unavailable(full) from error
