"""A prompt about films for tiny language models, and the scores that the loop anyone would write gives it."""

import numpy as np
import torch

from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.tasks import PromptTemplate

TEXTS = (
    "a fine film", "bad", "",
    "a long and dull tale of nothing at all that goes on and on , with no end in sight , until it stops",
    "so good it hurts", "the plot is thin , the cast is not",
)  # fmt: skip


CHOICES = (("good", "very good"), ("bad",), ("so so", "dull"))


LABELS = ("good", "bad", "middling")


def template(source: str = "Is this film good ?\n{{ text }}\nAnswer:", **given) -> PromptTemplate:
    return PromptTemplate("t", source, **{"choices": CHOICES, "labels": LABELS} | given)


def naive(predictor: PromptedLM, texts) -> np.ndarray:
    """One text and one choice at a time: prompt and choice in one sequence, no cache, no padding."""
    lm, tokens = predictor.lm, predictor.tokens
    prompts, _ = tokens.read(texts)
    scores = np.zeros((len(texts), len(tokens.choices)))
    for row, prompt in enumerate(prompts):
        for column, choice in enumerate(tokens.choices):
            if lm.kind == "seq2seq":
                start = [lm.model.config.decoder_start_token_id, lm.model.generation_config.forced_bos_token_id]
                start = [t for t in start if t is not None]
                decoder = torch.tensor([[*start, *choice]])
                logits = lm.model(input_ids=torch.tensor([prompt]), decoder_input_ids=decoder, use_cache=False).logits
                before = len(start)
            else:
                logits = lm.model(input_ids=torch.tensor([prompt + choice]), use_cache=False).logits
                before = len(prompt)
            log_p = torch.log_softmax(logits[0].float(), 1)
            scores[row, column] = sum(log_p[before - 1 + i, token].item() for i, token in enumerate(choice))
    return scores
