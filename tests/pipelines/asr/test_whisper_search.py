"""Rules and search on a vocabulary of four texts and 1501 timestamps, with made-up logits."""

import math
from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from pipelines.asr.whisper.rules import Repeats, TokenRules, TokenSequences
from pipelines.asr.whisper.search import BeamSearch, Found, SearchOptions, TokenBias
from pipelines.asr.whisper.shape import Vocabulary

CPU = torch.device("cpu")
A, B, C, BANNED, END, START, SILENT, NO_TIMES, T0 = range(9)
WORDS = Vocabulary(
    size=T0 + 1501,
    start=START,
    end=END,
    no_speech=SILENT,
    timestamp_begin=T0,
    suppressed=(BANNED, START, SILENT),
    suppressed_first=(END,),
)

Next = Callable[[tuple[int, ...]], dict[int, float]]
"""The tokens so far to the logits of what may follow; what is not named gets -20."""


def run(
    follow: Next, options: SearchOptions, batch: int = 1, bias: TokenBias | None = None
) -> Found:
    """Searches with a network that is a function."""
    repeats = Repeats(options.no_repeat_ngram, options.repetition_penalty)
    rules = TokenRules(WORDS, CPU, repeats, can_end=not options.is_length_forced)
    search = BeamSearch(batch, options, rules, bias)
    search.begin()
    while not bool(search.is_done.all()):
        step = int(search.step)
        rows = search.tokens[..., :step].tolist()
        search.advance(torch.stack([torch.stack([row(follow(tuple(k))) for k in b]) for b in rows]))
    return search.found()


def row(logits: dict[int, float]) -> Tensor:
    found = torch.full((WORDS.size,), -20.0)
    for token, value in logits.items():
        found[token] = value
    return found


def allowed(tokens: Sequence[int], logits: Tensor | None = None) -> set[int]:
    """What the rules let follow."""
    sequences = TokenSequences.new(1, 1, CPU)
    sequences.begin()
    origins = torch.zeros((1, 1), dtype=torch.int64)
    for step, token in enumerate(tokens):
        sequences.follow(origins, torch.tensor([[token]]), torch.tensor([step]), WORDS)
    room = torch.zeros((1, 1, 16), dtype=torch.int64)
    room[0, 0, : len(tokens)] = torch.tensor(tokens, dtype=torch.int64)
    given = torch.zeros(WORDS.size) if logits is None else logits
    found = TokenRules(WORDS, CPU)(
        given.view(1, 1, -1), sequences, room, torch.tensor([len(tokens)])
    )
    return set(torch.isfinite(found[0, 0]).nonzero()[:, 0].tolist())


def test_a_text_begins_with_a_time_within_the_first_second() -> None:
    assert allowed([]) == set(range(T0, T0 + 51))


def test_text_follows_a_first_time() -> None:
    likely_text = row({A: 9.0})
    assert allowed([T0], likely_text) == {A, B, C, END, NO_TIMES} - {NO_TIMES}


def test_after_text_time_moves_on() -> None:
    likely_text = row({A: 9.0})
    assert allowed([T0 + 4, A], likely_text) == {A, B, C, END, *range(T0 + 5, WORDS.size)}


def test_a_time_after_text_is_followed_by_its_pair_or_the_end() -> None:
    likely_end = row({END: 9.0})
    assert allowed([T0, A, T0 + 7], likely_end) == {END, *range(T0 + 7, WORDS.size)}


def test_a_pair_of_times_is_followed_by_text() -> None:
    assert allowed([T0, A, T0 + 7, T0 + 9]) == {A, B, C, END}


def test_a_time_is_due_when_all_times_together_are_likelier_than_any_other_token() -> None:
    # 1500 times at 0 weigh log 1500 = 7.31 together.
    even = torch.zeros(WORDS.size)
    even[A] = 7.2
    assert allowed([T0, A], even) == set(range(T0 + 1, WORDS.size))
    even[A] = 7.4
    assert {A, B, C, END} < allowed([T0, A], even)


def test_a_run_of_tokens_is_not_said_twice() -> None:
    def stutter(tokens: tuple[int, ...]) -> dict[int, float]:
        return {T0: 9.0} if not tokens else {A: 9.0, B: 8.0, END: 7.0}

    free = run(stutter, SearchOptions(1, max_tokens=6)).tokens[0]
    assert free == (T0, A, A, A, A, A)
    # AA; then not A (AA was said), so AB; BA is new; then AA and AB were said, so the end.
    bound = run(stutter, SearchOptions(1, max_tokens=9, no_repeat_ngram=2)).tokens[0]
    assert bound == (T0, A, A, B, A)


def test_a_penalty_moves_said_tokens_down_once() -> None:
    def choose(tokens: tuple[int, ...]) -> dict[int, float]:
        if not tokens:
            return {T0: 9.0}
        return {A: 3.0, B: 2.0, END: -1.0}

    # A (3), then A is worth 3 / 2 = 1.5 and B wins (2), then A 1.5 against B 1.0, for good.
    found = run(choose, SearchOptions(1, max_tokens=5, repetition_penalty=2.0)).tokens[0]
    assert found == (T0, A, B, A, A)


