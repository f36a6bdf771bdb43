"""Where a model's files are, whether they may be read, and what their weights are: all without torch."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput, FuteError, Unavailable
from fute_core.home import fute_home, write_whole
from fute_core.models.packaged import PACKAGED

WANTED = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model", "*.jinja", "tokenizer*"]
WEIGHTS = ("*.safetensors", "*.gguf")
# Tokenizer files change what a model reads as much as its weights do. special_tokens_map.json repeats what
# tokenizer_config.json says, and generation_config.json steers free writing, not the scores of labels.
BESIDE_WEIGHTS = ("config.json", "tokenizer.json", "*.model", "vocab.*", "merges.txt", "added_tokens.json",
                  "chat_template.jinja", "tokenizer_config.json")  # fmt: skip
IDENTITY = (*WEIGHTS, *BESIDE_WEIGHTS)


VOCABULARIES = ("tokenizer.json", "vocab.*", "*.model")
"""Without any of these a tokenizer would be made that knows no word."""


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
    try:
        return _snapshot(ref)
    except Exception as error:  # the hub client raises from several libraries: all mean that it is not to be had
        packaged = f"packaged name ({', '.join(aliases)}) and no " if aliases else ""
        raise Unavailable(
            f"Model {ref!r} is no {packaged}folder, and could not be fetched from the Hub ({type(error).__name__}); "
            "check the id and the network."
        ) from error


@lru_cache(maxsize=32)
def _snapshot(ref: str) -> Path:
    """Looked up once in a process: to ask what is known already would cost a request for every embedding."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(ref, allow_patterns=WANTED))


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


@contextmanager
def reading_model(named: str) -> Iterator[None]:
    """BadInput in one sentence for whatever another library raises while it reads a model's files."""
    try:
        yield
    except FuteError:
        raise
    except Exception as error:  # config, weights and tokenizer each fail in ways of their own
        raise BadInput(
            f"{named} cannot be loaded ({reason(error)}); its folder needs config.json, model.safetensors and a "
            "tokenizer, as save_pretrained writes them."
        ) from error


def reason(error: Exception) -> str:
    """The type of another library's error with the first line of what it says."""
    said = (str(error).strip().splitlines() or [""])[0][:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def kept_per_weights(identify: Callable[..., tuple[str, str]]) -> Callable[[Callable], Callable]:
    """Let a loader keep the last two models it made, each for as long as its reference means the same weights.

    identify : (name, weights digest) of a reference. By the reference alone a model that was trained further and saved
        in its folder again would be answered for by what it was before.
    """

    def keeping(load: Callable) -> Callable:
        @lru_cache(maxsize=2)
        def kept(_digest: str, *ref: str) -> Any:
            return load(*ref)

        @wraps(load)
        def loader(*ref: str) -> Any:
            return kept(identify(*ref)[1], *ref)

        return loader

    return keeping


def weights_digest(path: Path, patterns: tuple[str, ...] = IDENTITY) -> str:
    """Digest (32 hex characters) of a model folder's weights, config and tokenizer, or of one weights file.

    Hashes of files are remembered by path, size and time of change, so that only the first call reads them.
    """
    files = [path] if path.is_file() else sorted({f for pattern in patterns for f in path.glob(pattern)})
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
        write_whole(path, json.dumps(memo).encode("utf-8"))
    except OSError:
        pass
