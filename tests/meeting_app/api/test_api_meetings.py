from datetime import UTC, datetime

import pytest

from meeting_app.domain import JobState, LibraryPlace, SearchFilters
from tests.ui.fake_service import a_job


def test_health_says_ok(client):
    assert client.get("/api/health").json() == {"status": "ok", "version": "0.1.0"}


def test_library_lists_meetings(client):
    (entry,) = client.get("/api/meetings").json()
    assert entry == {
        "id": "m1",
        "title": "Q3: Überblick 季度",
        "duration": 20.0,
        "language": "en",
        "speakers": ["Speaker 1", "Speaker 2"],
        "created_at": "2026-03-04T09:30:00Z",
        "folder": None,
        "tags": [],
        "trashed_at": None,
        "place": "2026-03-04T09:30:00+00:00_m1",
    }


def test_filters_reach_the_service(client, service, monkeypatch):
    asked = []
    monkeypatch.setattr(service, "library", lambda *given: asked.append(given) or ())
    query = "tag=a&tag=b&folder=A/B&since=2026-03-01T00:00:00&min_duration=60&limit=5"
    assert client.get(f"/api/meetings?{query}&after=2026-03-04T09:30:00%2B00:00_m1").json() == []
    filters = SearchFilters(
        tags=("a", "b"),
        folder="A/B",
        since=datetime(2026, 3, 1, tzinfo=UTC),
        min_duration=60.0,
    )
    assert asked == [(filters, 5, LibraryPlace(datetime(2026, 3, 4, 9, 30, tzinfo=UTC), "m1"))]


@pytest.mark.parametrize(
    ("query", "status"),
    [("after=x", 400), ("limit=0", 422), ("since=soon", 422), ("sort=title", 422)],
)
def test_filters_that_make_no_sense_are_refused(client, query, status):
    answer = client.get(f"/api/meetings?{query}")
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_a_duplicate_names_the_meeting_that_is_there(client):
    address = "/api/recordings?filename=a.wav"
    assert client.post(address, content=b"sound").status_code == 201
    again = client.post(address, content=b"sound")
    assert (again.status_code, again.json()["meeting_id"]) == (409, "m1")
    assert client.post(f"{address}&allow_duplicate=true", content=b"sound").status_code == 201


def test_meeting_is_its_json_export(client):
    answer = client.get("/api/meetings/m1")
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == "json of Q3: Überblick 季度"


def test_search_tells_matches_from_the_rest(client):
    (hit,) = client.get("/api/search", params={"q": "ship"}).json()
    assert (hit["meeting_id"], hit["turn_id"], hit["start"]) == ("m1", 0, 0.0)
    assert hit["excerpt"][1] == {"text": "ship", "is_match": True}
    assert client.get("/api/search", params={"q": "zebra"}).json() == []


def test_export_is_a_download_under_its_own_name_in_any_script(client):
    answer = client.get("/api/meetings/m1/export/docx")
    assert answer.content == "docx of Q3: Überblick 季度".encode()
    assert answer.headers["content-type"].endswith("wordprocessingml.document")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Q3_ _berblick __.docx"; '
        "filename*=UTF-8''Q3_%20%C3%9Cberblick%20%E5%AD%A3%E5%BA%A6.docx"
    )


def test_speaker_and_title_can_be_changed(client, service):
    path = "/api/meetings/m1"
    assert client.patch(f"{path}/speakers/SPEAKER_00", json={"name": "Ana"}).status_code == 204
    assert client.patch(path, json={"title": "Kick-off"}).status_code == 204
    meeting = service.meetings["m1"].meeting
    assert (meeting.title, meeting.display_name("SPEAKER_00")) == ("Kick-off", "Ana")
    client.patch(f"{path}/speakers/SPEAKER_00", json={"name": None})
    assert service.meetings["m1"].meeting.display_name("SPEAKER_00") == "Speaker 1"


def test_deleted_meeting_is_gone(client):
    assert client.delete("/api/meetings/m1").status_code == 204
    assert client.get("/api/meetings/m1").status_code == 404


