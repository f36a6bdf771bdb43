"""Log-probabilities that an encoder-decoder model gives to answers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.models.language import LanguageModel
from fute_core.models.memory import read_fitting
from fute_core.models.place import where
from fute_core.models.tokens_read import note_tokens
from fute_core.predictors.batches import TOKENS_PER_BATCH, batches


def seq2seq_scores(lm: LanguageModel, prompts: list[list[int]], choices: list[list[int]]) -> NDArray[np.float32]:
    """Compute the total log-probability of every choice as the answer to every prompt.

    Parameters
    ----------
    lm : LanguageModel
        Of kind "seq2seq".
    prompts : list of list of int
        Token ids, read by the encoder.
    choices : list of list of int
        Token ids of each choice, given to the decoder.

    Returns
    -------
    ndarray of float32, shape (n, s)
        One column for each choice.
    """
    import torch

    out = np.zeros((len(prompts), len(choices)), np.float32)

    def read(rows: NDArray[np.intp]) -> NDArray[np.float32]:
        return _score(lm.model, [prompts[i] for i in rows], choices)

    def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
        return [left[rows] for rows in batches([prompts[i] for i in left], 0, most)]

    with torch.inference_mode():
        for rows, scores in read_fitting(lm.model, len(prompts), split, read, TOKENS_PER_BATCH):
            out[rows] = scores
    return out


def _score(model: Any, prompts: list[list[int]], choices: list[list[int]]) -> NDArray[np.float32]:
    import torch

    longest = max(map(len, prompts))
    ids = torch.zeros((len(prompts), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)
        mask[row, : len(prompt)] = 1
    device = where(model)
    ids, mask = ids.to(device), mask.to(device)
    encoded = model.get_encoder()(input_ids=ids, attention_mask=mask)
    forced = model.generation_config.forced_bos_token_id  # BART answers begin with <s>
    start = [model.config.decoder_start_token_id, *([] if forced is None else [forced])]
    note_tokens(sum(map(len, prompts)) + len(prompts) * sum(len(start) - 1 + len(tokens) for tokens in choices))
    scores = np.zeros((len(prompts), len(choices)), np.float32)
    for column, tokens in enumerate(choices):
        fed = torch.tensor([[*start, *tokens[:-1]]], device=device).expand(len(prompts), -1)
        logits = model(encoder_outputs=encoded, attention_mask=mask, decoder_input_ids=fed, use_cache=False).logits
        log_p = torch.log_softmax(logits[:, len(start) - 1 :].float(), 2)
        wanted = torch.tensor([tokens], device=device).expand(len(prompts), -1)[..., None]
        scores[:, column] = log_p.gather(2, wanted).sum((1, 2)).cpu().numpy()
    return scores
