"""The networks of an application, for measuring what lies between them and its decisions."""

from meeting_app.bootstrap import SEGMENTATION_MODEL, SPEAKER_MODEL, Application
from pipelines.diarization.offline import OfflineDiarizer
from pipelines.vad.silero import SileroDetector


def networks_of(app: Application) -> tuple[SileroDetector, OfflineDiarizer]:
    """Loaded as the application itself does.

    Raises:
        MeetingAppError: a model cannot be had.
    """
    weights = (app.weights.get(SEGMENTATION_MODEL), app.weights.get(SPEAKER_MODEL))
    config, device = app.config, app.device
    diarizer = OfflineDiarizer(*weights, config.diarization, device.name, device.num_threads)
    return SileroDetector(config.vad), diarizer
