import wave

import pytest

from pipelines.weights.store import WeightsStore


@pytest.mark.model
def test_sample_recording_comes_from_the_real_index(tmp_path):
    folder = WeightsStore(tmp_path).get("sample-phone-call")

    with wave.open(str(folder / "sample.wav")) as sample:
        assert sample.getnframes() / sample.getframerate() == pytest.approx(30.0, abs=0.01)
    assert (folder / "sample.rttm").read_text().startswith("SPEAKER sample 1")
