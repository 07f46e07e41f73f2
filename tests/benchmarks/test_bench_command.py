"""The command line of the benchmark."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.records import read_results
from benchmarks.run import main


def test_folder_without_recordings_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["run", str(tmp_path / "nothing")])
    assert main() == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "nothing: no recording with an RTTM; give a folder that holds both" in printed.err


@pytest.mark.parametrize("wrong", [["--repeats", "0"], ["--collar", "-1"], ["--speakers", "2"]])
def test_option_out_of_range_is_refused(
    wrong: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["run", "folder", *wrong])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err


@pytest.mark.model
def test_last_line_is_the_pooled_figures_of_a_real_recording(
    models: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "results.jsonl"
    folder = models("sample-phone-call")
    monkeypatch.setattr(sys, "argv", ["run", str(folder), "--output", str(output)])
    assert main() == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["files"], found["count_exact"]) == (1, 1)
    parts = ("miss", "false_alarm", "confusion")
    assert found["der"] == pytest.approx(sum(found[name] for name in parts), abs=2e-4)
    assert found["der"] < 0.15
    assert found["wer"] is None
    assert found["rtfx"] < found["diarization_rtfx"]
    (result,) = read_results(output)
    assert set(result.score.effort.shares) >= {"decode", "speech", "speakers", "words"}
