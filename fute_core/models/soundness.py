"""Whether every model that is kept here is sound: packaged ones as published, converted ones as they were written."""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fute_core.errors import Unavailable
from fute_core.home import fute_home
from fute_core.models.digests import faults, file_digest
from fute_core.models.gguf import ALIASES as LANGUAGE_MODELS
from fute_core.models.gguf import gguf_file
from fute_core.models.making import CONVERSION, MAKING
from fute_core.models.packaged import PACKAGED_MODELS, list_models, packaged_faults, packaged_folder
from fute_core.models.packaged_encoders import SOURCES
from fute_core.models.published import PUBLISHED
from fute_core.models.surrogate import ALIASES as ENCODERS

NEWER = "a newer version converted it, and this one does not read it"
OLDER = "an older version converted it, and this one does not read it"
STOPPED = "a conversion that was stopped, or that is going on, left it"
FOREIGN = "it is no converted model, and nothing reads it"
STOPPED_SECONDS = 3600
"""So long a conversion may take: what is younger is not deleted."""


@dataclass(frozen=True)
class ModelState:
    """What was found of one model.

    Parameters
    ----------
    name : str
        A packaged name, or a folder or file below `models` in the home.
    path : Path
        Where it is.
    bytes : int
        How much was read.
    fault : str
        What is wrong; empty for a sound model.
    packaged : bool
        Whether it lies in a package, which is not ours to delete.
    unread : bool, default False
        Whether it is of another version, so that nothing of this one uses it: no damage.
    """

    name: str
    path: Path
    bytes: int
    fault: str
    packaged: bool
    unread: bool = False


def check_models() -> list[ModelState]:
    """Read every installed packaged model and everything that was converted.

    Returns
    -------
    list of ModelState
        Packaged models first.
    """
    packaged = [_packaged(m["name"]) for m in list_models() if m["installed"]]
    made = fute_home() / "models"
    return packaged + [_state(path) for path in (sorted(made.iterdir()) if made.is_dir() else ())]


def _packaged(name: str) -> ModelState:
    place = packaged_folder(name)
    try:
        files = _read_of(name)
        wrong = packaged_faults(name, files)
    except Unavailable as error:  # another package that it needs is not there
        return ModelState(name, place, 0, str(error), True)
    return ModelState(name, place, sum(f.stat().st_size for f in files if f.is_file()), "; ".join(wrong), True)


def _read_of(name: str) -> list[Path]:
    """The files in packages that a packaged model is read or made from; none for one that is joined in the home."""
    if name in SOURCES:
        return SOURCES[name].files()
    if name in LANGUAGE_MODELS:
        return [gguf_file(name)] if len(PACKAGED_MODELS[name].packages) == 1 else []
    return [ENCODERS[name]() / file for file in PUBLISHED[name]]


def drop_models(states: list[ModelState]) -> int:
    """Delete what is damaged or left over of what was converted; it is made anew when it is needed.

    Parameters
    ----------
    states : list of ModelState
        As `check_models` gives them. Packaged models stay, those of newer versions, and what nobody converted here.

    Returns
    -------
    int
        How many were deleted.
    """
    going = [s for s in states if s.fault and not s.packaged and (not s.unread or s.fault == OLDER or _stopped(s))]
    for state in going:
        if state.path.is_dir() and not state.path.is_symlink():  # what a link leads to is not ours to delete
            shutil.rmtree(state.path)
        else:
            state.path.unlink()
    return len(going)


def _stopped(state: ModelState) -> bool:
    return state.fault == STOPPED and time.time() - state.path.stat().st_mtime > STOPPED_SECONDS


def _state(path: Path) -> ModelState:
    joined = re.search(r"-([0-9a-f]{12})\.gguf$", path.name)
    version = re.search(r"-[0-9a-f]{12}-(\d+)$", path.name)
    if joined and path.is_file():
        wrong = [] if file_digest(path).startswith(joined[1]) else [f"{path.name} is not what was joined"]
        return ModelState(path.name, path, path.stat().st_size, "; ".join(wrong), False)
    if version is None or not path.is_dir():
        told = STOPPED if path.name.startswith(MAKING) else FOREIGN
        return ModelState(path.name, path, 0, told, False, unread=True)
    if int(version[1]) != CONVERSION:
        told = NEWER if int(version[1]) > CONVERSION else OLDER
        return ModelState(path.name, path, 0, told, False, unread=True)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return ModelState(path.name, path, size, "; ".join(faults(path) or _no_numbers(path)), False)


def _no_numbers(folder: Path) -> list[str]:
    """Which weights of a sound folder hold what is no number, as a damaged GGUF file may."""
    from safetensors import safe_open

    found = []
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "np") as weights:
            found += [f"{file.name}: {key} holds NaN" for key in weights.keys()  # noqa: SIM118 - it is no mapping
                      if not np.isfinite(weights.get_tensor(key)).all()]  # fmt: skip
    return found[:1]
