"""`python -m benchmarks` prints lines of JSON and a table, or one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import build_parser, main, setting_of

QUICK = ["--steps", "1", "--pictures", "1", "--repeats", "2", "--size", "64", "--device", "cpu"]


def test_figures_come_as_lines_and_as_a_table(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "figures.jsonl"

    status = main(["feedback", "--model", str(tiny_folder), "--json", str(kept), *QUICK])

    assert status == 0
    told = capsys.readouterr()
    lines, _, table = told.out.partition("\n\n")
    assert kept.read_text("utf-8").splitlines() == lines.splitlines()
    about, new, cached = (json.loads(line) for line in lines.splitlines())
    assert about["benchmark"] == "feedback"
    assert about["model"] == tiny_folder.name
    assert str(tiny_folder) not in told.out
    assert (new["repeats"], new["baseline"]) == (2, "without references")
    assert cached["ratio"]["low"] <= cached["ratio"]["median"] <= cached["ratio"]["high"]
    assert len(table.splitlines()) == 2 + 2
    assert "left out: give its file with --community" in told.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["plain", "--model", "nothing"], "There is no model called nothing."),
        (["plain", "--pictures", "99"], "You can ask for 1 to 8 pictures, not 99."),
        (["memory", "--device", "cuda:99"], "There is no device cuda:99 here"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_repeats_are_counted_from_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["plain", "--repeats", "0"])
    assert "must be 1 or more, not 0" in capsys.readouterr().err


@pytest.mark.parametrize(("benchmark", "repeats"), [("plain", 7), ("memory", 1)])
def test_times_are_taken_seven_times_and_memory_is_weighed_once(
    benchmark: str, repeats: int
) -> None:
    assert setting_of(build_parser().parse_args([benchmark])).repeats == repeats
