"""Whether an embedding says anything of a job: a reason in words where it does not."""

from fute_core.models.code_signs import MOST_SIGNS
from fute_core.models.whole_words import LEAST_READ
from fute_core.vectors import TaskEmbedding


def why_unread(embedding: TaskEmbedding) -> str:
    """Say why the texts of something are not read.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any embedding.

    Returns
    -------
    str
        A sentence for a dataset of program code, or one whose words are mostly none of the encoder's vocabulary; empty
        for all others.
    """
    details = embedding.provenance.details
    if (signs := details.get("code_signs", 0.0)) > MOST_SIGNS:
        return (
            f"Of the characters of its median text {100 * signs:.0f} % are signs of program code, and the probe texts "
            "are prose: what lies near it proves nothing."
        )
    if (whole := details.get("whole_words", 1.0)) < LEAST_READ:
        return (
            f"Of its words {100 * whole:.0f} % are whole words of the vocabulary of {embedding.provenance.surrogate}, "
            "which reads English: what lies near it proves nothing; embed it with an encoder of its language."
        )
    return ""


def why_silent(embedding: TaskEmbedding) -> str:
    """Say why a vector of zeros says nothing.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any embedding.

    Returns
    -------
    str
        A sentence that begins in lower case, to be put after a name; empty for a vector that says something.
    """
    if not embedding.provenance.details.get("constant"):
        return ""
    blind = "its labels do not follow from what the surrogate reads in its texts"
    answers = blind if embedding.kind == "dataset" else "it answers every probe text alike"
    return f"{answers}, so its vector says nothing; its neighbours mean nothing either."


def why_unsure(embedding: TaskEmbedding) -> str:
    """Say why a model's place is less sure than that of others.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any embedding.

    Returns
    -------
    str
        A sentence that begins in lower case, for a model that answers with labels alone; empty for all others.
    """
    if embedding.kind == "dataset" or not embedding.provenance.details.get("one_hot"):
        return ""
    return "it answers with labels alone; with probabilities its place would be surer and kin found more often."


def says_something(embedding: TaskEmbedding) -> bool:
    """Tell whether the place of something may be taken for its job.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any embedding.

    Returns
    -------
    bool
        False where its texts are not read, or its vector is of zeros.
    """
    return not (why_unread(embedding) or why_silent(embedding))
