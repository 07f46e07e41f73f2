"""What is read out of a Markdown document."""

import pytest

from tests.documents import Command, Document, is_quoted_from

TEXT = """\
# The app: it's *here*

Set `asr.model`, see [settings](configs/README.md#settings) or <https://example.com>.
<p><img src="docs/images/add.png" alt="a form"></p>

![library](docs/images/library.png)

```sh
# comments are no commands
make demo   # nor is this
MEETING_APP_HOME=/data meeting-app transcribe "my call.wav" \\
    --output-dir out
export MEETING_APP_OFFLINE=1
```

- a list with a block

  ```console
  $ .venv/bin/meeting-app list
  id  title
  1   Standup
  $ make test
  ```

```text
make nothing
```

## Second & last
"""


def test_commands_of_shell_blocks_and_no_others() -> None:
    assert Document(TEXT).commands() == (
        Command(("make", "demo"), (), ()),
        Command(
            ("meeting-app", "transcribe", "my call.wav", "--output-dir", "out"),
            (("MEETING_APP_HOME", "/data"),),
            (),
        ),
        Command((), (("MEETING_APP_OFFLINE", "1"),), ()),
        Command((".venv/bin/meeting-app", "list"), (), ("id  title", "1   Standup")),
        Command(("make", "test"), (), ()),
    )


def test_text_after_a_block_of_one_command_is_its_output() -> None:
    one = "```sh\nmake demo\n```\nprints\n```text\nHello.\n…\n```\n"
    two = "```sh\nmake demo\nmake test\n```\n```text\nHello.\n```\n"
    assert Document(one).commands() == (Command(("make", "demo"), (), ("Hello.", "…")),)
    assert [command.output for command in Document(two).commands()] == [(), ()]
    assert [command.output for command in Document(one + two).commands()] == [
        ("Hello.", "…"),
        (),
        (),
    ]


def test_program_is_named_without_its_folder() -> None:
    programs = [command.program for command in Document(TEXT).commands()]
    assert programs == ["make", "meeting-app", "", "meeting-app", "make"]


def test_a_console_block_without_prompt_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with"):
        Document("```console\nmake demo\n```").commands()


def test_links_are_those_of_text_pictures_and_html() -> None:
    assert Document(TEXT).links() == (
        "configs/README.md#settings",
        "https://example.com",
        "docs/images/library.png",
        "docs/images/add.png",
    )


def test_anchors_are_spelled_as_code_hosts_do() -> None:
    assert Document(TEXT).anchors() == ("the-app-its-here", "second--last")


def test_code_spans_are_not_blocks() -> None:
    assert Document(TEXT).code_spans() == ("asr.model",)


def test_blocks_are_chosen_by_language() -> None:
    assert Document(TEXT).blocks("text") == ("make nothing\n",)
    assert Document("```\nplain\n```").blocks("text") == ()


PRINTED = "Minutes\n=======\nid 4a4b  Standup  30 s\n- one\n- two\nend  \n"


@pytest.mark.parametrize(
    "quoted",
    [
        (),
        ("Minutes", "======="),
        ("- one", "- two", "end"),
        ("id …  Standup  …",),
        ("=======", "…", "- two"),
        ("…", "end"),
        ("Minutes", "…", "======="),  # may stand for no line at all
    ],
)
def test_quotation_of_lines_that_follow_each_other(quoted: tuple[str, ...]) -> None:
    assert is_quoted_from(quoted, PRINTED)


@pytest.mark.parametrize(
    "quoted",
    [
        ("Minute",),
        ("- two", "- one"),
        ("- one", "end"),
        ("id …  Lunch",),
        ("one",),
        ("- o.e",),
        ("Standup …",),
    ],
)
def test_what_was_not_printed_like_that_is_no_quotation(quoted: tuple[str, ...]) -> None:
    assert not is_quoted_from(quoted, PRINTED)