def test_greedy_takes_the_best_token_and_a_beam_the_best_text() -> None:
    # A is likelier than B at once, but what follows A is a coin flip and B leads to a sure end.
    def garden(tokens: tuple[int, ...]) -> dict[int, float]:
        if not tokens:
            return {T0: 9.0}
        if tokens[-1] == T0:
            return {A: math.log(0.55), B: math.log(0.45)}
        if tokens[-1] == A:
            return {C: math.log(0.3), A: math.log(0.3), B: math.log(0.4)}
        return {END: 0.0}

    assert run(garden, SearchOptions(1, max_tokens=8)).tokens[0] == (T0, A, B)
    found = run(garden, SearchOptions(5, max_tokens=8))
    assert found.tokens[0] == (T0, B)
    assert found.log_probabilities[0] == pytest.approx(math.log(0.45), abs=1e-3)


def test_texts_are_compared_by_the_mean_over_their_tokens() -> None:
    # Three tokens at 0.45 in all beat two at 0.55 in all: 0.45 ** (1/3) > 0.55 ** (1/2).
    def length(tokens: tuple[int, ...]) -> dict[int, float]:
        if not tokens:
            return {T0: 9.0}
        if tokens == (T0,):
            return {A: math.log(0.55), B: math.log(0.45)}
        if tokens[-1] == A or len(tokens) >= 3:
            return {END: 0.0}
        return {C: 0.0}

    assert run(length, SearchOptions(2, max_tokens=8)).tokens[0] == (T0, B, C)


def test_each_item_of_a_batch_has_its_own_text() -> None:
    calls = iter(range(100))

    def follow(tokens: tuple[int, ...]) -> dict[int, float]:
        number = next(calls)
        if not tokens:
            return {T0: 9.0}
        if len(tokens) == 1:
            return {A if number % 2 else B: 9.0}
        return {END: 9.0} if tokens[-1] == B else {B: 9.0}

    found = run(follow, SearchOptions(1, max_tokens=8), batch=2)
    assert set(found.tokens) == {(T0, A, B), (T0, B)}


def test_a_text_without_an_end_is_cut_at_the_limit() -> None:
    def endless(tokens: tuple[int, ...]) -> dict[int, float]:
        return {T0: 9.0} if not tokens else {A: 9.0}

    for beam in (1, 3):
        assert run(endless, SearchOptions(beam, max_tokens=4)).tokens[0] == (T0, A, A, A)


def test_a_forced_length_ignores_the_end() -> None:
    def ending(tokens: tuple[int, ...]) -> dict[int, float]:
        return {T0: 9.0} if not tokens else {END: 9.0, A: 1.0}

    options = SearchOptions(1, max_tokens=5, is_length_forced=True)
    assert len(run(ending, options).tokens[0]) == 5
    assert run(ending, SearchOptions(1, max_tokens=5)).tokens[0] == (T0,)


def test_drawing_is_the_same_on_each_run_and_in_any_company() -> None:
    def even(tokens: tuple[int, ...]) -> dict[int, float]:
        return {T0: 9.0} if not tokens else {A: 1.0, B: 1.0, C: 1.0}

    options = SearchOptions(1, max_tokens=12, temperature=1.0)
    alone = run(even, options)
    again = run(even, options)
    together = run(even, options, batch=3)
    assert alone == again
    assert together.tokens == alone.tokens * 3
    assert len({*alone.tokens[0][1:]} & {A, B, C}) == 3  # it draws


def test_a_bias_raises_a_token_and_follows_the_hypotheses() -> None:
    class Prefers(TokenBias):
        def __init__(self) -> None:
            self.heard: list[list[int]] = []

        def begin(self, batch: int, beam: int, device: torch.device) -> None:
            self.heard = []
            self._row = torch.zeros(batch, beam, WORDS.size)
            self._row[..., B] = 2.0

        def scores(self, vocabulary_size: int) -> Tensor:
            assert vocabulary_size == WORDS.size
            return self._row

        def follow(self, origins: Tensor, tokens: Tensor) -> None:
            self.heard.append(tokens[:, 0].tolist())

    def choose(tokens: tuple[int, ...]) -> dict[int, float]:
        if not tokens:
            return {T0: 9.0}
        return {A: 2.0, B: 1.0} if len(tokens) == 1 else {END: 9.0}

    bias = Prefers()
    assert run(choose, SearchOptions(1, max_tokens=8)).tokens[0] == (T0, A)
    assert run(choose, SearchOptions(1, max_tokens=8), bias=bias).tokens[0] == (T0, B)
    assert bias.heard == [[T0], [B], [END]]


def test_each_text_has_its_own_limit() -> None:
    rules = TokenRules(WORDS, CPU)
    search = BeamSearch(2, SearchOptions(1, max_tokens=6), rules)
    search.begin([3, 5])
    while not bool(search.is_done.all()):
        best = {T0: 9.0} if int(search.step) == 0 else {A: 9.0}
        search.advance(row(best).expand(2, 1, -1))
    assert search.found().tokens == ((T0, A, A), (T0, A, A, A, A))
