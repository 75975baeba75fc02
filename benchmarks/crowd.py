"""Many members at once, each with a different request, compared with one after another."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.easel import Easel
from benchmarks.figures import Figure, compared
from benchmarks.timing import Runs, Work, alternate
from generation.protocol.events import Event, Progress
from generation.protocol.requests import Paint

NAME = "crowd"
TOGETHER, IN_TURN = "together", "one after another"
MEMBERS = (1, 2, 4, 8, 16, 32)
ROUNDS = (2, 4, 8)
SAMPLERS = ("euler_a", "ddim", "dpmpp_2m", "unipc", "lms", "euler", "dpmpp_2m_karras", "pndm")
"""Samplers of the members; all but PNDM call the UNet once per step, PNDM once more in total."""


def measure(
    easel: Easel, members: Sequence[int] = MEMBERS, rounds: Sequence[int] = ROUNDS
) -> Iterator[Figure]:
    """Measure crowds of `members` with an image each, and of `rounds`; then a newcomer."""
    larger = rounds if easel.setting.pictures > 1 else ()
    for pictures, sizes in ((1, members), (easel.setting.pictures, larger)):
        for size in sizes:
            yield from _together(easel, size, pictures)
        if sizes:
            yield _newcomer(easel, max(sizes), pictures)


def _requests(easel: Easel, size: int, pictures: int) -> list[Paint]:
    return [
        easel.request(
            count=pictures,
            scheduler=SAMPLERS[member % len(SAMPLERS)],
            guidance=5 + member % 8 / 2,
        )
        for member in range(size)
    ]


def _together(easel: Easel, size: int, pictures: int) -> Iterator[Figure]:
    def together() -> Work:
        return partial(_waits, easel, [_requests(easel, size, pictures)])

    def in_turn() -> Work:
        requests = _requests(easel, size, pictures)
        return partial(_waits, easel, [[request] for request in requests])

    blocks = [{TOGETHER: together}, {IN_TURN: in_turn}]
    runs = alternate(blocks, easel.setting.repeats, easel.watch)
    for case, seconds in (("total", _totals(runs)), ("95 % have theirs", _latest(runs))):
        yield compared(
            seconds[TOGETHER],
            seconds[IN_TURN],
            benchmark=NAME,
            case=f"{_called(size, pictures)}: {case}",
            kind=TOGETHER,
            baseline=IN_TURN,
        )


def _waits(easel: Easel, batches: Sequence[Sequence[Paint]]) -> list[float]:
    """Run batch after batch; return how long each member waited, counted from the common start."""
    began = easel.watch.read()
    return [ended - began for batch in batches for ended in easel.paint(batch).values()]


def _totals(runs: Runs) -> dict[str, list[float]]:
    return {kind: [run.seconds for run in of_kind] for kind, of_kind in runs.items()}


def _latest(runs: Runs) -> dict[str, list[float]]:
    return {kind: [percentile(run.result, 95) for run in of_kind] for kind, of_kind in runs.items()}


def percentile(values: Sequence[float], share: int) -> float:
    """Return the smallest value that `share` % of all values do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


@dataclasses.dataclass
class _Onlooker:
    """Counts the crowd's steps until a newcomer receives its first progress."""

    newcomer: str
    joined: dict[str, int] = dataclasses.field(default_factory=dict)
    steps: dict[str, int] = dataclasses.field(default_factory=dict)
    passed: int | None = None

    def hear(self, event: Event) -> None:
        if not isinstance(event, Progress):
            return
        self.steps[event.job] = event.step
        if event.job == self.newcomer and self.passed is None:
            self.passed = max(self.steps[job] - step for job, step in self.joined.items())


def _newcomer(easel: Easel, size: int, pictures: int) -> Figure:
    counts = [_steps_until_heard(easel, size, pictures) for _ in range(easel.setting.repeats)]
    return Figure(
        benchmark=NAME,
        case=f"{_called(size, pictures)}, one joins",
        kind="steps of the crowd until the newcomer's first",
        baseline=None,
        unit="steps",
        value=statistics.median(counts),
        against=None,
        ratio=None,
        repeats=len(counts),
        remark=f"{min(counts)} to {max(counts)} steps",
    )


def _steps_until_heard(easel: Easel, size: int, pictures: int) -> int:
    """Return the steps of the crowd's fastest request before the newcomer's first progress."""
    crowd, (newcomer,) = _requests(easel, size, pictures), _requests(easel, 1, pictures)
    onlooker = _Onlooker(newcomer=newcomer.job)
    engine, waiting = easel.engine, {request.job for request in crowd}
    for request in crowd:
        engine.begin(request)
    while waiting:  # until the whole crowd has started
        engine.advance()
        for event in engine.take_events():
            onlooker.hear(event)
            waiting.discard(event.job)
    onlooker.joined = dict(onlooker.steps)
    easel.paint([newcomer], onlooker.hear)
    return onlooker.passed or 0


def _called(size: int, pictures: int) -> str:
    members = f"{size} member{'s' if size > 1 else ''}"
    return f"{members}, {'a picture' if pictures == 1 else f'{pictures} pictures'} each"
