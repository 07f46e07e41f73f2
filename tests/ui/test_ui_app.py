"""The page as the server hands it out, without a browser."""

import json
import re
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from meeting_app.config import ServerConfig
from tests.builders import a_meeting
from tests.ui.fake_service import FakeService, stored
from tests.ui.serving import application


@pytest.fixture(scope="module")
def client():
    service = FakeService([stored(a_meeting(title="Stand<b>up"))])
    app = application(service, ServerConfig(password="s"))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        client.auth = ("meeting", "s")
        yield client


def call(client, function: str, page: str = "", **arguments: str):
    config = client.get(f"{page}/config").json()
    found = [
        part["id"]
        for part in config["components"]
        if function in part["props"].get("server_fns", [])
    ]
    body = {"session_hash": "x", "component_id": found[0], "fn_name": function, "data": arguments}
    return client.post(f"{page}/gradio_api/component_server", json=body).json()


def opened(client, language: str = "en"):
    return client.get(f"/pages/meetings/m1?language={language}").json()


def test_page_asks_for_the_password_too(client):
    client.auth = None
    try:
        assert client.get("/").status_code == 401
        assert client.get("/config").status_code == 401
        assert client.get("/zh/").status_code == 401
    finally:
        client.auth = ("meeting", "s")


@pytest.mark.parametrize("address", ["/", "/zh/"])
def test_page_names_no_other_host_to_load_from(client, address):
    page = client.get(address).text
    assert "Meeting App" in page
    loaded = re.findall(r"""(?:src|href)=["'](https?://[^"']+)""", page)
    assert loaded == []


def test_unknown_api_address_is_not_the_page(client):
    assert client.get("/api/nowhere").json()["error"]


def test_callbacks_answer_through_the_page(client):
    assert "Stand&lt;b&gt;up" in call(client, "list_meetings", filters="", after="")["list"]
    assert "<mark>ship</mark>" in call(client, "search", query="ship", filters="")["list"]
    assert call(client, "delete_meeting", meeting_id="zz")["missing"] == "true"
    assert json.dumps(call(client, "list_jobs")) == '{"jobs": "", "active": "", "done": ""}'


def test_meeting_is_opened_beside_the_page_and_behind_the_password(client):
    assert "Stand&lt;b&gt;up" in opened(client)["parts"]["heading"]
    client.auth = None
    try:
        assert client.get("/pages/meetings/m1").status_code == 401
    finally:
        client.auth = ("meeting", "s")


def test_gradios_own_upload_takes_nothing(client):
    answer = client.post("/gradio_api/upload", files={"files": ("a.wav", b"xx")})
    assert answer.status_code == 413


def test_chinese_page_answers_in_chinese(client):
    found = call(client, "search", page="/zh", query="ship", filters="")["list"]
    assert "发言人 1" in found
    assert opened(client, "zh")["speakers"][0]["name"] == "发言人 1"


def test_chinese_page_has_one_address(client):
    answer = client.get("/zh?meeting=m1&t=2", follow_redirects=False)
    assert answer.status_code == 307
    assert answer.headers["location"] == "zh/?meeting=m1&t=2"
    assert "Meeting App" in client.get("/zh/").text


@pytest.mark.slow
def test_api_loads_no_gradio_and_presenters_neither():
    code = (
        "import sys, meeting_app.api, ui.presenters, ui.callbacks; "
        "heavy = {'gradio', 'torch', 'sqlalchemy'} & set(sys.modules); "
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
