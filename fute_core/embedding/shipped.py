"""Vectors of models from what ships: the gallery has the basis of the probe texts, so that no encoder is opened.

A model is known by its answers alone. All that its vector needs of the encoder is how it reads the probe texts, and
that is the same for every model. So answers land without torch, and in the same basis on every machine.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from fute_core.datasets.probes import load_probes
from fute_core.errors import BadInput, Unavailable
from fute_core.gram import gram_factor
from fute_core.methods import Fitted
from fute_core.methods.functional import model_answers
from fute_core.models.surrogate import surrogate_identity
from fute_core.vectors import silent_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fute_core.atlas.gallery import Gallery
    from fute_core.methods import Observations
    from fute_core.models.encoder import Surrogate


def encoder_identity(ref: str) -> tuple[str, str]:
    """Name an encoder and its weights, also the one of the gallery where its package is not installed.

    Parameters
    ----------
    ref : str
        Packaged name, folder or Hub id.

    Returns
    -------
    tuple of (str, str)
        Name and digest of the weights, see `models.surrogate.surrogate_identity`.

    Raises
    ------
    Unavailable
        For an encoder that neither is there nor made the gallery.
    """
    try:
        return surrogate_identity(ref)
    except Unavailable:
        gallery = _gallery(False)
        made = gallery.items[0].embedding.provenance if gallery else None
        if made is None or made.surrogate != ref:
            raise
        return made.surrogate, made.surrogate_digest


def fitted_by_gallery(observations: "Observations", space: "Mapping[str, object]", pair: bool) -> Fitted | None:
    """Make a model's vector in the basis that ships.

    Parameters
    ----------
    observations : Observations
        The model's answers on the probe texts, with `probe_index`.
    space : mapping
        What the vector has to be comparable by, see `TaskEmbedding.space`.
    pair : bool
        Whether the texts are pairs.

    Returns
    -------
    Fitted or None
        None where the gallery was made in another space, so that the method itself is needed.
    """
    gallery = _gallery(pair)
    if gallery is None or gallery.items[0].embedding.space() != space:
        return None
    shipped = gallery.items[0].embedding
    index, n = observations.probe_index, len(observations.probes)
    assert index is not None, "answers of a model come with the numbers of their probe texts"
    answers = model_answers(observations.targets, index, n, observations.regression)
    factor, loss = gram_factor(answers, gallery.basis)
    silent = silent_values(len(shipped.values))
    return Fitted(silent, shipped.blocks, {"compression_loss": round(loss, 4)}, factor=factor)


def knowing_probes(surrogate: "Surrogate", pair: bool) -> "Surrogate":
    """Spare an encoder the probe texts, where what ships has its features of them.

    Parameters
    ----------
    surrogate : Surrogate
        The encoder.
    pair : bool
        Whether the probe texts are pairs.

    Returns
    -------
    Surrogate
        The same where the gallery was read with other weights.
    """
    gallery = _gallery(pair)
    if gallery is None or gallery.features is None:
        return surrogate
    made, probes = gallery.items[0].embedding.provenance, load_probes(pair, len(gallery.features))
    known = (made.surrogate_digest, made.probes) == (surrogate.digest, probes.identity)
    return surrogate.given(probes.texts, gallery.features) if known else surrogate


def _gallery(pair: bool) -> "Gallery | None":
    """What ships, or None also where it is of another format: whoever builds it anew must not need the old one."""
    from fute_core.atlas.gallery import load_gallery  # scikit-learn with it, which no command needs to start

    with suppress(BadInput):
        return load_gallery(pair)
    return None
