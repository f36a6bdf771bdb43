"""Which models are read without padding, and that their layers then give what transformers computes."""

import pytest
import torch
from tiny_language_models import CAUSAL, tiny_language_model

from fute_core.models.packed import PackedLlama, Rows, reads_packed


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


def test_states_of_all_tokens_and_of_the_last_equal_those_of_the_model_before_and_after():
    model = tiny_language_model("llama").model
    texts = [torch.tensor([[5, 6, 7], [9, 8, 7]]), torch.tensor([[4, 3, 9, 2, 6]])]

    def expected():
        return [model.model(input_ids=ids).last_hidden_state for ids in texts]

    with torch.inference_mode():
        before = expected()
        packed = PackedLlama(model)
        states, kept = packed.read([Rows(ids, []) for ids in texts], keep=True)
        ends, _ = packed.read([Rows(ids, []) for ids in texts], last=True)
        split = [packed.read([Rows(ids[:, :2], [])], keep=True)[1][0] for ids in texts]
        rest, _ = packed.read([Rows(ids[:, 2:], past) for ids, past in zip(texts, split, strict=True)])
        for found in (states, expected()):
            torch.testing.assert_close(found, before, atol=1e-5, rtol=0)
        torch.testing.assert_close(ends, [state[:, -1:] for state in before], atol=1e-5, rtol=0)
        torch.testing.assert_close(rest, [state[:, 2:] for state in before], atol=1e-5, rtol=0)
    assert [[k.shape[2] for k, _ in layers] for layers in kept] == [[3, 3], [5, 5]]
