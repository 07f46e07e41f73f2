"""The documents say what holds: commands run, files and settings exist, quoted output is real."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

import meeting_app
from meeting_app.bootstrap import FONT_MODEL, SAMPLE_FILE, SAMPLE_MODEL, Application
from meeting_app.cli.app import app as cli
from meeting_app.config import SHORT_NAMES, Config, describe_settings, load_config
from pipelines.weights.catalogue import load_catalogue
from tests.documents import Command, Document, is_quoted_from

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    {
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "configs").glob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
    }
)
README = Document.read(ROOT / "README.md")
PROGRAM = Path(sys.executable).with_name("meeting-app")
# What prepares a machine is named but not run: it would change the one that tests.
NOT_RUN = {"git", "cd", "sudo", "apt", "apt-get", "python", "python3", "uv", "pytest"}
MEDIA = {".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".webm", ".mp4", ".mkv", ".mov"}
SETTINGS = {key for key, _, _ in describe_settings()}
VARIABLES = {f"MEETING_APP_{key.replace('.', '_').upper()}" for key in SETTINGS} | {*SHORT_NAMES}
LARGER = {entry.name for entry in load_catalogue().entries if not entry.is_embedded}

each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


@dataclass(frozen=True, slots=True)
class Demo:
    """A library in which the sample recording is a meeting."""

    home: Path
    printed: str  # by `meeting-app demo`
    meeting_id: str
    recording: Path


def environment(home: Path) -> dict[str, str]:
    """Settings of this machine do not count, except where its models are."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("MEETING_APP_") or key == "MEETING_APP_WEIGHTS_CACHE"
    }
    return kept | {"MEETING_APP_HOME": str(home), "MEETING_APP_SERVER_PORT": "0"}


