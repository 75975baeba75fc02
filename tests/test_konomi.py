"""`konomi …`, which runs the same commands as `python -m bot` and `python -m generation`."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import konomi
from bot.__main__ import COMMANDS
from generation.commands import SUMMARIES

ROOT = Path(__file__).parents[1]

INSTALLED = """
import sys
from konomi import main
if __name__ == "__main__":
    sys.exit(main())
"""
"""The script that pip makes of the entry point."""

STARTS_A_PROCESS = f"""{INSTALLED.partition("if __name__")[0]}
if __name__ == "__main__":
    import discord, multiprocessing
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(*pool.apply(eval, ("sorted(__import__('sys').modules)",)))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "konomi"
    path.write_text(INSTALLED)
    return path


def run(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder)},
    )


def test_the_help_lists_all_commands_with_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert konomi.main(["--help"]) == 0
    listed = capsys.readouterr().out
    for name, line in {**COMMANDS, **SUMMARIES}.items():
        assert [name, *line.split()] in [row.split() for row in listed.splitlines()]


def test_no_command_stands_for_two() -> None:
    assert not COMMANDS.keys() & SUMMARIES.keys()


def test_without_words_it_lists_all_commands(script: Path, tmp_path: Path) -> None:
    ended = run(script, folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == run(script, "--help", folder=tmp_path).stdout


def test_an_unknown_command_is_answered_by_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert konomi.main(["pain"]) == 2
    assert capsys.readouterr().err == (
        "konomi: there is no command pain; `konomi --help` lists all.\n"
    )


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["fetch", "nonsense"], 2, "There is no model called nonsense."),
        (["imagine"], 2, "konomi imagine: the following arguments are required: prompt"),
        (["imagine", "--help"], 0, "usage: konomi imagine "),
        (["evaluate", "likes", "--help"], 0, "usage: konomi evaluate likes "),
        (["run"], 2, "KONOMI_DISCORD_TOKEN is not set. "),
        (["doctor", "--alive"], 1, "✗ heartbeat"),
        (["restore"], 2, "usage: konomi restore "),
        (["invite", "--application", "42"], 0, "https://discord.com/oauth2/authorize?client_id=42"),
    ],
)
def test_an_installed_script_runs_what_either_program_can_do(
    words: list[str], status: int, said: str, script: Path, tmp_path: Path
) -> None:
    ended = run(script, *words, folder=tmp_path)
    assert ended.returncode == status
    assert (ended.stdout + ended.stderr).startswith(said)


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    ended = run("-m", "konomi", "fetch", "nonsense", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("There is no model called nonsense.")


def test_a_process_that_is_started_from_it_stays_without_discord(tmp_path: Path) -> None:
    script = tmp_path / "konomi"
    script.write_text(STARTS_A_PROCESS)
    loaded = run(script, folder=tmp_path).stdout.split()
    assert "konomi" in loaded
    assert not {"bot", "discord", "generation"} & set(loaded)


def test_the_help_loads_neither_discord_nor_what_models_need(tmp_path: Path) -> None:
    code = "import sys, konomi; konomi.main(['--help']); print(*sys.modules)"
    loaded = run("-c", code, folder=tmp_path).stdout.split()
    assert not {"discord", "pydantic", "torch", "numpy", "PIL", "dynamicprompts"} & set(loaded)


def test_it_knows_the_two_programs_and_nothing_inside_them() -> None:
    imported = {
        node.module
        for node in ast.walk(ast.parse((ROOT / "konomi.py").read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert {name for name in imported if name.partition(".")[0] in ("bot", "generation")} == {
        "bot.__main__",
        "generation.__main__",
        "generation.commands",
    }
