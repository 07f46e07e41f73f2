"""What makes Gradio's page start soon."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import HTMLResponse, JSONResponse

from ui.components.first_look import first_look, styles_for_both
from ui.frontend import Chunks, Head, serve_files
from ui.translation import translator

ENTRY = 'm.f||(m.f=["./Index-a.js","./core-b.js","./base-c.css"])))=>i.map(i=>d[i])'
INDEX = "await E(async()=>import(`./Blocks-d.js`),__vite__mapDeps([0,1]),import.meta.url)"
CORE = (
    'm.f=["./Index-a.js","./box.css","./HTML-e.js","./html.css"];'
    "x={image:{base:()=>v(()=>import(`./Image-f.js`),__vite__mapDeps([1]),u)},"
    "html:{base:()=>v(()=>import(`./HTML-e.js`),__vite__mapDeps([2,3]),u)}}"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A frontend of a few files, written as Gradio's are."""
    (tmp_path / "index.html").write_text('<script src="./assets/index-x.js"></script>')
    files = {"index-x.js": ENTRY, "Index-a.js": INDEX, "core-b.js": CORE}
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("base-c.css", "Blocks-d.js", "HTML-e.js", "html.css", "box.css", "Image-f.js"):
        (assets / name).write_text("")
    for name, text in files.items():
        (assets / name).write_text(text)
    return assets


def test_files_of_our_components_are_known_and_those_of_others_are_not(folder):
    assert Chunks(folder).names == (
        *("index-x.js", "Index-a.js", "core-b.js", "base-c.css"),
        *("Blocks-d.js", "HTML-e.js", "html.css"),
    )


def test_another_frontend_gives_fewer_hints_and_no_error(folder):
    (folder / "core-b.js").unlink()
    (folder / "core-b.js").write_text("something else")
    assert "HTML-e.js" not in Chunks(folder).names
    (folder.parent / "index.html").write_text("something else")
    assert Chunks(folder).hints() == ""


def test_the_installed_frontend_is_read():
    names = Chunks().names
    assert {name.partition("-")[0] for name in names} >= {"index", "Index", "Blocks", "HTML"}


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    serve_files(app, "")
    inner = FastAPI()
    page = "<html><head></head><body><p>é</p></body></html>"
    inner.add_api_route("/", lambda: HTMLResponse(page))
    inner.add_api_route("/config", lambda: JSONResponse({"a": "</head>"}))
    inner.add_api_route("/gone", lambda: HTMLResponse(page, 404))
    app.mount("/", Head(inner, "<style></style>", "<i></i>"))
    return TestClient(app)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_page_gets_its_head_and_the_end_of_its_body(client, encoding):
    answer = client.get("/", headers={"Accept-Encoding": encoding})
    assert answer.text == ("<html><head><style></style></head><body><p>é</p><i></i></body></html>")
    assert answer.headers.get("content-encoding", "identity") == encoding


def test_what_is_no_page_stays_as_it_is(client):
    assert client.get("/config").json() == {"a": "</head>"}
    assert "<style>" not in client.get("/gone").text


def test_files_stay_with_the_browser_for_good_and_no_others_are_served(client):
    name = Chunks().names[0]
    answer = client.get(f"/assets/{name}")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text == (Chunks().folder / name).read_text(encoding="utf-8")
    for wrong in ("missing.js", "..%2Findex.html", "%2e%2e"):
        assert client.get(f"/assets/{wrong}").status_code == 404


def test_styles_hold_for_the_first_look_too():
    assert styles_for_both("#player .on, #player-x, #heading {}") == (
        ':is(#player, [data-as="player"]) .on, #player-x, :is(#heading, [data-as="heading"]) {}'
    )


@pytest.mark.parametrize(("language", "word"), [("en", "Timeline"), ("zh", "时间轴")])
def test_first_look_has_a_place_for_every_part_that_the_meeting_brings(language, word):
    markup = first_look(translator(language))
    assert word in markup
    assert set(re.findall(r'data-slot="(\w+)"', markup)) == {
        *("heading", "chapters", "minutes", "statistics"),
    }
    assert "inert" in markup
