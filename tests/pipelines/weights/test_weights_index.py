import os

import pytest

from pipelines.weights.index import IndexSettings, index_settings

MIRROR = "https://mirror/%41/simple"  # made up


@pytest.fixture
def pip_file(tmp_path):
    path = tmp_path / "pip.conf"
    path.write_text(f"[global]\nindex-url = {MIRROR}\ncert = /etc/office.pem\n")
    return str(path)


def test_without_settings_the_library_decides():
    assert index_settings({"PIP_CONFIG_FILE": os.devnull}) == IndexSettings(None, None)


def test_pip_file_is_read_with_percent_signs_as_they_stand(pip_file):
    assert index_settings({"PIP_CONFIG_FILE": pip_file}) == IndexSettings(MIRROR, "/etc/office.pem")


@pytest.mark.parametrize("name", ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_environment_wins_over_the_file(pip_file, name):
    settings = index_settings({"PIP_CONFIG_FILE": pip_file, name: "https://other/simple"})

    assert settings.url == "https://other/simple"


def test_uv_wins_over_pip():
    settings = index_settings(
        {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "https://pip/simple",
            "UV_DEFAULT_INDEX": "https://uv/simple",
        }
    )

    assert settings.url == "https://uv/simple"


def test_uv_index_may_carry_a_name():
    settings = index_settings(
        {"PIP_CONFIG_FILE": os.devnull, "UV_DEFAULT_INDEX": "office=https://uv/simple?a=b"}
    )

    assert settings.url == "https://uv/simple?a=b"


def test_unreadable_pip_file_is_passed_over(tmp_path):
    path = tmp_path / "pip.conf"
    path.write_text("no section\n")

    assert index_settings({"PIP_CONFIG_FILE": str(path)}).url is None
