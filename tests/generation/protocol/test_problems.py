"""Problems: raised with the values of their sentences, and read back from where they are kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from generation.protocol.problems import Code, Problem

ROOT = Path(__file__).parents[3]
RAISED = {"Refused", "NothingToRestore"}

ONE = Problem(Code.STEPS, {"most": 150, "given": 0, "usual": 20})
WITHIN = Problem(
    Code.FILE_UNUSABLE,
    {"file": Problem(Code.SOURCE), "problem": Problem(Code.PICTURE_BROKEN)},
)


def sources() -> Iterator[ast.Module]:
    for path in (ROOT / "generation").rglob("*.py"):
        if path.name != "problems.py":
            yield ast.parse(path.read_text("utf-8"))


def codes(node: ast.expr) -> Iterator[Code]:
    """The codes that an argument can be."""
    for each in ast.walk(node):
        match each:
            case ast.Attribute(value=ast.Name("Code"), attr=name):
                yield Code[name]


def test_every_problem_is_raised_with_its_values() -> None:
    checked = set()
    for tree in sources():
        for call in ast.walk(tree):
            match call:
                case ast.Call(func=ast.Name(name), args=[first, *_]) if name in RAISED:
                    given = {keyword.arg for keyword in call.keywords}
                    for code in codes(first):
                        assert given == code.blanks, code
                        checked.add(code)
    assert len(checked) > 50


def test_there_is_no_problem_that_nobody_has() -> None:
    used = {
        code
        for tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        for code in codes(node)
    }
    assert set(Code) - used == set()


def test_a_problem_reads_as_a_sentence() -> None:
    assert str(ONE) == "The number of steps must be between 1 and 150, not 0. 20 is usual here."
    assert str(WITHIN) == "The picture to start from: The picture is damaged or incomplete."


@pytest.mark.parametrize("problem", [ONE, WITHIN, Problem(Code.NO_RECORD)])
def test_a_problem_is_read_back_from_text(problem: Problem) -> None:
    assert Problem.load(problem.dump()) == problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The number of steps must be between 1 and 150, not 0. 20 is usual here.",
        "[1]",
        '{"code": "NEVER_HEARD_OF", "values": {}}',
        '{"code": "STEPS", "values": {"most": 150}}',
        '{"code": "FILE_CHANGED", "values": {"file": {"code": 1}}}',
        "[" * 100_000,
    ],
)
def test_other_text_is_no_problem(text: str) -> None:
    assert Problem.load(text) is None
