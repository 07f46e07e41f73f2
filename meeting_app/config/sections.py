"""Every setting with its default, unit, range and reason: the only place where they stand."""

from dataclasses import dataclass
from pathlib import Path

from meeting_app.config.setting import setting


@dataclass(frozen=True, slots=True)
class StorageConfig:
    """Where the library lives."""

    home: Path | None = setting(
        None, help="folder of database and recordings; empty means the user's data folder"
    )


@dataclass(frozen=True, slots=True)
class WeightsConfig:
    """Where models are kept and whether they may be fetched."""

    cache: Path | None = setting(
        None, help="folder of the models; empty means the user's cache folder"
    )
    offline: bool = setting(False, help="never touch the network")


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """What the models run on."""

    name: str = setting(
        "auto", help="auto takes the first GPU, else the CPU", choices=("auto", "cpu", "cuda")
    )
    gpus: str = setting(
        "0", help="GPUs to use by number, such as 0,2, or all; `serve` starts a worker for each"
    )
    num_threads: int = setting(
        0, help="CPU threads of the models; 0 means every core", minimum=0, maximum=256
    )


@dataclass(frozen=True, slots=True)
class VadConfig:
    """Speech against silence."""

    onset: float = setting(
        0.4, help="score that opens a region", minimum=0, maximum=1, source="docs/adr/0003"
    )
    offset: float = setting(
        0.2, help="score below which it closes", minimum=0, maximum=1, source="docs/adr/0003"
    )
    min_speech: float = setting(
        0.05, unit="s", help="shorter regions are dropped", minimum=0, maximum=10
    )
    min_silence: float = setting(
        0.25, unit="s", help="shorter gaps are bridged", minimum=0, maximum=10
    )
    padding: float = setting(
        0.05, unit="s", help="kept before and after each region", minimum=0, maximum=2
    )


@dataclass(frozen=True, slots=True)
class AsrConfig:
    """Speech recognition."""

    model: str = setting("whisper-base", help="a name from `meeting-app models list`")
    engine: str = setting(
        "auto",
        help="auto takes torch on a GPU and for what only torch can read, else ctranslate2",
        choices=("auto", "ctranslate2", "torch"),
    )
    precision: str = setting(
        "auto",
        help="auto takes float16 on a GPU; on a CPU int8 with ctranslate2, float32 with torch",
        choices=("auto", "float32", "bfloat16", "float16", "int8"),
    )
    beam_size: int = setting(5, help="hypotheses kept while decoding", minimum=1, maximum=20)
    batch_size: int = setting(8, help="windows decoded together", minimum=1, maximum=256)
    num_workers: int = setting(
        2,
        help="batches decoded side by side on a CPU with ctranslate2; they share the threads",
        minimum=1,
        maximum=64,
    )
    max_wait: float = setting(
        0.02, unit="s", help="a window waits so long for company", minimum=0, maximum=10
    )
    patience: float = setting(
        5.0, unit="s", help="live windows overtake those of files by so much", minimum=0
    )
    max_queue: int = setting(256, help="windows of files, or live, that may wait", minimum=1)
    hotword_weight: float = setting(
        0.0, help="of hotwords in decoding with torch; 0 only prompts", maximum=2, minimum=0
    )
    window: float = setting(
        19.5, unit="s", help="longest stretch given to the model", minimum=5, maximum=30
    )
    longest_pause: float = setting(
        2.0, unit="s", help="a longer silence ends a window", minimum=0, maximum=30
    )
    padding: float = setting(
        0.2, unit="s", help="sound kept around each region of speech", minimum=0, maximum=2
    )
    max_compression_ratio: float = setting(
        2.4, help="above it a window is taken for a loop", minimum=1, source="Radford et al. 2022"
    )
    min_log_probability: float = setting(
        -1.0, help="below it a window is decoded again", maximum=0, source="Radford et al. 2022"
    )
    max_no_speech: float = setting(
        0.6,
        help="above it a doubtful window is silence",
        minimum=0,
        maximum=1,
        source="Radford et al. 2022",
    )


