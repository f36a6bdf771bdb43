"""One deterministic training loop for all that tunes something of an encoder, or beside it.

The encoder stays in eval mode. A linear head on its pooled features is trained along with the tuned tensors; methods
throw it away. It starts from the regularised optimum on the frozen features: so the first step already tunes towards
the task, and reordering the labels permutes the head and leaves the vector alone.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.methods import Observations
from fute_core.methods.heads import Head, fit_head, standardised
from fute_core.models.batch import Batch
from fute_core.models.encoder import Surrogate
from fute_core.models.memory import do_fitting

DEV_SHARE = 0.2
HEAD_C = 0.0025  # as the Fisher method's head
# Short texts of a batch go together, so that little is padded; their gradients are added up.
TOKENS_PER_PASS = 1024

Encode = Callable[[Batch, bool], torch.Tensor]


@dataclass(frozen=True)
class Schedule:
    """AdamW with linear warm-up and linear decay to zero (FUTE section 4.1).

    Parameters
    ----------
    learning_rate : float
        The highest.
    epochs : int
        Passes over the texts at most.
    batch_size : int
        Texts a step.
    patience : int
        Epochs without a better dev loss before training stops and the best epoch is restored; 0 for training on all
        texts for all `epochs`.
    weight_decay : float, default 0.01
        Of AdamW.
    warmup : float, default 0.05
        Share of all steps in which the learning rate rises.
    clip : float, default 1.0
        Largest gradient norm.
    """

    learning_rate: float
    epochs: int
    batch_size: int
    patience: int
    weight_decay: float = 0.01
    warmup: float = 0.05
    clip: float = 1.0


@dataclass(frozen=True)
class TrainedOptions:
    """Options that the trained methods share; those left at None are the preset's.

    Parameters
    ----------
    preset : {"cheap", "paper"}, default "cheap"
        "cheap" stops after a few epochs, since early checkpoints already know their neighbours (Zhou et al. 2022);
        "paper" trains as published. It only fills in other options, so it is no part of `params`.
    learning_rate, epochs, batch_size, patience : float, int, int, int, optional
        For datasets, see `Schedule`.
    model_learning_rate, model_epochs, model_batch_size : float, int, int, optional
        For models, which are trained without early stopping.
    weight_decay, warmup, clip : float
        See `Schedule`.
    init_seed : int, default 0
        Of the initial tensors, which all items of a space share; not the seed of the order of texts.
    """

    preset: str = "cheap"
    learning_rate: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    patience: int | None = None
    model_learning_rate: float | None = None
    model_epochs: int | None = None
    model_batch_size: int | None = None
    weight_decay: float = 0.01
    warmup: float = 0.05
    clip: float = 1.0
    init_seed: int = 0

    needs_probes = False
    seeded = True

    def __post_init__(self) -> None:
        presets = self.presets()
        if self.preset not in presets:
            raise BadInput(f"There is no preset {self.preset!r}; choose one of {', '.join(presets)}.")
        for option, value in presets[self.preset].items():
            if getattr(self, option) is None:
                object.__setattr__(self, option, value)
        for option in ("epochs", "batch_size", "model_epochs", "model_batch_size"):
            if getattr(self, option) < 1:
                raise BadInput(f"Option {option} must be at least 1, not {getattr(self, option)}.")

    @classmethod
    def presets(cls) -> dict[str, dict[str, Any]]:
        """List the presets.

        Returns
        -------
        dict of str to dict
            For each name the options that it fills in.
        """
        raise NotImplementedError

    def params(self) -> dict[str, Any]:
        """List the options that change the vector.

        Returns
        -------
        dict
            JSON values, part of the store key.
        """
        return {name: value for name, value in vars(self).items() if name != "preset"}

    def schedule(self, observations: Observations) -> Schedule:
        """Say how to train on a dataset, or on a model's answers.

        Parameters
        ----------
        observations : Observations
            With `probe_index` for a model.

        Returns
        -------
        Schedule
            The schedule.
        """
        model = observations.probe_index is not None
        side = "model_" if model else ""
        chosen = {name: getattr(self, side + name) for name in ("learning_rate", "epochs", "batch_size")}
        return Schedule(
            **chosen,  # the preset has filled in what was left open
            patience=0 if model else self.patience or 0,
            weight_decay=self.weight_decay,
            warmup=self.warmup,
            clip=self.clip,
        )


def train(
    surrogate: Surrogate,
    observations: Observations,
    encode: Encode,
    tuned: Sequence[torch.Tensor],
    schedule: Schedule,
) -> tuple[dict[str, Any], Head]:
    """Tune tensors in place, and a head, to predict the targets.

    Soft cross entropy, or mean squared error on standardised scores for regression. The head reads features
    standardised by their frozen values, so that one learning rate fits every surrogate. A fifth of the texts is the dev
    split where there is early stopping; it and the order of texts depend on the seed and n alone.

    Parameters
    ----------
    surrogate : Surrogate
        The frozen encoder.
    observations : Observations
        Texts with their targets.
    encode : callable
        (batch, whether in training) to hidden states (b, t, hidden), differentiable in `tuned`.
    tuned : sequence of torch.Tensor
        What is tuned, where the encoder is.
    schedule : Schedule
        How long and how fast.

    Returns
    -------
    dict
        Epochs and losses.
    Head
        As it was trained; methods that want the tuned tensors alone throw it away.

    Raises
    ------
    BadInput
        When there is no text.
    """
    n = len(observations.texts)
    if not n:
        raise BadInput("There are no texts to train on; give at least one.")
    rng = np.random.default_rng(observations.seed)
    order = rng.permutation(n)
    n_dev = int(DEV_SHARE * n) if schedule.patience else 0
    dev, rows = np.sort(order[:n_dev]), np.sort(order[n_dev:])
    task = _Task(surrogate, observations, encode, rows)
    trainable = [*tuned, task.weight, task.bias]
    optimizer = torch.optim.AdamW(trainable, lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    total = schedule.epochs * math.ceil(len(rows) / schedule.batch_size)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _factor(step, total, schedule.warmup))
    best, best_loss, best_epoch, train_loss = None, math.inf, 0, math.nan
    for epoch in range(1, schedule.epochs + 1):
        rng.shuffle(rows)
        train_loss = 0.0
        for start in range(0, len(rows), schedule.batch_size):
            chunk = rows[start : start + schedule.batch_size]
            train_loss += task.descend(chunk, optimizer)
            torch.nn.utils.clip_grad_norm_(trainable, schedule.clip)
            optimizer.step()
            scheduler.step()
            observations.on_step(scheduler.last_epoch / total)
        if n_dev:
            with torch.no_grad():
                dev_loss = task.loss(dev)
            if dev_loss < best_loss:
                best, best_loss, best_epoch = [t.detach().clone() for t in trainable], dev_loss, epoch
            elif epoch - best_epoch >= schedule.patience:
                break
    if best is not None:
        with torch.no_grad():
            for tensor, value in zip(trainable, best, strict=True):
                tensor.copy_(value)
    details = {"epochs": epoch, "train_loss": round(train_loss / len(rows), 4)}
    details |= {"best_epoch": best_epoch, "dev_loss": round(best_loss / n_dev, 4)} if n_dev else {}
    return details, task.head()


class _Task:
    """The head, fitted on the frozen features of `rows`, and its loss."""

    def __init__(
        self, surrogate: Surrogate, observations: Observations, encode: Encode, rows: NDArray[np.intp]
    ) -> None:
        self.surrogate, self.encode = surrogate, encode
        self.encoded = surrogate.encoded(observations.texts)
        self.regression = observations.regression
        targets = np.asarray(observations.targets, np.float32)
        if self.regression:
            targets = standardised(targets)
        self.targets = torch.from_numpy(np.ascontiguousarray(targets))
        features = surrogate.features(observations.texts)
        head = fit_head(features[rows], targets[rows], C=HEAD_C, regression=self.regression)
        self.mean, self.scale, self.weight, self.bias = (
            torch.from_numpy(part).to(surrogate.device) for part in (head.mean, head.scale, head.weight, head.bias)
        )
        for trained in (self.weight, self.bias):
            trained.requires_grad_()

    def descend(self, rows: NDArray[np.intp], optimizer: torch.optim.Optimizer) -> float:
        """Leave the gradient of the mean loss of `rows`, and tell their summed loss."""

        def work(most: int) -> float:
            optimizer.zero_grad()
            losses = []
            for loss in self._losses(rows, most, training=True):
                torch.autograd.backward(loss / len(rows))
                losses.append(loss.detach())
            return sum(loss.item() for loss in losses)  # only now is an accelerator waited for

        return do_fitting(self.surrogate.model, work, TOKENS_PER_PASS, backward=True)

    def head(self) -> Head:
        """The head as it is now."""
        parts = (self.mean, self.scale, self.weight, self.bias)
        return Head(*(part.detach().cpu().numpy() for part in parts))

    def loss(self, rows: NDArray[np.intp]) -> float:
        """Summed loss of `rows`."""

        def work(most: int) -> float:
            return sum(loss.item() for loss in self._losses(rows, most, training=False))

        return do_fitting(self.surrogate.model, work, TOKENS_PER_PASS)

    def _losses(self, rows: NDArray[np.intp], most: int, training: bool) -> Iterator[torch.Tensor]:
        """Summed losses of the parts of `rows`, so many tokens at once."""
        for batch in self.surrogate.batches_of(self.encoded, rows, most):
            pooled = self.surrogate.pool(self.encode(batch, training), batch.mask)
            logits = (pooled - self.mean) / self.scale @ self.weight.T + self.bias
            targets = self.targets[torch.from_numpy(batch.index)].to(logits.device)
            if self.regression:
                yield (logits - targets).square().sum()
            else:
                yield -(targets * torch.log_softmax(logits, 1)).sum()


def _factor(step: int, total: int, warmup: float) -> float:
    """Share of the full learning rate at a step, counted from 0; never zero, so that no step is lost."""
    warm = int(warmup * total)
    return (step + 1) / (warm + 1) if step < warm else max(total - step, 0) / (total - warm)
