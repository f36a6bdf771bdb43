"""Options of who is asked a prompt and how answers are read, and what asking will cost."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from fute_core.cli.output import note
from fute_core.embedding.opening import predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.predictors.answers import known_as
from fute_core.predictors.keys import named_key
from fute_core.store.store import Store

PACE = ("at_once", "timeout")
NAMES = ("base_url", "api_key_env", "api", "text", "samples", "max_tokens", *PACE)
MILLION = 1_000_000


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command.

    Parameters
    ----------
    command : callable
        Takes `NAMES`.

    Returns
    -------
    callable
        The command with them.
    """
    for add in reversed(
        [
            click.option("--base-url", help="OpenAI-compatible endpoint, such as http://localhost:8000/v1."),
            click.option(
                "--api-key-env",
                metavar="NAME",
                help="Environment variable with the endpoint's key.  [default: OPENAI_API_KEY, sent to the address of "
                "OPENAI_BASE_URL or to OpenAI's own, and to no other]",
            ),
            click.option(
                "--api",
                type=click.Choice(["chat", "completions", "next-token"]),
                default="chat",
                show_default=True,
                help="How the endpoint is asked: for a chat answer's first token, to score whole answers, or for the "
                "next token.",
            ),
            click.option("--text", is_flag=True, help="Read answers as text, for models without log-probabilities."),
            click.option("--samples", type=int, help="With --text, answers a text.  [default: 1, the likeliest words]"),
            click.option("--max-tokens", type=int, help="With --text, tokens of an answer.  [default: 16]"),
            *pace("[default: 4]", "[default: 60]"),
        ]
    ):
        command = add(command)
    return command


def pace(requests: str, seconds: str) -> tuple[Callable[..., Any], ...]:
    """Give the options of how fast an endpoint is asked, which change no answer.

    Parameters
    ----------
    requests, seconds : str
        What holds where they are not given.

    Returns
    -------
    tuple of callable
        A decorator for each of `PACE`.
    """
    return (
        click.option("--at-once", type=click.IntRange(1, 64), help=f"Requests at a time.  {requests}"),
        click.option("--timeout", type=click.FloatRange(min=1), help=f"Seconds a try may take.  {seconds}"),
    )


def cost_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of what asking will cost.

    Parameters
    ----------
    command : callable
        Takes `price` and `estimate`.

    Returns
    -------
    callable
        The command with them.
    """
    priced = click.option("--price", metavar="READ,WRITTEN", help="Prices of a million tokens, to estimate the cost.")
    estimated = click.option("--estimate", is_flag=True, help="Say what the endpoint would be asked, and ask nothing.")
    return priced(estimated(command))


def chosen(given: dict[str, Any]) -> dict[str, Any]:
    """Take the options out of what a command was given.

    Parameters
    ----------
    given : dict
        By the names of the command's parameters; those of `NAMES` are taken out.

    Returns
    -------
    dict
        What `EmbedRequest.options` takes.

    Raises
    ------
    BadInput
        For options that need another one, or that name no key.
    """
    took = {name: given.pop(name) for name in NAMES}
    if took["api_key_env"] is not None:
        named_key(took["api_key_env"])
    for name in ("api_key_env", *PACE):
        if took[name] is not None and not took["base_url"]:
            raise BadInput(f"--{name.replace('_', '-')} is for an endpoint; give --base-url with it.")
    for name in ("samples", "max_tokens"):
        if took[name] is not None and not took["text"]:
            raise BadInput(f"--{name.replace('_', '-')} is for answers that are read as text; give --text with it.")
    if not took["base_url"]:
        took["api"] = None
    took["text"] = took["text"] or None
    return took


def tell_cost(requests: Sequence[EmbedRequest], store: Store, price: str | None) -> None:
    """Say what an endpoint will be asked, before it is: what the store has answers to is not asked again.

    Parameters
    ----------
    requests : sequence of EmbedRequest
        Prompts for one endpoint.
    store : Store
        Where answers are kept.
    price : str, optional
        Of a million tokens read, a comma, and of a million written.

    Raises
    ------
    BadInput
        For what is no such pair of prices, and for a prompt that cannot be used.
    """
    each = None if price is None else _prices(price)
    calls = read = written = 0
    for request in requests:
        predictor, facts = predictor_of(request)
        texts = request.recipe.probes(facts["pair"]).texts
        _, missing = store.get_answers(known_as(predictor), texts)
        cost = predictor.cost([text for text, wanted in zip(texts, missing, strict=True) if wanted])  # type: ignore[attr-defined]
        calls, read, written = calls + cost["calls"], read + cost["tokens"], written + cost["written"]
    where = requests[0].options["base_url"]
    if not calls:
        note(f"All answers of {where} are kept already; nothing is asked.")
        return
    paid = "" if each is None else f", for about {(read * each[0] + written * each[1]) / MILLION:.2g}"
    note(f"{where} is asked {calls:,} times: about {read:,} tokens to read, at most {written:,} to write{paid}.")


def _prices(given: str) -> tuple[float, float]:
    try:
        read, written = (float(part) for part in given.split(","))
    except ValueError:
        read = written = -1.0
    if not (0 <= read < float("inf") and 0 <= written < float("inf")):
        raise BadInput(f"--price {given!r} is no pair of prices; give those of a million tokens, such as 0.15,0.60.")
    return read, written
