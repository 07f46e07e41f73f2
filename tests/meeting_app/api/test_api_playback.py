import pytest

AUDIO = "/api/meetings/m1/audio"  # bytes 0..99


def test_whole_sound_without_a_range(client):
    answer = client.get(AUDIO)
    assert (answer.status_code, len(answer.content)) == (200, 100)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "audio/mp4"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=10-19", 10, 19), ("bytes=90-", 90, 99), ("bytes=-5", 95, 99), ("bytes=0-500", 0, 99)],
)
def test_range_gives_those_bytes_only(client, asked, first, last):
    answer = client.get(AUDIO, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/100"
    assert answer.content == bytes(range(first, last + 1))


def test_range_behind_the_end_is_refused(client):
    answer = client.get(AUDIO, headers={"Range": "bytes=100-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] in ("bytes */100", "*/100")


def test_head_tells_the_size_and_sends_nothing(client):
    answer = client.head(AUDIO)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "100"


def test_range_of_a_changed_file_starts_over(client):
    tag = client.get(AUDIO).headers["etag"]
    same = client.get(AUDIO, headers={"Range": "bytes=10-19", "If-Range": tag})
    other = client.get(AUDIO, headers={"Range": "bytes=10-19", "If-Range": '"older"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_outline_of_the_sound_comes_as_bytes_that_may_be_kept(client):
    answer = client.get("/api/meetings/m1/peaks")
    assert answer.content == bytes([200, 100]) * 1200
    assert answer.headers["cache-control"] == "private, max-age=86400"
    assert answer.headers["etag"]
    assert client.get("/api/meetings/nope/peaks").status_code == 404
