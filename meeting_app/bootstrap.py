"""The only place that chooses implementations: settings become services.

Everything is made when it is first asked for, so that listing the library loads no network.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from meeting_app.config import Config
from meeting_app.domain import Job
from meeting_app.formats import Exporter
from meeting_app.jobs import Worker, ignore
from meeting_app.service import MeetingService
from pipelines.attribution import WordAttributor
from pipelines.audio import decode_media, probe_media
from pipelines.offline import OfflinePipeline, Stages
from pipelines.playback import encode_playback
from pipelines.protocols import (
    ChapterFinder,
    Diarizer,
    MinutesWriter,
    SpeechRecognizer,
    VoiceActivityDetector,
)
from pipelines.weights.pull import PullProgress
from pipelines.weights.store import WeightsStore
from storage.repository import Media, Repository

if TYPE_CHECKING:
    from pipelines.device import Device
    from pipelines.text_embedding import MiniLmEmbedder

__all__ = ["Application", "PullProgress"]

SEGMENTATION_MODEL = "segmentation-3.0"
SPEAKER_MODEL = "ecapa-voxceleb"
SENTENCE_MODEL = "minilm-l6-v2"
FONT_MODEL, FONT_FILE = "noto-sans-cjk-sc", "NotoSansCJKsc-Regular.otf"
SAMPLE_MODEL, SAMPLE_FILE = "sample-phone-call", "sample.wav"


class Application:
    """The program put together after one configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @property
    def home(self) -> Path:
        """The folder of database and recordings."""
        return self.config.storage.home or user_data_path("meeting-app", appauthor=False)

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the server."""
        server = self.config.server
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to
        host = everywhere.get(server.host, server.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{server.port}"

    @cached_property
    def weights(self) -> WeightsStore:
        """The models of this machine."""
        return WeightsStore(self.config.weights.cache, offline=self.config.weights.offline)

    @property
    def models_folder(self) -> Path:
        """The folder that holds a folder for each model."""
        return self.weights.status()[0].folder.parent

    def models_for(self, asr_model: str | None) -> tuple[str, ...]:
        """Names of the models that a job needs; None stands for the configured recogniser."""
        asr = asr_model or self.config.asr.model
        others = (SEGMENTATION_MODEL, SPEAKER_MODEL, SENTENCE_MODEL)
        return others if Path(asr).is_dir() else (asr, *others)

    def sample_recording(self) -> Path:
        """A phone call of two people, 30 s, pulled where it must be.

        Raises:
            WeightsError: it cannot be had.
        """
        return self.weights.get(SAMPLE_MODEL) / SAMPLE_FILE

    @cached_property
    def service(self) -> MeetingService:
        """The use cases over the library of this machine.

        Raises:
            StorageError: the library cannot be opened.
        """
        export = Exporter(lambda: self.weights.get(FONT_MODEL) / FONT_FILE)
        return MeetingService(self._repository, self._media, probe_media, export)

    def worker(self, on_progress: Callable[[Job], None] = ignore) -> Worker:
        """Something that runs jobs; models are loaded with the first job that needs them.

        Raises:
            StorageError: the library cannot be opened.
        """
        return Worker(
            self._repository,
            self._media,
            decode_media,
            encode_playback,
            self.pipeline,
            self.config.jobs,
            on_progress,
        )

    @cached_property
    def pipeline(self) -> OfflinePipeline:
        """Sound becomes a meeting."""
        shelf = _Shelf(self)
        return OfflinePipeline(
            Stages(
                detector=lambda: shelf.detector,
                diarizer=lambda: shelf.diarizer,
                recognizer=shelf.recognizer,
                attributor=lambda: WordAttributor(self.config.attribution),
                chapter_finder=lambda: shelf.chapter_finder,
                minutes_writer=lambda: shelf.minutes_writer,
            )
        )

    @cached_property
    def device(self) -> "Device":
        """What the models run on.

        Raises:
            ConfigError: a GPU is asked for and there is none.
        """
        from pipelines.device import choose_device

        return choose_device(self.config.device)

    @property
    def worker_environments(self) -> tuple[Mapping[str, str], ...]:
        """What to set in the environment of the worker of each device.

        Raises:
            ConfigError: a GPU is asked for that is not there.
        """
        from pipelines.device import worker_environments

        return worker_environments(self.config.device)

    @cached_property
    def _repository(self) -> Repository:
        return Repository.open(self.home)

    @cached_property
    def _media(self) -> Media:
        return Media(self.home)


class _Shelf:
    """The networks of one process: loaded with the first job, kept for the next."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._config = app.config
        self._weights = app.weights
        self._recognizers: dict[Path, SpeechRecognizer] = {}

    @cached_property
    def detector(self) -> VoiceActivityDetector:
        from pipelines.vad.silero import SileroDetector

        return SileroDetector(self._config.vad)

    @cached_property
    def diarizer(self) -> Diarizer:
        from pipelines.diarization.offline import OfflineDiarizer

        return OfflineDiarizer(
            self._weights.get(SEGMENTATION_MODEL),
            self._weights.get(SPEAKER_MODEL),
            self._config.diarization,
            self._device.name,
            self._device.num_threads,
        )

    def recognizer(self, model: str | None) -> SpeechRecognizer:
        """The recogniser of a catalogue name or a folder; None takes the configured one."""
        from pipelines.asr.choice import open_recognizer

        name = model or self._config.asr.model
        folder = Path(name) if Path(name).is_dir() else self._weights.get(name)
        if folder not in self._recognizers:
            self._recognizers.clear()  # two large ones may not fit beside each other
            self._recognizers[folder] = open_recognizer(folder, self._config.asr, self._device)
        return self._recognizers[folder]

    @cached_property
    def chapter_finder(self) -> ChapterFinder:
        from pipelines.chapters.finder import TopicChapterFinder

        return TopicChapterFinder(self._embedder, self._config.chapters)

    @cached_property
    def minutes_writer(self) -> MinutesWriter:
        from pipelines.minutes.writer import ExtractiveMinutesWriter

        return ExtractiveMinutesWriter(self._embedder, self._config.minutes)

    @cached_property
    def _embedder(self) -> "MiniLmEmbedder":
        from pipelines.text_embedding import MiniLmEmbedder

        return MiniLmEmbedder(self._weights.get(SENTENCE_MODEL), self._device.name)

    @cached_property
    def _device(self) -> "Device":
        from pipelines.device import limit_threads

        limit_threads(self._app.device)
        return self._app.device
