"""The scripts of the meeting page that know no page, each by itself in the browser."""

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser

from tests.ui.serving import serving
from ui.live import serve_modules


@pytest.fixture(scope="module")
def empty_page(chromium: Browser):
    """Nothing but the modules."""
    app = FastAPI()
    app.add_api_route("/", lambda: HTMLResponse("<title>empty</title>"))
    serve_modules(app)
    with serving(app) as address:
        context = chromium.new_context(base_url=address)
        page = context.new_page()
        page.goto("/")
        yield page
        context.close()


@pytest.fixture
def run(empty_page):
    """Runs the body of an async function; ``load(name)`` gives it a module."""

    def evaluate(body: str, arg: object = None) -> object:
        load = "const load = (name) => import(`/scripts/reading/${name}.js`);"
        return empty_page.evaluate(f"async (arg) => {{ {load} {body} }}", arg)

    return evaluate


def document(*turns, duration=100, chapters=(), voices=(), doubts=None):
    """Turns are (id, speaker, start of the first word, texts); a word lasts 0.4 s of each 0.5 s."""
    texts = [text for *_, spoken in turns for text in spoken.split()]
    starts = [
        round(100 * start) + 50 * place
        for *_, start, spoken in turns
        for place in range(len(spoken.split()))
    ]
    firsts, num_words = [], 0
    for *_, spoken in turns:
        firsts.append(num_words)
        num_words += len(spoken.split())
    return {
        "duration": duration,
        "speakers": [{"label": "A", "name": "Ana"}, {"label": "B", "name": "Ben"}],
        "voices": {
            "start": [round(100 * start) for start, _, _ in voices],
            "end": [round(100 * end) for _, end, _ in voices],
            "speaker": [speaker for _, _, speaker in voices],
        },
        "chapters": [{"start": round(100 * s), "end": 0, "title": t} for s, t in chapters],
        "turns": {"id": [t[0] for t in turns], "speaker": [t[1] for t in turns], "first": firsts},
        "words": {
            "text": texts,
            "start": starts,
            "length": [40] * len(texts),
            "probability": [90] * len(texts),
            "doubt": doubts or [0] * len(texts),
        },
    }


MODEL = """const { Transcript } = await load("model");
  const transcript = new Transcript(arg);
"""


def test_word_that_is_heard_began_last_and_silence_has_none(run):
    arg = document((7, 0, 1, "one two"), (8, 1, 10, "three"))
    body = "return [0.9, 1, 1.45, 1.5, 2.9, 3.1, 10.2].map((time) => transcript.wordAt(time));"
    assert run(MODEL + body, arg) == [-1, 0, 0, 1, 1, -1, 2]


def test_words_of_turns_that_overlap_are_found_by_time(run):
    arg = document((0, 0, 0, "a b c d"), (1, 1, 0.7, "mhm"), (2, 0, 5, "e"))
    body = """return [[0.6, 0.8, 1.1].map((time) => transcript.lastBegun(time)),
      [0, 3, 4, 5].map((word) => transcript.turnOf(word))];"""
    assert run(MODEL + body, arg) == [[1, 4, 2], [0, 0, 1, 2]]


def test_turn_tells_its_words_times_and_speaker(run):
    arg = document((7, 0, 1, "one two"), (9, -1, 10, "three"))
    body = """const [first, second, none] = [0, 1, 2].map((place) => transcript.turn(place));
      return [first.id, first.first, first.last, first.start, first.end, first.speaker.name,
        second.speaker, none, transcript.turnWithId(9)];"""
    assert run(MODEL + body, arg) == [7, 0, 2, 1, 1.9, "Ana", None, None, 1]


def test_long_turn_is_shown_in_rows_that_end_with_a_sentence(run):
    spoken = " ".join(["word"] * 69 + ["end."] + ["more"] * 100)
    arg = document((3, 0, 0, spoken), chapters=[(0, "All")])
    body = """return [transcript.rows.map(({ key, first, last }) => [key, first, last ?? null]),
      [0, 69, 70, 169].map((word) => transcript.rowOf(word))];"""
    rows, places = run(MODEL + body, arg)
    assert rows == [["c0", 0, None], ["t3.0", 0, 70], ["t3.1", 70, 170]]
    assert places == [1, 1, 2, 2]


def test_chapter_without_words_before_the_next_is_shown_all_the_same(run):
    arg = document((0, 0, 20, "a"), chapters=[(0, "Silence"), (20, "Talk")])
    body = "return transcript.rows.map(({ key }) => key);"
    assert run(MODEL + body, arg) == ["c0", "c1", "t0.0"]


def test_doubts_are_walked_by_where_they_begin(run):
    arg = document((0, 0, 0, "a b c d"), (1, 1, 5, "e f"), doubts=[0, 1, 1, 0, 2, 0])
    body = """return [[-1, 1], [1, 1], [4, 1], [4, -1], [1, -1]].map(
      ([word, step]) => transcript.nextDoubt(word, step));"""
    assert run(MODEL + body, arg) == [1, 4, -1, 1, -1]


