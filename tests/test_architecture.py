"""The tree holds to its design: who imports whom, how big things are."""

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("meeting_app", "pipelines", "storage", "ui")
OURS = (*PRODUCT, "benchmarks", "tests")

KERNEL = ("meeting_app.domain", "meeting_app.errors", "meeting_app.config")
# What every stage package may use beside itself: the seams and what belongs to no stage.
SHARED = tuple(
    f"pipelines.{name}" for name in ("protocols", "device", "files", "text_embedding", "wording")
)
STAGES = tuple(f"pipelines.{name}" for name in ("vad", "asr", "diarization", "chapters", "minutes"))
ENTRANCE = (
    "meeting_app.service",
    "meeting_app.shelves",
    "meeting_app.checks",
    "meeting_app.formats",
    *KERNEL,
)

# Package → what of ours it may import; the longest name that fits a module counts, and a
# package may always import itself.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "meeting_app": (),
    "meeting_app.domain": ("meeting_app.errors",),
    "meeting_app.errors": (),
    "meeting_app.config": ("meeting_app.domain", "meeting_app.errors"),
    "meeting_app.formats": KERNEL,
    "pipelines": (*KERNEL, *SHARED),
    **dict.fromkeys(STAGES, (*KERNEL, *SHARED)),
    "pipelines.weights": KERNEL,
    "pipelines.live": (*KERNEL, "pipelines"),
    "storage": KERNEL,
    "meeting_app.checks": KERNEL,
    "meeting_app.shelves": (
        *KERNEL,
        "meeting_app.checks",
        "pipelines.protocols",
        "storage.repository",
    ),
    "meeting_app.passage_reader": (*KERNEL, "storage.repository"),
    "meeting_app.past": ("meeting_app.formats", *KERNEL, "storage.repository"),
    "meeting_app.exports": (
        "meeting_app.correcting",
        "meeting_app.past",
        *ENTRANCE,
        "pipelines.protocols",
        "storage.repository",
    ),
    "meeting_app.service": (
        "meeting_app.correcting",
        *ENTRANCE,
        "meeting_app.exports",
        "meeting_app.people",
        "meeting_app.teaching",
        "pipelines.protocols",
        "storage.repository",
    ),
    "meeting_app.correcting": (
        "meeting_app.checks",
        "meeting_app.earlier",
        "meeting_app.formats",
        "meeting_app.past",
        *KERNEL,
        "pipelines.protocols",
        "storage.repository",
    ),
    "meeting_app.earlier": KERNEL,
    "meeting_app.people": (*ENTRANCE, "pipelines.protocols", "storage.repository"),
    "meeting_app.teaching": (
        "meeting_app.correcting",
        *KERNEL,
        "pipelines.protocols",
        "storage.repository",
    ),
    "meeting_app.jobs": (
        "meeting_app.correcting",
        *ENTRANCE,
        "pipelines.protocols",
        "storage.repository",
    ),
    "meeting_app.processes": (),
    "meeting_app.live": (
        *ENTRANCE,
        "meeting_app.processes",
        "pipelines.protocols",
        "storage.repository",
    ),
    "meeting_app.api": (*ENTRANCE, "meeting_app.live", "meeting_app.teaching"),
    "ui": ENTRANCE,
    "meeting_app.bootstrap": (
        *ENTRANCE,
        "meeting_app.exports",
        "meeting_app.jobs",
        "meeting_app.live",
        "meeting_app.passage_reader",
        "meeting_app.people",
        "meeting_app.teaching",
        "pipelines",
        "storage",
    ),
    "meeting_app.doctor": ("meeting_app.bootstrap", *ENTRANCE),
    "meeting_app.cli": (
        "meeting_app.bootstrap",
        "meeting_app.doctor",
        "meeting_app.processes",
        "meeting_app.live",
        "meeting_app.api",
        "ui",
        *ENTRANCE,
    ),
    "benchmarks": (
        "meeting_app.bootstrap",
        "meeting_app.formats",
        "pipelines",
        "storage.repository",
        *KERNEL,
    ),
}

OTHER_ENVIRONMENTS = "benchmarks.peers.workers"  # run beside the project, never imported by it
GPU_BENCHMARKS = ("benchmarks.gpu", "benchmarks.gpu_peer", "benchmarks.gpu_results")
# Heavy library → where it may be imported.
WRAPPED_IN: dict[str, tuple[str, ...]] = {
    "torch": (*STAGES, "pipelines.device", "pipelines.text_embedding", *GPU_BENCHMARKS),
    "torchaudio": STAGES,
    "speechbrain": ("pipelines.diarization",),
    "faster_whisper": ("pipelines.asr", "benchmarks.asr"),
    "ctranslate2": ("pipelines.asr", "pipelines.device"),
    "transformers": ("pipelines.asr", "pipelines.text_embedding", "benchmarks.gpu_peer"),
    "vosk": ("pipelines.asr",),
    "onnxruntime": ("pipelines.vad", "pipelines.asr.moonshine"),
    "silero_vad": ("pipelines.vad",),
    "av": (
        *("pipelines.audio", "pipelines.clips", "pipelines.microphone", "pipelines.playback"),
        "benchmarks.workbench.data",
    ),
    "sklearn": ("pipelines.diarization", "pipelines.chapters", "pipelines.minutes"),
    "scipy": (*STAGES, "pipelines.query_embedding", "benchmarks.workbench.speaker_words"),
    "websockets": ("meeting_app.cli.live_client", "benchmarks.streaming"),
    "keybert": ("pipelines.chapters",),
    "sentence_transformers": ("pipelines.text_embedding",),
    "sqlalchemy": ("storage",),
    "alembic": ("storage",),
    "gradio": ("ui",),
    "fastapi": ("meeting_app.api", "ui"),
    "starlette": ("meeting_app.api", "ui"),
    "uvicorn": ("meeting_app.cli",),
    "typer": ("meeting_app.cli",),
    "rich": ("meeting_app.cli", "benchmarks"),
    "docx": ("meeting_app.formats",),
    "fpdf": ("meeting_app.formats",),
    "huggingface_hub": ("pipelines.weights",),
    "pypi_simple": ("pipelines.weights",),
}


