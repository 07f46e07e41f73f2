"""What is wrong with the values of a request is one short sentence, in the page's language too."""

import re

import pytest

from meeting_app.api.invalid import SAID, WANTED, said_of
from ui.told import said_in

UPLOAD = "/api/recordings?filename=a"


@pytest.mark.parametrize(
    ("method", "path", "body", "said", "said_in_chinese"),
    [
        ("POST", "/api/recordings", None, "filename: missing; add it", "缺少filename，请补上"),
        (
            *("POST", "/api/recordings?filename=", None),
            *("filename: blank; type at least one character",),
            *("filename不能为空，请至少输入一个字符",),
        ),
        (
            *("POST", f"{UPLOAD}&title={'t' * 501}", None),
            *("title: longer than 500 characters; shorten it", "标题超过 500 个字符，请缩短"),
        ),
        (
            *("POST", f"{UPLOAD}{'&tag=x' * 51}", None),
            *("tag: more than 50; leave some out", "标签多于 50 项，请减少"),
        ),
        (
            *("POST", f"{UPLOAD}&min_speakers=0", None),
            *("min_speakers: '0' is too little; give 1 or more",),
            *("min_speakers：'0' 太小，不能小于 1",),
        ),
        (
            *("POST", f"{UPLOAD}&max_speakers=many", None),
            *("max_speakers: 'many' is not a whole number; correct it",),
            *("max_speakers：'many' 不是整数，请改正",),
        ),
        (
            *("POST", f"{UPLOAD}&about_speakers=3&min_speakers=2", None),
            *("give about_speakers, or min_speakers and max_speakers",),
            *("请只填大约人数，或只填最少和最多人数",),
        ),
        (
            *("POST", f"{UPLOAD}&speeker=2", None),
            *("speeker: not known here; leave it out, or see /api/openapi.json",),
            *("speeker：没有这一项，请去掉，或参见 /api/openapi.json",),
        ),
        (
            *("PATCH", "/api/meetings/m1", b"{"),
            *("the request is not JSON (Expecting property name enclosed in double quotes)",),
            *("请求不是 JSON",),
        ),
        (
            *("PATCH", "/api/meetings/m1", b"[]"),
            *("the request: [] is not an object; correct it", "请求：[] 不是对象，请改正"),
        ),
        (
            *("GET", "/api/meetings/m1/export/txt?part=all", None),
            *("part: 'all' is none of 'whole', 'minutes' or 'transcript'; choose one of them",),
            *("part：'all' 不在 'whole', 'minutes' or 'transcript' 之中，请从中选择",),
        ),
    ],
)
def test_refusal_says_what_is_wrong_and_what_to_do(
    client, method, path, body, said, said_in_chinese
):
    kind = {"Content-Type": "application/json"}
    answer = client.request(method, path, content=body, headers=kind)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(said)
    assert said_in("zh", answer.json()["error"]).startswith(said_in_chinese)


@pytest.mark.parametrize("kind", [*SAID, *WANTED])
def test_every_sentence_has_a_chinese_one(kind):
    names = ("max_length", "min_length", "pattern", "ge", "le", "expected", "error")
    context = dict.fromkeys(names, "7")
    message = "give about_speakers, or min_speakers and max_speakers"
    problem = {"type": kind, "loc": ("query", "x"), "msg": message, "input": "y", "ctx": context}
    assert re.search(r"[\u4e00-\u9fff]", said_in("zh", said_of([problem])))


def test_only_the_first_problem_is_told_and_a_long_value_is_cut():
    first = {"type": "int_parsing", "loc": ("query", "limit"), "msg": "", "input": "9" * 5000}
    second = {"type": "missing", "loc": ("query", "q"), "msg": ""}
    assert said_of([first, second]) == f"limit: '{'9' * 38}… is not a whole number; correct it"


def test_a_mistake_nobody_has_thought_of_is_told_as_pydantic_tells_it():
    problem = {"type": "url_scheme", "loc": ("body", "a", 0), "msg": "URL scheme should be http"}
    assert said_of([problem]) == "a.0: URL scheme should be http"
