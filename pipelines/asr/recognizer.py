"""Recognition of a whole recording, for any Whisper engine."""

import difflib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig
from meeting_app.domain import Transcript, Waveform, Word
from meeting_app.errors import ConfigError, ModelError
from pipelines.asr.batching import share
from pipelines.asr.engine import Decoding, Hypothesis, WhisperEngine
from pipelines.asr.filters import is_failure, is_loop, is_silence, is_unheard, without_loops
from pipelines.asr.packing import batches, pack, spread
from pipelines.asr.scheduling import Lane
from pipelines.asr.words import fit_to_speech, in_order, shifted
from pipelines.protocols import ReportFraction, report_nothing

_log = logging.getLogger(__name__)

_NUM_PROBES = 5  # windows that vote on the language
_PROBE = 10.0  # seconds of each
_LEAST_SPEECH = 0.8  # seconds that must be left over to be worth another window
_SHORTEST_SPEECH = 0.3  # seconds; a shorter piece of it is the tail of a word already written
_LEAST_PROGRESS = 1.0  # seconds a window must have been written down to be continued
_ANY_LOG_PROBABILITY = float("-inf")
_Batch = Sequence[Segment]
_Found = list[Hypothesis]
_Decode = Callable[[_Batch], _Found]
Attempts = Sequence[Mapping[str, Any]]
"""What is changed of a Decoding for a window that failed, one after the other."""

# Sampling at a temperature, as Whisper itself does it, is left to engines that draw the same on
# each run: CTranslate2 draws from one generator per thread that cannot be set back.
ATTEMPTS: Attempts = (
    {"is_padded": True},
    {"no_repeat_ngram": 4, "repetition_penalty": 1.1},
)


