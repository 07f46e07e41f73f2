"""Each language by the recogniser that knows it best."""

from collections.abc import Mapping, Sequence

from pyannote.core import Timeline

from meeting_app.domain import Transcript, Waveform
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.asr.scheduling import Lane
from pipelines.protocols import ReportFraction, SpeechRecognizer, report_nothing


class ByLanguage:
    """One recogniser for all languages but a few, which have their own."""

    def __init__(self, general: WhisperRecognizer, own: Mapping[str, WhisperRecognizer]) -> None:
        """``own`` is by ISO 639-1 code; ``general`` also tells which language it is."""
        self._general = general
        self._own = own

    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        language: str | None = None,
        hotwords: Sequence[str] = (),
        report: ReportFraction = report_nothing,
    ) -> Transcript:
        """As ``SpeechRecognizer``."""
        recognizer = self._own.get(language or "", self._general)
        return recognizer(waveform, speech, language, hotwords, report)

    def shared(self, lane: Lane) -> "ByLanguage":
        """The same for many callers at once; see ``WhisperRecognizer.shared``."""
        own = {code: recognizer.shared(lane) for code, recognizer in self._own.items()}
        return ByLanguage(self._general.shared(lane), own)

    def drafting(self) -> "ByLanguage":
        """The same in less time, of the same networks."""
        own = {code: recognizer.drafting() for code, recognizer in self._own.items()}
        return ByLanguage(self._general.drafting(), own)


def drafting_recognizer(recognizer: SpeechRecognizer) -> SpeechRecognizer | None:
    """What shares the networks of a recogniser and is quicker; None where there is no such."""
    return recognizer.drafting() if isinstance(recognizer, ByLanguage) else None
