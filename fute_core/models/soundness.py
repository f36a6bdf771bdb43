"""Whether every model that is kept here is sound: packaged ones as published, converted ones as they were written."""

import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fute_core.home import fute_home
from fute_core.models.conversion import CONVERSION
from fute_core.models.digests import faults, file_digest
from fute_core.models.packaged import PACKAGED_MODELS, list_models, packaged_faults, packaged_folder

NEWER = "a newer version converted it, and this one does not read it"
OLDER = "an older version converted it, and this one does not read it"


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
    found = []
    for name in (m["name"] for m in list_models() if m["installed"]):
        folder = packaged_folder(name)
        place = folder / "model" if (folder / "model").is_dir() else folder
        if len(PACKAGED_MODELS[name].packages) == 1:
            wrong = packaged_faults(name, place)
            size = _size(place, PACKAGED_MODELS[name].files)
            found.append(ModelState(name, place, size, "; ".join(wrong), True))
    made = fute_home() / "models"
    return found + [_state(path) for path in (sorted(made.iterdir()) if made.is_dir() else ())]


def drop_models(states: list[ModelState]) -> int:
    """Delete what is damaged or left over of what was converted; it is made anew when it is needed.

    Parameters
    ----------
    states : list of ModelState
        As `check_models` gives them. Packaged models and those of newer versions stay.

    Returns
    -------
    int
        How many were deleted.
    """
    going = [s for s in states if s.fault and not s.packaged and (not s.unread or s.fault == OLDER)]
    for state in going:
        if state.path.is_dir():
            shutil.rmtree(state.path)
        else:
            state.path.unlink()
    return len(going)


def _state(path: Path) -> ModelState:
    if path.is_file():
        mark = re.search(r"-([0-9a-f]{12})\.gguf$", path.name)
        wrong = "" if mark and file_digest(path).startswith(mark[1]) else "it is not what was joined"
        return ModelState(path.name, path, path.stat().st_size, wrong, False)
    version = re.search(r"-[0-9a-f]{12}-(\d+)$", path.name)
    size = _size(path)
    if version is None:
        return ModelState(path.name, path, 0, "it is no converted model, and nothing reads it", False, unread=True)
    if int(version[1]) != CONVERSION:
        told = NEWER if int(version[1]) > CONVERSION else OLDER
        return ModelState(path.name, path, 0, told, False, unread=True)
    wrong = faults(path) or _no_numbers(path)
    return ModelState(path.name, path, size, "; ".join(wrong), False)


def _no_numbers(folder: Path) -> list[str]:
    """Which weights of a sound folder hold what is no number, as a damaged GGUF file may."""
    from safetensors import safe_open

    found = []
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "np") as weights:
            found += [f"{file.name}: {key} holds NaN" for key in weights.keys()  # noqa: SIM118 - it is no mapping
                      if not np.isfinite(weights.get_tensor(key)).all()]  # fmt: skip
    return found[:1]


def _size(folder: Path, names: Collection[str] | None = None) -> int:
    files = [f for f in folder.iterdir() if f.is_file() and (names is None or f.name in names)]
    return sum(file.stat().st_size for file in files)
