"""Who speaks, while they speak: the offline decision over a window that moves with the present.

At every step the networks hear the last ten seconds anew, all voices heard so far are clustered
anew, and each frame of the window is decided as in ``offline``. So what is shown is mended for
ten seconds, as long as the window sees it; then it stays.

Source: the rolling window is that of Coria et al. 2021, "Overlap-aware low-latency online speaker
diarization based on end-to-end local segmentation", arXiv:2109.06483.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from pyannote.core import Segment, Timeline

from meeting_app.config import DiarizationConfig, OnlineDiarizationConfig
from meeting_app.domain import SAMPLE_RATE, SpeakerSegment, VoiceRecognised, VoicesHeard
from meeting_app.domain.people import VoiceSample
from pipelines.diarization import rolling
from pipelines.diarization.assignment import assign
from pipelines.diarization.clustering.agglomerative import ClusteringOptions
from pipelines.diarization.clustering.online import Contacts, VoiceMemory, Voices
from pipelines.diarization.embedding import (
    DIMENSION,
    VOICE_SPACE,
    EcapaEmbedder,
    choose_precision,
)
from pipelines.diarization.extraction import LocalSpeakers, runs
from pipelines.diarization.gaussians import gaussian_scores
from pipelines.diarization.resegmentation import (
    FRAME_OFFSET,
    FrameOptions,
    frame_similarity,
    speech_mask,
    who_speaks,
)
from pipelines.diarization.rolling import (
    GRID,
    GRID_SAMPLES,
    NUM_SCORES,
    WINDOW_GRID,
    Glimpse,
    Listener,
)
from pipelines.diarization.segmentation import FRAME_STEP, Segmenter
from pipelines.diarization.stitching import FrameScores, condensed, overlap_add
from pipelines.protocols import SpeechStream, StreamingDetector, VoiceNamer

YOUNG = 11  # grid, 2.97 s; a sliding window that began later is not yet remembered
_TOUCHING = 1e-6  # seconds, of rounding

Embedding = npt.NDArray[np.float32]


KnowVoices = Callable[[], VoiceNamer]
"""Is asked at the beginning of each conversation who is known then."""


def know_nobody() -> VoiceNamer:
    """For those to whom every voice is a stranger's."""
    return lambda samples: {}


@dataclass(frozen=True, slots=True)
class Networks:
    """What listens; shared by all conversations."""

    segment: rolling.Segment
    embedder: EcapaEmbedder
    detector: StreamingDetector


def load_networks(
    segmentation: Path,
    embedding: Path,
    detector: StreamingDetector,
    config: DiarizationConfig,
    device: str = "cpu",
) -> Networks:
    """The networks from their folders.

    Raises:
        ModelError: a folder does not hold the weights.
    """
    segmenter = Segmenter(segmentation, config.step, config.batch_size, device)
    precision = choose_precision(config.precision, device)
    return Networks(segmenter.scores, EcapaEmbedder(embedding, device, precision), detector)


class OnlineDiarizer:
    """Who speaks in conversations that are still going on."""

    def __init__(
        self,
        networks: Networks,
        config: DiarizationConfig,
        online: OnlineDiarizationConfig,
        know: KnowVoices = know_nobody,
    ) -> None:
        """Nothing is loaded; ``know`` tells whose voices get their names at once."""
        self._networks = networks
        self._config = config
        self._online = online
        self._know = know

    def __call__(self) -> "Conversation":
        """Begins with a conversation in which nobody was heard yet."""
        step = max(1, round(self._online.step / GRID))
        listener = Listener(self._networks.segment, self._networks.embedder, step)
        memory = VoiceMemory(
            DIMENSION,
            ClusteringOptions(
                self._online.max_distance,
                self._config.min_speaker,
                self._config.min_distinct_speaker,
            ),
        )
        frames = FrameOptions(
            self._config.overlap_onset, self._config.sure_speech, self._config.voice_weight
        )
        window = Window(step, memory, frames)
        return Conversation(step, listener, self._networks.detector(), window, self._know())


