"""The scripts of the live page that know no page, each by itself in the browser."""

import struct
from math import sqrt

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, Page

from tests.ui.serving import serving
from ui.live import serve_modules

RATES = (48_000, 44_100, 22_050, 16_000, 8_000)


@pytest.fixture(scope="module")
def empty_page(chromium: Browser):
    """Nothing but the modules."""
    app = FastAPI()
    app.add_api_route("/", lambda: HTMLResponse("<title>empty</title>"))
    serve_modules(app)
    with serving(app) as address:
        context = chromium.new_context(base_url=address)
        yield context.new_page()
        context.close()


@pytest.fixture
def run(empty_page: Page):
    """Runs the body of an async function; ``load(name)`` gives it a module."""
    page = empty_page
    page.goto("/")

    def evaluate(body: str, arg: object = None) -> object:
        load = "const load = (name) => import(`/scripts/${name}.js`);"
        return page.evaluate(f"async (arg) => {{ {load} {body} }}", arg)

    return evaluate


def resampled(run, samples: np.ndarray, rate: int, blocks: int = 128) -> np.ndarray:
    body = """const { Resampler } = await load("resample");
      const [samples, rate, size] = arg;
      const resampler = new Resampler(rate, 16000);
      const out = [];
      for (let i = 0; i < samples.length; i += size) {
        out.push(...resampler.process(Float32Array.from(samples.slice(i, i + size))));
      }
      out.push(...resampler.flush());
      return out;"""
    return np.array(run(body, [samples.tolist(), rate, blocks]))


