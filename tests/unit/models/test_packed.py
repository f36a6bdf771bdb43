"""Which models are read without padding, and that their layers then give what transformers computes."""

import numpy as np
import pytest
import torch
from tiny_language_models import CAUSAL, tiny_language_model

from fute_core.models.attention import attends_ragged
from fute_core.models.packed import PackedLlama, reads_packed
from fute_core.models.precision import multiply_in_bf16
from fute_core.models.sequences import Sequences


@pytest.mark.parametrize("family", CAUSAL)
def test_only_a_llama_is_read_packed(family):
    lm = tiny_language_model(family)
    assert reads_packed(lm.model) == (family == "llama") == (lm.packed is not None)


def test_a_llama_with_biases_adapters_or_another_activation_is_not():
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    small = {
        "hidden_size": 16,
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "intermediate_size": 24,
        "vocab_size": 9,
    }
    plain = LlamaForCausalLM(LlamaConfig(**small))
    assert reads_packed(plain)
    assert not reads_packed(plain.to(torch.bfloat16))
    assert not reads_packed(LlamaForCausalLM(LlamaConfig(**small, attention_bias=True)))
    assert not reads_packed(LlamaForCausalLM(LlamaConfig(**small, mlp_bias=True)))
    assert not reads_packed(LlamaForCausalLM(LlamaConfig(**small, hidden_act="gelu")))
    dynamic = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}
    assert not reads_packed(LlamaForCausalLM(LlamaConfig(**small, rope_parameters=dynamic)))
    adapted = get_peft_model(LlamaForCausalLM(LlamaConfig(**small)), LoraConfig(target_modules=["q_proj"]))
    assert not reads_packed(adapted.get_base_model())


TEXTS = [[5, 6, 7], [9, 8, 7], [4, 3, 9, 2, 6]]


def states_of(model, texts):
    """(sum of lengths, hidden) as transformers computes them."""
    return torch.cat([model.model(input_ids=torch.tensor([ids])).last_hidden_state[0] for ids in texts])


def test_states_of_all_tokens_and_of_the_last_equal_those_of_the_model_before_and_after():
    model = tiny_language_model("llama").model
    with torch.inference_mode():
        before = states_of(model, TEXTS)
        packed = PackedLlama(model)
        states, kept = packed.read(Sequences(TEXTS), keep=True)
        last, _ = packed.read(Sequences(TEXTS), last=True)
        for found in (states, states_of(model, TEXTS)):
            torch.testing.assert_close(found, before, atol=1e-5, rtol=0)
        torch.testing.assert_close(last, before[[2, 5, 10]], atol=1e-5, rtol=0)
    assert kept.lengths.tolist() == [3, 3, 5]


def continued_states(packed):
    """Last states of eight sequences, which continue each other in three steps, and the sequences in full."""
    _, first = packed.read(Sequences([[5, 6], [4]]), keep=True)
    _, second = packed.read(Sequences([[7], [3, 9], [8]], first, np.array([0, 1, 0])), keep=True)
    whole = [[5, 6], [4], [5, 6, 7], [4, 3, 9], [5, 6, 8]]
    rests, continued = [[2], [2, 6], [7, 7], [1, 2, 3], [9]], np.array([4, 3, 0, 2, 1])
    states, _ = packed.read(Sequences(rests, second, continued), last=True)
    assert second.lengths.tolist() == list(map(len, whole))
    return states, [whole[row] + rest for row, rest in zip(continued, rests, strict=True)]


def test_any_text_continues_any_other_that_was_read():
    model = tiny_language_model("llama").model
    with torch.inference_mode():
        found, whole = continued_states(PackedLlama(model))
        expected = torch.stack([states_of(model, [ids])[-1] for ids in whole])
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def ragged(q, k, v, stops_q, stops_k, most_q, most_k, *, window_size, enable_gqa):
    """What the kernel of `torch.nn.attention.varlen` does, sequence by sequence."""
    assert window_size == (-1, 0)
    assert enable_gqa
    k, v = (m.repeat_interleave(q.shape[1] // m.shape[1], 1) for m in (k, v))
    assert q.dtype == k.dtype == v.dtype == torch.bfloat16
    assert stops_q.dtype == stops_k.dtype == torch.int32
    assert most_q == stops_q.diff().max()
    assert most_k == stops_k.diff().max()
    found = torch.empty_like(q)
    for i in range(len(stops_q) - 1):
        own, all_of_it = slice(stops_q[i], stops_q[i + 1]), slice(stops_k[i], stops_k[i + 1])
        asking, keys, values = (m.transpose(0, 1).float() for m in (q[own], k[all_of_it], v[all_of_it]))
        seen = torch.ones(asking.shape[1], keys.shape[1], dtype=torch.bool).tril(keys.shape[1] - asking.shape[1])
        made = torch.nn.functional.scaled_dot_product_attention(asking, keys, values, attn_mask=seen)
        found[own] = made.transpose(0, 1).to(q.dtype)
    return found


def test_one_kernel_for_all_lengths_attends_as_groups_of_equal_length_do(monkeypatch):
    model = tiny_language_model("llama").model
    multiply_in_bf16(model)
    with torch.inference_mode():
        grouped, _ = continued_states(PackedLlama(model))
        monkeypatch.setattr("fute_core.models.packed.attends_ragged", lambda *_: True)
        monkeypatch.setattr("torch.nn.attention.varlen.varlen_attn", ragged)
        monkeypatch.setattr("torch.Tensor.pin_memory", lambda numbers: numbers)
        found, _ = continued_states(PackedLlama(model))
    torch.testing.assert_close(found, grouped, atol=0.05, rtol=0.02)
    assert not torch.equal(found, grouped), "the kernel was asked"


def test_the_output_matrix_in_half_precision_loses_next_to_nothing_of_the_states(monkeypatch):
    model = tiny_language_model("llama").model
    output = model.get_output_embeddings()
    output.weight.data = output.weight.data.bfloat16().float()
    multiply_in_bf16(model)
    states, wanted = 3 * torch.randn(5, output.in_features), torch.tensor([[1, 2]]).expand(5, -1)
    with torch.inference_mode():
        expected = PackedLlama(model).log_p(states, wanted)
        monkeypatch.setattr("fute_core.models.packed.attends_ragged", lambda *_: True)
        monkeypatch.setattr("torch.mm", lambda a, b, out_dtype: torch.matmul(a.to(out_dtype), b.to(out_dtype)))
        packed = PackedLlama(model)
        found = packed.log_p(states, wanted)
        assert packed._output.dtype == torch.bfloat16
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)
        output.weight.data += 1e-4
        assert PackedLlama(model)._output is None, "what half precision would round stays as it is"


def test_the_kernel_for_all_lengths_is_not_asked_for_on_a_processor():
    assert not attends_ragged(torch.ones(2, 2, dtype=torch.bfloat16), 64)
