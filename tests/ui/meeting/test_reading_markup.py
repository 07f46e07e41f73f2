"""The parts of the meeting page before their scripts run, and which scripts they may fetch."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.components import reading
from ui.components.assets import render
from ui.live import serve_modules
from ui.translation import translator

FOLDER = Path(reading.__file__).parent
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")}
PARTS = ("lanes", "transcript", "player")
PURE = ("model", "search", "offsets", "axis", "peaks", "keys")


@pytest.fixture(scope="module")
def client():
    app = FastAPI()
    serve_modules(app)
    return TestClient(app)


@pytest.mark.parametrize("name", PARTS)
def test_every_place_that_a_script_looks_for_is_there(name):
    wanted = set(re.findall(r'\bfind\("([a-z-]+)"\)', SCRIPTS[name]))
    there = set(re.findall(r"\bdata-([a-z-]+)", render(f"reading/{name}", translator("en"))))
    assert wanted
    assert wanted <= there


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_put_no_text_of_others_into_markup(name):
    assert not re.search(r"innerHTML|insertAdjacentHTML|outerHTML", SCRIPTS[name])


@pytest.mark.parametrize("name", SCRIPTS)
def test_modules_import_only_modules_that_are_served_and_fetched_early(name, client):
    early = re.findall(r'"([a-z]+)"', SCRIPTS["opening"].partition("MODULES = [")[2].split("]")[0])
    for imported in re.findall(r'from "\./([a-z_]+)\.js"', SCRIPTS[name]):
        assert client.get(f"/scripts/reading/{imported}.js").status_code == 200
        assert imported in early


@pytest.mark.parametrize("name", PURE)
def test_modules_that_compute_know_no_page(name):
    assert not re.search(r"\b(window|document)\.\w", SCRIPTS[name])


def test_no_other_folder_is_served(client):
    for name in (
        "reading/missing",
        "reading/..%2Fshared",
        "live/worklet",
        "reading/transcript.css",
    ):
        assert client.get(f"/scripts/{name}.js").status_code == 404
