"""`rerun`: the recording is read again, and what was corrected stays."""

from meeting_app.domain import SpeakerCount
from tests.fakes_cli import Fakes, Run


def test_the_meeting_is_printed_as_the_new_run_found_it(
    run: Run, fakes: Fakes, meeting_id: str
) -> None:
    fakes.stages.lines = (("SPEAKER_00", "We agreed to wait."), ("SPEAKER_01", "Good."))
    call = run("rerun", meeting_id, "--speakers", "2", "--language", "en")
    assert call.code == 0
    assert "Speaker 1: We agreed to wait." in call.out
    assert (fakes.asked[-1].language, fakes.asked[-1].speakers) == ("en", SpeakerCount.exactly(2))
    assert len(run("list").out.splitlines()) == 2


def test_what_was_corrected_and_does_not_fit_any_more_is_said(
    run: Run, fakes: Fakes, meeting_id: str
) -> None:
    from meeting_app.bootstrap import Application
    from meeting_app.config import load_config

    service = Application(load_config(None)).service
    service.rename_speaker(meeting_id, "SPEAKER_00", "Ana", "eva")
    service.rename_speaker(meeting_id, "SPEAKER_01", "Ben", "eva")
    fakes.stages.lines = (("SPEAKER_00", "We agreed to wait."),)
    call = run("rerun", meeting_id)
    assert "Ana: We agreed to wait." in call.out
    (line,) = [line for line in call.err.splitlines() if line.startswith("not applied")]
    assert line.startswith("not applied: 2 rename-speaker by eva: SPEAKER_01: no voice")


def test_an_unknown_meeting_exits_with_1(run: Run) -> None:
    call = run("rerun", "0000000000000000")
    assert (call.code, "no such meeting" in call.err) == (1, True)