def test_silence_ends_where_somebody_speaks_again(run):
    arg = document(voices=[(0, 5, 0), (4, 8, 1), (8.5, 9, 0), (20, 21, 0)])
    body = "return [1, 8.2, 9.5, 19.9, 20, 50].map((time) => transcript.silenceEnd(time));"
    assert run(MODEL + body, arg) == [None, None, 20, 20, None, None]


def test_speakers_of_a_moment_are_all_who_are_heard(run):
    arg = document(voices=[(0, 5, 1), (4, 8, 0)])
    body = "return [3, 4.5, 7, 9].map((time) => transcript.speakersAt(time));"
    assert run(MODEL + body, arg) == [[1], [0, 1], [0], []]


FIND = (
    MODEL
    + """const { Index } = await load("search");
  const index = new Index(transcript);
  const find = (query) => index.find(query).map(({ first, last }) => [first, last]);
"""
)


def test_search_finds_words_parts_and_phrases_whatever_their_case(run):
    arg = document((0, 0, 0, "The Budget is"), (1, 1, 5, "budgets then"))
    body = 'return ["budget", "the  BUDGET", "is budgets", "", "zebra"].map(find);'
    assert run(FIND + body, arg) == [[[1, 2], [3, 4]], [[0, 2]], [], [], []]


def test_search_reads_chinese_without_spaces(run):
    arg = document((0, 0, 0, "我们 同意 发布"))
    assert run(FIND + 'return find("同意发");', arg) == [[1, 3]]


def test_rows_lie_below_each_other_and_are_found_by_height(run):
    body = """const { Offsets } = await load("offsets");
      const offsets = new Offsets([10, 20, 30]);
      const found = [-5, 29, 99].map((y) => offsets.at(y));
      const before = [offsets.top(2), offsets.total, ...found];
      const changed = [offsets.set(0, 15), offsets.set(1, 20)];
      const after = [offsets.top(2), offsets.total, offsets.at(29)];
      return [before, changed, ...after, new Offsets([]).at(3)];"""
    assert run(body) == [[30, 60, 0, 1, 2], [True, False], 35, 65, 1, 0]


def test_zoom_keeps_what_is_under_the_pointer_and_stays_inside(run):
    body = """const { Axis } = await load("axis");
      const axis = new Axis(100, 200);
      axis.zoom(0.5, 50);
      const zoomed = [axis.start, axis.end, axis.time(50), axis.x(25)];
      axis.pan(-1000);
      const panned = [axis.start, axis.end];
      axis.zoom(0.0001, 0);
      const closest = axis.span;
      axis.zoom(1e9);
      return [zoomed, panned, closest, axis.isWhole, axis.follow(50)];"""
    assert run(body) == [[12.5, 62.5, 25, 50], [0, 50], 5, True, False]


def test_axis_turns_its_page_to_what_is_played(run):
    body = """const { Axis } = await load("axis");
      const axis = new Axis(100, 200);
      axis.show(0, 20);
      return [axis.follow(19), axis.follow(50), axis.start, axis.ticks(60)];"""
    assert run(body) == [False, True, 48, [50, 60]]


def test_outline_keeps_the_highest_peak_and_the_mean_loudness(run):
    body = """const { Peaks } = await load("peaks");
      const bytes = new Uint8Array(2 * 8192);
      bytes.set([255, 51], 2 * 4000);
      const peaks = new Peaks(bytes, 1);
      const [whole] = peaks.columns(0, 8192, 1);
      const near = peaks.columns(3999, 4002, 3);
      return [peaks.levels.length, whole, [...near].map((value) => Math.round(value * 100))];"""
    assert run(body) == [3, 1, [0, 0, 100, 20, 0, 0]]


def test_keys_mean_one_thing_each_and_few_with_control(run):
    body = """const { keysOf, entryOf } = await load("keys");
      const names = keysOf((text) => text).flatMap(({ keys }) => keys);
      const press = (key, more = {}) => entryOf({ key, ...more })?.send;
      return [names.length === new Set(names).size, press("J"), press("D", { shiftKey: true }),
        press("ArrowLeft"), press("3"), press("?", { shiftKey: true }),
        press("s", { ctrlKey: true }) ?? null, press("z", { ctrlKey: true }),
        press("Z", { metaKey: true, shiftKey: true }), press("z") ?? null];"""
    assert run(body) == [
        True,
        ["step-turn", {"step": 1}],
        ["step-doubt", {"step": -1}],
        ["skip", {"by": -3}],
        ["assign-speaker", {"number": 3}],
        ["help"],
        None,
        ["undo"],
        ["redo"],
        None,
    ]
