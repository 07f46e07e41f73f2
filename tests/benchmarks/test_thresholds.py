"""Which value of a threshold is best, and what it is worth on recordings it was not chosen with."""

from pathlib import Path

import pytest

from benchmarks.corpora import Recording
from benchmarks.score import SpeakerScore
from benchmarks.thresholds import GRID, judge, table
from meeting_app.config import Config

SETTING = "diarization.max_distance"
A, B, C = (Recording(name, Path(name), (), None, None) for name in "abc")
# Seconds of confusion in 100 s of speech, by value.
ERRORS = {
    "a": {0.5: 1, 0.62: 4, 0.7: 20},
    "b": {0.5: 9, 0.62: 6, 0.7: 6},
    "c": {0.5: 9, 0.62: 6, 0.7: 5},
}


def score(recording: Recording, config: Config) -> SpeakerScore:
    error = ERRORS[recording.name][config.diarization.max_distance]
    return SpeakerScore(
        speech=100.0, confusion=error, num_recordings=1, num_counts_exact=int(error < 6)
    )


def verdict():
    return judge(SETTING, (0.5, 0.62, 0.7), [A, B, C], Config(), score)


def test_the_best_value_has_the_fewest_errors_of_all_recordings():
    # 19, 16 and 31 seconds of 300
    found = verdict()
    assert (found.shipped, found.best) == (0.62, 0.62)
    assert found.scores["best"].der == pytest.approx(16 / 300)
    assert found.scores["shipped"] == found.scores["best"]


def test_each_recording_is_scored_with_the_best_value_of_the_others():
    # Without a: 18, 12, 11, so 0.7 and 20 s. Without b: 10, 10, 25, so the first and 9 s.
    # Without c the same: 9 s.
    found = verdict().scores["left out"]
    assert found.confusion == 38
    assert found.speech == 300
    assert found.num_counts_exact == 0


def test_other_settings_stay_as_they_are():
    seen = []

    def watch(recording: Recording, config: Config) -> SpeakerScore:
        seen.append((config.diarization.min_vote, config.vad))
        return SpeakerScore(speech=1.0)

    judge("diarization.min_vote", (1.0, 2.0), [A, B], Config(), watch)
    assert seen == [(1.0, Config().vad)] * 2 + [(2.0, Config().vad)] * 2


def test_figures_are_shares_and_the_table_has_percent():
    found = verdict()
    assert found.figures() == {
        "setting": SETTING,
        "shipped": 0.62,
        "best": 0.62,
        "der_shipped": 0.0533,
        "count_exact_shipped": 1,
        "der_best": 0.0533,
        "count_exact_best": 1,
        "der_left_out": 0.1267,
        "count_exact_left_out": 0,
    }
    assert table([found]).splitlines()[-1] == (
        "| `diarization.max_distance` | 0.62 | 5.33 | 0.62 | 5.33 | 12.67 | 1 / 1 / 0 |"
    )


@pytest.mark.parametrize("setting", GRID)
def test_the_shipped_value_is_among_those_tried(setting):
    section, name = setting.split(".")
    assert getattr(getattr(Config(), section), name) in GRID[setting]
