"""The recorder of the benchmark against a server of a few lines."""

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.streaming.client import FRAME, Heard, Recorder, frame_due, frame_message
from meeting_app.errors import MeetingAppError

SOUND = np.arange(10 * FRAME + 100, dtype=np.int16)  # 0.206 s
Serve = Callable[[ServerConnection], Awaitable[None]]


async def say(socket: ServerConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def welcome(socket: ServerConnection) -> dict[str, object]:
    hello = json.loads(await socket.recv())
    await say(socket, type="welcome", version=1, meeting="m", token="t", next=0)
    await say(socket, type="state", phase="recording")
    return dict(hello)


def record(answer: Serve) -> Heard:
    async def run() -> Heard:
        async def pause() -> None:
            await asyncio.sleep(0)

        async with serve(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await Recorder(f"http://127.0.0.1:{port}", "test").record(SOUND, pause)

    return asyncio.run(run())


def test_a_frame_is_its_number_and_its_samples_low_bytes_first() -> None:
    message = frame_message(258, np.array([1, -2], np.int16))
    assert message == b"\x02\x01\x00\x00" + b"\x01\x00" + b"\xfe\xff"


def test_a_frame_is_due_when_its_last_sample_was_spoken_however_late_the_others_were() -> None:
    assert [frame_due(n) for n in (0, 1, 24, 89_999)] == pytest.approx([0.02, 0.04, 0.5, 1800.0])


def test_all_sound_arrives_in_order_in_real_time_and_the_answers_are_timed() -> None:
    got: list[bytes] = []
    times: list[float] = []

    async def answer(socket: ServerConnection) -> None:
        hello = await welcome(socket)
        assert (hello["role"], hello["version"], hello["language"]) == ("record", 1, "en")
        async for message in socket:
            if isinstance(message, str):
                break
            got.append(message)
            times.append(asyncio.get_running_loop().time())
            await say(socket, type="ack", next=len(got))
        assert json.loads(message) == {"type": "end"}
        await say(socket, type="final", line=0, words=[])
        await say(socket, type="sealed", meeting="in-library")

    heard = record(answer)
    assert [struct.unpack_from("<I", m)[0] for m in got] == list(range(11))
    assert b"".join(m[4:] for m in got) == SOUND.astype("<i2").tobytes()
    assert 0.18 < times[-1] - times[0] < 1.5  # 10 steps of 20 ms
    assert (heard.meeting, heard.sealed, len(heard.acks)) == ("m", "in-library", 11)
    # The last frame is short, so it is there a little before a whole one would be due.
    assert all(-0.001 < late < 1.0 for late in heard.acks)
    kinds = [arrival.message["type"] for arrival in heard.arrivals]
    assert kinds == ["state", "final"]
    assert heard.arrivals[-1].at > 0.2


def test_a_full_server_is_an_error_that_says_so() -> None:
    async def answer(socket: ServerConnection) -> None:
        await socket.recv()
        await say(socket, type="error", code="full", message="4 meetings run", fatal=True)

    with pytest.raises(MeetingAppError, match="4 meetings run"):
        record(answer)


@pytest.mark.parametrize("is_told", [True, False])
def test_a_meeting_that_breaks_off_is_an_error(is_told: bool) -> None:
    async def answer(socket: ServerConnection) -> None:
        await welcome(socket)
        await socket.recv()
        if is_told:
            await say(socket, type="error", code="disk", message="the disk is full", fatal=True)
        await socket.close()

    with pytest.raises(MeetingAppError, match="the disk is full" if is_told else "closed"):
        record(answer)
