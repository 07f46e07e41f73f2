"""The only place that chooses implementations: settings become services.

Everything is made when it is first asked for, so that listing the library loads no network.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from platformdirs import user_config_path, user_data_path

from meeting_app.config import Config
from meeting_app.domain import Job, Waveform
from meeting_app.exports import ExportTools
from meeting_app.formats import Exporter
from meeting_app.jobs import Worker, ignore
from meeting_app.live.engine import EngineProcess
from meeting_app.live.service import LiveService
from meeting_app.passage_reader import PassageReader
from meeting_app.people import Library, PeopleService
from meeting_app.service import MeetingService, VoiceServices
from meeting_app.shelves import Meaning
from meeting_app.teaching import Teacher
from pipelines.attribution import WordAttributor
from pipelines.audio import decode_media, probe_media
from pipelines.clips import cut_clip
from pipelines.diarization.reclustering import VoiceReclusterer
from pipelines.lazy_query_encoder import LazyQueryEncoder
from pipelines.names import IntroductionFinder
from pipelines.offline import OfflinePipeline, Stages
from pipelines.peaks import write_peaks, write_peaks_of_file
from pipelines.playback import encode_playback
from pipelines.protocols import (
    ChapterFinder,
    MinutesWriter,
    OnlineDiarizer,
    SpeechRecognizer,
    VoiceActivityDetector,
)
from pipelines.voices import CosineMatcher
from pipelines.weights.pull import PullProgress
from pipelines.weights.store import WeightsStore
from storage.repository import Embed, LiveStore, Media, Repository

if TYPE_CHECKING:
    from pipelines.device import Device
    from pipelines.diarization.offline import OfflineDiarizer
    from pipelines.live.engine import LiveEngine, Report
    from pipelines.live.first_pass import OpenListening
    from pipelines.text_embedding import MiniLmEmbedder

__all__ = ["Application", "LiveEngine", "PullProgress"]

SEGMENTATION_MODEL, SPEAKER_MODEL = "segmentation-3.0", "ecapa-voxceleb"
SENTENCE_MODEL = "minilm-l6-v2"
STREAMING_MODEL, STREAMING_FOLDERS = "vosk-small", {"en": "en", "zh": "zh"}
FONT_MODEL, FONT_FILE = "noto-sans-cjk-sc", "NotoSansCJKsc-Regular.otf"
VOICE_KEY_FILE = "voices.key"
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

    @property
    def live_models(self) -> tuple[str, ...]:
        """Names of the models that a running meeting needs beside those of a job."""
        models = (STREAMING_MODEL, self.config.live.english_model)
        return tuple(model for model in models if model and not Path(model).is_dir())

    def model_folder(self, model: str) -> Path:
        """Of a model that is given by its folder or by its name in the catalogue."""
        return Path(model) if Path(model).is_dir() else self.weights.get(model)

    def sample_recording(self) -> Path:
        """A phone call of two people, 30 s. Raises WeightsError if it cannot be had."""
        return self.weights.get(SAMPLE_MODEL) / SAMPLE_FILE

    @cached_property
    def service(self) -> MeetingService:
        """The use cases over the library of this machine.

        Raises:
            StorageError: the library cannot be opened.
        """
        export = Exporter(lambda: self.weights.get(FONT_MODEL) / FONT_FILE, self.config.subtitles)
        tools = ExportTools(export, cut_clip, write_peaks_of_file, self.config.export)
        encoder = LazyQueryEncoder(lambda: self.weights.get(SENTENCE_MODEL))
        meaning = Meaning(encoder, self.config.search.min_likeness)
        teacher = Teacher(self._repository, self._media, VoiceReclusterer())
        voices = VoiceServices(self.people, teacher)
        return MeetingService(self._repository, self._media, probe_media, tools, voices, meaning)

    @contextmanager
    def sound_of(self, path: Path) -> Iterator[Waveform]:
        """The sound of any media file, for as long as it is needed.

        Raises:
            MediaError: there is no such file, or no sound in it.
        """
        probe_media(path, path.name)
        with TemporaryDirectory() as folder:
            yield decode_media(path, Path(folder) / "sound.f32", path.name)

    def microphone(
        self, name: str, block: int
    ) -> AbstractContextManager[Iterator[npt.NDArray[np.int16]]]:
        """A sound device of this machine; see ``pipelines.microphone``."""
        from pipelines.microphone import microphone

        return microphone(name, block)

    def live(self, engine_command: Sequence[str]) -> LiveService:
        """Meetings that are going on; enter it to take up what is left of earlier ones.

        Args:
            engine_command: starts the recognition of running meetings.

        Raises:
            StorageError: the library cannot be opened.
        """
        return LiveService(
            LiveStore(self.home), self.service, EngineProcess(engine_command), self.config.live
        )

    def live_engine(self, report: "Report") -> "LiveEngine":
        """What recognises running meetings; nothing is loaded yet.

        Args:
            report: is called with the news of a meeting, from any thread.
        """
        from pipelines.live.engine import LiveEngine, LiveModels

        shelf = _LiveShelf(self)
        models = LiveModels(
            open_listening=shelf.open_listening,
            recognizer=lambda: shelf.recognizer,
            diarizer=shelf.diarizer,
            attributor=WordAttributor(self.config.attribution),
            chapter_finder=lambda: _Shelf(self).chapter_finder,
        )
        return LiveEngine(models, report)

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
            write_peaks,
            self.pipeline,
            self.config.jobs,
            on_progress,
            self.people.expected_names,
            PassageReader(self._repository, lambda: self.embedder),
        )

    @cached_property
    def pipeline(self) -> OfflinePipeline:
        """Sound becomes a meeting."""
        shelf = self._shelf
        return OfflinePipeline(
            Stages(
                detector=lambda: shelf.detector,
                diarizer=lambda: shelf.diarizer,
                recognizer=shelf.recognizer,
                listener=lambda: shelf.diarizer.close_ups,
                attributor=lambda: WordAttributor(self.config.attribution),
                chapter_finder=lambda: shelf.chapter_finder,
                minutes_writer=lambda: shelf.minutes_writer,
                notices=lambda: shelf.notices,
            )
        )

    @property
    def embedder(self) -> Embed:
        """Sentence embeddings, loaded when they are first asked for."""
        return self._shelf.embedder

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
    def _shelf(self) -> "_Shelf":
        return _Shelf(self)

    @cached_property
    def _repository(self) -> Repository:
        return Repository.open(self.home)

    @cached_property
    def _media(self) -> Media:
        return Media(self.home)

    @cached_property
    def people(self) -> PeopleService:
        """Who is known, and whose voices."""
        config = self.config.voices
        folder = user_config_path("meeting-app", appauthor=False)
        return PeopleService(
            self._repository.people(config.key_file or folder / VOICE_KEY_FILE),
            Library(self._repository, self._media),
            CosineMatcher(config),
            IntroductionFinder(),
            config,
        )


class _Shelf:
    """The networks of one process: loaded with the first job, kept for the next."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._config = app.config
        self._weights = app.weights
        self._recognizers: dict[Path, SpeechRecognizer] = {}
        self.notices: list[str] = []  # of the recogniser at hand

    @cached_property
    def detector(self) -> VoiceActivityDetector:
        from pipelines.vad.silero import SileroDetector

        return SileroDetector(self._config.vad)

    @cached_property
    def diarizer(self) -> "OfflineDiarizer":
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

        folder = self._app.model_folder(model or self._config.asr.model)
        if folder not in self._recognizers:
            self._recognizers.clear()  # two large ones may not fit beside each other
            self.notices.clear()
            self._recognizers[folder] = open_recognizer(
                folder, self._config.asr, self._device, self.notices.append
            )
        return self._recognizers[folder]

    @cached_property
    def chapter_finder(self) -> ChapterFinder:
        from pipelines.chapters.finder import TopicChapterFinder

        return TopicChapterFinder(self.embedder, self._config.chapters)

    @cached_property
    def minutes_writer(self) -> MinutesWriter:
        from pipelines.minutes.writer import ExtractiveMinutesWriter

        return ExtractiveMinutesWriter(self.embedder, self._config.minutes)

    @cached_property
    def embedder(self) -> "MiniLmEmbedder":
        """Sentence embeddings."""
        from pipelines.text_embedding import MiniLmEmbedder

        return MiniLmEmbedder(self._weights.get(SENTENCE_MODEL), self._device.name)

    @cached_property
    def _device(self) -> "Device":
        from pipelines.device import limit_threads

        limit_threads(self._app.device.num_threads)
        return self._app.device