def test_jobs_are_listed_cancelled_and_retried(client, service):
    service.all_jobs = {"a": a_job("a", JobState.DONE), "b": a_job("b")}
    assert [job["id"] for job in client.get("/api/jobs").json()] == ["b", "a"]
    active = client.get("/api/jobs", params={"only_active": True}).json()
    assert [job["id"] for job in active] == ["b"]
    assert client.post("/api/jobs/b/cancel").json()["state"] == "cancelled"
    assert client.post("/api/jobs/b/retry").json()["state"] == "queued"


def test_job_tells_how_far_it_is(client, service):
    service.all_jobs = {"a": a_job("a")}
    service.advance("a", 0.5, eta=12.5, notices=("slower on cpu",))
    job = client.get("/api/jobs/a").json()
    assert job["progress"]["fraction"] == 0.5
    assert job["progress"]["eta"] == 12.5
    assert job["progress"]["notices"] == ["slower on cpu"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/meetings/zz", None, 404),
        ("GET", "/api/meetings/zz/audio", None, 404),
        ("GET", "/api/jobs/zz", None, 404),
        ("POST", "/api/jobs/done/cancel", None, 409),
        ("GET", "/api/meetings/m1/export/odt", None, 400),
        ("PATCH", "/api/meetings/m1", {"title": " "}, 409),
        ("PATCH", "/api/meetings/m1", {"titel": "x"}, 422),
        ("PATCH", "/api/meetings/m1/speakers/NOBODY", {"name": "x"}, 404),
        ("GET", "/api/search", None, 422),
        ("GET", "/api/nowhere", None, 404),
        ("POST", "/api/health", None, 404),
    ],
)
def test_refusals_are_json_with_a_message(client, service, method, path, body, status):
    service.all_jobs = {"done": a_job("done", JobState.DONE)}
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"]


def test_unforeseen_error_hides_its_details_and_logs_them(client, service, caplog):
    service.meetings["m1"] = None
    answer = client.get("/api/meetings/m1/export/txt")
    assert answer.status_code == 500
    assert answer.json()["error"] == "AttributeError: an error in the program; see its log"
    assert "Traceback" in caplog.text


def test_openapi_documents_every_route_and_its_errors(client):
    document = client.get("/api/openapi.json").json()
    assert set(document["paths"]) == {
        "/api/export/{format}",
        "/api/facets",
        "/api/folders",
        "/api/health",
        "/api/jobs",
        "/api/jobs/{job_id}",
        "/api/jobs/{job_id}/cancel",
        "/api/jobs/{job_id}/retry",
        "/api/meetings",
        "/api/meetings/{meeting_id}",
        "/api/meetings/{meeting_id}/audio",
        "/api/meetings/{meeting_id}/clip",
        "/api/meetings/{meeting_id}/corrections",
        "/api/meetings/{meeting_id}/export/{format}",
        "/api/meetings/{meeting_id}/names",
        "/api/meetings/{meeting_id}/peaks",
        "/api/meetings/{meeting_id}/proposal",
        "/api/meetings/{meeting_id}/quotes",
        "/api/meetings/{meeting_id}/redo",
        "/api/meetings/{meeting_id}/rerun",
        "/api/meetings/{meeting_id}/restore",
        "/api/meetings/{meeting_id}/speakers/{label}",
        "/api/meetings/{meeting_id}/speakers/{label}/split",
        "/api/meetings/{meeting_id}/speakers/{label}/voice",
        "/api/meetings/{meeting_id}/undo",
        "/api/people",
        "/api/people/{person_id}",
        "/api/people/{person_id}/merge",
        "/api/people/{person_id}/voice",
        "/api/recordings",
        "/api/search",
        "/api/tags",
        "/api/trash",
        "/api/voices",
    }
    upload = document["paths"]["/api/recordings"]["post"]
    assert "application/octet-stream" in upload["requestBody"]["content"]
    assert "4XX" in upload["responses"]