@dataclass(frozen=True)
class Module:
    name: str  # dotted
    path: Path

    @property
    def relative(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @property
    def imported(self) -> Iterator[str]:
        """Dotted names of what is imported anywhere in the file, functions included."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.relative}:{node.lineno}: write imports in full"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path)


MODULES = [_module(path) for top in OURS for path in sorted((ROOT / top).rglob("*.py"))]
SHIPPED = [module for module in MODULES if module.name.split(".")[0] in PRODUCT]
SHIPPED_AND_BENCHMARKS = [m for m in MODULES if not m.name.startswith("tests")]


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _home(name: str) -> str:
    """The row of the table that a module falls under."""
    return max((row for row in MAY_IMPORT if _is_in(name, row)), key=len)


def _row(module: Module) -> str:
    combines_stages = module.name in ("pipelines.offline", "pipelines.attribution")
    return "pipelines.live" if combines_stages else _home(module.name)


def _is_allowed(home: str, imported: str) -> bool:
    if imported in ("meeting_app", "meeting_app.__version__") or _home(imported) == home:
        return True
    return any(_is_in(imported, allowed) for allowed in MAY_IMPORT[home])


# Each looks at all modules: a test for each module would cost more than what it looks at.
def test_a_module_imports_only_what_its_row_allows() -> None:
    wrong = [
        f"{module.relative} ({home}) must not import {imported}"
        for module in SHIPPED_AND_BENCHMARKS
        for home in (_row(module),)
        for imported in module.imported
        if imported.split(".")[0] in OURS and not _is_allowed(home, imported)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_heavy_library_is_imported_only_where_it_is_wrapped() -> None:
    wrong = [
        f"{module.relative} must not import {imported}"
        for module in SHIPPED_AND_BENCHMARKS
        for imported in module.imported
        if (homes := WRAPPED_IN.get(imported.split(".")[0])) is not None
        and not any(_is_in(module.name, home) for home in (*homes, OTHER_ENVIRONMENTS))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_kernel_knows_only_the_standard_library_numpy_and_pyannote_core() -> None:
    foreign = {
        f"{module.name}: {imported}"
        for module in SHIPPED
        if _is_in(module.name, "meeting_app.domain") or module.name == "meeting_app.errors"
        for imported in module.imported
        if imported.split(".")[0] not in sys.stdlib_module_names
        and not imported.startswith(
            ("meeting_app.domain", "meeting_app.errors", "numpy", "pyannote.core")
        )
    }
    assert not foreign


def test_nobody_imports_benchmarks_or_tests() -> None:
    wrong = [
        f"{module.relative}: {imported}"
        for module in SHIPPED
        for imported in module.imported
        if imported.split(".")[0] in ("benchmarks", "tests")
    ]
    assert not wrong


def test_the_table_has_no_row_without_a_module() -> None:
    names = {module.name for module in SHIPPED_AND_BENCHMARKS}
    planned = {"pipelines.live", "benchmarks"}
    assert {row for row in MAY_IMPORT if row not in names} <= planned


def test_a_file_has_at_most_400_lines() -> None:
    long = [
        f"{module.relative}: {num_lines} lines"
        for module in MODULES
        if (num_lines := len(module.path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert not long, "\n".join(long)


def test_a_function_has_at_most_60_lines() -> None:
    long = [
        f"{module.relative}:{node.lineno} {node.name}"
        for module in SHIPPED_AND_BENCHMARKS
        for node in module.functions
        if (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert not long, "\n".join(long)


def test_half_of_all_functions_have_at_most_12_lines() -> None:
    lengths = [
        (node.end_lineno or 0) - node.lineno + 1 for module in SHIPPED for node in module.functions
    ]
    assert statistics.median(lengths) <= 12


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{module.relative}:{node.lineno}"
        for module in SHIPPED
        if not _is_in(module.name, "meeting_app.cli")
        for node in module.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("print", "pprint")
    ]
    assert not printing, "\n".join(printing)


def test_no_exception_is_swallowed_by_a_bare_except() -> None:
    bare = [
        f"{module.relative}:{node.lineno}"
        for module in SHIPPED_AND_BENCHMARKS
        for node in module.nodes
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert not bare, "\n".join(bare)


def test_every_module_says_what_it_is() -> None:
    silent = [m.relative for m in SHIPPED_AND_BENCHMARKS if not ast.get_docstring(m.tree)]
    assert not silent


TEXT_SUFFIXES = {".py", ".md", ".toml", ".yaml", ".lock", ".js", ".css", ".html", ".cfg", ".ini"}
# Put together here so that this file does not hold them itself.
REGISTRY_HOSTS = ("pypi" + ".org", "python" + "hosted.org", "anaconda" + ".org")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|root|work|Users)/\w")


def _texts() -> Iterator[Path]:
    yield from (path for name in ("Makefile", ".ci/run") if (path := ROOT / name).exists())
    yield from (path for path in ROOT.glob("*") if path.suffix in TEXT_SUFFIXES)
    for top in (*OURS, "configs", "docs"):
        yield from (
            path
            for path in (ROOT / top).rglob("*")
            if path.suffix in TEXT_SUFFIXES and "__pycache__" not in path.parts
        )


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in _texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if any(host in line for host in REGISTRY_HOSTS) or MACHINE_PATH.search(line)
    ]
    assert not wrong
