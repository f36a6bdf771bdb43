"""A folder of a BERT from its weights alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write_bert(folder: Path, weights: Mapping[str, NDArray[np.float32]], **config: Any) -> None:
    """Write weights of a BERT with a config that fits them.

    Parameters
    ----------
    folder : Path
        Where to.
    weights : mapping of str to ndarray of float32
        By the names of `transformers`.
    **config : object
        What the weights do not show: at least num_attention_heads.

    Raises
    ------
    KeyError
        Where the weights are no BERT's.
    """
    from safetensors.numpy import save_file

    plain = {name.removeprefix("bert."): value.shape for name, value in weights.items()}
    words, hidden = plain["embeddings.word_embeddings.weight"]
    layers = 1 + max(int(name.split(".")[2]) for name in plain if name.startswith("encoder.layer."))
    shown = {
        "model_type": "bert", "vocab_size": words, "hidden_size": hidden, "num_hidden_layers": layers,
        "intermediate_size": plain["encoder.layer.0.intermediate.dense.weight"][0],
        "max_position_embeddings": plain["embeddings.position_embeddings.weight"][0],
        "type_vocab_size": plain["embeddings.token_type_embeddings.weight"][0],
        "architectures": ["BertForSequenceClassification" if "classifier.weight" in plain else "BertModel"],
    }  # fmt: skip
    if "classifier.weight" in plain:
        config["id2label"] = {str(i): f"LABEL_{i}" for i in range(plain["classifier.weight"][0])}
        config["label2id"] = {name: int(i) for i, name in config["id2label"].items()}
    written = dict(weights)
    if "classifier.weight" not in plain:  # read by nothing here, and reported as missing where it is not there
        written |= {"pooler.dense.weight": np.zeros((hidden, hidden), np.float32)}
        written |= {"pooler.dense.bias": np.zeros(hidden, np.float32)}
    save_file(written, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps({**shown, **config}, indent=1), "utf-8")
