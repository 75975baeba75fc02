"""Benchmark of references: rounds with likes and dislikes against the same round without any."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from diffusers import UNet2DConditionModel

from benchmarks.easel import Easel
from benchmarks.figures import Figure, compared
from benchmarks.pipelines import load_community, load_pipeline, paint_by_community
from benchmarks.timing import Block, Runs, Work, alternate, counting
from generation.protocol.requests import Paint, Reference

NAME = "feedback"
PLAIN, NEW, CACHED, COMMUNITY = (
    "without references",
    "references new",
    "references cached",
    "community FABRIC",
)


@dataclasses.dataclass(frozen=True)
class Steered:
    """Rounds that differ only in their number of likes and dislikes."""

    easel: Easel
    liked: int = 1
    disliked: int = 1

    @property
    def case(self) -> str:
        """Name of the round in a table."""
        return f"{self.liked} + {self.disliked}, {self.easel.setting.pictures} pictures"

    def plain(self) -> Paint:
        """Return a request for a round without references."""
        return self.easel.request()

    def new(self) -> Paint:
        """Return a request for a round with references never used before."""
        return self._round(
            tuple(self.easel.reference("red") for _ in range(self.liked)),
            tuple(self.easel.reference("blue") for _ in range(self.disliked)),
        )

    def again(self, before: Paint) -> Paint:
        """Return a request for another round with the references of the one before."""
        return self._round(before.liked, before.disliked)

    def _round(self, liked: tuple[Reference, ...], disliked: tuple[Reference, ...]) -> Paint:
        return self.easel.request(liked=liked, disliked=disliked)


def measure(
    steered: Steered, community: Path | None = None, *, channels_last: bool = False
) -> Iterator[Figure]:
    """Measure new and cached references against none; and the community's pipeline against both.

    `community` is the file of that pipeline; without it that part is left out.
    """
    easel, last = steered.easel, steered.new()

    def plain() -> Work:
        return partial(easel.paint, [steered.plain()])

    def new() -> Work:
        nonlocal last
        last = steered.new()
        return partial(easel.paint, [last])

    def cached() -> Work:
        return partial(easel.paint, [steered.again(last)])

    unet = easel.model.unet
    blocks: list[Block] = [
        {PLAIN: _counted(unet, plain)},
        {NEW: _counted(unet, new), CACHED: _counted(unet, cached)},
    ]
    if community is not None:
        pipeline = load_pipeline(
            easel.setting.options,
            easel.model.device,
            easel.model.dtype,
            channels_last=channels_last,
        )
        fabric = load_community(community, pipeline)

        def by_community() -> Work:
            return partial(paint_by_community, fabric, steered.new())

        blocks.append({COMMUNITY: _counted(pipeline.unet, by_community)})
    yield from _figures(steered, alternate(blocks, easel.setting.repeats, easel.watch))


def _figures(steered: Steered, runs: Runs) -> Iterator[Figure]:
    rows = {kind: of_kind[-1].result for kind, of_kind in runs.items()}
    pairs = [(NEW, PLAIN), (CACHED, PLAIN)]
    if COMMUNITY in runs:
        pairs += [(COMMUNITY, NEW), (COMMUNITY, CACHED)]
    for kind, baseline in pairs:
        forgotten = CACHED in (kind, baseline) and rows[CACHED] != rows[PLAIN]
        yield compared(
            [run.seconds for run in runs[kind]],
            [run.seconds for run in runs[baseline]],
            benchmark=NAME,
            case=steered.case,
            kind=kind,
            baseline=baseline,
            rows=(rows[kind], rows[baseline]),
            remark="not cached: the hidden states do not fit; raise --reference-cache-mb"
            if forgotten
            else "",
        )


def _counted(unet: UNet2DConditionModel, ready: Callable[[], Work]) -> Callable[[], Work]:
    """Return the same work, with the number of UNet rows it computed as its result."""

    def ready_to_count() -> Work:
        work = ready()

        def rows() -> int:
            with counting(unet) as tally:
                work()
            return tally.rows

        return rows

    return ready_to_count
