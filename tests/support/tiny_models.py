"""Encoders of real architectures, tiny and with random weights, as model folders on disk.

Each folder has what a published model has: config.json, model.safetensors and a tokenizer, here made from a few shipped
texts. Weights are drawn wide enough that every token and every layer matters to the output. The same in every process.
"""

import json
import math
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

from fute_core.home import DATA
from fute_core.models.encoder import Surrogate
from fute_core.models.surrogate import load_surrogate

FAMILIES = ("bert", "roberta", "mpnet", "t5", "distilbert")
LAYERS, HEADS, HEAD_SIZE = 2, 2, 8
HIDDEN = HEADS * HEAD_SIZE
VOCABULARY = 600


def tiny_model_folder(family: str, folder: Path, *, layers: int = LAYERS, seed: int = 0) -> Path:
    """Write a random encoder of a `model_type` (any of FAMILIES, and relatives such as "albert") into `folder`."""
    import torch
    from transformers import AutoConfig, AutoModel

    tokenizer = _tokenizer(family)
    tokens = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if family in ("t5", "mt5", "umt5"):
            # d_kv departs from d_model / heads, as it does in some published T5 models.
            config = AutoConfig.for_model(
                family, d_model=HIDDEN, d_kv=HEAD_SIZE + 2, num_heads=HEADS, num_layers=layers, d_ff=24,
                initializer_factor=2.0, eos_token_id=tokenizer.eos_token_id, **tokens,
            )  # fmt: skip
            model = _t5_class(family)(config)
        elif family == "distilbert":
            config = AutoConfig.for_model(
                family, dim=HIDDEN, n_heads=HEADS, n_layers=layers, hidden_dim=24, max_position_embeddings=160,
                initializer_range=0.2, **tokens,
            )  # fmt: skip
            model = AutoModel.from_config(config)
        else:
            config = AutoConfig.for_model(
                family, hidden_size=HIDDEN, num_attention_heads=HEADS, num_hidden_layers=layers, intermediate_size=24,
                embedding_size=HIDDEN, max_position_embeddings=160, initializer_range=0.2, **tokens,
            )  # fmt: skip
            model = AutoModel.from_config(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_surrogate(family: str, folder: Path, *, layers: int = LAYERS, seed: int = 0) -> Surrogate:
    """The same as a loaded Surrogate."""
    return load_surrogate(str(tiny_model_folder(family, folder, layers=layers, seed=seed)))


def _t5_class(family: str):
    import transformers

    return getattr(transformers, f"{family.upper()}EncoderModel")


@cache
def _texts() -> tuple[str, ...]:
    with (DATA / "datasets" / "sst2.jsonl").open(encoding="utf-8") as lines:
        return tuple(json.loads(line)["text"] for line in islice(lines, 200))


@cache
def _pieces() -> tuple[list[str], list[tuple[str, int]]]:
    """All characters, and the commonest words with their counts.

    The library's own trainers of WordPiece and Unigram models break ties at random.
    """
    words = Counter(word for text in _texts() for word in text.split())
    common = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    return sorted({character for word in words for character in word}), common[:VOCABULARY]


@cache
def _tokenizer(family: str):
    """A fast tokenizer with the family's own kind of model, special tokens and pair layout."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    characters, words = _pieces()
    inputs = ["input_ids", "attention_mask"]
    if family in ("t5", "mt5", "umt5"):
        special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
        scores = dict.fromkeys(special.values(), 0.0) | dict.fromkeys(["▁", *characters], -20.0)
        scores |= {f"▁{word}": math.log(count / sum(n for _, n in words)) for word, count in words}
        tokenizer = Tokenizer(models.Unigram(list(scores.items()), unk_id=2))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        single, pair, marks = "$A </s>", "$A </s> $B </s>", ("</s>",)
    elif family in ("roberta", "camembert", "xlm-roberta", "mpnet"):
        special = {"bos_token": "<s>", "cls_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>",
                   "sep_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}  # fmt: skip
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
        names = list(dict.fromkeys(special.values()))
        trainer = trainers.BpeTrainer(
            vocab_size=VOCABULARY, special_tokens=names, show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )  # fmt: skip
        tokenizer.train_from_iterator(_texts(), trainer)
        single, pair, marks = "<s> $A </s>", "<s> $A </s> </s> $B </s>", ("<s>", "</s>")
    else:
        special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]",
                   "mask_token": "[MASK]"}  # fmt: skip
        names = [*special.values(), *characters, *(f"##{c}" for c in characters), *(word for word, _ in words)]
        vocabulary = {name: number for number, name in enumerate(dict.fromkeys(names))}
        tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        single, pair, marks = "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ("[CLS]", "[SEP]")
        if family != "distilbert":
            inputs.insert(1, "token_type_ids")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[(mark, tokenizer.token_to_id(mark)) for mark in marks]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=512, model_input_names=inputs, **special
    )
