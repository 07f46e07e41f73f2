"""Files with meetings in them, out of a library and back into one."""

import base64
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pyannote.core import Segment

from meeting_app.domain import ClipKind, Filing, Meeting, Recording
from meeting_app.domain.corrections import ReplaceWords
from meeting_app.errors import FormatError, MediaError, MeetingAppError, NotFoundError
from meeting_app.formats.document import Document
from meeting_app.formats.json import Archived, archived_to_json, meeting_to_json
from meeting_app.formats.options import ExportOptions
from meeting_app.formats.package import bundle
from tests.builders import a_meeting
from tests.fakes_jobs import RECORDING
from tests.meeting_app.conftest import App
from tests.strategies import meetings


@pytest.fixture
def other(tmp_path: Path) -> Iterator[App]:
    """A second library, as another machine has one."""
    found = App(tmp_path / "other")
    yield found
    found.repository.close()


def _restored(app: App, content: bytes, filename: str = "meeting.json") -> str:
    return app.service.restore(io.BytesIO(content), filename).id


def _repacked(package: bytes, change: Callable[[zipfile.ZipFile, str, bytes], None]) -> bytes:
    """The package with each member written anew by ``change``."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            change(archive, name, source.read(name))
    return target.getvalue()


def test_package_restores_meeting_recording_date_and_sound(app: App, other: App) -> None:
    meeting_id = app.process(filename="周会.wav")
    app.service.rename_speaker(meeting_id, "SPEAKER_00", "Grace")
    app.service.correct(meeting_id, ReplaceWords(Segment(0.0, 1.0), "They all"))
    before = app.service.meeting(meeting_id)
    content = app.service.export(meeting_id, "zip").content
    after = other.service.meeting(_restored(other, content, "x.zip"))
    assert replace(after, id=before.id, revision=before.revision) == before
    assert other.media.original(after.recording.sha256).read_bytes() == RECORDING
    assert other.service.playback_path(after.id).read_text("utf-8") == "playback of 3.0 s"
    assert [hit.meeting_id for hit in other.service.search("They Grace")] == [after.id]


def test_json_restores_all_but_the_sound(app: App, other: App) -> None:
    before = app.service.meeting(app.process())
    content = app.service.export(before.id, "json").content
    after = other.service.meeting(_restored(other, content))
    assert replace(after, id=before.id, revision=before.revision) == before
    assert other.files() == []
    with pytest.raises(NotFoundError, match="the playback file is gone"):
        other.service.playback_path(after.id)


def test_folder_and_tags_come_back_with_the_meeting(app: App, other: App) -> None:
    meeting_id = app.process()
    app.service.shelves.move([meeting_id], "Board/2026")
    app.service.shelves.tag([meeting_id], ["weekly", "q3"])
    content = app.service.export(meeting_id, "zip").content
    entry = other.service.shelves.entry(_restored(other, content))
    assert (entry.folder, sorted(entry.tags)) == ("Board/2026", ["q3", "weekly"])


def test_a_tag_that_nobody_could_give_is_refused(other: App) -> None:
    content = archived_to_json(Archived(a_meeting(), filing=Filing(None, ("a,b",)))).encode()
    with pytest.raises(FormatError, match=r"holds a comma.*leave it out"):
        _restored(other, content)
    assert other.service.library() == ()


@given(meetings())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_meeting_survives_the_way_out_and_in(other: App, meeting: Meeting) -> None:
    known = {speaker.label for speaker in meeting.speakers}
    assert all(turn.speaker is None or turn.speaker in known for turn in meeting.turns)
    recording = Recording("ab" * 32, "周会.mp4", 7, "mp4", "aac", 2.5)
    made = datetime(2026, 3, 4, 9, 30, 0, 12, tzinfo=UTC)
    content = archived_to_json(Archived(meeting, recording, made)).encode()
    after = other.service.meeting(_restored(other, content))
    assert (after.meeting, after.recording, after.created_at) == (meeting, recording, made)
    again = other.service.export(after.id, "json").content
    assert json.loads(again) == json.loads(content)


def test_restored_meeting_does_not_touch_the_one_that_is_still_there(app: App) -> None:
    meeting_id = app.process()
    content = app.service.export(meeting_id, "zip").content
    app.service.rename_meeting(meeting_id, "Changed since")
    second = _restored(app, content)
    assert app.service.meeting(meeting_id).meeting.title == "Changed since"
    assert app.service.meeting(second).meeting.title == "standup"
    app.service.delete(meeting_id, for_good=True)
    assert app.service.playback_path(second).is_file()
    app.service.delete(second, for_good=True)
    assert app.files() == []


def test_restored_meeting_is_a_job_that_is_done(app: App) -> None:
    meeting_id = _restored(app, meeting_to_json(a_meeting()).encode(), "old.json")
    (job,) = app.service.jobs()
    assert (job.meeting_id, job.state.value, job.filename) == (meeting_id, "done", "old.json")


def test_document_without_recording_stands_for_itself(app: App) -> None:
    stored = app.service.meeting(_restored(app, meeting_to_json(a_meeting()).encode(), "old.json"))
    assert (stored.recording.filename, stored.recording.container) == ("old.json", "none")
    assert stored.meeting == a_meeting()


def test_package_without_sound_holds_the_document_alone(app: App) -> None:
    options = ExportOptions(with_audio=False)
    content = app.service.export(app.process(), "zip", options).content
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["meeting.json"]


def test_package_is_read_by_other_programs_and_the_same_each_time(app: App) -> None:
    document = app.service.export(app.process(), "zip")
    archive = zipfile.ZipFile(io.BytesIO(document.content))
    assert archive.namelist() == ["meeting.json", "sound/original.wav", "sound/playback.m4a"]
    assert archive.testzip() is None
    assert document.content == document.content
    assert document.filename == "standup.meeting.zip"


def _broken(change: Callable[[zipfile.ZipFile, str, bytes], None]) -> Callable[[bytes], bytes]:
    return lambda package: _repacked(package, change)


def _with_stranger(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(name, content)
    if name == "meeting.json":
        archive.writestr("../../etc/passwd", b"root")


def _other_sound(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(name, b"RIFF other" if "original" in name else content)


def _no_sound(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(name, b"text" if "playback" in name else content)


def _squeezed(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(name, content, zipfile.ZIP_DEFLATED)


def _headless(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    if name != "meeting.json":
        archive.writestr(name, content)


def _damaged(package: bytes) -> bytes:
    place = package.index(RECORDING) + 5
    return package[:place] + b"XXXX" + package[place + 4 :]


@pytest.mark.parametrize(
    ("spoil", "kind", "complaint"),
    [
        (lambda package: b"", FormatError, "line 1 column 1: not JSON"),
        (lambda package: b"\xff\xfe", FormatError, "byte 0: not UTF-8"),
        (lambda package: package[:200], FormatError, "package: damaged"),
        (_damaged, FormatError, "package: damaged (Bad CRC-32"),
        (_broken(_with_stranger), FormatError, "'../../etc/passwd' does not belong into it"),
        (_broken(_other_sound), FormatError, "package: the recording in it is"),
        (_broken(_no_sound), MediaError, "playback.m4a: not a media file"),
        (_broken(_squeezed), FormatError, "sound/original.wav is compressed"),
        (_broken(_headless), FormatError, "package: no meeting.json in it"),
        (lambda package: b" " * ((1 << 20) + 1), FormatError, "larger than 1 MB"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_refused_leaves_nothing_behind(
    app: App,
    other: App,
    spoil: Callable[[bytes], bytes],
    kind: type[MeetingAppError],
    complaint: str,
) -> None:
    package = app.service.export(app.process(), "zip").content
    with pytest.raises(kind) as caught:
        _restored(other, spoil(package), "spoilt.zip")
    assert complaint in str(caught.value)
    assert other.files() == []
    assert other.service.library() == ()
    assert other.service.jobs() == ()


def _changed(*steps: str | int, to: object) -> bytes:
    document = json.loads(meeting_to_json(a_meeting()))
    *way, last = steps
    place = document
    for step in way:
        place = place[step]
    place[last] = to
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (_changed("title", to="\ud800"), "holds half a character"),
        (_changed("duration", to=-1.0), "$.duration: -1.0 is before the beginning"),
        (_changed("turns", 0, "words", 1, "end", to=0.0), "$.turns[0].words[1]: from 0.5 to 0.0"),
        (_changed("chapters", 0, "start", to=-3.0), "$.chapters[0]: from -3.0 to 20.0"),
        (_changed("speakers", 1, "label", to="SPEAKER_00"), "$.speakers[1].label: 'SPEAKER_00' is"),
        (_changed("turns", 1, "speaker", to="X"), "$.turns[1].speaker: nobody has the label 'X'"),
        (_changed("turns", 1, "id", to=1 << 64), "$.turns[1].id: 18446744073709551616 is out of"),
        (
            _changed("minutes", "decisions", 0, "evidence", to=[0, 7]),
            "$.minutes.decisions[0].evidence: there is no turn 7",
        ),
    ],
)
def test_document_that_contradicts_itself_is_refused(
    app: App, content: bytes, complaint: str
) -> None:
    with pytest.raises(FormatError) as caught:
        _restored(app, content)
    assert complaint in str(caught.value)
    assert app.service.library() == ()


def test_file_that_is_not_there_cannot_be_restored(app: App, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.json: cannot be read"):
        app.service.restore_file(tmp_path / "none.json")


def test_clip_is_cut_out_of_what_browsers_play(app: App) -> None:
    document = app.service.clip(app.process(), Segment(65.5, 70.0), ClipKind.MP3)
    assert document.content == b"playback of 3.0 s: 65.5 to 70.0 as mp3"
    assert (document.filename, document.media_type) == ("standup 01-05.mp3", "audio/mpeg")


@pytest.mark.parametrize(
    ("segment", "complaint"),
    [
        (Segment(5.0, 5.0), "from 5.0 to 5.0 s is no stretch of sound"),
        (Segment(-1.0, 5.0), "from -1.0 to 5.0 s is no stretch of sound"),
        (Segment(0.0, 601.0), "601 s long; choose 600 s at most"),
        (Segment(float("nan"), 5.0), "start or end is not a time"),
    ],
)
def test_clip_that_cannot_be_is_refused(app: App, segment: Segment, complaint: str) -> None:
    with pytest.raises(MediaError, match=complaint):
        app.service.clip(app.process(), segment)


def test_page_of_one_chapter_holds_the_sound_of_that_chapter_only(app: App) -> None:
    text = app.service.export(app.process(), "html", ExportOptions(chapter=1)).content.decode()
    sound = text.partition('class="sound">')[2].partition("<")[0]
    assert base64.b64decode(sound) == b"playback of 3.0 s: 0.0 to 20.0 as m4a"


def test_several_meetings_are_one_archive_without_a_name_twice(app: App) -> None:
    first, second = app.process(), app.process()
    document = app.service.export_many([first, second], "txt")
    archive = zipfile.ZipFile(io.BytesIO(document.content))
    assert archive.namelist() == ["standup.txt", "standup (2).txt"]
    assert archive.read("standup.txt") == app.service.export(first, "txt").content


@pytest.mark.parametrize(
    ("ids", "kind", "complaint"),
    [([], FormatError, "no meeting to write"), (["gone"], NotFoundError, "gone: no such meeting")],
)
def test_nothing_and_nobodys_meeting_are_refused_before_anything_is_written(
    app: App, ids: list[str], kind: type[MeetingAppError], complaint: str
) -> None:
    with pytest.raises(kind, match=complaint):
        app.service.export_many(ids, "txt")


def test_long_sound_goes_through_a_package_in_small_blocks() -> None:
    block = bytes(1 << 20)
    document = Document("long.html", "text/html", (block for _ in range(64)))
    tracemalloc.start()
    total = sum(len(piece) for piece in bundle([document]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 0
    assert peak < 16 << 20  # of 64 MB
