"""Fine-tunes the last layers of the surrogate's encoder on one dataset, then on few rows of another.

What the layers below say of a text is computed once, so that a matrix of transfers takes minutes on a CPU. Each new
head starts as the logistic regression of its rows ("linear probing, then fine-tuning", Kumar et al. 2022): with few
steps a head drawn at random would measure the draw.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.evaluation.parts.rows import dataset_parts, even, held_out
from fute_core.methods.heads import fit_head

if TYPE_CHECKING:
    import torch

    from fute_core.models.encoder import Surrogate

BATCH = 16
TEST_BATCH = 50
HEAD_C = 0.01
FAMILIES = ("bert", "camembert", "electra", "roberta", "xlm-roberta")
"""Encoders whose layers need nothing but the states below and a mask."""


@dataclass(frozen=True)
class Tuning:
    """How an encoder is fine-tuned.

    Parameters
    ----------
    source_rows, test_rows : int
        Rows of a source and rows that measure, at most.
    source_steps : int
        Steps on the source, of `BATCH` rows each.
    layers : int
        The last so many layers of the encoder learn.
    tokens : int
        Of a text at most; more tokens are cut.
    learning_rate : float
        Of AdamW at the first step; it falls to a tenth.
    """

    source_rows: int = 300
    test_rows: int = 200
    source_steps: int = 40
    layers: int = 1
    tokens: int = 32
    learning_rate: float = 5e-4


@dataclass(frozen=True)
class _Texts:
    """states : float32 (n, t, h) below the tuned layers. mask : float32 (n, t). labels : int (n,)."""

    states: "torch.Tensor"
    mask: "torch.Tensor"
    labels: "torch.Tensor"
    targets: NDArray[np.float32]


class Tuner:
    """Measures transfers by one tuning of one encoder; what is used again is kept.

    Parameters
    ----------
    surrogate : Surrogate
        Whose encoder is tuned; its own weights stay as they are.
    tuning : Tuning
        How it is tuned.

    Raises
    ------
    BadInput
        The encoder is of none of the kinds in FAMILIES.
    """

    def __init__(self, surrogate: "Surrogate", tuning: Tuning):
        if surrogate.family not in FAMILIES:
            raise BadInput(
                f"Transfer fine-tunes encoders of the kinds {', '.join(FAMILIES)}, and {surrogate.id!r} "
                f"({surrogate.family}) is none; take another surrogate."
            )
        self.surrogate = surrogate
        self.tuning = tuning
        self._top = surrogate.model.encoder.layer[-tuning.layers :]
        self._texts: dict[tuple[str, str], _Texts] = {}
        self._tuned: dict[tuple[str, int], Mapping[str, Any]] = {}

    def transfer(self, source: str | None, target: str, n_rows: int, steps: int, seed: int) -> float:
        """Tune on a source, then on few rows of a target, and measure on the target.

        Parameters
        ----------
        source : str or None
            Dataset that is tuned on first; None tunes on the target alone.
        target : str
            Dataset that is tuned on last, with a new head.
        n_rows : int
            Rows of the target that are tuned on.
        steps : int
            Steps on the target, of `BATCH` rows each.
        seed : int
            Orders the rows.

        Returns
        -------
        float
            Accuracy on the target's test rows, 0 to 1.
        """
        layers = copy.deepcopy(self._top)
        if source is not None:
            if (source, seed) not in self._tuned:
                self._train(layers, source, self.tuning.source_rows, self.tuning.source_steps, seed)
                self._tuned[source, seed] = copy.deepcopy(layers.state_dict())
            layers.load_state_dict(self._tuned[source, seed])
        head = self._train(layers, target, n_rows, steps, seed + 1)
        return self._accuracy(layers, head, target)

    def _train(self, layers: "torch.nn.ModuleList", name: str, n_rows: int, steps: int, seed: int) -> "torch.nn.Linear":
        """Train `layers` in place with a new linear head, which is returned."""
        import torch

        texts = self._known(name, "train")
        chosen = even(texts.targets, n_rows)
        layers.train(False).requires_grad_(True)  # no dropout: with so few steps it only adds noise
        head = self._head(layers, texts, chosen)
        parameters = [*layers.parameters(), *head.parameters()]
        optimiser = torch.optim.AdamW(parameters, lr=self.tuning.learning_rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.1, max(steps, 1))
        order = np.random.default_rng(seed)
        queue: list[int] = []
        for _ in range(steps):
            while len(queue) < BATCH:
                queue += order.permutation(chosen).tolist()
            batch, queue = queue[:BATCH], queue[BATCH:]
            loss = torch.nn.functional.cross_entropy(head(self._pooled(layers, texts, batch)), texts.labels[batch])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # the library has no types here
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            schedule.step()
        return head

    def _head(self, layers: "torch.nn.ModuleList", texts: _Texts, chosen: NDArray[np.intp]) -> "torch.nn.Linear":
        """A linear layer on standardised features, at the logistic regression of the chosen rows."""
        import torch

        fitted = fit_head(self._features(layers, texts, chosen), texts.targets[chosen], C=HEAD_C)
        mean, scale = torch.from_numpy(fitted.mean), torch.from_numpy(fitted.scale)

        class Standardised(torch.nn.Linear):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return super().forward((x - mean) / scale)

        head = Standardised(*fitted.weight.shape[::-1])
        with torch.no_grad():
            head.weight.copy_(torch.from_numpy(fitted.weight))
            head.bias.copy_(torch.from_numpy(fitted.bias))
        return head

    def _accuracy(self, layers: "torch.nn.ModuleList", head: "torch.nn.Linear", name: str) -> float:
        import torch

        texts = self._known(name, "test")
        features = self._features(layers, texts, np.arange(len(texts.labels)))
        with torch.inference_mode():
            said = head(torch.from_numpy(features)).argmax(1)
        return float((said == texts.labels).float().mean())

    def _features(self, layers: "torch.nn.ModuleList", texts: _Texts, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """float32 (n, h) of the texts at `rows`, under the layers as they are."""
        import torch

        with torch.inference_mode():
            parts = [self._pooled(layers, texts, rows[i : i + TEST_BATCH]) for i in range(0, len(rows), TEST_BATCH)]
            pooled: NDArray[np.float32] = torch.cat(parts).numpy()
        return pooled

    def _pooled(
        self, layers: "torch.nn.ModuleList", texts: _Texts, rows: Sequence[int] | NDArray[np.intp]
    ) -> "torch.Tensor":
        mask = texts.mask[rows]
        longest = int(mask.sum(1).max())
        states, mask = texts.states[rows][:, :longest], mask[:, :longest]
        bias = (1.0 - mask)[:, None, None, :] * -1e4
        for layer in layers:
            out = layer(states, attention_mask=bias)
            states = out[0] if isinstance(out, tuple) else out
        return self.surrogate.pool(states, mask)

    def _known(self, name: str, which: str) -> _Texts:
        if (name, which) not in self._texts:
            self._texts[name, which] = self._below(name, which)
        return self._texts[name, which]

    def _below(self, name: str, which: str) -> _Texts:
        import torch

        rows = held_out(name, self.tuning.test_rows) if which == "test" else dataset_parts(name).dte
        ids = self.surrogate.encoded(rows.texts, max_length=self.tuning.tokens)["input_ids"]
        padded = self.surrogate.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        states = []
        with torch.inference_mode():
            for i in range(0, len(ids), TEST_BATCH):
                batch = {key: value[i : i + TEST_BATCH] for key, value in padded.items()}
                out = self.surrogate.model(**batch, output_hidden_states=True)
                states.append(out.hidden_states[-1 - self.tuning.layers])
        labels = torch.from_numpy(rows.targets.argmax(1))
        # A clone, since what is made in inference mode cannot be trained on.
        return _Texts(torch.cat(states).clone(), padded["attention_mask"].float(), labels, rows.targets)
