"""YAML files and the environment override defaults; what is wrong is refused by name."""

import difflib
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from meeting_app.config.sections import Config
from meeting_app.errors import ConfigError

ENVIRONMENT_PREFIX = "MEETING_APP_"
# Two settings are asked for so often that they also go by a short name.
SHORT_NAMES = {"MEETING_APP_HOME": "storage.home", "MEETING_APP_OFFLINE": "weights.offline"}


def load_config(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Defaults, overridden by a YAML file, overridden by the environment.

    The variable of ``asr.model`` is ``MEETING_APP_ASR_MODEL``.

    Raises:
        ConfigError: a key is unknown, or a value has the wrong type or is out of range.
    """
    config = Config()
    for key, value in [*_from_file(path), *_from_environment(environ)]:
        config = override(config, key, value)
    return config


def override(config: Config, key: str, value: object) -> Config:
    """``config`` with the setting ``key``, such as "asr.model", replaced.

    Raises:
        ConfigError: the key is unknown, or the value has the wrong type or is out of range.
    """
    spec = _specs().get(key)
    if spec is None:
        nearest = difflib.get_close_matches(key, _specs(), n=1, cutoff=0.0)[0]
        raise ConfigError(f"{key}: no such setting; did you mean {nearest}?")
    section_name, _, name = key.partition(".")
    section = replace(getattr(config, section_name), **{name: _checked(key, spec, value)})
    return replace(config, **{section_name: section})


def describe_settings() -> tuple[tuple[str, str, str], ...]:
    """(key, default, help with unit, range and source) of every setting, for help and docs."""
    return tuple(
        (key, "" if spec.default is None else str(spec.default), _describe(spec))
        for key, spec in _specs().items()
    )


def _specs() -> dict[str, Field[Any]]:
    return {
        f"{section.name}.{spec.name}": spec
        for section in fields(Config)
        for spec in fields(getattr(Config(), section.name))
    }


def _describe(spec: Field[Any]) -> str:
    facts = spec.metadata
    low, high = facts["minimum"], facts["maximum"]
    notes = [
        facts["unit"],
        f"≥ {low}" if low is not None and high is None else "",
        f"≤ {high}" if high is not None and low is None else "",
        f"{low} to {high}" if low is not None and high is not None else "",
        ", ".join(facts["choices"]),
        facts["source"],
    ]
    known = "; ".join(note for note in notes if note)
    return f"{facts['help']} ({known})" if known else str(facts["help"])


def _from_file(path: Path | None) -> Iterator[tuple[str, object]]:
    if path is None:
        return
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); give a YAML file") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: not a mapping; write `section:` and its keys below it")
    for section, values in document.items():
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: {section}: not a mapping; write its keys below it")
        for name, value in values.items():
            yield f"{section}.{name}", value


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    names = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper(): key for key in _specs()}
    names |= SHORT_NAMES
    for variable, text in environ.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or not text:
            continue
        if variable not in names:
            nearest = difflib.get_close_matches(variable, names, n=1, cutoff=0.0)[0]
            raise ConfigError(f"{variable}: no such setting; did you mean {nearest}?")
        yield names[variable], text


def _checked(key: str, spec: Field[Any], value: object) -> object:
    typed = _converted(key, spec, value)
    low, high = spec.metadata["minimum"], spec.metadata["maximum"]
    if isinstance(typed, int | float) and (
        (low is not None and typed < low) or (high is not None and typed > high)
    ):
        raise ConfigError(f"{key}: {typed} is out of range; {_describe(spec)}")
    choices = spec.metadata["choices"]
    if choices and typed not in choices:
        raise ConfigError(f"{key}: {typed!r} is not one of {', '.join(choices)}")
    return typed


_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _converted(key: str, spec: Field[Any], value: object) -> object:
    hint = get_type_hints(type(getattr(Config(), key.partition(".")[0])))[spec.name]
    if hint is bool:
        found = value if isinstance(value, bool) else _BOOLEANS.get(str(value).lower())
        if found is None:
            raise ConfigError(f"{key}: {value!r} is not a boolean; give true or false")
        return found
    if hint == Path | None:
        return None if value in (None, "") else Path(str(value)).expanduser()
    # A bool is an int to Python, and int() would cut 2.5 to 2 without a word.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigError(f"{key}: {value!r} is not of type {hint.__name__}")
    if hint is int and isinstance(value, float):
        raise ConfigError(f"{key}: {value!r} is not of type int; give a whole number")
    try:
        typed = hint(value)
    except ValueError as error:
        raise ConfigError(f"{key}: {value!r} is not of type {hint.__name__}") from error
    if isinstance(typed, float) and not math.isfinite(typed):
        raise ConfigError(f"{key}: {value} is not a finite number")
    return typed