class Conversation:
    """One running conversation; implements SpeakerStream."""

    def __init__(
        self,
        step: int,
        listener: Listener,
        detector: SpeechStream,
        window: "Window",
        name_voices: VoiceNamer,
    ) -> None:
        self._num_hop = step * GRID_SAMPLES
        self._listener = listener
        self._detector = detector
        self._window = window
        self._name_voices = name_voices
        self._pending: list[npt.NDArray[np.float32]] = []
        self._num_pending = 0
        self._num_heard = 0  # samples
        self._settled: list[SpeakerSegment] = []  # not yet reported
        self._recognised: dict[str, str] = {}  # label → name

    def accept(self, samples: npt.NDArray[np.float32]) -> VoicesHeard | None:
        """Listens on; says what is new about who spoke when, or None before a step is full.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.
        """
        self._pending.append(np.array(samples, dtype=np.float32))
        self._num_pending += len(samples)
        if self._num_pending < self._num_hop:
            return None
        sound = np.concatenate(self._pending)
        num_whole = len(sound) - len(sound) % self._num_hop
        self._pending, self._num_pending = [sound[num_whole:]], len(sound) - num_whole
        start = self._window.settled_until
        with _one_thread():
            for hop in sound[:num_whole].reshape(-1, self._num_hop):
                self._listen(hop)
        return self._heard(start, self._num_heard)

    def finish(self) -> VoicesHeard | None:
        """What can still be said now that nothing follows; None when nothing was ever heard."""
        total = self._num_heard + self._num_pending
        if total == 0:
            return None
        start = self._window.settled_until
        if self._num_pending:
            rest = np.concatenate(self._pending)
            self._pending, self._num_pending = [], 0
            with _one_thread():
                self._listen(np.pad(rest, (0, self._num_hop - len(rest))))
        heard = self._heard(start, total)
        return VoicesHeard(heard.start, heard.segments, total / SAMPLE_RATE)

    def recognised(self) -> tuple[VoiceRecognised, ...]:
        """Voices that were recognised, or are no longer, since this was last asked."""
        before, found = self._recognised, dict(self._name_voices(samples_of(self._window.voices)))
        self._recognised = found
        labels = sorted({*before, *found})
        changed = [label for label in labels if found.get(label) != before.get(label)]
        return tuple(VoiceRecognised(label, found.get(label)) for label in changed)

    def _listen(self, hop: npt.NDArray[np.float32]) -> None:
        speech = self._detector.accept(hop)
        before = self._window.settled_until
        self._window.move(self._listener(hop), speech)
        self._settled.extend(self._window.segments(before, self._window.settled_until))
        self._num_heard += len(hop)

    def _heard(self, start: float, num_samples: int) -> VoicesHeard:
        """What is known from ``start`` on."""
        end, settled = num_samples / SAMPLE_RATE, self._window.settled_until
        found = [*self._settled, *self._window.segments(settled, end)]
        self._settled = []
        return VoicesHeard(start, joined(found), min(settled, end))


