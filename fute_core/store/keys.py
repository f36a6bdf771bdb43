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


def rows_key(key: str) -> str:
    """Tell where a dataset's Gram matrices without each group of its rows lie.

    Parameters
    ----------
    key : str
        Key of the dataset's embedding.

    Returns
    -------
    str
        Key in the section "arrays" of a value with the array "factors", float32 of shape (g, r, k).
    """
    return f"without-rows/{key}"


def beside_keys(key: str) -> tuple[str, ...]:
    """List what may lie in the section "arrays" for an embedding.

    Parameters
    ----------
    key : str
        Its key.

    Returns
    -------
    tuple of str
        Keys of its answers, and of what it is without some of its rows.
    """
    return answers_key(key), rows_key(key)
