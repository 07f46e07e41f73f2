"""Defaults, overrides and what is refused."""

from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from meeting_app.config import Config, describe_settings, load_config, override
from meeting_app.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def _file(folder: Path, text: str) -> Path:
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_file_and_environment_every_setting_has_its_default() -> None:
    assert load_config(None, {}) == Config()


def test_a_file_overrides_only_what_it_names(tmp_path: Path) -> None:
    config = load_config(_file(tmp_path, "asr:\n  beam_size: 2\nvad:\n  onset: 0.7\n"), {})
    assert config == override(override(Config(), "asr.beam_size", 2), "vad.onset", 0.7)
    assert config.asr.beam_size == 2


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = _file(tmp_path, "server:\n  port: 8000\n  host: 0.0.0.0\n")
    config = load_config(path, {"MEETING_APP_SERVER_PORT": "9000", "OTHER": "x"})
    assert (config.server.port, config.server.host) == (9000, "0.0.0.0")


def test_home_and_offline_have_short_names() -> None:
    config = load_config(None, {"MEETING_APP_HOME": "/data", "MEETING_APP_OFFLINE": "1"})
    assert config.storage.home == Path("/data")
    assert config.weights.offline is True


def test_an_empty_variable_means_not_set() -> None:
    assert load_config(None, {"MEETING_APP_SERVER_PORT": ""}) == Config()


def test_an_empty_file_overrides_nothing(tmp_path: Path) -> None:
    assert load_config(_file(tmp_path, ""), {}) == Config()


def test_a_tilde_is_the_home_folder() -> None:
    assert override(Config(), "storage.home", "~/x").storage.home == Path.home() / "x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", True), ("true", True), ("Yes", True), ("0", False), ("FALSE", False), ("no", False)],
)
def test_booleans_can_be_written_as_words(text: str, expected: bool) -> None:
    assert override(Config(), "weights.offline", text).weights.offline is expected


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("asr.modle", "x", r"asr\.modle: no such setting; did you mean asr\.model\?"),
        ("sever.port", 1, r"sever\.port: no such setting; did you mean server\.port\?"),
        ("server.port", 70000, r"server\.port: 70000 is out of range; .*0 to 65535"),
        ("server.port", -1, r"server\.port: -1 is out of range"),
        ("server.port", "http", r"server\.port: 'http' is not of type int"),
        ("server.port", True, r"server\.port: True is not of type int"),
        ("server.port", None, r"server\.port: None is not of type int"),
        ("vad.onset", 1.01, r"vad\.onset: 1\.01 is out of range; .*adr/0003"),
        ("vad.onset", "nan", r"vad\.onset: nan is not a finite number"),
        ("server.port", 7860.5, r"server\.port: 7860\.5 is not of type int"),
        ("asr.model", ["a"], r"asr\.model: \['a'\] is not of type str"),
        ("device.name", "tpu", r"device\.name: 'tpu' is not one of auto, cpu, cuda"),
        ("weights.offline", "maybe", r"weights\.offline: 'maybe' is not a boolean"),
    ],
)
def test_a_bad_setting_is_refused_by_name_and_value(key: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        override(Config(), key, value)


def test_a_misspelt_variable_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"MEETING_APP_SERVER_PROT: .*MEETING_APP_SERVER_PORT"):
        load_config(None, {"MEETING_APP_SERVER_PROT": "1"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", "not a mapping"),
        ("asr: 3\n", "asr: not a mapping"),
        ("asr: [", "cannot be read"),
        ("asr:\n  beem_size: 3\n", r"asr\.beem_size: .*asr\.beam_size"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(_file(tmp_path, text), {})


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read"):
        load_config(tmp_path / "nowhere.yaml", {})


def test_every_setting_is_described_with_its_default() -> None:
    described = {key: (default, text) for key, default, text in describe_settings()}
    assert described["server.port"] == ("7860", "TCP port (0 to 65535)")
    assert described["storage.home"][0] == ""
    assert all(text for _, text in described.values())


def test_every_default_lies_in_its_own_range() -> None:
    config = Config()
    for key, default, _ in describe_settings():
        assert override(config, key, default) == config


def test_every_section_is_a_frozen_dataclass() -> None:
    for section in fields(Config):
        value = getattr(Config(), section.name)
        assert is_dataclass(value)
        assert type(value).__dataclass_params__.frozen


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda p: p.name)
def test_every_file_of_configs_loads_and_changes_something(path: Path) -> None:
    assert load_config(path, {}) != Config()
