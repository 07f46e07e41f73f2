"""`transcribe` and `demo`: recordings in, meetings out, and what is refused."""

import re
from pathlib import Path

import pytest

from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from meeting_app.domain import JobState, ProcessingOptions, SpeakerCount, Stage
from meeting_app.errors import ModelError
from meeting_app.formats.json import meeting_from_json
from tests.fakes_cli import Fakes, Run, a_recording


def test_without_output_dir_the_meeting_is_printed(run: Run, standup: Path) -> None:
    call = run("transcribe", standup)
    assert call.code == 0
    assert "Speaker 1: We agreed to ship." in call.out
    assert "Speaker 2: I will write the notes." in call.out


def test_a_format_is_printed_as_it_would_be_written(run: Run, standup: Path) -> None:
    call = run("transcribe", standup, "--format", "rttm")
    assert call.code == 0
    assert all(line.startswith("SPEAKER standup 1 ") for line in call.out.splitlines())


def test_output_dir_gets_json_rttm_and_seglst_named_after_the_recording(
    run: Run, standup: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "out"
    assert run("transcribe", standup, "--output-dir", folder).code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "standup.json",
        "standup.rttm",
        "standup.seglst.json",
    ]
    assert meeting_from_json((folder / "standup.json").read_text("utf-8")).title == "standup"


def test_output_dir_gets_only_the_formats_asked_for(
    run: Run, standup: Path, tmp_path: Path
) -> None:
    formats = ("--format", "srt", "--format", "md")
    assert run("transcribe", standup, *formats, "--output-dir", tmp_path / "out").code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"standup.srt", "standup.md"}


def test_a_bad_file_does_not_keep_the_others_from_being_done(
    run: Run, standup: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("no sound at all")
    call = run("transcribe", text, tmp_path / "gone.wav", standup, "--output-dir", tmp_path / "out")
    assert call.code == 1
    assert (tmp_path / "out" / "standup.json").exists()
    errors = [line for line in call.err.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[1].split("/")[-1].strip() for line in errors] == [
        "notes.wav",
        "gone.wav",
    ]
    assert call.err.splitlines()[-1] == "2 of 3 files failed"


BAD_INPUT = {
    "a folder": (lambda path: path.mkdir(), "cannot be read"),
    "no bytes": (lambda path: path.write_bytes(b""), "in.wav"),
    "text": (lambda path: path.write_text("hello"), "in.wav"),
    "a picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64)), "in.wav"),
    "nothing": (lambda path: None, "no such file"),
}


@pytest.mark.parametrize("kind", BAD_INPUT)
def test_bad_input_is_one_line_exit_1_and_leaves_nothing(
    run: Run, tmp_path: Path, kind: str
) -> None:
    make, message = BAD_INPUT[kind]
    make(tmp_path / "in.wav")
    call = run("transcribe", tmp_path / "in.wav", "--output-dir", tmp_path / "out")
    assert call.code == 1
    assert call.out == ""
    (error,) = [line for line in call.err.splitlines() if line.startswith("error: ")]
    assert message in error
    assert "Traceback" not in call.err
    assert not (tmp_path / "out").exists()
    assert "empty" in run("list").out
    home = tmp_path / "home"
    assert [path for path in home.rglob("*") if path.suffix == ".wav"] == []


def test_a_stage_that_fails_is_one_line_and_exit_1(run: Run, fakes: Fakes, standup: Path) -> None:
    fakes.stages.failure[Stage.WORDS] = ModelError("whisper-base: cannot be loaded; verify it")
    call = run("transcribe", standup)
    assert call.code == 1
    assert "error: whisper-base: cannot be loaded; verify it\n" in call.err


def test_two_recordings_of_one_name_are_refused_before_any_work(
    run: Run, fakes: Fakes, standup: Path, tmp_path: Path
) -> None:
    other = a_recording(tmp_path / "other" / "Standup.wav")
    call = run("transcribe", standup, other, "--output-dir", tmp_path / "out")
    assert call.code == 2
    assert f"{standup} and {other}: both would be written to" in call.err
    assert fakes.asked == []
    assert not (tmp_path / "out").exists()


def test_an_output_dir_that_is_a_file_is_refused(run: Run, standup: Path) -> None:
    call = run("transcribe", standup, "--output-dir", standup)
    assert call.code == 2
    assert "is a file" in call.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--speakers", "2", "--min-speakers", "1", "x.wav"),
        ("--speakers", "about 2", "--max-speakers", "5", "x.wav"),
        ("--min-speakers", "33", "x.wav"),
        ("--min-speakers", "5", "--max-speakers", "3", "x.wav"),
        ("--format", "doxc", "x.wav"),
        ("--format", "pdf", "x.wav"),
        ("--beam", "x.wav"),
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    call = run("transcribe", *arguments)
    assert call.code == 2
    assert "Traceback" not in call.err


@pytest.mark.parametrize(
    "value",
    [
        *("0", "33", "40", "100", "-1", "3.5", "two", "", "6 about"),
        *("about", "about x", "about 0", "about 40", "~", "~-1", "~~3"),
    ],
)
def test_a_number_of_speakers_that_cannot_be_is_named_with_what_to_give(
    run: Run, fakes: Fakes, standup: Path, value: str
) -> None:
    call = run("transcribe", standup, "--speakers", value)
    assert call.code == 2
    assert f'--speakers: {value!r}: give a number from 1 to 32, or "about 3"' in call.err
    assert fakes.asked == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), SpeakerCount(1, 8)),
        (("--speakers", "3"), SpeakerCount(3, 3)),
        (("--speakers", "about 6"), SpeakerCount(1, 8, expected=6)),
        (("--speakers", " About  6 "), SpeakerCount(1, 8, expected=6)),
        (("--speakers", "~10"), SpeakerCount(1, 12, expected=10)),
        (("--speakers", "32"), SpeakerCount(32, 32)),
        (("--min-speakers", "2"), SpeakerCount(2, 8)),
        (("--max-speakers", "4"), SpeakerCount(1, 4)),
        (("--min-speakers", "10"), SpeakerCount(10, 10)),
    ],
)
def test_what_is_known_of_the_speakers_reaches_the_pipeline(
    run: Run, fakes: Fakes, standup: Path, arguments: tuple[str, ...], expected: SpeakerCount
) -> None:
    assert run("transcribe", standup, *arguments).code == 0
    assert fakes.asked == [ProcessingOptions(speakers=expected)]


