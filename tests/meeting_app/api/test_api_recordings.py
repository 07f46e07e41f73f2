from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio
import pytest
from starlette.requests import ClientDisconnect

from meeting_app.api.recordings import RequestReader
from meeting_app.domain import ProcessingOptions, SpeakerCount
from meeting_app.errors import BrokenMediaError

Result = TypeVar("Result")


def in_own_loop(main: Callable[[], Awaitable[Result]]) -> Result:
    """Runs in a thread of its own: where a browser was driven, this one has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, main).result()


def test_body_reaches_the_service_byte_by_byte(client, service):
    content = bytes(range(256)) * 10_000
    answer = client.post("/api/recordings", params={"filename": "a b.wav"}, content=content)
    assert answer.status_code == 201
    assert answer.json()["filename"] == "a b.wav"
    assert answer.json()["state"] == "queued"
    assert service.received[0].content == content


def test_without_options_everything_is_found_out(client, service):
    client.post("/api/recordings", params={"filename": "a.wav"}, content=b"x")
    assert service.received[0].options == ProcessingOptions()
    assert service.received[0].title is None


def test_options_reach_the_service(client, service):
    params = {
        "filename": "a.wav",
        "title": "Kick-off",
        "language": "de",
        "min_speakers": 3,
        "max_speakers": 3,
        "asr_model": "whisper-small",
        "hotwords": ["Okafor", " ", "Q3 roadmap "],
    }
    assert client.post("/api/recordings", params=params, content=b"x").status_code == 201
    assert service.received[0].title == "Kick-off"
    assert service.received[0].options == ProcessingOptions(
        "de", SpeakerCount.exactly(3), "whisper-small", ("Okafor", "Q3 roadmap")
    )


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"min_speakers": 2}, SpeakerCount(2, 8)),
        ({"max_speakers": 4}, SpeakerCount(1, 4)),
        ({"min_speakers": 12}, SpeakerCount(12, 12)),
    ],
)
def test_one_bound_leaves_the_other_at_its_default(client, service, bounds, expected):
    client.post("/api/recordings", params={"filename": "a.wav"} | bounds, content=b"x")
    assert service.received[0].options.speakers == expected


def test_a_guess_at_the_number_of_speakers_is_no_bound(client, service):
    params = {"filename": "a.wav", "about_speakers": 6}
    client.post("/api/recordings", params=params, content=b"x")
    assert service.received[0].options.speakers == SpeakerCount(1, 8, expected=6)


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({}, 422, "filename"),
        ({"filename": ""}, 422, "filename"),
        ({"filename": "a", "min_speakers": 0}, 422, "min_speakers"),
        ({"filename": "a", "max_speakers": 99}, 422, "max_speakers"),
        ({"filename": "a", "min_speakers": 5, "max_speakers": 2}, 400, "5 to 2"),
        ({"filename": "a", "about_speakers": 0}, 422, "about_speakers"),
        ({"filename": "a", "about_speakers": 40}, 422, "about_speakers"),
        ({"filename": "a", "about_speakers": 3, "min_speakers": 2}, 422, "or min_speakers and max"),
        ({"filename": "a", "about_speakers": 3, "max_speakers": 4}, 422, "or min_speakers and max"),
        ({"filename": "a", "language": "english"}, 422, "language"),
        ({"filename": "a", "speeker": 2}, 422, "speeker"),
        ({"filename": "full.wav"}, 507, "free some space"),
        ({"filename": "broken.wav"}, 415, "not a media file"),
    ],
)
def test_refused_upload_says_why_and_leaves_nothing(client, service, params, status, words):
    answer = client.post("/api/recordings", params=params, content=b"x" * 1_000_000)
    assert (answer.status_code, words in answer.json()["error"]) == (status, True)
    assert service.received == []


async def chunks_then(*items):
    for item in items:
        if isinstance(item, Exception):
            raise item
        yield item


def read_all(reader: RequestReader, size: int) -> list[bytes]:
    found = []
    while block := reader.read(size):
        found.append(block)
    return found


def test_reader_hands_out_what_came_in_never_more_than_asked():
    async def main():
        reader = RequestReader(chunks_then(b"abcde", b"", b"fg"))
        return await anyio.to_thread.run_sync(read_all, reader, 2)

    assert in_own_loop(main) == [b"ab", b"cd", b"e", b"fg"]


def test_cut_upload_is_an_error_not_an_end():
    async def main():
        reader = RequestReader(chunks_then(b"abc", ClientDisconnect()))
        await anyio.to_thread.run_sync(read_all, reader, 10)

    with pytest.raises(BrokenMediaError, match="send the file again"):
        in_own_loop(main)


def test_draining_reads_to_the_end_and_forgives_a_cut():
    async def main():
        reader = RequestReader(chunks_then(b"abc", b"def"))
        await reader.drain()
        await RequestReader(chunks_then(b"abc", ClientDisconnect())).drain()
        return await anyio.to_thread.run_sync(reader.read, 10)

    assert in_own_loop(main) == b""
