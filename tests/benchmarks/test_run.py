"""A benchmark run over small recordings and a pipeline that knows the answers."""

import json
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from pyannote.core import Annotation, Segment

from benchmarks.corpora import Recording, read_corpus
from benchmarks.machine import PeakMemory, describe_machine, git_commit
from benchmarks.records import figures, from_line, pooled, read_results, table, to_line
from benchmarks.report import main as report_main
from benchmarks.run import Bench, StageClock, chosen, measure, run, warm_up
from meeting_app.domain import (
    Draft,
    Meeting,
    Minutes,
    ProcessingOptions,
    Progress,
    Speaker,
    SpeakerCount,
    SpeakerSegment,
    Stage,
    Transcript,
    Turn,
    Waveform,
    Word,
)
from meeting_app.errors import FormatError

KEYS = (
    "der miss false_alarm confusion count_exact files wer cpwer cpwer_oracle boundary_error "
    "rtfx diarization_rtfx peak_memory_mb"
)
DURATION = 4.0
WORDS = (
    Word(Segment(0.1, 0.9), "red", 1.0),
    Word(Segment(1.1, 1.9), "green", 1.0),
    Word(Segment(2.1, 2.9), "left", 1.0),
)


class OneSpeakerPipeline:
    """Hears "red green left" from one speaker in every recording."""

    def __init__(self) -> None:
        self.asked: list[SpeakerCount] = []
        self.heard: list[float] = []

    def __call__(
        self,
        waveform: Waveform,
        title: str,
        options: ProcessingOptions,
        draft: Draft,
        save: Callable[[Draft], None],
        report: Callable[[Progress], None],
    ) -> Meeting:
        self.asked.append(options.speakers)
        self.heard.append(waveform.duration)
        for stage in (Stage.SPEAKERS, Stage.WORDS):
            report(Progress(stage, 0.0, 0.0))
            report(Progress(stage, 1.0, 0.5))
        save(Draft(transcript=Transcript("en", WORDS)))
        return Meeting(
            title=title,
            duration=waveform.duration,
            language="en",
            speakers=(Speaker("SPEAKER_00"),),
            speaker_segments=(SpeakerSegment(Segment(0.0, 3.0), "SPEAKER_00"),),
            turns=(Turn(0, "SPEAKER_00", WORDS),),
            chapters=(),
            minutes=Minutes(),
        )


def attribute_by_middle(transcript: Transcript, annotation: Annotation) -> tuple[Turn, ...]:
    """A turn for each word, with the first speaker heard in its middle."""
    return tuple(
        Turn(i, speaker_at(annotation, word.segment.middle), (word,))
        for i, word in enumerate(transcript.words)
    )


def speaker_at(annotation: Annotation, time: float) -> str | None:
    spans = annotation.itertracks(yield_label=True)
    return next((label for segment, _, label in spans if segment.overlaps(time)), None)


