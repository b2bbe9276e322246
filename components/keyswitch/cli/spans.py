"""Parses a span of time that is given as an option."""

from datetime import timedelta

import typer

from keyswitch.configuration.keyswitch import span_of


def span(text: str) -> timedelta:
    """Read a span as the configuration has it: `24h`, `90d`.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return span_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
