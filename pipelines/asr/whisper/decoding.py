"""From encoded sound to tokens: a prompt, then one step after the other."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipelines.asr.whisper.graphs import Recorder, run_directly
from pipelines.asr.whisper.model import Whisper
from pipelines.asr.whisper.rules import Repeats, TokenRules
from pipelines.asr.whisper.search import LEAST_ROOM, BeamSearch, Found, SearchOptions, TokenBias
from pipelines.asr.whisper.shape import Vocabulary

_LENGTH_STEP = 32  # tokens; caches of a few lengths only, so that recorded steps are used again
_STEPS_BETWEEN_LOOKS = 8  # on a GPU, where asking whether all are done waits for the device
_MAX_PLANS = 6  # recorded steps that are kept; each holds the cache of its batch


@dataclass(frozen=True, slots=True)
class PlanKey:
    """What must be equal for a recorded step to be used again."""

    batch: int
    num_frames: int
    num_prompt: int
    options: SearchOptions


class Plan:
    """The tensors of one kind of batch and the step that works on them."""

    def __init__(
        self,
        network: Whisper,
        rules: TokenRules,
        key: PlanKey,
        recorder: Recorder,
        bias: TokenBias | None = None,
    ) -> None:
        beam = key.options.beam_size
        length = _rounded(key.num_prompt + max(key.options.max_tokens, LEAST_ROOM))
        self._network = network
        self._key = key
        self.sound = network.new_sound(key.batch, key.num_frames)
        self.search = BeamSearch(key.batch, key.options, rules, bias)
        self._cache = network.new_cache(key.batch, beam, length)
        self._beams = torch.arange(beam, device=network.device)
        self._positions = torch.arange(length, device=network.device)
        self.search.begin()
        self._step = recorder(self._advance)

    def begin(self, encoded: Tensor, prompt: Tensor, limits: Sequence[int] = ()) -> Tensor:
        """Reads the prompt; the first token is chosen.

        Args:
            encoded: (batch, num_frames, dimension).
            prompt: (num_prompt,) int64.
            limits: tokens that each text may have.

        Returns:
            (batch, num_prompt, dimension), to be given to the decoder's ``logits``.
        """
        self._network.decoder.hear_into(self.sound, encoded)
        states = self._network.decoder.prefill(
            prompt.expand(len(encoded), -1), self.sound, self._cache
        )
        first = self._network.decoder.logits(states[:, -1:])
        self.search.begin(limits)
        self.search.advance(first.expand(-1, self._key.options.beam_size, -1))
        return states

    def finish(self) -> Found:
        """Steps until every window has its text."""
        is_cpu = self._network.device.type == "cpu"
        pause = 1 if is_cpu else _STEPS_BETWEEN_LOOKS
        for number in range(1, self._key.options.max_tokens):
            if (number - 1) % pause == 0 and bool(self.search.is_done.all()):
                break
            self._step()
        return self.search.found()

    def _advance(self) -> None:
        position = self.search.step + (self._key.num_prompt - 1)
        logits = self._network.decoder.step(
            self.search.last, position, self._mask(position), self.sound, self._cache
        )
        self.search.advance(logits)

    def _mask(self, position: Tensor) -> Tensor:
        """Which cache slots each hypothesis descends from, (batch, 1, beam, beam * length) bool."""
        prompt, length = self._key.num_prompt, len(self._positions)
        is_past = self._positions <= position
        written = self.search.slots  # (batch, beam, max_tokens)
        slots = torch.nn.functional.pad(
            written, (prompt, length - prompt - written.shape[2])
        )  # the prompt is in slot 0
        is_own = slots[:, :, None] == self._beams[:, None]  # (batch, beam, beam, length)
        return (is_own & is_past).flatten(2)[:, None]


class Decoder:
    """Keeps the plans of one network, the latest used longest."""

    def __init__(self, network: Whisper, vocabulary: Vocabulary, recorder: Recorder) -> None:
        self._network = network
        self._vocabulary = vocabulary
        self._recorder = recorder
        self._plans: OrderedDict[PlanKey, Plan] = OrderedDict()

    def generate(
        self,
        encoded: Tensor,
        prompt: Sequence[int],
        options: SearchOptions,
        limits: Sequence[int] = (),
        bias: TokenBias | None = None,
    ) -> tuple[Found, tuple[float, ...]]:
        """The texts of a batch, and the probability of each window that nobody speaks.

        Args:
            encoded: (batch, num_frames, dimension).
            prompt: tokens; the last ones begin the transcript.
            options: a beam of one where tokens are drawn; few different ones, as each has its
                own recorded step.
            limits: tokens that each text may have; none given, as the options say.
            bias: adds to the scores of tokens.
        """
        batch = len(encoded)
        padded = self._padded(encoded)
        plan = self._plan(PlanKey(len(padded), padded.shape[1], len(prompt), options), bias)
        tokens = torch.tensor(prompt, device=encoded.device)
        states = plan.begin(padded, tokens, limits)
        start = list(prompt).index(self._vocabulary.start)
        logits = self._network.decoder.logits(states[:batch, start])
        silent = logits.softmax(dim=1)[:, self._vocabulary.no_speech]
        found = plan.finish()
        texts = Found(found.tokens[:batch], found.log_probabilities[:batch])
        return texts, tuple(silent.tolist())

    def release(self) -> None:
        """Gives the memory of all plans back."""
        self._plans.clear()

    def _padded(self, encoded: Tensor) -> Tensor:
        """The batch brought to a usual size where steps are recorded, by its last window."""
        if encoded.device.type == "cpu":
            return encoded
        missing = usual_batch(len(encoded)) - len(encoded)
        return torch.cat([encoded, encoded[-1:].expand(missing, -1, -1)]) if missing else encoded

    def _plan(self, key: PlanKey, bias: TokenBias | None) -> Plan:
        # What is drawn on the CPU, or may change from call to call, cannot be recorded.
        is_changing = bias is not None or key.options.temperature > 0
        if is_changing or self._network.device.type == "cpu":
            recorder = run_directly if is_changing else self._recorder
            return self._new(key, recorder, bias)
        if key not in self._plans:
            while len(self._plans) >= _MAX_PLANS:
                self._plans.popitem(last=False)
            self._plans[key] = self._recorded(key)
        self._plans.move_to_end(key)
        return self._plans[key]

    def _recorded(self, key: PlanKey) -> Plan:
        """A new plan, for which older ones make room where it is needed."""
        try:
            return self._new(key, self._recorder, None)
        except torch.OutOfMemoryError:
            if not self._plans:
                raise
        # Outside of the handler, whose traceback holds what was allocated.
        self._plans.clear()
        torch.cuda.empty_cache()
        return self._new(key, self._recorder, None)

    def _new(self, key: PlanKey, recorder: Recorder, bias: TokenBias | None) -> Plan:
        options = key.options
        rules = TokenRules(
            self._vocabulary,
            self._network.device,
            Repeats(options.no_repeat_ngram, options.repetition_penalty),
            can_end=not options.is_length_forced,
        )
        return Plan(self._network, rules, key, recorder, bias)


def usual_batch(size: int) -> int:
    """The next batch size of which steps are kept: powers of two and halves between them."""
    power = 1
    while power < size:
        power *= 2
    middle = power * 3 // 4
    return middle if power >= 4 and size <= middle else power


def _rounded(length: int) -> int:
    return -(-length // _LENGTH_STEP) * _LENGTH_STEP
