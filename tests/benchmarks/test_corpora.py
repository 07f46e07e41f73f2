"""Which files belong together and what they say."""

from pathlib import Path

import pytest
from pyannote.core import Segment

from benchmarks.corpora import (
    Passage,
    Timing,
    passages_from_nxt,
    passages_from_stm,
    passages_from_table,
    passages_from_turns,
    read_corpus,
    timeline_from_uem,
)
from meeting_app.errors import FormatError

EVALUATION_SET = Path(__file__).resolve().parents[2] / ".." / "shared" / "eval" / "audio"


def rttm_line(uri: str, speaker: str, start: float = 0.0) -> str:
    return f"SPEAKER {uri} 1 {start:.3f} 1.000 <NA> <NA> {speaker} <NA> <NA>\n"


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_references_beside_the_sound_are_found(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "call.flac": "",
            "call.rttm": rttm_line("another-name", "a") + rttm_line("another-name", "b", 2),
            "call.uem": "call 1 0.5 9.0\n",
            "call.stm": "call 1 Ann 0.0 1.0 <NA> Hello there.\n",
        },
    )
    (recording,) = read_corpus(tmp_path)
    assert recording.name == "call"
    assert recording.num_speakers == 2
    assert list(recording.scored or ()) == [Segment(0.5, 9.0)]
    assert recording.words is not None
    assert recording.words.passages == (Passage("Ann", Segment(0.0, 1.0), "Hello there."),)


def test_sound_without_rttm_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, {"jfk.flac": "", "call.wav": "", "call.rttm": rttm_line("call", "a")})
    assert [recording.name for recording in read_corpus(tmp_path)] == ["call"]


def test_layout_of_ami_gives_the_mixed_headsets_once(tmp_path: Path) -> None:
    audio = "amicorpus/ES2004a/audio/ES2004a"
    put(
        tmp_path,
        {
            f"{audio}.Array1-01.wav": "",
            f"{audio}.Mix-Headset.wav": "",
            "only_words/rttms/test/ES2004a.rttm": rttm_line("ES2004a", "FEE005"),
            "uems/test/ES2004a.uem": "ES2004a NA 0.000 1049.355\n",
            "words/ES2004a.A.words.xml": '<r><w starttime="1.0" endtime="1.5">Yeah</w></r>',
            "words/ES2004a.B.words.xml": '<r><w starttime="0.2" endtime="0.4">Hi</w></r>',
        },
    )
    (recording,) = read_corpus(tmp_path)
    assert recording.audio.name == "ES2004a.Mix-Headset.wav"
    assert list(recording.scored or ()) == [Segment(0.0, 1049.355)]
    assert recording.words is not None
    assert recording.words.timing is Timing.WORD
    assert [(p.speaker, p.text) for p in recording.words.passages] == [("B", "Hi"), ("A", "Yeah")]


def test_layout_of_voxconverse_is_read(tmp_path: Path) -> None:
    put(tmp_path, {"audio/aepyx.wav": "", "dev/aepyx.rttm": rttm_line("aepyx", "spk00")})
    (recording,) = read_corpus(tmp_path)
    assert (recording.name, recording.scored, recording.words) == ("aepyx", None, None)


def test_one_rttm_about_many_recordings_is_split(tmp_path: Path) -> None:
    lines = rttm_line("one", "a") + rttm_line("two", "b") + rttm_line("two", "c", 3)
    put(tmp_path, {"one.wav": "", "two.wav": "", "all.rttm": lines})
    assert [(r.name, r.num_speakers) for r in read_corpus(tmp_path)] == [("one", 1), ("two", 2)]


def test_words_with_times_of_their_own_come_first(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "call.wav": "",
            "call.rttm": rttm_line("call", "a"),
            "call.stm": "call 1 a 0.0 1.0 <NA> whole passage\n",
            "call.words.tsv": "start\tend\tspeaker\tword\tpunct\n0.1\t0.4\ta\tword\t.\n",
        },
    )
    (recording,) = read_corpus(tmp_path)
    assert recording.words is not None
    assert recording.words.timing is Timing.WORD
    assert [p.text for p in recording.words.passages] == ["word"]


