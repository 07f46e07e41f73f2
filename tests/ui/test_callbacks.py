import pytest

from meeting_app.errors import ConflictError, NotFoundError
from ui.callbacks import callback


def raising(error: Exception):
    @callback
    def fail() -> dict[str, str]:
        raise error

    return fail


def test_arguments_arrive_under_their_names():
    @callback
    def rename(meeting_id: str, title: str) -> dict[str, str]:
        return {"title": f"{meeting_id}: {title}"}

    assert rename({"title": "Kick-off", "meeting_id": "m1"}) == {"title": "m1: Kick-off"}
    assert rename.__name__ == "rename"


def test_error_of_ours_becomes_its_message():
    assert raising(ConflictError("title: blank; give one"))({}) == {
        "error": "title: blank; give one"
    }


def test_missing_thing_is_told_apart():
    answer = raising(NotFoundError("m1: no such meeting; list them"))({})
    assert answer == {"error": "m1: no such meeting; list them", "missing": "true"}


def test_unforeseen_error_hides_its_text_and_logs_it(caplog):
    assert raising(RuntimeError("secret path"))({}) == {
        "error": "RuntimeError: an error in the program; see its log"
    }
    assert "secret path" in caplog.text


@pytest.mark.parametrize("arguments", [None, ["m1"], "m1", {"title": 3}, {"title": None}])
def test_anything_but_named_texts_is_refused(arguments):
    @callback
    def rename(title: str) -> dict[str, str]:
        return {"title": title}

    assert rename(arguments)["error"].startswith("TypeError")


def test_unknown_name_is_refused():
    assert raising(ValueError())({"nonsense": "x"})["error"].startswith("TypeError")