@pytest.mark.parametrize("rate", RATES)
def test_tone_keeps_its_height_strength_and_place(run, rate: int):
    tone = np.sin(2 * np.pi * 440 * np.arange(rate // 4) / rate)
    heard = resampled(run, tone, rate)
    assert abs(len(heard) - 4_000) <= 1
    expected = np.sin(2 * np.pi * 440 * np.arange(len(heard)) / 16_000)
    middle = slice(200, -200)
    assert np.abs(heard[middle] - expected[middle]).max() < 0.01


def test_what_the_lower_rate_cannot_carry_is_gone(run):
    hiss = np.sin(2 * np.pi * 11_000 * np.arange(12_000) / 48_000)
    heard = resampled(run, hiss, 48_000)[200:-200]
    assert sqrt(np.mean(heard**2)) < 0.001


def test_blocks_of_any_length_give_the_same_sound(run):
    noise = np.random.default_rng(5).uniform(-1, 1, 3_000)
    whole = resampled(run, noise, 44_100, 3_000)
    assert np.array_equal(whole, resampled(run, noise, 44_100, 128))
    assert np.array_equal(whole, resampled(run, noise, 44_100, 7))


def test_frame_is_its_number_and_little_endian_samples(run):
    body = """const { pack, toPcm16 } = await load("frames");
      return [...new Uint8Array(pack(70000, toPcm16(Float32Array.from(arg))))];"""
    sent = bytes(run(body, [0, 0.5, -1, 1, 2]))
    assert sent == struct.pack("<I5h", 70_000, 0, 16_384, -32_768, 32_767, 32_767)


def test_framer_cuts_every_320_samples_and_keeps_the_rest(run):
    body = """const { Framer } = await load("frames");
      const framer = new Framer();
      const all = [];
      for (let i = 0, n = 0; i < 10; i += 1, n += 150) {
        all.push(...framer.push(Int16Array.from({ length: 150 }, (_, j) => n + j)));
      }
      return [...all, ...framer.flush()].map((frame) => [...frame]);"""
    frames = run(body)
    assert [len(frame) for frame in frames] == [320, 320, 320, 320, 220]
    assert [sample for frame in frames for sample in frame] == list(range(1_500))


OUTBOX = """const { Outbox } = await load("outbox");
  const { openStore } = await load("store");
  const store = await openStore(`test-${Math.random()}`);
  const frame = (value) => new Int16Array(320).fill(value);
  const show = (sent) => typeof sent === "string" ? JSON.parse(sent).type
    : sent && [new DataView(sent).getUint32(0, true), new DataView(sent).getInt16(4, true)];
  const take = async (box) => {
    const sent = [];
    for (let next = await box.take(); next !== null; next = await box.take()) sent.push(show(next));
    return sent;
  };
"""


def test_orders_are_sent_at_their_place_in_the_sound(run):
    body = """const box = new Outbox(store, "k");
      box.push(frame(1)); box.order({ type: "pause" }); box.order({ type: "resume" });
      box.push(frame(2));
      return take(box);"""
    assert run(OUTBOX + body) == [[0, 1], "pause", "resume", [1, 2]]


def test_new_connection_gets_everything_the_server_lacks(run):
    body = """const box = new Outbox(store, "k");
      for (let i = 0; i < 6; i += 1) box.push(frame(i));
      await take(box);
      box.acknowledge(2);
      const backlog = box.backlog;
      await box.begin(3);
      return [backlog, await take(box)];"""
    assert run(OUTBOX + body) == [4, [[3, 3], [4, 4], [5, 5]]]


def test_frames_the_server_lost_after_its_word_are_sent_again(run):
    body = """const box = new Outbox(store, "k");
      for (let i = 0; i < 6; i += 1) box.push(frame(i));
      box.acknowledge(6);
      await box.begin(4);
      return take(box);"""
    assert run(OUTBOX + body) == [[4, 4], [5, 5]]


def test_sound_that_nobody_has_any_more_becomes_silence(run):
    body = """const box = new Outbox(store, "k", { limits: { spare: 1 } });
      for (let i = 1; i < 7; i += 1) box.push(frame(i));
      box.acknowledge(5);
      await box.begin(2);
      return take(box);"""
    assert run(OUTBOX + body) == [[2, 0], [3, 0], [4, 5], [5, 6]]


def test_reloaded_page_sends_what_the_disk_kept_then_what_it_captured_meanwhile(run):
    body = """const before = new Outbox(store, "k");
      for (let i = 0; i < 8; i += 1) before.push(frame(i));
      before.acknowledge(3);
      await before.flush();
      const after = new Outbox(store, "k", { isNew: false });
      after.push(frame(100));
      const early = after.take();
      await after.begin(3);
      return [early, await take(after)];"""
    assert run(OUTBOX + body) == [None, [[3, 3], [4, 4], [5, 5], [6, 6], [7, 7], [8, 100]]]


def test_server_that_knows_more_than_the_disk_numbers_what_follows(run):
    body = """const box = new Outbox(store, "k", { isNew: false });
      box.push(frame(100));
      await box.begin(12);
      return take(box);"""
    assert run(OUTBOX + body) == [[12, 100]]


def test_memory_is_bounded_and_the_disk_has_the_rest(run):
    body = """const box = new Outbox(store, "k", { limits: { memory: 10, read: 7 } });
      for (let i = 0; i < 60; i += 1) { box.push(frame(i)); await box.flush(); }
      const sent = await take(box);
      box.acknowledge(60);
      return [sent.map(([number, value]) => number === value), await store.end("k")];"""
    right, end = run(OUTBOX + body)
    assert right == [True] * 60
    assert end is None


def test_full_outbox_takes_no_more(run):
    body = """const box = new Outbox(store, "k", { limits: { most: 3 } });
      const taken = [1, 2, 3, 4].map((value) => box.push(frame(value)));
      box.acknowledge(1);
      return [taken, box.push(frame(5))];"""
    assert run(OUTBOX + body) == [[True, True, True, False], True]


def test_orders_that_the_server_followed_are_not_given_again(run):
    body = """const box = new Outbox(store, "k");
      const given = [
        { type: "mark", note: "a" }, { type: "mark", note: "b" },
        { type: "name", label: "L", name: "N" },
        { type: "edit", line: 1, text: "x" }, { type: "pause" }, { type: "resume" },
      ];
      given.forEach((order) => box.order(order));
      await take(box);
      box.confirm({ type: "marked", time: 0, note: "a" });
      box.reconcile({ phase: "recording", is_paused: false, names: { L: "N" }, marks: [] });
      await box.begin(0);
      return take(box);"""
    assert run(OUTBOX + body) == ["mark", "edit"]


def test_chinese_words_stand_without_spaces(run):
    body = """const { joined } = await load("model");
      return arg.map((words) => joined(words.map((word) => [word])));"""
    texts = [["We", "agreed."], ["我们", "同意", "。"], ["用", "Python", "写"]]
    assert run(body, texts) == ["We agreed.", "我们同意。", "用Python写"]


MODEL = """const { Meeting } = await load("model");
  const meeting = new Meeting();
  const word = (text, start) => [text, start, start + 1, 0.9];
"""


def test_labels_keep_their_words_when_more_words_come(run):
    body = """meeting.apply({ type: "partial", line: 0, words: [word("a", 0), word("b", 1)] });
      const labels = ["SPEAKER_00", "SPEAKER_01"];
      meeting.apply({ type: "speaker", line: 0, labels, settled: false });
      meeting.apply({ type: "stable", line: 0, count: 1 });
      meeting.apply({ type: "partial", line: 0, words: [word("c", 1), word("d", 2)] });
      const line = meeting.lines.get(0);
      const turns = meeting.turns(line);
      return [line.labels, turns.map(({ label, words }) => [label, words.map(([t]) => t)])];"""
    labels, turns = run(MODEL + body)
    assert labels == ["SPEAKER_00", "SPEAKER_01", None]
    assert turns == [["SPEAKER_00", ["a"]], ["SPEAKER_01", ["c", "d"]]]


def test_better_words_take_the_place_of_the_first_ones_and_stay(run):
    body = """const words = [word("wreck", 0), word("a", 1), word("b", 2)];
      meeting.apply({ type: "partial", line: 0, words });
      meeting.apply({ type: "stable", line: 0, count: 3 });
      meeting.apply({ type: "better", line: 0, count: 2, words: [word("recognise", 0)] });
      const line = meeting.lines.get(0);
      return [line.words.map(([t]) => t), line.stable, line.labels.length];"""
    assert run(MODEL + body) == [["recognise", "b"], 2, 2]


def test_voices_are_replaced_from_a_moment_on_and_old_ones_forgotten(run):
    body = """const first = [[0, 5, "A"], [4, 9, "B"]];
      meeting.apply({ type: "voices", start: 0, segments: first, settled: 3 });
      meeting.apply({ type: "voices", start: 8, segments: [[8, 12, "A"]], settled: 7 });
      const soon = meeting.voices;
      meeting.apply({ type: "voices", start: 98, segments: [[98, 99, "A"]], settled: 90 });
      return [soon, meeting.voices];"""
    assert run(MODEL + body) == [
        [[0, 5, "A"], [4, 8, "B"], [8, 12, "A"]],
        [[8, 12, "A"], [98, 99, "A"]],
    ]


def test_lines_stand_in_the_order_of_their_numbers(run):
    body = """for (const line of [0, 2, 1]) {
        meeting.apply({ type: "partial", line, words: [word("x", line)] });
      }
      return [...meeting.lines.keys()];"""
    assert run(MODEL + body) == [0, 1, 2]


def test_only_touched_lines_are_reported(run):
    body = """meeting.apply({ type: "partial", line: 0, words: [word("x", 0)] });
      const { lines, parts } = meeting.apply({ type: "partial", line: 1, words: [word("y", 1)] });
      return [[...lines], [...parts]];"""
    assert run(MODEL + body) == [[1], []]
