"""Each option of a device is measured against the default, or left out with a reason."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import build_parser
from benchmarks.devices import OPTIONS, Skipped, changed, measure, out_of_place
from benchmarks.easel import Easel
from benchmarks.figures import Figure


def test_an_option_is_measured_against_the_default(easel: Easel) -> None:
    (figure,) = measure(easel, ["VAE tiling"])

    assert isinstance(figure, Figure)
    assert (figure.kind, figure.baseline, figure.repeats) == ("VAE tiling", "default", 1)
    assert figure.ratio is not None


def test_what_says_nothing_here_is_left_out_aloud(easel: Easel) -> None:
    skipped = list(measure(easel, ["float32", "offload"]))

    assert skipped == [
        Skipped(option="float32", why="it is the default here"),
        Skipped(option="offload", why="on a CPU all parts are in main memory already"),
    ]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_changes_something(easel: Easel, option: str) -> None:
    other = changed(easel.setting, option)
    assert other != easel.setting or out_of_place(option, easel)


def test_all_options_are_measured_unless_some_are_named() -> None:
    parser = build_parser()
    assert parser.parse_args(["devices"]).options == list(OPTIONS)
    assert parser.parse_args(["devices", "--options", "compile"]).options == ["compile"]
