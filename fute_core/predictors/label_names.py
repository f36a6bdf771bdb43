"""What the outputs of a classifier are called, as its config.json was written.

transformers keeps a name only where its number and the number of names are what it expects: names that count from 1 are
out of its reach, and where `num_labels` says another number than there are names, it drops them all without a word.
"""

from collections.abc import Mapping
from typing import Any

from fute_core.errors import BadInput


def label_names(written: Mapping[str, Any], ref: str) -> tuple[str, ...] | None:
    """Name the outputs of a classifier in their order.

    Parameters
    ----------
    written : mapping of str to object
        What config.json says.
    ref : str
        What an error calls the model.

    Returns
    -------
    tuple of str, or None
        One name an output; LABEL_i for one without a name. None where the config says nothing of labels.

    Raises
    ------
    BadInput
        For names that cannot be told to belong to one output each.
    """
    names, said = _numbered(written, ref), written.get("num_labels")
    if said is not None and (type(said) is not int or said < 1):
        raise BadInput(f"{ref}: num_labels of config.json is {said!r}; correct it to the number of labels.")
    if not names:
        return None if said is None else tuple(f"LABEL_{i}" for i in range(said))
    if said is None or said == len(names):
        # An output that is counted from 1, or left out of the count, is still in this order.
        return tuple(names[number] for number in sorted(names))
    if min(names) >= 0 and max(names) < said:
        return tuple(names.get(i, f"LABEL_{i}") for i in range(said))
    listed = ", ".join(names[number] for number in sorted(names))
    raise BadInput(
        f"{ref}: id2label of config.json names {len(names)} labels ({listed}), but num_labels is {said}; correct "
        "the one that is wrong."
    )


def of_adapter(written: Mapping[str, Any], outputs: int | None) -> dict[str, Any]:
    """Take a base's config for an adapter, whose own classifying layer has the outputs.

    Parameters
    ----------
    written : mapping of str to object
        What config.json of the base says.
    outputs : int or None
        How many outputs the adapter brings; None where it brings no layer of its own.

    Returns
    -------
    dict of str to object
        With the names of the base only where there are as many.
    """
    if outputs is None or len(written.get("id2label") or ()) == outputs:
        return dict(written)
    rest = {name: value for name, value in written.items() if name not in ("id2label", "label2id")}
    return {**rest, "num_labels": outputs}


def _numbered(written: Mapping[str, Any], ref: str) -> dict[int, str]:
    """Names by their numbers, from `id2label`, or from `label2id` where only that is there."""
    given = written.get("id2label")
    backwards = written.get("label2id")
    if given is None and isinstance(backwards, dict):
        given = {number: name for name, number in backwards.items()}
    try:
        return {int(number): str(name) for number, name in dict(given or {}).items()}
    except (TypeError, ValueError):
        raise BadInput(
            f"{ref}: id2label of config.json is no mapping of numbers to names; write it like "
            '{"0": "negative", "1": "positive"}.'
        ) from None