def test_words_by_speaker_are_read_where_nothing_better_is(tmp_path: Path) -> None:
    spoken = """{
        "b": {"start": 2, "end": 3, "words": "yes no"},
        "a": {"start": 1, "end": 3, "words": "x"}
    }"""
    put(
        tmp_path,
        {"s.wav": "", "s.rttm": rttm_line("s", "a"), "s.speakers.json": spoken},
    )
    (recording,) = read_corpus(tmp_path)
    assert recording.words is not None
    assert recording.words.timing is Timing.SPEAKER
    assert [(p.speaker, p.text) for p in recording.words.passages] == [("a", "x"), ("b", "yes no")]


def test_folder_without_recordings_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no recording with an RTTM; give a folder"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("call.uem", "call 1 zero 9\n"),
        ("call.uem", "call 1\n"),
        ("call.stm", "call 1 Ann\n"),
        ("call.json", "{"),
        ("call.json", "{}"),
        ("call.words.tsv", "begin\tword\n0.1\thello\n"),
        ("call.speakers.json", '{"a": {"words": "x"}}'),
        ("call.A.words.xml", "<w"),
    ],
)
def test_broken_reference_is_named(tmp_path: Path, name: str, text: str) -> None:
    put(tmp_path, {"call.wav": "", "call.rttm": rttm_line("call", "a"), name: text})
    with pytest.raises(FormatError, match=f"{name}: .*correct the reference"):
        read_corpus(tmp_path)


def test_stm_without_tags_and_with_things_to_ignore() -> None:
    text = (
        ";; a comment\n"
        "call 1 Ann 0.0 1.0 hello there\n"
        "call 1 Ben 1.0 2.0 <o,f0,female> ignore_time_segment_in_scoring\n"
        "call 1 Ben 2.0 3.5 <o,f0,female> well\n"
    )
    assert passages_from_stm(text) == (
        Passage("Ann", Segment(0.0, 1.0), "hello there"),
        Passage("Ben", Segment(2.0, 3.5), "well"),
    )


def test_quotation_marks_in_a_table_are_letters() -> None:
    text = 'start\tend\tspeaker\tword\tpunct\n0.0\t0.5\ta\t"quoted\t\n0.5\t1.0\ta\tword"\t.\n'
    assert [p.text for p in passages_from_table(text)] == ['"quoted', 'word"']


def test_turns_of_a_meeting_are_passages() -> None:
    text = '{"turns": [{"start": 0.37, "end": 1.0, "speaker": "A", "text": "Hmm."}], "topics": []}'
    assert passages_from_turns(text) == (Passage("A", Segment(0.37, 1.0), "Hmm."),)


def test_nxt_leaves_out_punctuation_and_words_without_times() -> None:
    text = (
        '<root><w starttime="1.0" endtime="1.5">Yeah</w>'
        '<w starttime="1.5" endtime="1.5" punc="true">.</w>'
        "<w>lost</w><vocalsound starttime='2' endtime='3'/></root>"
    )
    assert passages_from_nxt(text, "A") == (Passage("A", Segment(1.0, 1.5), "Yeah"),)


def test_uem_may_have_several_stretches() -> None:
    assert list(timeline_from_uem("x 1 0 10\nx 1 20 30\n")) == [Segment(0, 10), Segment(20, 30)]


@pytest.mark.skipif(not EVALUATION_SET.is_dir(), reason="the evaluation set is not there")
def test_evaluation_set_has_ten_recordings_of_which_nine_have_words() -> None:
    corpus = read_corpus(EVALUATION_SET)
    assert [r.num_speakers for r in corpus] == [5, 4, 4, 2, 2, 3, 5, 8, 4, 4]
    assert [r.name for r in corpus if r.words is None] == ["voxconverse_aepyx"]
