"""A name that was given helps to recognise it when the recording is read again."""

from dataclasses import replace

from tests.fakes_jobs import RECORDING
from tests.meeting_app.conftest import App


def test_expected_names_are_hotwords_of_a_job_and_are_not_stored_with_it(app: App) -> None:
    asked: list[tuple[str, ...]] = []
    pipeline = app.stages.pipeline

    def watched(waveform, title, options, *rest):
        asked.append(options.hotwords)
        return pipeline(waveform, title, options, *rest)

    job = app.submit(RECORDING)
    expected = {job.meeting_id: ("Zephyrine", "David")}
    replace(app.worker(), pipeline=watched, expected_names=expected.__getitem__).run(job.id)
    assert asked == [("Zephyrine", "David")]
    assert app.service.job(job.id).options.hotwords == ()
