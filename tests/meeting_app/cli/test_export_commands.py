"""`export`, `clip` and `restore` on the command line."""

import json
import zipfile
from pathlib import Path

import pytest

from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from tests.fakes_cli import Run


def test_choices_are_options(run: Run, meeting_id: str, tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    plain = ("--no-timestamps", "--no-speakers", "--no-chapters", "--language", "zh")
    run("export", meeting_id, "--format", "txt", "--part", "transcript", *plain, "--output", target)
    assert target.read_text("utf-8").splitlines()[-2:] == [
        "We agreed to ship.",
        "I will write the notes.",
    ]


@pytest.mark.parametrize(
    ("options", "code", "complaint"),
    [
        (("--part", "all"), 2, "'all' is not one of whole, minutes, transcript"),
        (("--chapter", "0"), 2, "greater than or equal to 1"),
        (("--chapter", "9"), 1, "chapter 9: this meeting has 1"),
        (("--language", "fr"), 1, "fr: no headings in this language"),
    ],
)
def test_choice_that_cannot_be_is_refused(
    run: Run, meeting_id: str, options: tuple[str, str], code: int, complaint: str
) -> None:
    call = run("export", meeting_id, "--format", "txt", *options)
    assert call.code == code
    assert complaint in " ".join(call.err.split())


def test_package_comes_back_as_a_meeting_of_its_own(
    run: Run, meeting_id: str, tmp_path: Path
) -> None:
    target = tmp_path / "standup.zip"
    run("export", meeting_id, "--format", "zip", "--output", target)
    assert "meeting.json" in zipfile.ZipFile(target).namelist()
    said = run("restore", target).out
    assert said.startswith(f"{target} → ")
    assert said.endswith("  standup\n")
    assert len(run("list").out.splitlines()) == 3


def test_what_is_no_meeting_is_not_restored(run: Run, standup: Path) -> None:
    call = run("restore", standup)
    assert call.code == 1
    assert call.err.startswith("error: ")
    assert "The library is empty" in run("list").out


@pytest.mark.parametrize(
    ("start", "end", "code", "complaint"),
    [
        ("x", "1", 2, "'x' is no time"),
        ("1:2:3:4", "5", 2, "'1:2:3:4' is no time"),
        ("0:05", "0:03", 1, "clip: from 5.0 to 3.0 s is no stretch of sound"),
    ],
)
def test_stretch_that_is_none_is_refused(
    run: Run, meeting_id: str, start: str, end: str, code: int, complaint: str
) -> None:
    call = run("clip", meeting_id, start, end)
    assert call.code == code
    assert complaint in " ".join(call.err.split())


def test_kind_of_clip_is_one_that_can_be_written(run: Run, meeting_id: str) -> None:
    assert "'flac' is not one of m4a, mp3, wav" in run(
        "clip", meeting_id, "0", "1", "--kind", "flac"
    ).err.replace("\n", " ")


@pytest.mark.parametrize(
    ("flags", "has_history", "has_voices"),
    [((), True, False), (("--no-history", "--voices"), False, True)],
)
def test_voices_are_in_the_file_only_if_asked_for_and_history_unless_refused(
    run: Run,
    meeting_id: str,
    tmp_path: Path,
    flags: tuple[str, ...],
    has_history: bool,
    has_voices: bool,
) -> None:
    target = tmp_path / "standup.json"
    Application(load_config()).service.rename_meeting(meeting_id, "Retro")
    run("export", meeting_id, "--format", "json", *flags, "--output", target)
    told = json.loads(target.read_text("utf-8"))
    assert (told["history"] is not None, told["voices"] is not None) == (has_history, has_voices)