class WhisperRecognizer:
    """Windows in batches, doubtful ones again, then the words that the sound supports."""

    def __init__(
        self,
        engine: WhisperEngine,
        config: AsrConfig,
        attempts: Attempts = ATTEMPTS,
        num_workers: int = 1,
    ) -> None:
        """Made around a loaded network.

        Args:
            engine: where ``num_workers`` is above 1, its calls come from several threads.
            config: batch size, beam and the limits of the filters.
            attempts: for windows that fail.
            num_workers: batches that are decoded side by side; their words are the same.
        """
        self._engine = engine
        self._config = config
        self._attempts = attempts
        self._num_workers = num_workers

    def shared(self, lane: Lane) -> "WhisperRecognizer":
        """The same for many callers at once, whose windows share the batches of one thread.

        Args:
            lane: who waits for the words; where they are live, an improbable text is not worth
                another attempt, and for a loop one is enough.
        """
        engine = share(self._engine, self._config).session(lane)
        if lane is Lane.FILE:
            return WhisperRecognizer(engine, self._config, self._attempts)
        config = replace(self._config, min_log_probability=_ANY_LOG_PROBABILITY)
        return WhisperRecognizer(engine, config, self._attempts[-1:])

    def drafting(self) -> "WhisperRecognizer":
        """The same in less time: no second hypothesis, no second attempt."""
        config = replace(self._config, beam_size=1)
        return WhisperRecognizer(self._engine, config, (), self._num_workers)

    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        language: str | None = None,
        hotwords: Sequence[str] = (),
        report: ReportFraction = report_nothing,
    ) -> Transcript:
        """Words in time order, found inside ``speech`` only.

        Args:
            waveform: 16 kHz; looked at one batch of windows at a time.
            speech: regions in seconds.
            language: ISO 639-1; None finds it out, once for the whole recording.
            hotwords: names and terms to expect.
            report: called after every batch.

        Raises:
            ConfigError: there is no such language.
            ModelError: the model does not understand the language, or fails.
        """
        if language is not None:
            self._check(language)
        speech = _padded(speech, self._config.padding, waveform.duration)
        windows = pack(speech, waveform, self._config.window, self._config.longest_pause)
        if not windows:
            report(1.0)
            return Transcript(None, ())
        decoding = Decoding(
            language=language or self._detect(waveform, windows),
            hotwords=tuple(hotwords),
            hotword_weight=self._config.hotword_weight,
            beam_size=self._config.beam_size,
        )
        found = self._recognize(waveform, windows, speech, decoding, report)
        words = without_loops(in_order(fit_to_speech(found, speech)))
        return Transcript(decoding.language if words else None, words)

    def _check(self, language: str) -> None:
        known = self._engine.languages
        if language in known:
            return
        if known == ("en",):
            raise ModelError(
                f"{self._config.model}: understands English only, not {language!r}; "
                "choose a multilingual model such as whisper-base"
            )
        nearest = difflib.get_close_matches(language.lower(), known, n=1, cutoff=0.0)[0]
        raise ConfigError(f"language: {language!r} is not known; did you mean {nearest!r}?")

    def _detect(self, waveform: Waveform, windows: Sequence[Segment]) -> str:
        """The language with the highest mean probability over the recording."""
        if len(self._engine.languages) == 1:
            return self._engine.languages[0]
        totals = dict.fromkeys(self._engine.languages, 0.0)
        for window in spread(windows, _NUM_PROBES):
            probe = Segment(window.start, min(window.end, window.start + _PROBE))
            for code, probability in self._engine.detect([waveform.crop(probe)])[0].items():
                totals[code] += probability
        return max(totals, key=totals.__getitem__)

    def _recognize(
        self,
        waveform: Waveform,
        windows: Sequence[Segment],
        speech: Timeline,
        decoding: Decoding,
        report: ReportFraction,
    ) -> list[Word]:
        """The words of all windows; what a window leaves unsaid is a window of the next round."""

        def decode(batch: _Batch) -> _Found:
            return self._decode([waveform.crop(window) for window in batch], decoding)

        words: list[Word] = []
        total, done = sum(window.duration for window in windows), 0.0
        while windows:
            rest: list[Segment] = []
            grouped = tuple(batches(windows, self._config.batch_size))
            with _side_by_side(min(self._num_workers, len(grouped))) as each:
                for batch, hypotheses in zip(grouped, each(decode, grouped), strict=True):
                    for window, hypothesis in zip(batch, hypotheses, strict=True):
                        words.extend(shifted(word, window.start) for word in hypothesis.words)
                        left = _left_over(window, hypothesis, speech)
                        rest.extend(left)
                        done += window.duration - sum(segment.duration for segment in left)
                    report(min(1.0, done / total))
            windows = rest
        return words

    def _decode(self, batch: Sequence[Waveform], decoding: Decoding) -> list[Hypothesis]:
        """The best hypothesis of each window; those that failed are tried in other ways."""
        best = list(self._engine.decode(batch, decoding))
        for attempt in self._attempts:
            failed = [i for i, found in enumerate(best) if is_failure(found, self._config)]
            if not failed:
                break
            decoding = replace(decoding, **attempt)
            again = self._engine.decode([batch[i] for i in failed], decoding)
            for index, hypothesis in zip(failed, again, strict=True):
                best[index] = self._better(best[index], hypothesis)
        return [self._trusted(hypothesis) for hypothesis in best]

    def _better(self, one: Hypothesis, other: Hypothesis) -> Hypothesis:
        def merit(hypothesis: Hypothesis) -> tuple[bool, float]:
            return not is_loop(hypothesis, self._config), hypothesis.log_probability

        return max(one, other, key=merit)

    def _trusted(self, hypothesis: Hypothesis) -> Hypothesis:
        """The hypothesis without words that nobody said."""
        # A loop is cut down first: what was said before it began is worth keeping.
        words = without_loops(hypothesis.words)
        if is_silence(hypothesis, self._config) or is_unheard(words):
            _log.debug("dropped as not said: %r", hypothesis.text)
            words = ()
        return replace(hypothesis, words=words)


@contextmanager
def _side_by_side(count: int) -> Iterator[Callable[[_Decode, Iterable[_Batch]], Iterator[_Found]]]:
    """A ``map`` over so many threads; when its user goes away, what has not begun is left."""
    if count == 1:
        yield map
        return
    executor = ThreadPoolExecutor(count, thread_name_prefix="asr")
    try:
        yield executor.map
    finally:
        executor.shutdown(cancel_futures=True)


def _padded(speech: Timeline, padding: float, duration: float) -> Timeline:
    """Regions with some sound around them; a first or last consonant is easily cut off."""
    regions = (
        Segment(max(0.0, region.start - padding), min(duration, region.end + padding))
        for region in speech
    )
    return Timeline(regions).support()


def _left_over(window: Segment, hypothesis: Hypothesis, speech: Timeline) -> tuple[Segment, ...]:
    """The end of the window when the model stopped before the speech did; else nothing."""
    if hypothesis.end < _LEAST_PROGRESS or not hypothesis.words:
        return ()
    tail = Segment(window.start + hypothesis.end, window.end)
    heard = [s for s in speech.crop(tail).support() if s.duration >= _SHORTEST_SPEECH]
    if sum(segment.duration for segment in heard) < _LEAST_SPEECH:
        return ()
    return (Segment(heard[0].start, heard[-1].end),)
