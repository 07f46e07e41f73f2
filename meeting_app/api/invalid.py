"""What is wrong with the values of a request, in one short sentence that says what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST_QUOTE = 40  # characters of a wrong value that a message shows

# By pydantic's name of the mistake; what it tells besides is in the places of its own names.
SAID: Mapping[str, str] = {
    "missing": "{what}: missing; add it",
    "extra_forbidden": "{what}: not known here; leave it out, or see /api/openapi.json",
    "string_too_short": "{what}: blank; type at least one character",
    "string_too_long": "{what}: longer than {max_length} characters; shorten it",
    "string_pattern_mismatch": "{what}: {given} is not of the form {pattern}; change it",
    "too_short": "{what}: fewer than {min_length}; add some",
    "too_long": "{what}: more than {max_length}; leave some out",
    "greater_than_equal": "{what}: {given} is too little; give {ge} or more",
    "less_than_equal": "{what}: {given} is too much; give {le} or less",
    "enum": "{what}: {given} is none of {expected}; choose one of them",
    "literal_error": "{what}: {given} is none of {expected}; choose one of them",
    "json_invalid": "the request is not JSON ({error}); correct it",
    "finite_number": "{what}: {given} is not a finite number; correct it",
    "conflict": "{message}",  # of two values, both of which it names
}
_WRONG_KIND = "{what}: {given} is not {wanted}; correct it"
# By how pydantic's name begins, for values of another kind.
WANTED: Mapping[str, str] = {
    "int_": "a whole number",
    "float_": "a number",
    "bool_": "true or false",
    "string_": "a text",
    "datetime_": "a date and time",
    "list_": "a list",
    "tuple_": "a list",
    "dict_": "an object",
    "model_": "an object",
}


def said_of(problems: Sequence[Any]) -> str:
    """The first of what pydantic has found wrong; the others are told once it is right.

    Args:
        problems: as ``errors()`` of pydantic gives them, at least one.
    """
    problem = problems[0]
    kind, values = problem["type"], problem.get("ctx", {})
    wanted = next((WANTED[start] for start in WANTED if kind.startswith(start)), None)
    sentence = SAID.get(kind) or (_WRONG_KIND if wanted else "{what}: {message}")
    return sentence.format_map(
        {
            **values,
            "what": ".".join(map(str, problem["loc"][1:])) or "the request",
            "given": _quoted(problem.get("input")),
            "wanted": wanted,
            "message": problem["msg"],
        }
    )


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