def test_language_model_and_hotwords_reach_the_pipeline(
    run: Run, fakes: Fakes, standup: Path
) -> None:
    wishes = ("--language", "de", "--asr", "x", "--hotword", "Ohm", "--hotword", "Volt")
    assert run("transcribe", standup, *wishes).code == 0
    assert fakes.asked == [ProcessingOptions("de", SpeakerCount(), "x", ("Ohm", "Volt"))]


def test_models_are_fetched_before_work_with_plain_lines_where_no_terminal_is(
    run: Run, fakes: Fakes, standup: Path
) -> None:
    call = run("transcribe", standup, "--asr", "x")
    assert fakes.weights.pulled[:4] == ["x", "segmentation-3.0", "ecapa-voxceleb", "minilm-l6-v2"]
    assert "x: 50% fetching 10 MB" in call.err
    assert re.search(r"^standup\.wav: \d+% decode$", call.err, re.MULTILINE)


def test_a_mistyped_name_fetches_nothing(run: Run, fakes: Fakes, tmp_path: Path) -> None:
    assert run("transcribe", tmp_path / "gone.wav").code == 1
    assert fakes.weights.pulled == []


def test_a_folder_is_a_model_that_needs_no_fetching(
    run: Run, fakes: Fakes, standup: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    assert run("transcribe", standup, "--asr", tmp_path / "mine").code == 0
    assert "segmentation-3.0" in fakes.weights.pulled
    assert str(tmp_path / "mine") not in fakes.weights.pulled
    assert fakes.asked[0].asr_model == str(tmp_path / "mine")


def test_a_model_that_cannot_be_had_exits_with_3(run: Run, fakes: Fakes, standup: Path) -> None:
    fakes.weights.has_network = False
    call = run("transcribe", standup)
    assert (call.code, call.out) == (3, "")
    assert call.err == "error: whisper-base: cannot be fetched; check the network\n"


def test_an_interruption_exits_with_130_and_cancels_the_job(
    run: Run, fakes: Fakes, standup: Path
) -> None:
    fakes.stages.failure[Stage.WORDS] = KeyboardInterrupt()  # type: ignore[assignment]
    assert run("transcribe", standup).code == 130
    (job,) = Application(load_config()).service.jobs()
    assert job.state is JobState.CANCELLED


def test_the_sample_is_processed_and_the_demo_says_where_it_is(run: Run, tmp_path: Path) -> None:
    a_recording(tmp_path / "models" / "sample.wav")
    call = run("demo")
    assert call.code == 0
    assert "Speaker 1: We agreed to ship." in call.out
    assert f"Stored in {tmp_path / 'home'}\n" in call.out
    assert "meeting-app serve" in call.out
    assert "http://127.0.0.1:7860" in call.out
