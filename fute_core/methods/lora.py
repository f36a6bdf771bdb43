"""TuPaTE with low-rank adapters on the query and value of every attention layer (Zhou et al. 2022; Hu et al. 2021)."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.methods import Fitted, Observations
from fute_core.methods.rewiring import attention_modules, shared_copy
from fute_core.methods.training import TrainedOptions, train
from fute_core.models.batch import Batch
from fute_core.models.encoder import Surrogate
from fute_core.vectors import Block

ADAPTER = "default"


@dataclass(frozen=True)
class Lora(TrainedOptions):
    """Tuned minus initial adapter: A - A0 (rank, d_in) and B (d_out, rank, from zero) of each adapted layer.

    There is no dropout. No settings are published for adapters: the preset "paper" trains as long as that of `prefix`,
    at a tenth of the learning rate for datasets.

    Parameters
    ----------
    preset, learning_rate, epochs, batch_size, patience : optional
        See `TrainedOptions`.
    model_learning_rate, model_epochs, model_batch_size : optional
        See `TrainedOptions`.
    weight_decay, warmup, clip, init_seed : float, float, float, int
        See `TrainedOptions`.
    rank : int, default 4
        Of the update (alpha / rank) B A.
    alpha : float, default 8.0
        Its scale.
    pooling : {"none", "layers"}, default "none"
        "none" flattens and concatenates all of them (TuPaTE); "layers" takes the mean over layers of each.
    """

    rank: int = 4
    alpha: float = 8.0
    pooling: Literal["none", "layers"] = "none"

    name = "lora"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rank < 1:
            raise BadInput(f"Option rank must be at least 1, not {self.rank}.")
        if self.pooling not in ("none", "layers"):
            raise BadInput(f"There is no pooling {self.pooling!r}; choose one of none, layers.")

    @classmethod
    def presets(cls) -> dict[str, dict[str, Any]]:
        """List the presets, see `TrainedOptions`.

        Returns
        -------
        dict of str to dict
            For each name the options that it fills in.
        """
        return {
            "cheap": {
                "learning_rate": 1e-2, "epochs": 4, "batch_size": 32, "patience": 2,
                "model_learning_rate": 1e-2, "model_epochs": 4, "model_batch_size": 32,
            },
            "paper": {
                "learning_rate": 1e-3, "epochs": 120, "batch_size": 32, "patience": 4,
                "model_learning_rate": 1e-3, "model_epochs": 1, "model_batch_size": 128,
            },
        }  # fmt: skip

    def fit(self, surrogate: Surrogate, observations: Observations) -> Fitted:
        """Train adapters.

        Parameters
        ----------
        surrogate : Surrogate
            The encoder that reads the texts.
        observations : Observations
            Texts with their targets, and the probe texts.

        Returns
        -------
        Fitted
            float32, with one block for A and one for B of the query and of the value of each layer.

        Raises
        ------
        BadInput
            When there is no text.
        """
        model, tuned = self.adapted(surrogate)
        initial = {name: tensor.detach().clone() for name, tensor in tuned.items()}

        def encode(batch: Batch, _training: bool) -> torch.Tensor:
            states: torch.Tensor = model(**batch.inputs).last_hidden_state
            return states

        details, _ = train(surrogate, observations, encode, list(tuned.values()), self.schedule(observations))
        changes = {name: (tensor.detach() - initial[name]).cpu().numpy() for name, tensor in tuned.items()}
        return Fitted(*self._pooled(changes), details)

    def adapted(self, surrogate: Surrogate) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
        """Put adapters beside the weights of an encoder, or of a decoder that is read like one.

        Parameters
        ----------
        surrogate : Surrogate
            Stays as it is.

        Returns
        -------
        model : torch.nn.Module
            A copy with adapters that change nothing yet; it shares the weights.
        tuned : dict of str to torch.Tensor
            Of the adapters, by the names of blocks.
        """
        from peft import LoraConfig, inject_adapter_in_model

        model = shared_copy(surrogate.model)
        places = {}
        for layer, (module, (query, _, value)) in enumerate(attention_modules(model)):
            places[f"layer{layer:02d}.query"] = f"{module}.{query}"
            places[f"layer{layer:02d}.value"] = f"{module}.{value}"
        config = LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,  # type: ignore[arg-type]  # a scale, which need not be whole
            target_modules=list(places.values()),
        )
        with torch.random.fork_rng(devices=[]):  # peft draws from the global generator
            model = inject_adapter_in_model(config, model, adapter_name=ADAPTER).eval()
        generator = torch.Generator().manual_seed(self.init_seed)
        tuned = {}
        for name, place in places.items():
            adapted: Any = model.get_submodule(place)
            a, b = adapted.lora_A[ADAPTER].weight, adapted.lora_B[ADAPTER].weight
            # Drawn on the processor, so that every device begins with the same numbers.
            drawn = torch.nn.init.kaiming_uniform_(torch.empty(a.shape), a=math.sqrt(5), generator=generator)
            a.data.copy_(drawn)
            tuned[f"{name}.A"], tuned[f"{name}.B"] = a, b
        return model, tuned

    def _pooled(self, changes: dict[str, NDArray[np.float32]]) -> tuple[NDArray[np.float32], tuple[Block, ...]]:
        if self.pooling == "layers":
            kinds = dict.fromkeys(name.partition(".")[2] for name in changes)
            changes = {kind: np.mean([c for n, c in changes.items() if n.endswith(kind)], 0) for kind in kinds}
        blocks, at = [], 0
        for name, change in changes.items():
            blocks.append(Block(name, at, at + change.size, part=self.name))
            at += change.size
        return np.concatenate([change.ravel() for change in changes.values()]).astype(np.float32), tuple(blocks)
