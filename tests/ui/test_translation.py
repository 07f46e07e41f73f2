"""The wording: what each language says, and that no text of the page was left out."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui import translation
from ui.components.assets import head
from ui.languages import LANGUAGES, language_names
from ui.translation import Translate, placeholders, translator

UI = Path(translation.__file__).parent
CATALOGS = sorted((UI / "translations").glob("*/*.json"))
CALL = re.compile(r"""(?<![\w$])t\(\s*(?:"((?:[^"\\]|\\.)*)")?""")
TABLES = {"languages.py"}  # where texts come from a table; all its texts count as used


def texts_of(file: Path) -> Iterator[str | None]:
    """What a file says through ``t``; None for a text that is not written out there."""
    source = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name == "t":
                    said = node.args[0] if node.args else None
                    yield said.value if isinstance(said, ast.Constant) else None
    else:
        yield from (
            None if (text := found[1]) is None else json.loads(f'"{text}"')
            for found in CALL.finditer(source)
        )


SOURCES = {
    file: [*texts_of(file)]
    for suffix in ("py", "html", "js")
    for file in sorted(UI.rglob(f"*.{suffix}"))
    if file.name not in TABLES
}
USED = {text for texts in SOURCES.values() for text in texts} | {*LANGUAGES.values()}


def entries(file: Path) -> list[tuple[str, str]]:
    return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)


def test_text_is_said_in_the_language():
    t = Translate("zh", {"{count} places": "{count} 处"})
    assert t("{count} places", count=3) == "3 处"
    assert translator("en")("{count} places", count=3) == "3 places"


def test_text_without_translation_stays_english():
    assert Translate("zh", {})("Speaker {number}", number=2) == "Speaker 2"


def test_value_that_looks_like_a_place_stays_as_it_is():
    assert translator("en")("{a} and {b}", a="{b}", b="x") == "{b} and x"


@pytest.mark.parametrize("values", [{}, {"number": 3}, {"count": 3, "number": 3}])
def test_place_without_value_and_value_without_place_are_mistakes(values):
    with pytest.raises(ValueError, match="give each place its value"):
        translator("en")("{count} places", **values)


def test_two_files_may_not_translate_a_text_differently(tmp_path, monkeypatch):
    monkeypatch.setattr(translation, "_FOLDER", tmp_path)
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "one.json").write_text('{"Live": "实时"}', encoding="utf-8")
    (tmp_path / "zh" / "two.json").write_text('{"Live": "直播"}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"two\.json: 'Live'"):
        translator.__wrapped__("zh")


def test_addresses_lead_to_the_root_from_either_page():
    assert translator("en").url("api/jobs") == "api/jobs"
    assert translator("zh").url("api/jobs") == "../api/jobs"


def test_texts_are_written_out_where_they_are_said():
    unclear = [str(file.relative_to(UI)) for file, texts in SOURCES.items() if None in texts]
    assert unclear == [], "give t() a text in double quotes"


def test_every_text_of_the_page_has_a_chinese_one():
    assert sorted(USED - {None} - {*translator("zh").texts}) == []


def test_every_chinese_text_is_used():
    assert sorted({*translator("zh").texts} - USED) == []


@pytest.mark.parametrize("file", CATALOGS, ids=lambda file: file.stem)
def test_catalog_says_each_text_once_and_with_the_same_places(file):
    times = Counter(english for english, _ in entries(file))
    assert [english for english, count in times.items() if count > 1] == []
    for english, said in entries(file):
        assert said.strip(), english
        assert placeholders(english) == placeholders(said), english


@pytest.mark.parametrize("file", CATALOGS, ids=lambda file: file.stem)
def test_texts_hold_nothing_that_markup_or_gradios_templates_would_read(file):
    for text in (part for pair in entries(file) for part in pair):
        assert not re.search(r"[<>`\\]|\$\{|\{\{|&\w+;", text), text


def test_texts_in_the_head_cannot_end_their_element():
    markup = head(Translate("zh", {"a": "</script><script>alert(1)</script>"}))
    assert markup.count("</script>") == 2
    assert "<script>alert" not in markup


def test_languages_stand_in_the_order_of_their_names():
    english = [name for _, name in language_names(translator("en"))]
    assert english == sorted(english)
    chinese = [name for _, name in language_names(translator("zh"))]
    assert chinese[0] == "阿尔巴尼亚语"
    assert chinese.index("德语") < chinese.index("日语") < chinese.index("意大利语")