@pytest.fixture(scope="session")
def demo(models: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Demo:
    for name in (*Application(Config()).models_for(None), FONT_MODEL):
        models(name)
    home = tmp_path_factory.mktemp("docs") / "home"
    done = subprocess.run(
        [PROGRAM, "demo"], env=environment(home), capture_output=True, text=True, check=True
    )
    found = re.search(r"show (\w+)", done.stdout)
    assert found, done.stdout
    return Demo(home, done.stdout, found[1], models(SAMPLE_MODEL) / SAMPLE_FILE)


@pytest.fixture
def run(demo: Demo, tmp_path: Path) -> Callable[[Command], str]:
    """Runs a command in a folder and with a library of its own; what it printed."""
    home = tmp_path / "home"
    shutil.copytree(demo.home, home)
    (tmp_path / "configs").symlink_to(ROOT / "configs")

    def actual(word: str) -> str:
        if word == "ID":
            return demo.meeting_id
        if word == "FILE" or Path(word).suffix in MEDIA:
            path = Path(word.replace("*", "standup"))
            (tmp_path / path.parent).mkdir(exist_ok=True, parents=True)
            # Other bytes than the demo's, which the library has already; the sound is the same.
            (tmp_path / path).write_bytes(demo.recording.read_bytes() + b"\0")
            return str(path)
        return word

    def run_in_folder(command: Command) -> str:
        variables = environment(home) | dict(command.variables) | {"MEETING_APP_HOME": str(home)}
        words = [str(PROGRAM), *map(actual, command.words[1:])]
        if "serve" in words:
            return served([*words, "--host", "127.0.0.1", "--port", "0"], variables, tmp_path)
        done = subprocess.run(
            words,
            check=False,
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_in_folder


def served(words: list[str], variables: dict[str, str], folder: Path) -> str:
    """What a server prints that answers, and then ends with Ctrl-C."""
    with subprocess.Popen(
        words, cwd=folder, env=variables, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            line = server.stdout.readline()
            address = re.search(r"http://[\d.:]+", line)
            assert address, line
            with urllib.request.urlopen(f"{address[0]}/api/health", timeout=60) as answer:
                assert answer.status == 200
            server.send_signal(signal.SIGINT)
            server.wait(60)
        finally:
            server.kill()
    return line


def must_not_run(command: Command) -> bool:
    """Whether it would fetch a large model, need a GPU or never end."""
    named = {*command.words, *(value for _, value in command.variables)}
    return bool(named & LARGER) or "configs/gpu.yaml" in named or "worker" in named


def application_commands() -> list[Command]:
    return [command for command in README.commands() if command.program == "meeting-app"]


@pytest.mark.model
@pytest.mark.parametrize("command", application_commands(), ids=str)
def test_commands_of_the_readme_do_what_is_quoted_below_them(
    command: Command, run: Callable[[Command], str]
) -> None:
    if must_not_run(command):
        # With --help every option is still looked at.
        run(Command((*command.words, "--help"), (), ()))
    else:
        assert is_quoted_from(command.output, run(command))


@pytest.mark.model
def test_readme_quotes_what_make_demo_prints(demo: Demo) -> None:
    quoted = [command.output for command in README.commands() if command.words == ("make", "demo")]
    assert quoted, "the README does not show `make demo`"
    assert all(is_quoted_from(output, demo.printed) for output in quoted)


def test_readme_shows_the_two_commands() -> None:
    shown = [command.words for command in README.commands()]
    assert ("make", "demo") in shown
    assert ("make", "test") in shown


def test_readme_quotes_no_output_that_is_not_compared() -> None:
    quoting = [command for command in README.commands() if command.output]
    assert all(
        command.program == "meeting-app" or command.words == ("make", "demo") for command in quoting
    )


@each_document
def test_programs_and_make_targets_exist(path: Path) -> None:
    for command in Document.read(path).commands():
        assert command.program in {"make", "meeting-app", "", *NOT_RUN}, command
        if command.program == "make":
            check_make(command.words)
        if command.words[1:2] == ("-m",):
            module = ROOT.joinpath(*command.words[2].split("."))
            assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), command
    for span in Document.read(path).code_spans():
        if span.startswith("make "):
            check_make(tuple(span.split()))


def check_make(words: tuple[str, ...]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in words[1:]:
        name, is_variable, _ = word.partition("=")
        pattern = rf"^{name}\s*[:?]?=|\$\({name}\)" if is_variable else rf"^{name}:"
        assert re.search(pattern, makefile, re.MULTILINE), f"make has no {word}"


@each_document
def test_variables_and_settings_exist(path: Path) -> None:
    document = Document.read(path)
    assert {*re.findall(r"MEETING_APP_[A-Z_]*[A-Z]", document.text)} <= VARIABLES
    for command in document.commands():
        ours = {name: value for name, value in command.variables if name in VARIABLES}
        load_config(None, ours)
    sections = {key.partition(".")[0] for key in SETTINGS}
    for span in document.code_spans():
        section, _, name = span.partition(".")
        if section in sections and name.isidentifier() and not is_file(span):
            assert span in SETTINGS


def is_file(name: str) -> bool:
    folder = ROOT.joinpath(*name.split("."))
    if (ROOT / "configs" / name).exists():
        return True
    return folder.is_dir() or folder.with_suffix(".py").exists() or name.endswith(".py")


@each_document
def test_yaml_blocks_are_configurations(path: Path, tmp_path: Path) -> None:
    for block in Document.read(path).blocks("yaml"):
        file = tmp_path / "settings.yaml"
        file.write_text(block, encoding="utf-8")
        load_config(file, {})


@each_document
def test_commands_and_options_in_running_text_exist(path: Path) -> None:
    for span in Document.read(path).code_spans():
        if span.startswith("meeting-app "):
            check_span(span)


def test_options_named_in_the_readme_exist() -> None:
    commands = typer.main.get_command(cli).commands.values()
    known = {option for one in commands for parameter in one.params for option in parameter.opts}
    named = {span.split()[0] for span in README.code_spans() if span.startswith("--")}
    assert named <= known | {"--config", "--version", "--help"}


def check_span(span: str) -> None:
    commands = typer.main.get_command(cli)
    known, words = {"--help"}, re.split(r"[\s\[\]]+", span)[1:]
    for word in words:
        if commands is not None:
            known |= {option for parameter in commands.params for option in parameter.opts}
        if word.startswith("--"):
            assert {*word.partition("=")[0].split("|")} <= known, span
        elif getattr(commands, "commands", None):
            names = word.split("|")
            if Path(word).suffix == ".yaml":
                continue
            assert {*names} <= {*commands.commands}, span
            commands = commands.commands[names[0]]


@each_document
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    for link in Document.read(path).links():
        if re.match(r"\w+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in Document.read(target).anchors(), link


PLACEHOLDER = re.compile(r"\b(?!README|CHANGELOG|CONTRIBUTING|LICENSE)[A-Z]{2,}\b|…")
OURS = {path.name for path in ROOT.iterdir()}


@each_document
def test_files_named_exist(path: Path) -> None:
    for span in Document.read(path).code_spans():
        if re.search(r"\s|`|\(", span):
            continue
        top = span.split("/")[0]
        if "/" in span and top in OURS and not top.startswith(".venv"):
            shown = Path(span.split("#")[0])
            shown = shown.parent if PLACEHOLDER.search(shown.name) else shown
            assert [*ROOT.glob(str(shown))] or [*ROOT.glob(f"{shown}-*.md")], span
        elif Path(span).suffix in {".py", ".toml", ".lock"} and "/" not in span:
            assert any(file.name == span for file in sources()), span


def sources() -> list[Path]:
    folders = ("meeting_app", "pipelines", "storage", "ui", "tests", "benchmarks")
    return [*ROOT.iterdir(), *(file for name in folders for file in (ROOT / name).rglob("*.py"))]


def test_every_configuration_file_is_described() -> None:
    described = Document.read(ROOT / "configs" / "README.md").code_spans()
    assert {file.name for file in (ROOT / "configs").glob("*.yaml")} <= {*described}


def test_records_named_by_settings_exist() -> None:
    named = {one for _, _, text in describe_settings() for one in re.findall(r"adr/\d{4}", text)}
    there = {f"adr/{file.name[:4]}" for file in (ROOT / "docs" / "adr").glob("*.md")}
    assert named <= there


def test_records_have_numbers_of_their_own_and_are_short() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert len({record.name[:4] for record in records}) == len(records)
    assert all(len(record.read_text(encoding="utf-8").splitlines()) <= 40 for record in records)


def test_pictures_are_small_enough_to_load_with_the_page() -> None:
    pictures = [*(ROOT / "docs" / "images").glob("*")]
    assert pictures
    assert all(picture.stat().st_size < 400_000 for picture in pictures)


def test_changelog_has_the_version_that_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert project["version"] == meeting_app.__version__
    assert headings[:2] == ["Unreleased", project["version"]]