@dataclass(frozen=True, slots=True)
class DiarizationConfig:
    """Who spoke when; thresholds are those of the ECAPA embedding."""

    step: float = setting(
        2.5, unit="s", help="hop of the 10 s segmentation window", minimum=1, maximum=10
    )
    batch_size: int = setting(16, help="windows per forward pass", minimum=1, maximum=512)
    precision: str = setting(
        "auto",
        help="of the embedding; auto takes bfloat16 where the processor multiplies it natively",
        choices=("auto", "float32", "bfloat16"),
    )
    max_distance: float = setting(
        0.62,
        help="cosine distance at which voices are told apart",
        minimum=0,
        maximum=2,
        source="docs/adr/0003",
    )
    min_vote: float = setting(
        2.0, unit="s", help="voices heard for less do not vote on the count", minimum=0, maximum=10
    )
    min_speaker: float = setting(
        5.0, unit="s", help="speech that makes a speaker", minimum=0, source="docs/adr/0003"
    )
    min_distinct_speaker: float = setting(
        1.5, unit="s", help="the same for a voice unlike all others", minimum=0
    )
    overlap_onset: float = setting(
        0.4, help="probability of two voices from which both are kept", minimum=0, maximum=1
    )
    sure_speech: float = setting(
        0.95, help="from this the segmentation overrules the detector", minimum=0, maximum=1
    )
    voice_weight: float = setting(
        32.0,
        help="of the voice's similarity against the local segmentation",
        minimum=0,
        source="docs/adr/0003",
    )


@dataclass(frozen=True, slots=True)
class OnlineDiarizationConfig:
    """Who speaks while they speak; what is not here is as in ``diarization``."""

    step: float = setting(
        0.54, unit="s", help="between looks, in steps of 0.27", minimum=0.27, maximum=2.7
    )
    max_distance: float = setting(
        0.83, help="between windows of one voice", minimum=0, maximum=2, source="docs/adr/0007"
    )


@dataclass(frozen=True, slots=True)
class AttributionConfig:
    """Which speaker said a word."""

    max_distance: float = setting(
        1.0, unit="s", help="a word farther from any speaker has none", minimum=0, maximum=10
    )
    max_pause: float = setting(
        2.0, unit="s", help="a longer silence starts a new turn", minimum=0.1, maximum=60
    )


@dataclass(frozen=True, slots=True)
class ChaptersConfig:
    """Where topics change."""

    min_duration: float = setting(
        60.0, unit="s", help="no chapter is shorter, unless the meeting is", minimum=5
    )
    num_keywords: int = setting(5, help="keywords per chapter", minimum=1, maximum=20)


@dataclass(frozen=True, slots=True)
class MinutesConfig:
    """What the minutes hold."""

    sentences_per_chapter: int = setting(3, help="extracted per chapter", minimum=1, maximum=20)


@dataclass(frozen=True, slots=True)
class VoicesConfig:
    """People who are recognised in later meetings; similarities are those of the ECAPA embedding.

    Nothing is remembered before the user says so, here or on the page of people.
    """

    enabled: bool = setting(
        False, help="remember voices without the consent that the page of people asks for"
    )
    key_file: Path | None = setting(
        None,
        help="what voiceprints are encrypted with; empty means voices.key in the user's settings",
    )
    min_similarity: float = setting(
        0.5,
        help="to a voiceprint, of who is recognised",
        minimum=0,
        maximum=1,
        source="docs/adr/0010",
    )
    min_margin: float = setting(
        0.1, help="of the best voiceprint over the next", minimum=0, maximum=1
    )
    min_speech: float = setting(
        10.0, unit="s", help="a voice heard alone for less is not recognised", minimum=1
    )
    min_live_speech: float = setting(
        3.0,
        unit="s",
        help="the same in a running meeting, where a name is only shown",
        minimum=1,
        source="docs/adr/0010",
    )
    max_meetings: int = setting(
        20, help="meetings that make a voiceprint, the latest", minimum=1, maximum=200
    )
    name_hotwords: int = setting(
        0,
        help="names of other meetings given to the recogniser, beside those of the meeting itself",
        minimum=0,
        maximum=40,
        source="docs/adr/0010",
    )


