"""A library in which every state of the page can be seen."""

import io
from pathlib import Path

from meeting_app.domain import Facet, Facets
from tests.browser.live_flows import A, B, final, words
from tests.browser.live_server import FakeLive, FakeMeeting
from tests.browser.meetings import long_meeting
from tests.builders import an_empty_meeting
from tests.people import an_entry
from tests.ui.fake_service import FakeService, stored

ADDRESSES = {
    "library": "?",
    "found": "?q=the",
    "nothing found": "?q=zebra",
    "trash": "?trash=1",
    "new": "?show=new",
    "live": "?show=live",
    "people": "?show=people",
    "captions": "?live=live1",
    "meeting": "?meeting=m1",
    "silent meeting": "?meeting=m2",
    "missing meeting": "?meeting=gone",
}


def showcase_service(playback: Path) -> FakeService:
    """Meetings with and without words, a job in each state, people, and all kinds of filters."""
    meetings = [
        stored(long_meeting(), "m1", "planning.m4a"),
        stored(an_empty_meeting(), "m2", "quiet.wav"),
    ]
    service = FakeService(meetings, playback)
    for name in ("waiting.wav", "running.wav", "failed.wav", "stopped.wav", "done.wav"):
        service.submit(io.BytesIO(name.encode()), name)
    service.advance("j2", 0.5, eta=130)
    service.fail("j3", "failed.wav: no audio stream; choose a file with sound")
    service.cancel("j4")
    service.finish("j5")
    entries = (
        an_entry("Laura", "Standup", "Review", "Board", "Retro", voice_seconds=42.0),
        an_entry("Lara", "Kick-off", id="p2"),
    )
    service.people.entries = {entry.person.id: entry for entry in entries}
    service.people.switch_voices(True)
    speakers, tags = (Facet("Laura", 4), Facet("Lara", 1)), (Facet("weekly", 2),)
    languages, folders = (Facet("en", 3), Facet("zh", 1)), (Facet("Board/2026", 1),)
    service.shelves.kept = Facets(speakers, languages, tags, folders)
    return service


def showcase_live() -> FakeLive:
    """A running meeting with a finished line, one under way, a chapter and a mark."""
    live = FakeLive()
    meeting = FakeMeeting("live1", "secret", "Weekly planning", "en")
    (said, heard) = final(0, "We agreed to ship on Monday.", A)
    meeting.state = {
        "lines": [
            {"id": 0, "words": said["words"], "labels": heard["labels"], "stable": 6}
            | {"final": True, "settled": True, "edited": True},
            {"id": 1, "words": words("that works for us", 10), "labels": [B] * 4, "stable": 2}
            | {"final": False, "settled": False, "edited": False},
        ],
        "position": 14,
        "voices": [[0, 3, A], [10, 12, B]],
        "marks": [[1.0, "date"]],
        "chapters": [[0, 12, "Release"]],
        "behind": 2.5,
    }
    live.meetings["live1"] = meeting
    return live