class _LiveShelf:
    """The networks of the process that follows running meetings."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._config = app.config
        self._weights = app.weights

    def open_listening(self) -> "OpenListening":
        """How to begin to listen, in whatever language."""
        from pipelines.asr.redecoding import RedecodingRecognizer
        from pipelines.asr.vosk import VoskRecognizer
        from pipelines.live.endpointing import Endpointing
        from pipelines.live.first_pass import REDECODING, STREAMING, Listening, NoWords
        from pipelines.vad.silero import SileroScorer

        folder = self._weights.get(STREAMING_MODEL)
        streaming = {
            language: VoskRecognizer(folder / name) for language, name in STREAMING_FOLDERS.items()
        }
        scorer = SileroScorer()
        rules = Endpointing(onset=self._config.vad.onset)

        def begin(start: float, language: str | None) -> Listening:
            if language is None:
                return Listening(scorer(), NoWords(), rules, STREAMING, None)
            if language in streaming:
                words = streaming[language](start)
                return Listening(scorer(), words, rules, STREAMING, language, is_rewritten=True)
            again = RedecodingRecognizer(self.recognizer, language)
            return Listening(scorer(), again(start), rules, REDECODING, language)

        return begin

    @cached_property
    def recognizer(self) -> SpeechRecognizer:
        """The recogniser of the second pass."""
        from pipelines.asr.choice import open_live_recognizer

        folder = self._app.model_folder(self._config.asr.model)
        english = self._config.live.english_model
        others = {"en": self._app.model_folder(english)} if english else {}
        return open_live_recognizer(folder, others, self._config.asr, self._app.device)

    def diarizer(self) -> OnlineDiarizer:
        """Who speaks, while they speak."""
        from pipelines.device import limit_threads
        from pipelines.diarization import embedding, online
        from pipelines.vad.running import RunningDetector
        from pipelines.vad.silero import SileroScorer

        limit_threads(1)  # two are no faster here, and take the cores from who writes the words
        networks = online.load_networks(
            self._weights.get(SEGMENTATION_MODEL),
            self._weights.get(SPEAKER_MODEL),
            RunningDetector(SileroScorer(), self._config.vad),
            self._config.diarization,
            self._app.device.name,
        )
        config, rules = self._config.diarization, self._config.online_diarization
        people, space = self._app.people, embedding.VOICE_SPACE
        return online.OnlineDiarizer(networks, config, rules, lambda: people.voice_namer(space))
