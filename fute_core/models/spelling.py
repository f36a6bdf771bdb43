"""How a folder's tokenizer spells, where transformers would spell otherwise without a word.

Of a BERT-like tokenizer.json transformers takes the vocabulary alone, and puts all texts into lower case without
accents unless tokenizer_config.json forbids it: a cased model then reads words that it was never trained on.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from fute_core.models.adapters import base_folder, is_adapter
from fute_core.models.weights import LOCAL

VOCABULARIES = ("tokenizer.json", "vocab.*", "*.model")
"""Without any of these a tokenizer would be made that knows no word."""
_LOWERED = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
            "lowercase": True}  # fmt: skip
"""What transformers makes of every BERT-like tokenizer that does not say `do_lower_case`."""


def own_spelling(folder: Path) -> str | None:
    """Tell what of a folder says how texts are spelt, where that is not what transformers goes by. Without torch.

    Parameters
    ----------
    folder : Path
        With a tokenizer.

    Returns
    -------
    {"tokenizer.json", "cased vocabulary"} or None
        None where transformers reads the tokenizer as it was written. Part of a model's identity.
    """
    described, written, words = (folder / name for name in ("tokenizer_config.json", "tokenizer.json", "vocab.txt"))
    if _says_case(described):
        return None
    if written.is_file():
        facts = written.stat()
        own = not described.is_file() or _has_own_normaliser(written, facts.st_size, facts.st_mtime_ns)
        return "tokenizer.json" if own else None
    return "cased vocabulary" if words.is_file() and _is_cased(words) else None


def open_tokenizer(folder: Path) -> Any:
    """Read the tokenizer of a folder as it was written.

    Parameters
    ----------
    folder : Path
        With a tokenizer; an adapter without one has that of its base.

    Returns
    -------
    transformers.PreTrainedTokenizerBase
        Fresh from the files.
    """
    from transformers import AutoTokenizer

    if is_adapter(folder) and not any(next(folder.glob(pattern), None) for pattern in VOCABULARIES):
        folder = base_folder(folder)
    own = own_spelling(folder)
    given = {"do_lower_case": False} if own == "cased vocabulary" else {}
    tokenizer = AutoTokenizer.from_pretrained(folder, **LOCAL, **given)
    if own == "tokenizer.json" and tokenizer.is_fast:
        from tokenizers import Tokenizer

        written = Tokenizer.from_file(str(folder / "tokenizer.json"))
        for part in ("normalizer", "pre_tokenizer", "post_processor"):
            setattr(tokenizer.backend_tokenizer, part, getattr(written, part))
    return tokenizer


def _says_case(described: Path) -> bool:
    """Whether tokenizer_config.json decides. One that is damaged does too: reading the tokenizer then tells so."""
    try:
        said = json.loads(described.read_text("utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return not isinstance(said, dict) or "do_lower_case" in said


@lru_cache(maxsize=32)
def _has_own_normaliser(written: Path, _size: int, _changed: int) -> bool:
    text = written.read_text("utf-8", errors="replace")
    if '"BertNormalizer"' not in text:
        return False
    try:
        normaliser = json.loads(text).get("normalizer")
    except (ValueError, AttributeError):  # damaged, which reading the tokenizer tells
        return False
    return isinstance(normaliser, dict) and normaliser.get("type") == "BertNormalizer" and normaliser != _LOWERED


def _is_cased(words: Path) -> bool:
    """Whether a vocabulary has words with capitals; special tokens stand in brackets."""
    with words.open(encoding="utf-8", errors="replace") as lines:
        return any(word.isalpha() and word != word.lower() for word in (line.strip().lstrip("#") for line in lines))
