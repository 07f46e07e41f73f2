"""One setting: a field with what a user must know about it."""

from dataclasses import field
from typing import Any


def setting(  # noqa: PLR0913 - one parameter for each fact
    default: Any,
    *,
    help: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    source: str = "",
) -> Any:
    """A field with what a user must know about it; ``source`` says why this default."""
    facts = {
        "help": help,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "source": source,
    }
    return field(default=default, metadata=facts)
