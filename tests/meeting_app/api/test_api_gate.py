import base64

import pytest
from fastapi.testclient import TestClient

from meeting_app.api import create_app
from meeting_app.api.gate import is_loopback
from meeting_app.config import ServerConfig
from meeting_app.errors import ConfigError
from tests.ui.fake_service import FakeService


def client_of(config: ServerConfig, base_url: str = "http://127.0.0.1") -> TestClient:
    return TestClient(create_app(FakeService(), config), base_url=base_url)


def basic(username: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST", "::1"])
def test_loopback_addresses_are_known(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", ""])
def test_other_addresses_are_not_loopback(host):
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "meetings.example.org"])
def test_open_host_without_password_is_refused_and_says_what_to_set(host):
    with pytest.raises(ConfigError, match=rf"{host}.*MEETING_APP_SERVER_PASSWORD"):
        create_app(FakeService(), ServerConfig(host=host))


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "[::1]:7860", "LocalHost:1"])
def test_own_names_are_answered_with_any_port(host):
    assert client_of(ServerConfig()).get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "a@b:x"])
def test_foreign_host_header_is_turned_away(host):
    answer = client_of(ServerConfig()).get("/api/health", headers={"Host": host})
    assert answer.status_code == 421
    assert "not this server" in answer.json()["error"]


def test_configured_host_is_answered_and_others_are_not():
    client = client_of(ServerConfig(host="Meetings.example.org", password="s"))
    known = {"Host": "meetings.example.org:80"} | basic("meeting", "s")
    assert client.get("/api/health", headers=known).status_code == 200
    foreign = {"Host": "evil.example"} | basic("meeting", "s")
    assert client.get("/api/health", headers=foreign).status_code == 421


def test_any_address_answers_to_any_name_once_logged_in():
    client = client_of(ServerConfig(host="0.0.0.0", password="s"), "http://laptop.lan")
    assert client.get("/api/health", headers=basic("meeting", "s")).status_code == 200
    assert client.get("/api/health").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_changing_request_of_another_site_is_refused(headers):
    client = client_of(ServerConfig())
    answer = client.post("/api/recordings?filename=a.wav", content=b"x", headers=headers)
    assert answer.status_code == 403
    assert client.delete("/api/meetings/m1", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://127.0.0.1"}, {"Sec-Fetch-Site": "same-origin"}]
)
def test_changing_request_of_our_page_or_of_a_program_passes(headers):
    client = client_of(ServerConfig())
    answer = client.post("/api/recordings?filename=a.wav", content=b"x", headers=headers)
    assert answer.status_code == 201


def test_link_from_another_site_may_open_the_page():
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client_of(ServerConfig()).get("/api/health", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("meeting", "wrong"),
        basic("other", "geheim"),
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer bWVldGluZzpnZWhlaW0="},
        {"Authorization": "Basic"},
    ],
)
def test_password_is_asked_for_everywhere(headers):
    client = client_of(ServerConfig(password="geheim"))
    for path in ("/api/health", "/api/meetings/m1/audio", "/nowhere"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")


def test_who_cancels_the_question_for_the_password_reads_why_in_both_languages():
    client = client_of(ServerConfig(password="geheim"))
    page = client.get("/api/health", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 401
    assert page.headers["www-authenticate"].startswith("Basic")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Log in" in page.text
    assert "登录" in page.text
    assert client.get("/api/health", headers={"Accept": "*/*"}).json()["error"]


def test_right_password_lets_in_whatever_its_letters():
    client = client_of(ServerConfig(username="ana", password="s:é密"))
    assert client.get("/api/health", headers=basic("ana", "s:é密")).status_code == 200


def test_socket_of_another_site_is_closed(service):
    client = client_of(ServerConfig())
    with pytest.raises(Exception) as caught:  # noqa: SIM117
        with client.websocket_connect("/ws/live", headers={"Origin": "http://evil.example"}):
            pass
    assert caught.value.code == 1008


def test_every_answer_is_hardened(client):
    for answer in (
        client.get("/api/health"),
        client.get("/api/meetings/nope"),
        client.get("/api/health", headers={"Host": "evil.example"}),
    ):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
