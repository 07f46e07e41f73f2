"""What the service says is said in the language of the page that asks."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from meeting_app import errors
from meeting_app.api.errors import add_error_handlers
from meeting_app.errors import ConflictError
from tests.ui.fake_service import a_job
from ui.presenters import present_jobs
from ui.told import InPagesLanguage, Template, said_in, told
from ui.translation import placeholders, translator

ROOT = Path(__file__).parents[2]
CATALOGS = sorted((ROOT / "ui/translations").glob("*/service/*.json"))
TEXTS = {
    english: said
    for file in CATALOGS
    for english, said in json.loads(file.read_text("utf-8")).items()
}
PACKAGES = [ROOT / name for name in ("meeting_app", "pipelines", "storage", "ui")]
KINDS = {name for name in vars(errors) if name.endswith("Error")} | {"_tell"}
# What no page can bring about: said in a terminal, at the start, or to programs of the protocol.
ELSEWHERE = (
    *("meeting_app/cli/", "meeting_app/config/", "meeting_app/api/gate.py"),
    *("meeting_app/formats/live", "meeting_app/formats/rttm.py", "meeting_app/api/live.py"),
    *("meeting_app/live/session.py", "meeting_app/live/conversation.py"),
    *("pipelines/microphone.py", "pipelines/weights/catalogue.py", "pipelines/weights/archive.py"),
    # Reasons within the messages of pipelines/weights/store.py.
    *("pipelines/weights/download.py", "pipelines/weights/huggingface.py"),
    "pipelines/weights/pypi.py",
)
# Said by the page itself, hidden by the service, or met before there is a page.
NEVER_SHOWN = {"StaleError", "DuplicateError", "LeaseLostError", "NewerDatabaseError"}
AT_THE_START = {
    "§: cannot be used (§); check its rights, or choose another folder with MEETING_APP_HOME",
    "§: holds tables of another program (§); choose another folder with MEETING_APP_HOME",
}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for file in sorted(package.rglob("*.py")):
            if not str(file.relative_to(ROOT)).startswith(ELSEWHERE):
                yield file


def messages(file: Path) -> Iterator[str]:
    """Each error as it may be said, § for each value that is not known from the source."""
    tree = ast.parse(file.read_text("utf-8"))
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in KINDS - NEVER_SHOWN and (said := _said(node.args[0], constants)):
            yield said


def texts(file: Path) -> Iterator[str]:
    """Whatever is written out in a file, § for each value."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr | ast.Constant) and (said := _said(node, {})):
            yield said


def _said(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_said(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return constants.get(node.value.id, "§")
    return "§" if isinstance(node, ast.FormattedValue) else ""


def test_whatever_the_service_may_say_to_a_page_has_a_chinese_text():
    english = {
        said: file.relative_to(ROOT).as_posix()
        for file in sources()
        for said in messages(file)
        if said_in("zh", said) == said and said not in AT_THE_START
    }
    assert english == {}


@pytest.mark.parametrize(
    "message",
    [
        "RuntimeError: an error in the program; see its log",
        "a.wav: processing failed unexpectedly (OSError); look at the log, then try again",
        "base: is not in /cache, and offline mode forbids fetching it; unset MEETING_APP_OFFLINE "
        "and run `meeting-app models pull base`, or copy the folder from a machine that has it",
        "base: is damaged in /cache, and offline mode forbids fetching it; unset "
        "MEETING_APP_OFFLINE and run `meeting-app models pull base`, or copy the folder from a "
        "machine that has it",
        "out of memory with 8 windows of 30 s as float16 on cuda:0; continuing with 4 at a time",
    ],
)
def test_what_is_not_written_where_it_is_raised_has_a_chinese_text(message):
    assert re.search(r"[\u4e00-\u9fff]", said_in("zh", message))


def test_every_text_is_one_that_the_service_says():
    written = {
        text for package in PACKAGES for file in package.rglob("*.py") for text in texts(file)
    }
    patterns = {english: Template.of(english, "").pattern for english in TEXTS}
    unused = {
        english for english, pattern in patterns.items() if not any(map(pattern.fullmatch, written))
    }
    assert {english for english in unused if "offline mode" not in english} == set()


@pytest.mark.parametrize("file", CATALOGS, ids=lambda file: file.stem)
def test_each_text_keeps_its_values_and_is_in_chinese(file):
    for english, said in json.loads(file.read_text("utf-8")).items():
        assert placeholders(said) <= placeholders(english), english
        assert re.search(r"[\u4e00-\u9fff]", said), english


def test_no_text_stands_twice():
    assert len(TEXTS) == sum(len(json.loads(file.read_text("utf-8"))) for file in CATALOGS)


def test_values_are_kept_and_texts_of_the_program_among_them_are_said_too():
    assert said_in("zh", "title: blank; type at least one character") == (
        "标题不能为空，请至少输入一个字符"
    )
    assert said_in("zh", "standup.mp4: no audio stream; choose a file with sound") == (
        "standup.mp4 中没有音轨，请选择有声音的文件"
    )


def test_title_that_is_a_word_of_the_program_stays_as_it_is():
    message = "title: the meeting is in the trash; restore it from there"
    assert said_in("zh", message) == "会议“title”在回收站中，请先从那里恢复"


def test_value_that_looks_like_a_place_stays_as_it_is():
    message = "{state}: the job is done; there is nothing to cancel"
    assert said_in("zh", message) == "任务 {state} 的状态为 done，无法取消"


@pytest.mark.parametrize("message", ["", "no template fits this", "x: " * 3000])
def test_what_is_not_known_stays_as_it_is(message):
    assert said_in("zh", message) == message


def test_english_page_hears_what_was_said():
    assert said_in("en", "no such file") == "no such file"
    assert told("no such file") == "no such file"


def client() -> TestClient:
    app = FastAPI()
    add_error_handlers(app)

    @app.get("/refused")
    def refused() -> None:
        raise ConflictError("no such file")

    @app.get("/asked")
    def asked() -> dict[str, str]:
        return {"error": told("no such file")}

    app.add_middleware(InPagesLanguage)
    return TestClient(app)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("http://testserver/zh/?meeting=m1", "没有这个文件"),
        ("http://testserver/below/zh/", "没有这个文件"),
        ("http://testserver/?q=/zh/", "no such file"),
        ("http://testserver/", "no such file"),
        (None, "no such file"),
    ],
)
@pytest.mark.parametrize(("path", "status"), [("/refused", 409), ("/asked", 200)])
def test_answer_is_in_the_language_of_the_page_that_asked(page, said, path, status):
    answer = client().get(path, headers={"Referer": page} if page else {})
    assert answer.status_code == status
    assert answer.json() == {"error": said}


def test_error_and_notices_of_a_job_are_in_the_language_of_the_page():
    job = a_job(error="standup.mp4: no sound in it; choose a file with sound")
    (view,) = present_jobs([job], job.created_at, translator("zh"))
    assert view.error == "standup.mp4 中没有声音，请选择有声音的文件"
