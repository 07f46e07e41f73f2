"""Who says what their name is; and all the sentences that only look like it."""

import pytest

from meeting_app.domain.people import NameSource, NameSuggestion
from pipelines.names import IntroductionFinder
from tests.builders import a_turn

INTRODUCTIONS = [
    ("en", "I'm Laura and I'm the project manager.", "Laura"),
    ("en", "Right, my name's Adam Duguid, we're here for a remote.", "Adam Duguid"),
    ("en", "My name is uh Danny Wolfs.", "Danny Wolfs"),
    ("en", "my name is Mark will be giving this presentation", "Mark"),
    ("en", "Hi, this is Laura.", "Laura"),
    ("en", "This is Laura speaking.", "Laura"),
    ("en", "I am Dr. Vincent van Gogh.", "Vincent van Gogh"),
    ("en", "I'm Conor O'Brien.", "Conor O'Brien"),
    ("en", "I’m Mary-Jane, hello.", "Mary-Jane"),
    ("en", "So my name's Bob Mor-. Oh, sorry.", "Bob"),
    ("de", "Ich heiße Jürgen Weiß und leite das Projekt.", "Jürgen Weiß"),
    ("de", "Mein Name ist Anna von der Heide.", "Anna von der Heide"),
    ("de", "Guten Morgen, ich bin Sabine.", "Sabine"),
    ("de", "Hier spricht Herr Schulz.", "Schulz"),
    ("fr", "Bonjour, je m'appelle Éloïse Dupont.", "Éloïse Dupont"),
    ("fr", "Je suis Pierre, du marketing.", "Pierre"),
    ("es", "Me llamo José García.", "José García"),
    ("es", "Hola, soy Laura.", "Laura"),
    ("it", "Mi chiamo Giulia.", "Giulia"),
    ("it", "Sono Marco De Luca.", "Marco De Luca"),
    ("pt", "O meu nome é João.", "João"),
    ("nl", "Ik heet Sanne de Vries.", "Sanne de Vries"),
    ("zh", "大家好，我叫张伟。", "张伟"),
    ("zh", "我的名字是欧阳娜娜，来自上海。", "欧阳娜娜"),
    ("zh", "我叫高明，负责测试。", "高明"),
    ("zh", "大家好，我是李娜，产品经理。", "李娜"),
    ("zh", "我叫王小明我来介绍一下。", "王小明"),
]

NOTHING = [
    ("en", "I'm sorry."),
    ("en", "I'm Sorry. Sorry."),
    ("en", "I'm from Chicago."),
    ("en", "I am fine, thanks."),
    ("en", "I'm I'm not sure um"),
    ("en", "I'm User Interface."),
    ("en", "I'm Project Manager, from California."),
    ("en", "I'm Italian."),
    ("en", "I'm Laura's assistant."),
    ("en", "This is Philips, huh?"),
    ("en", "This is Laura, our designer."),
    ("en", "I'm BBC."),
    ("en", "I'm A_B_C_"),
    ("en", "I'm Monday to Friday in the office."),
    ("en", "My name is not important."),
    ("en", "I'm God's gift."),
    ("en", "Am I Laura?"),
    ("en", "Mi chiamo Giulia."),  # of another language than the meeting
    ("de", "Ich bin Student."),
    ("de", "Ich bin Marketingleiterin."),
    ("de", "Ich bin der Projektleiter."),
    ("de", "Hier ist Kaffee."),
    ("fr", "Je suis désolé."),
    ("fr", "Je suis Français."),
    ("es", "Soy de Madrid."),
    ("es", "Soy ingeniera."),
    ("it", "Sono stanco."),
    ("nl", "Ik ben moe."),
    ("zh", "我是说，这个不行。"),
    ("zh", "我是产品经理。"),
    ("zh", "我是高兴的。"),
    ("zh", "我是来学习的。"),
    ("zh", "我是王经理。"),
    ("zh", "我叫什么，你知道吗？"),
    ("zh", "但是我是张家口人。"),
    ("ja", "I'm Laura."),  # a language without rules
    (None, "I'm Laura."),
]


def names_in(language, *lines):
    turns = [a_turn(i, label, text, 10.0 * i) for i, (label, text) in enumerate(lines)]
    return IntroductionFinder()(turns, language)


@pytest.mark.parametrize(("language", "text", "name"), INTRODUCTIONS)
def test_introduction_names_the_speaker(language, text, name):
    (found,) = names_in(language, ("A", text))
    assert (found.label, found.name, found.turn_id) == ("A", name, 0)
    assert found.source is NameSource.INTRODUCTION
    assert found.confidence >= 0.9


@pytest.mark.parametrize(("language", "text"), NOTHING)
def test_sentence_that_only_looks_like_an_introduction_names_nobody(language, text):
    assert names_in(language, ("A", text)) == ()


def test_words_of_nobody_name_nobody():
    assert names_in("en", (None, "I'm Laura.")) == ()


def test_saying_it_twice_is_surer_than_once_and_the_longer_name_stays():
    (found,) = names_in("en", ("A", "I'm Rose."), ("A", "My name is Rose Lindgren."))
    assert found == NameSuggestion(
        "A", "Rose Lindgren", NameSource.INTRODUCTION, pytest.approx(0.99), 1
    )


def test_name_goes_to_the_one_speaker_who_says_it_more_surely():
    found = names_in("en", ("A", "I'm Laura."), ("B", "My name is Laura."))
    assert [(f.label, f.name) for f in found] == [("B", "Laura")]


def test_two_names_of_one_speaker_are_both_suggested_surest_first():
    found = names_in("en", ("A", "I'm Petre."), ("A", "My name is Inigo Montoya."))
    assert [f.name for f in found] == ["Inigo Montoya", "Petre"]


def test_once_addressed_is_too_little():
    assert names_in("en", ("A", "That is all."), ("B", "Thanks, Laura.")) == ()


def test_who_is_thanked_spoke_before_and_who_is_asked_speaks_next():
    found = names_in(
        "en",
        ("A", "That is all."),
        ("B", "Thank you, Laura."),
        ("B", "Laura, what do you think?"),
        ("A", "It is good."),
    )
    (laura,) = found
    assert (laura.label, laura.name, laura.source) == ("A", "Laura", NameSource.ADDRESS)
    assert laura.confidence == pytest.approx(1 - 0.65 * 0.65)  # two of 0.35


def test_thanks_to_everyone_names_nobody():
    lines = [("A", "That is all."), ("B", "Thanks, Everyone."), ("B", "Thank you, God.")]
    assert names_in("en", *lines) == ()


def test_words_with_unspaced_script_are_read_as_they_are_written():
    turns = [a_turn(0, "A", "我 叫 张 伟 。")]  # a word each
    assert [f.name for f in IntroductionFinder()(turns, "zh")] == ["张伟"]
