"""Calls of the UNet with adapters are measured against one without, ours and peft's."""

from __future__ import annotations

from benchmarks.adapters import PLAIN, measure
from benchmarks.easel import Easel


def test_each_way_is_measured_against_the_call_without(easel: Easel) -> None:
    figures = list(measure(easel))

    assert [figure.kind for figure in figures] == [
        "one adapter",
        "both on all",
        "one each and none",
        "one each and none, in calls of their own",
        "peft: one adapter",
        "peft: adapter_names",
    ]
    assert all(figure.baseline == PLAIN and figure.ratio is not None for figure in figures)
    assert not any(module._forward_hooks for module in easel.model.unet.modules())
