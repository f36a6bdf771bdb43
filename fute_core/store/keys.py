"""Under which keys the store keeps what belongs to an embedding."""


def answers_key(key: str) -> str:
    """Tell where the label distributions on the probe texts lie that belong to an embedding.

    Parameters
    ----------
    key : str
        Key of the embedding.

    Returns
    -------
    str
        Key in the section "arrays" of a value with the array "answers", float32 of shape (m, k).
    """
    return f"on-probes/{key}"