class Window:
    """The decision about the last ten seconds, made anew whenever they move."""

    def __init__(self, step: int, memory: VoiceMemory, options: FrameOptions) -> None:
        self._step = step
        self._memory = memory
        self._options = options
        self._glimpses: list[Glimpse] = []
        self._sliding: dict[int, Embedding] = {}  # by place on the grid
        self._remembered_until = 0  # grid
        self._latest: list[int] = []  # grid; remembered, and still inside the window
        self._end = 0  # grid
        self._decided: dict[int, npt.NDArray[np.bool_]] = {}  # identity → (589,)
        self.voices = Voices((), np.zeros((0, DIMENSION)), np.zeros(0))

    @property
    def settled_until(self) -> float:
        """Seconds; what was decided before stays."""
        # What leaves the window at the next step; the first frame is not quite at its beginning.
        return max(0, self._end - WINDOW_GRID + self._step + 1) * GRID

    def move(self, glimpse: Glimpse, speech: Timeline) -> None:
        """Takes in what was heard at a step.

        Args:
            glimpse: the window as the networks hear it now.
            speech: what the detector found in the last seconds.
        """
        self._end = glimpse.end
        num_kept = -(-WINDOW_GRID // self._step)
        self._glimpses = [*self._glimpses, glimpse][-num_kept:]
        begin = self._end - 2 * WINDOW_GRID
        self._sliding = {place: e for place, e in self._sliding.items() if place >= begin}
        self._sliding |= dict(zip(glimpse.places.tolist(), glimpse.embeddings, strict=True))
        self.voices = self._find_voices()
        self._decided = dict(zip(self.voices.identities, self._decide(speech), strict=True))

    def segments(self, start: float, end: float) -> Iterator[SpeakerSegment]:
        """Who speaks when between ``start`` and ``end``, seconds, in order of time."""
        begin = (self._end - WINDOW_GRID) * GRID + FRAME_OFFSET
        found = sorted(
            (begin + first * FRAME_STEP, begin + last * FRAME_STEP, identity)
            for identity, row in self._decided.items()
            for first, last in runs(row)
        )
        for first_time, last_time, identity in found:
            segment = Segment(max(start, first_time), min(end, last_time))
            if segment:
                yield SpeakerSegment(segment, label_of(identity))

    def _find_voices(self) -> Voices:
        places = [place for place in sorted(self._sliding) if place >= self._remembered_until]
        num_old = sum(place < self._end - YOUNG for place in places)
        embeddings = np.array([self._sliding[p] for p in places], np.float32)
        seconds = np.full(len(places), self._step * GRID)
        self._remembered_until = max(self._remembered_until, self._end - YOUNG)
        latest = [place for place in self._latest if place >= self._end - WINDOW_GRID]
        self._latest = [*latest, *places[:num_old]]
        contacts = self._contacts(np.array([*latest, *places], np.intp))
        return self._memory.hear(embeddings.reshape(-1, DIMENSION), seconds, num_old, contacts)

    def _contacts(self, places: npt.NDArray[np.intp]) -> Contacts:
        """Of the sliding windows, in the mean of the glimpses that can tell."""
        speakers = np.stack([rolling.speakers_at(g, places) for g in self._glimpses])
        is_clear = speakers >= 0  # (num_glimpses, num_places)
        is_clear_pair = is_clear[:, :, np.newaxis] & is_clear[:, np.newaxis]
        is_one = speakers[:, :, np.newaxis] == speakers[:, np.newaxis]
        votes = np.stack(
            [(is_clear_pair & ~is_one).sum(axis=0), (is_clear_pair & is_one).sum(axis=0)]
        )
        return np.asarray(votes / np.maximum(votes.sum(axis=0), 1) * (self._step * GRID) ** 2)

    def _decide(self, speech: Timeline) -> npt.NDArray[np.bool_]:
        """(num_voices, 589): who speaks in each frame of the window."""
        num_voices = len(self.voices.identities)
        if num_voices == 0:
            return np.zeros((0, NUM_SCORES), dtype=bool)
        scores = self._frame_scores(num_voices)
        begin = (self._end - WINDOW_GRID) * GRID
        shifted = Timeline([Segment(r.start - begin, r.end - begin) for r in speech])
        mask = speech_mask(shifted, NUM_SCORES)
        decided = who_speaks(scores, self._similarity(begin), mask, self._options)
        decided[:, : max(0, -round(begin / FRAME_STEP))] = False  # before the beginning
        return decided

    def _frame_scores(self, num_voices: int) -> FrameScores:
        """The segmentation's view of the window, with a row for each voice."""
        local = _together([glimpse.local for glimpse in self._glimpses])
        labels = assign(local.embeddings @ self.voices.centroids.T, local.chunks)
        glimpses = [np.stack([glimpse.scores for glimpse in self._glimpses])]
        scores = condensed(glimpses, len(self._glimpses), NUM_SCORES, self._step * GRID)
        found = overlap_add(scores, local, labels, range(scores.num_frames))
        activity = np.zeros((num_voices, NUM_SCORES), np.float32)
        activity[: len(found.activity)] = found.activity[:, -NUM_SCORES:]
        return FrameScores(found.speech[-NUM_SCORES:], found.overlap[-NUM_SCORES:], activity)

    def _similarity(self, begin: float) -> npt.NDArray[np.float32]:
        """(num_voices, 589) how much the sliding embeddings sound like each voice."""
        places = sorted(self._sliding)
        if not places:
            return np.zeros((len(self.voices.identities), NUM_SCORES), np.float32)
        embeddings = np.stack([self._sliding[place] for place in places])
        times = np.array(places) * GRID + rolling.WINDOW_MIDDLE - begin
        scores = gaussian_scores(embeddings, self.voices.means.astype(np.float32))
        return frame_similarity(scores, times, range(NUM_SCORES))


def samples_of(voices: Voices) -> dict[str, VoiceSample]:
    """Label → what each voice sounds like, to compare it with those of other meetings."""
    found = zip(voices.identities, voices.centroids, voices.durations, strict=True)
    return {
        label_of(identity): VoiceSample(VOICE_SPACE, centroid, float(seconds))
        for identity, centroid, seconds in found
    }


def joined(segments: Iterable[SpeakerSegment]) -> tuple[SpeakerSegment, ...]:
    """The same without cuts: what follows itself at once is one segment; in order of time."""
    found: list[SpeakerSegment] = []
    latest: dict[str, int] = {}  # label → where its last segment stands
    for item in segments:
        place = latest.get(item.speaker)
        if place is not None and item.segment.start - found[place].segment.end < _TOUCHING:
            whole = Segment(found[place].segment.start, item.segment.end)
            found[place] = SpeakerSegment(whole, item.speaker)
        else:
            latest[item.speaker] = len(found)
            found.append(item)
    return tuple(found)


def label_of(identity: int) -> str:
    """SPEAKER_00…, numbered as voices were first heard."""
    return f"SPEAKER_{identity:02d}"


def _together(parts: Sequence[LocalSpeakers]) -> LocalSpeakers:
    """The local speakers of several glimpses, which become chunks 0, 1, …"""
    return LocalSpeakers(
        np.concatenate([np.full(len(p.chunks), i, np.intp) for i, p in enumerate(parts)]),
        np.concatenate([part.speakers for part in parts]),
        np.concatenate([part.embeddings for part in parts]),
        np.concatenate([part.clean for part in parts]),
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Small products gain nothing from threads, and others need the processor."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
