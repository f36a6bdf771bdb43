"""The log-probability of a whole answer, of servers that repeat a given text with the score of each token."""

from fute_core.errors import BadInput
from fute_core.predictors.replies import echoed
from fute_core.predictors.server import Refused, Server


async def scored(server: Server, prompt: str, answer: str, else_do: str) -> tuple[float, int]:
    """Have a server score an answer after a prompt.

    One token more is asked for: asked for none, some servers write to the end of what they can.

    Parameters
    ----------
    server : Server
        Which.
    prompt : str
        What comes before.
    answer : str
        What is scored.
    else_do : str
        The end of the sentence where the server will not say.

    Returns
    -------
    tuple of (float, int)
        Log-probability of the whole answer, and how many tokens it has.

    Raises
    ------
    BadInput
        Where the server will not say.
    """
    try:
        choice = await server.choice(
            "completions", prompt=prompt + answer, max_tokens=1, temperature=0, echo=True, logprobs=1
        )
    except Refused as refused:
        raise BadInput(f"{server.shown_url} refuses the request: {refused}; {else_do}") from None
    found = echoed(choice, prompt, answer, server.shown_url)
    if isinstance(found, str):
        raise BadInput(f"{server.shown_url} {found}; {else_do}")
    return found
