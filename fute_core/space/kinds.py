"""What items are for a scale: datasets, classifiers, and prompts on each language model."""

from fute_core.vectors import TaskEmbedding


def scale_kind(kind: str, language_model: str = "") -> str:
    """Name what a newcomer is for a scale: prompts on one language model reach more by chance than those on another.

    Parameters
    ----------
    kind : str
        "dataset", "model" or "prompt".
    language_model : str
        That a prompt was put to; empty for all else.

    Returns
    -------
    str
        Such as "prompt@smollm2".
    """
    return f"{kind}@{language_model}" if language_model else kind


def kind_on_scale(embedding: TaskEmbedding) -> str:
    """Name what an embedding is for a scale.

    Parameters
    ----------
    embedding : TaskEmbedding
        Of any kind.

    Returns
    -------
    str
        See `scale_kind`.
    """
    return scale_kind(embedding.kind, embedding.language_model)


def plain_kind(kind: str) -> str:
    """Leave the language model out.

    Parameters
    ----------
    kind : str
        From `scale_kind`.

    Returns
    -------
    str
        "dataset", "model" or "prompt".
    """
    return kind.partition("@")[0]
