"""Candidates for titles."""

from pipelines.chapters.phrases import phrases_of


def texts_of(*documents: str) -> list[list[str]]:
    return [[phrase.text for phrase in found] for found in phrases_of(documents, 30)]


def test_phrases_stop_at_function_words_and_punctuation() -> None:
    (found,) = texts_of("The remote control is cheap, plastic buttons are not")
    assert {"remote control", "cheap", "plastic buttons"} <= set(found)
    assert "cheap plastic" not in found


def test_fillers_and_contractions_are_no_phrases() -> None:
    (found,) = texts_of("um yeah okay mm-hmm we've you're that's don’t gonna budget")
    assert found == ["budget"]


def test_phrase_of_one_text_beats_a_phrase_of_all() -> None:
    first, second = texts_of("budget design budget design", "colour design colour design")
    assert first.index("budget") < first.index("design")
    assert second.index("colour") < second.index("design")


def test_phrases_said_once_give_way_to_repeated_ones() -> None:
    repeated = "the solar panel. the roof tile. the wind farm. " * 2
    (found,) = texts_of(repeated + "typewriter")
    assert "typewriter" not in found


def test_language_without_stop_words_drops_its_short_frequent_words() -> None:
    text = "der Motor und die Pumpe. der Motor und die Leitung. der Kessel und die Pumpe."
    (found,) = texts_of(text)
    assert "motor" in found
    assert not {"der", "und", "die"} & set(found)


def test_chinese_gives_pieces_between_function_characters() -> None:
    (found,) = texts_of("我们的预算是多少。预算和产品设计。产品设计的颜色")
    assert "预算" in found
    assert "产品设计" in found
    assert all("的" not in phrase for phrase in found)


def test_numbers_are_no_phrases() -> None:
    assert texts_of("25 1,000 12") == [[]]
