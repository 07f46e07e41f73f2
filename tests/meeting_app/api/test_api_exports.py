"""Files over REST: choices reach the service, bodies stream in, refusals have a message."""

import io
import zipfile

import pytest

from meeting_app.formats.json import meeting_to_json
from meeting_app.formats.options import DEFAULTS, ExportOptions, Part
from tests.builders import a_meeting


def test_choices_reach_the_service(client, service):
    client.get("/api/meetings/m1/export/txt")
    client.get(
        "/api/meetings/m1/export/html",
        params={
            "timestamps": False,
            "speakers": False,
            "chapters": False,
            "audio": False,
            "history": False,
            "voices": True,
            "part": "transcript",
            "chapter": 2,
            "language": "zh",
        },
    )
    assert service.exported == [
        DEFAULTS,
        ExportOptions(False, False, False, False, False, True, Part.TRANSCRIPT, 2, "zh"),
    ]


def test_several_meetings_are_one_archive(client):
    answer = client.get("/api/export/md", params={"id": ["m1", "m1"]})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["Q3_ Überblick 季度.md", "Q3_ Überblick 季度 (2).md"]


def test_clip_is_a_download(client):
    answer = client.get("/api/meetings/m1/clip", params={"start": 1.5, "end": 3, "kind": "mp3"})
    assert answer.content == "Q3: Überblick 季度 1.5 3.0".encode()
    assert 'filename="clip.mp3"' in answer.headers["content-disposition"]


def test_exported_meeting_comes_back(client, service):
    body = meeting_to_json(a_meeting(title="Retro")).encode()
    answer = client.post("/api/meetings", params={"filename": "retro.json"}, content=body)
    assert (answer.status_code, answer.json()) == (
        201,
        {"meeting_id": "restored", "title": "Retro"},
    )
    assert service.meetings["restored"].meeting == a_meeting(title="Retro")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/meetings/m1/export/txt?part=all", 422),
        ("GET", "/api/meetings/m1/export/txt?chapter=0", 422),
        ("GET", "/api/meetings/m1/export/txt?language=fr", 400),
        ("GET", "/api/meetings/m1/export/txt?colour=red", 422),
        ("GET", "/api/meetings/m1/export/srt?part=minutes", 400),
        ("GET", "/api/meetings/m1/clip?start=3&end=1", 422),
        ("GET", "/api/meetings/m1/clip?start=x&end=1", 422),
        ("GET", "/api/meetings/zz/clip?start=1&end=2", 404),
        ("GET", "/api/export/md", 422),
        ("POST", "/api/meetings?filename=x.json", 400),
        ("POST", "/api/meetings", 422),
    ],
)
def test_refusals_are_json_with_a_message(client, method, path, status):
    answer = client.request(method, path, content=b"{}" if method == "POST" else None)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
