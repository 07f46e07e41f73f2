"""The live page before its scripts run: what it says, and which scripts it may fetch."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.components import live
from ui.components.assets import render, styles
from ui.live import serve_modules
from ui.translation import translator

LIVE = Path(live.__file__).parent
PARTS = ("setup", "recorder", "captions", "voices", "outline", "seal")
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in LIVE.glob("*.js")}


@pytest.fixture(scope="module")
def client():
    app = FastAPI()
    serve_modules(app)
    return TestClient(app)


def markup(name: str) -> str:
    values = {"languages": ((("en", "English"),), (("de", "German"),))} if name == "setup" else {}
    return render(f"live/{name}", translator("en"), **values)


@pytest.mark.parametrize("name", PARTS)
def test_part_has_a_module_that_mounts_it(name):
    assert "export function mount(element)" in SCRIPTS[name]


@pytest.mark.parametrize("name", PARTS)
def test_every_place_that_a_script_looks_for_is_there(name):
    wanted = set(re.findall(r'\bfind\("([a-z-]+)"\)', SCRIPTS[name]))
    there = set(re.findall(r"\bdata-([a-z-]+)", markup(name)))
    assert wanted <= there


@pytest.mark.parametrize("name", PARTS)
def test_every_button_and_field_has_a_name(name):
    text = markup(name)
    for tag, rest in re.findall(
        r"<(button|select|input)\b(.*?)</\1>|<input[^>]*>", text, re.DOTALL
    ):
        labelled = "aria-label" in rest or re.sub(r"<[^>]*>|[^>]*>", "", rest, count=1).strip()
        assert labelled or tag in ("select", ""), (tag, rest)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_put_no_text_of_others_into_markup(name):
    for value in re.findall(r"innerHTML\s*[:=]\s*([^;,\n]+)", SCRIPTS[name]):
        assert value.strip(" }") in ("PENCIL", "FLAG")
    assert "insertAdjacentHTML" not in SCRIPTS[name]
    assert "outerHTML" not in SCRIPTS[name]


@pytest.mark.parametrize("name", SCRIPTS)
def test_modules_import_only_modules_that_are_served(name, client):
    for imported in re.findall(r'from "\./([a-z_]+)\.js"', SCRIPTS[name]):
        assert client.get(f"/scripts/{imported}.js").status_code == 200


@pytest.mark.parametrize("name", ["worklet", "frames", "resample"])
def test_scripts_of_the_audio_thread_know_no_page(name):
    assert not re.search(r"\b(window|document)\b", SCRIPTS[name])


def test_modules_come_as_scripts_and_nothing_else_comes(client):
    answer = client.get("/scripts/worklet.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    for name in ("missing", "..%2Fshared", "Worklet", "live.css", "__init__.py"):
        assert client.get(f"/scripts/{name}.js").status_code == 404


def test_languages_followed_word_by_word_come_first():
    markup = live.setup(translator("en")).html_template
    options = re.findall(r"<option value=\"(\w*)\">([^<]+)", markup)
    assert [code for code, _ in options[:3]] == ["", "en", "zh"]
    assert len({code for code, _ in options if code}) == 100


def test_styles_hold_those_of_the_live_page():
    assert "#recorder .bar" in styles()
    assert all(path.read_text() in styles() for path in LIVE.glob("*.css"))