@pytest.fixture
def corpus(tmp_path: Path) -> tuple[Recording, ...]:
    """ "one" has words, "two" has not; in both a speaks 0–2 s and b 2–3 s."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("one", "two"):
        with wave.open(str(folder / f"{name}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(16_000)
            sound.writeframes(b"\1\0" * int(16_000 * DURATION))
        (folder / f"{name}.rttm").write_text(
            f"SPEAKER {name} 1 0.000 2.000 <NA> <NA> a <NA> <NA>\n"
            f"SPEAKER {name} 1 2.000 1.000 <NA> <NA> b <NA> <NA>\n"
        )
    (folder / "one.stm").write_text("one 1 a 0 2 <NA> Red, green.\none 1 b 2 3 <NA> Left.\n")
    return read_corpus(folder)


@pytest.fixture
def bench() -> Bench:
    return Bench(OneSpeakerPipeline(), attribute_by_middle)


def test_pooled_figures_have_the_names_that_outside_readers_expect(
    corpus: tuple[Recording, ...], bench: Bench, tmp_path: Path
) -> None:
    found = figures(pooled(run(corpus, bench, tmp_path / "results" / "r.jsonl")))
    assert list(found) == KEYS.split()
    # One of three seconds belongs to b, in both recordings.
    assert (found["der"], found["confusion"]) == (0.3333, 0.3333)
    assert (found["miss"], found["false_alarm"]) == (0.0, 0.0)
    assert (found["count_exact"], found["files"]) == (0, 2)
    # "left" is the wrong speaker's: inserted here, missing there. "green" ends 0.1 s before the
    # change at 2.0, its middle is exactly 0.5 s away, as that of "left" is.
    assert (found["wer"], found["cpwer"], found["cpwer_oracle"]) == (0.0, 0.6667, 0.0)
    assert found["boundary_error"] == 0.5


def test_each_recording_is_a_line_that_pools_again(
    corpus: tuple[Recording, ...], bench: Bench, tmp_path: Path
) -> None:
    output = tmp_path / "r.jsonl"
    results = run(corpus, bench, output)
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["file"] for line in lines] == ["one", "two"]
    assert [(line["speakers_found"], line["speakers_true"]) for line in lines] == [(1, 2), (1, 2)]
    assert lines[1]["wer"] is None
    assert sum(lines[0]["stage_shares"].values()) == pytest.approx(1.0, abs=0.001)
    assert lines[0]["circumstances"]["speakers"] == "auto"
    assert read_results(output) == results
    assert [from_line(to_line(result)) for result in results] == list(results)


def test_of_a_recording_measured_twice_the_last_line_counts(
    corpus: tuple[Recording, ...], bench: Bench, tmp_path: Path
) -> None:
    output = tmp_path / "r.jsonl"
    run(corpus, bench, output)
    later = run(corpus[:1], bench, output)
    assert len(output.read_text().splitlines()) == 3
    found = read_results(output)
    assert [result.name for result in found] == ["one", "two"]
    assert found[0] == later[0]


def test_true_number_of_speakers_is_told_only_on_request(
    corpus: tuple[Recording, ...],
) -> None:
    pipeline = OneSpeakerPipeline()
    measure(corpus[0], Bench(pipeline, attribute_by_middle))
    measure(corpus[0], Bench(pipeline, attribute_by_middle, is_count_given=True))
    assert pipeline.asked == [SpeakerCount(), SpeakerCount.exactly(2)]


def test_decoding_is_part_of_the_time(corpus: tuple[Recording, ...], bench: Bench) -> None:
    effort = measure(corpus[0], bench).effort
    assert list(effort.stages) == ["decode", "speakers", "words"]
    assert effort.stages["decode"] > 0
    assert effort.audio == DURATION
    assert effort.peak_memory > 1e6


def test_median_of_the_repeats_is_kept(corpus: tuple[Recording, ...]) -> None:
    pipeline = OneSpeakerPipeline()
    measure(corpus[0], Bench(pipeline, attribute_by_middle, num_repeats=3))
    assert len(pipeline.heard) == 3


def test_warm_up_hears_the_beginning(corpus: tuple[Recording, ...]) -> None:
    pipeline = OneSpeakerPipeline()
    warm_up(corpus[0], pipeline)
    assert pipeline.heard == [DURATION]


def test_stage_lasts_from_its_first_report_to_its_last() -> None:
    times = iter([10.0, 10.5, 12.0, 12.0, 15.0])
    clock = StageClock(lambda: next(times))
    for fraction in (0.0, 0.5, 1.0):
        clock(Progress(Stage.SPEAKERS, fraction, fraction))
    for fraction in (0.0, 1.0):
        clock(Progress(Stage.WORDS, fraction, fraction))
    assert clock.seconds == {"speakers": 2.0, "words": 3.0}


def test_recordings_are_chosen_by_part_of_their_name(corpus: tuple[Recording, ...]) -> None:
    assert [r.name for r in chosen(corpus, ["tw"])] == ["two"]
    assert chosen(corpus, []) == corpus
    with pytest.raises(FormatError, match="three: no such recording; there are one, two"):
        chosen(corpus, ["three"])


def test_table_has_a_line_for_each_recording_and_one_for_all(
    corpus: tuple[Recording, ...], bench: Bench, tmp_path: Path
) -> None:
    lines = table(run(corpus, bench, tmp_path / "r.jsonl")).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert [row[0] for row in cells] == ["recording", "---", "one", "two", "**all**"]
    assert cells[2][1:10] == ["33.3", "0.0", "0.0", "33.3", "66.7", "1/2", "0.0", "66.7", "0.0"]
    assert cells[3][7:10] == ["–", "–", "–"]
    assert cells[4][6] == "0 of 2 exact"
    assert len({len(row) for row in cells}) == 1


def test_report_prints_what_was_measured(
    corpus: tuple[Recording, ...],
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "r.jsonl"
    results = run(corpus, bench, output)
    monkeypatch.setattr(sys, "argv", ["report", str(output)])
    capsys.readouterr()
    assert report_main() == 0
    printed = capsys.readouterr().out
    assert table(results) in printed
    assert "number of speakers found; DER with collar 0 s and overlap scored" in printed
    assert describe_machine() in printed


@pytest.mark.parametrize("text", [None, "", '{"file": "x"}\n', "no json\n"])
def test_report_of_nothing_readable_fails(
    text: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "r.jsonl"
    if text is not None:
        path.write_text(text)
    monkeypatch.setattr(sys, "argv", ["report", str(path)])
    assert report_main() == 1
    assert capsys.readouterr().err


def test_peak_memory_sees_what_was_held_in_between() -> None:
    with PeakMemory() as before:
        pass
    with PeakMemory() as memory:
        block = bytearray(b"\1") * (200 << 20)
        memory._look()
        del block
    assert memory.num_bytes > before.num_bytes + (150 << 20)


def test_commit_is_a_short_hash_or_unknown() -> None:
    commit = git_commit().rstrip("+")
    assert commit == "" or int(commit, 16) >= 0