@dataclass(frozen=True, slots=True)
class JobsConfig:
    """The queue."""

    lease: float = setting(
        15.0, unit="s", help="a worker silent for longer is taken for dead", minimum=1, maximum=600
    )
    poll: float = setting(
        0.5, unit="s", help="pause between looks at an empty queue", minimum=0.05, maximum=60
    )
    max_attempts: int = setting(
        3, help="a job whose worker died this often has failed", minimum=1, maximum=100
    )
    keep_trash: float = setting(
        30.0, unit="d", help="a deleted meeting can be restored for so long", minimum=0
    )


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """Finding what was said."""

    min_likeness: float = setting(
        0.3, help="cosine from which a passage means the like", minimum=0, maximum=1
    )


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """The web page and REST."""

    host: str = setting("127.0.0.1", help="address to listen on; loopback keeps others out")
    port: int = setting(7860, help="TCP port", minimum=0, maximum=65535)
    username: str = setting("meeting", help="name that a browser logs in with")
    password: str = setting(
        "", help="asked of every browser; needed as soon as host is not loopback"
    )


@dataclass(frozen=True, slots=True)
class LiveConfig:
    """Meetings that are still going on."""

    max_meetings: int = setting(
        0, help="followed at once; 0 means as many as the recognition can", minimum=0, maximum=64
    )
    meetings_per_core: int = setting(
        1, help="that the recognition can follow", minimum=1, maximum=16, source="docs/adr/0015"
    )
    english_model: str = setting(
        "moonshine-base",
        help="writes the final text of English lines; a name or a folder; empty: asr.model does",
        source="docs/adr/0018",
    )
    max_viewers: int = setting(50, help="readers of one meeting", minimum=1, maximum=1000)
    sync_interval: float = setting(
        0.5, unit="s", help="most that a power cut may take", minimum=0.1, maximum=10
    )
    grace: float = setting(
        60.0, unit="s", help="a recorder gone for longer gives its place away", minimum=1
    )


_NETFLIX = "Netflix Timed Text Style Guide"


@dataclass(frozen=True, slots=True)
class SubtitlesConfig:
    """How subtitles read; a rule gives way only where speech leaves no room for it."""

    line: int = setting(
        42, help="Latin characters on a line", minimum=24, maximum=80, source=_NETFLIX
    )
    wide_line: int = setting(
        16,
        help="Chinese, Japanese or Korean characters on a line",
        minimum=10,
        maximum=40,
        source=f"{_NETFLIX}, Simplified Chinese",
    )
    max_lines: int = setting(2, help="lines shown at once", minimum=2, maximum=3, source=_NETFLIX)
    speed: float = setting(
        17.0,
        unit="characters/s",
        help="a faster cue is shown for longer",
        minimum=5,
        maximum=40,
        source="BBC Subtitle Guidelines: 160 to 180 words a minute",
    )
    wide_speed: float = setting(
        9.0,
        unit="characters/s",
        help="the same for Chinese, Japanese and Korean",
        minimum=3,
        maximum=20,
        source=f"{_NETFLIX}, Simplified Chinese",
    )
    shortest: float = setting(
        0.834, unit="s", help="a cue is shown for", minimum=0.1, maximum=3, source=_NETFLIX
    )
    longest: float = setting(
        7.0, unit="s", help="and for no longer than", minimum=3, maximum=15, source=_NETFLIX
    )
    gap: float = setting(
        0.084,
        unit="s",
        help="between cues: two frames of 24 a second",
        minimum=0,
        maximum=0.5,
        source=_NETFLIX,
    )
    longest_pause: float = setting(
        1.5, unit="s", help="a longer silence ends a cue", minimum=0.2, maximum=5
    )


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """What may be handed out and taken in."""

    longest_clip: float = setting(
        600.0, unit="s", help="of sound cut out of a recording", minimum=1, maximum=14_400
    )
    largest_restore: int = setting(
        4_096, unit="MB", help="an exported meeting that is read back", minimum=1
    )


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, by stage."""

    storage: StorageConfig = StorageConfig()
    weights: WeightsConfig = WeightsConfig()
    device: DeviceConfig = DeviceConfig()
    vad: VadConfig = VadConfig()
    asr: AsrConfig = AsrConfig()
    diarization: DiarizationConfig = DiarizationConfig()
    online_diarization: OnlineDiarizationConfig = OnlineDiarizationConfig()
    attribution: AttributionConfig = AttributionConfig()
    chapters: ChaptersConfig = ChaptersConfig()
    minutes: MinutesConfig = MinutesConfig()
    subtitles: SubtitlesConfig = SubtitlesConfig()
    export: ExportConfig = ExportConfig()
    voices: VoicesConfig = VoicesConfig()
    jobs: JobsConfig = JobsConfig()
    search: SearchConfig = SearchConfig()
    server: ServerConfig = ServerConfig()
    live: LiveConfig = LiveConfig()
