"""What a model's weights are, known without torch: their digest, and what is kept for as long as it stays the same."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from fute_core.home import fute_home, private_folder, read_json_file, write_whole
from fute_core.models.adapters import adapter_identity, base_folder, is_adapter
from fute_core.models.claimed import check_defaults
from fute_core.models.files import checked_folder
from fute_core.models.spelling import own_spelling

WEIGHTS = ("*.safetensors", "*.gguf")
# Tokenizer files change what a model reads as much as its weights do. special_tokens_map.json repeats what
# tokenizer_config.json says, and generation_config.json steers free writing, not the scores of labels.
BESIDE_WEIGHTS = ("config.json", "tokenizer.json", "*.model", "vocab.*", "merges.txt", "added_tokens.json",
                  "chat_template.jinja", "tokenizer_config.json")  # fmt: skip
IDENTITY = (*WEIGHTS, *BESIDE_WEIGHTS)
P = ParamSpec("P")
M = TypeVar("M")


def kept_per_weights(
    identify: Callable[P, tuple[str, str]], *how: Callable[[], str]
) -> Callable[[Callable[P, M]], Callable[P, M]]:
    """Let a loader keep the last two models it made, each for as long as its reference means the same weights.

    By the reference alone, a model that was trained further and saved in its folder again would be taken for what it
    was.

    Parameters
    ----------
    identify : callable
        Gives (name, digest of the weights) from what the loader is called with.
    *how : callable
        Each gives something else that the loader makes a model by, such as the device that it is put on.

    Returns
    -------
    callable
        Decorator for the loader.
    """

    def keeping(load: Callable[P, M]) -> Callable[P, M]:
        @lru_cache(maxsize=2)
        def kept(_digest: str, _how: tuple[str, ...], *ref: P.args, **named: P.kwargs) -> M:
            return load(*ref, **named)

        @wraps(load)
        def loader(*ref: P.args, **named: P.kwargs) -> M:
            # What a loader is called with are texts, which is more than its type can say.
            return kept(identify(*ref, **named)[1], tuple(tell() for tell in how), *ref, **named)  # type: ignore[arg-type]

        return loader

    return keeping


def folder_identity(
    ref: str, aliases: Mapping[str, Callable[[], Path]], check: Callable[[Path, str], None]
) -> tuple[str, str]:
    """Tell which weights a name means that stands for a folder. Only a Hub id may use the network.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id.
    aliases : mapping of str to callable
        The packaged names that mean something here, each with what gives its folder.
    check : callable
        Given the folder and what to call the model; raises BadInput for a type of model that is no use here, before all
        weights are read.

    Returns
    -------
    tuple of (str, str)
        Its name, and the digest of its weights and tokenizer.

    Raises
    ------
    BadInput
        For a folder that holds no model, or one of another type.
    Unavailable
        For a model that is not installed or cannot be fetched.
    """
    folder = checked_folder(ref, aliases)
    if ref not in aliases:
        check(folder, ref)
        check_defaults(base_folder(folder))
    return (folder.name if Path(ref).is_dir() else ref), weights_digest(folder)


def weights_digest(path: Path, patterns: tuple[str, ...] = IDENTITY) -> str:
    """Digest a model's weights, config and tokenizer.

    Hashes of files are remembered by path, size and time of change, so only the first call reads them.

    Parameters
    ----------
    path : Path
        A model's folder, or one file of weights.
    patterns : tuple of str, default `IDENTITY`
        Which files of a folder count.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    files = [path] if path.is_file() else sorted({f for pattern in patterns for f in path.glob(pattern)})
    memo_path = fute_home() / "weights.json"
    memo = _read_memo(memo_path)
    state = hashlib.blake2b(digest_size=16)
    if is_adapter(path):
        state.update(f"adapts {weights_digest(base_folder(path), patterns)}: {adapter_identity(path)};".encode())
    if path.is_dir() and (own := own_spelling(path)) is not None:
        state.update(f"spelt by {own};".encode())  # before, such a folder was read as transformers does by itself
    changed = False
    for file in files:
        facts = file.stat()
        known = f"{file.resolve()}|{facts.st_size}|{facts.st_mtime_ns}"
        if known not in memo:
            memo[known] = _hash_file(file)
            changed = True
        state.update(f"{file.name}:{memo[known]};".encode())
    if changed:
        _write_memo(memo_path, memo)
    return state.hexdigest()


def _hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _read_memo(path: Path) -> dict[str, str]:
    try:
        memo = read_json_file(path)
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in memo.items() if isinstance(v, str)} if isinstance(memo, dict) else {}


def _write_memo(path: Path, memo: dict[str, str]) -> None:
    """A lost memo costs a hash, so a folder that cannot be written is no error."""
    try:
        private_folder(path.parent)
        write_whole(path, json.dumps(memo).encode("utf-8"), private=True)
    except OSError:
        pass
