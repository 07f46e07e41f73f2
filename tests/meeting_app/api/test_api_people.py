import pytest

from meeting_app.domain.people import NameSource, NameSuggestion
from tests.people import an_entry


@pytest.fixture
def people(service):
    laura = an_entry("Laura", "Standup", "Review", voice_seconds=42.0)
    service.people.entries = {
        entry.person.id: entry for entry in (laura, an_entry("David", "Standup", id="p2"))
    }
    return service.people


def test_people_come_with_their_meetings(client, people):
    laura, david = client.get("/api/people").json()
    assert (laura["id"], laura["name"], laura["seconds"]) == ("p1", "Laura", 120.0)
    assert laura["last_heard"] == "2026-03-03T09:30:00Z"
    assert laura["meetings"][1] == {
        "meeting_id": "m2",
        "title": "Review",
        "label": "SPEAKER_00",
        "is_remembered": False,
        "seconds": 60.0,
        "created_at": "2026-03-02T09:30:00Z",
    }
    assert (laura["voice_seconds"], david["voice_seconds"]) == (42.0, 0.0)


def test_person_is_renamed(client, people):
    assert client.patch("/api/people/p1", json={"name": "Lara"}).status_code == 204
    assert people.entries["p1"].person.name == "Lara"
    answer = client.patch("/api/people/p1", json={"name": "David"})
    assert answer.status_code == 409
    assert "David: somebody else" in answer.json()["error"]


def test_two_people_are_merged(client, people):
    assert client.post("/api/people/p1/merge", json={"into": "p2"}).status_code == 204
    assert [*people.entries] == ["p2"]


def test_voice_is_forgotten_and_person_deleted(client, people):
    assert client.delete("/api/people/p1/voice").status_code == 204
    assert people.entries["p1"].voice_seconds == 0
    assert client.delete("/api/people/p1").status_code == 204
    assert client.delete("/api/people/p1").status_code == 404
    assert [*people.entries] == ["p2"]


def test_voices_are_switched_and_forgotten(client, people):
    off = {"is_on": False, "is_fixed": False, "num_people": 1, "problem": None}
    assert client.get("/api/voices").json() == off
    assert client.put("/api/voices", json={"is_on": True}).status_code == 204
    assert client.delete("/api/voices").status_code == 204
    assert client.get("/api/voices").json() == {**off, "is_on": True, "num_people": 0}


def test_names_are_suggested_with_their_reason(client, people):
    people.suggestions["m1"] = (
        NameSuggestion("SPEAKER_00", "Laura", NameSource.VOICE, 0.92, 3, "p1"),
    )
    assert client.get("/api/meetings/m1/names").json() == [
        {
            "label": "SPEAKER_00",
            "name": "Laura",
            "source": "voice",
            "confidence": 0.92,
            "turn_id": 3,
            "person_id": "p1",
        }
    ]


def test_voice_is_remembered_only_when_voices_are_on(client, people):
    path = "/api/meetings/m1/speakers/SPEAKER_00/voice"
    assert client.post(path).status_code == 409
    people.switch_voices(True)
    assert client.post(path).status_code == 204
    assert people.remembered == [("m1", "SPEAKER_00")]
