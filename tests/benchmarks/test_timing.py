"""Kinds of work take turns, and only the work is timed."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import torch

from benchmarks.easel import Easel
from benchmarks.timing import Watch, Work, alternate, counting

WATCH = Watch(torch.device("cpu"))


def noting(done: list[str], kind: str) -> Callable[[], Work]:
    def ready() -> Work:
        return lambda: done.append(kind)

    return ready


def test_blocks_take_turns_to_begin_and_the_first_turn_is_not_kept() -> None:
    done: list[str] = []
    blocks = [
        {"plain": noting(done, "plain")},
        {"new": noting(done, "new"), "cached": noting(done, "cached")},
    ]

    runs = alternate(blocks, 2, WATCH)

    assert done == [
        *("plain", "new", "cached"),
        *("new", "cached", "plain"),
        *("plain", "new", "cached"),
    ]
    assert {kind: len(of_kind) for kind, of_kind in runs.items()} == dict.fromkeys(
        ("plain", "new", "cached"), 2
    )


def test_making_ready_is_not_timed() -> None:
    def ready() -> Work:
        time.sleep(0.2)
        return lambda: "done"

    (run,) = alternate([{"work": ready}], 1, WATCH)["work"]

    assert run.result == "done"
    assert run.seconds < 0.1


def test_the_watch_can_count_what_this_process_computes() -> None:
    run = Watch(torch.device("cpu"), cpu_time=True).time(lambda: time.sleep(0.2))
    assert run.seconds < 0.1


def test_rows_of_the_unet_are_counted_only_within(easel: Easel) -> None:
    with counting(easel.model.unet) as tally:
        easel.paint([easel.request(count=2, steps=3, guidance=1.0)])
    easel.paint([easel.request()])

    assert tally.rows == 2 * 3
    assert 3 <= tally.calls <= 6


@pytest.mark.gpu
def test_the_watch_waits_for_the_gpu() -> None:
    device = torch.device("cuda")
    large = torch.randn(8192, 8192, device=device)
    watch = Watch(device)

    handed_over = watch.read()
    for _ in range(20):
        large @ large
    handed_over = watch.read() - handed_over
    computed = watch.time(lambda: [large @ large for _ in range(20)][-1]).seconds

    assert computed > handed_over
