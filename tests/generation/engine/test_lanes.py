"""Background work beside pictures: a small share of the time, and never more than a step's wait."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch

from generation.engine.engine import Engine
from generation.engine.job import Quantum
from generation.engine.lanes import BACKGROUND_SHARE, Lanes
from generation.models.model import Model
from generation.protocol.events import Cancelled, Failed, Finished, Progress, Reason
from generation.protocol.requests import Lane, Paint
from tests.generation.painted import ended


class Simulation:
    """Lanes on a clock of their own, and which lane got how much of it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lanes = Lanes(clock=lambda: self.now)
        self.spent = dict.fromkeys(Lane, 0.0)

    def run(self, seconds: dict[Lane, float]) -> Lane:
        """Run a quantum of the first lane that has one."""
        lane = next(lane for lane in self.lanes.order() if lane in seconds)
        with self.lanes.measured(lane):
            self.now += seconds[lane]
        self.spent[lane] += seconds[lane]
        return lane

    @property
    def share(self) -> float:
        return self.spent[Lane.BACKGROUND] / self.now


@pytest.mark.parametrize("picture", [0.01, 0.5, 3.0])
@pytest.mark.parametrize("step", [0.05, 0.5, 20.0])
def test_the_background_gets_its_share_and_hardly_more(picture: float, step: float) -> None:
    simulation = Simulation()
    for _ in range(20_000):
        simulation.run({Lane.INTERACTIVE: picture, Lane.BACKGROUND: step})
        if simulation.lanes.order()[0] is Lane.INTERACTIVE:
            assert simulation.share >= BACKGROUND_SHARE - 1e-9
    assert simulation.share <= BACKGROUND_SHARE + 2 * step / simulation.now


def test_steps_of_any_length_are_paid_for_in_the_end() -> None:
    simulation, chance = Simulation(), random.Random(0)
    for _ in range(5000):
        simulation.run(
            {Lane.INTERACTIVE: chance.uniform(0.1, 0.6), Lane.BACKGROUND: chance.uniform(0.2, 2)}
        )
    assert simulation.share == pytest.approx(BACKGROUND_SHARE, abs=0.005)


def test_a_step_as_long_as_a_quantum_is_not_followed_by_another() -> None:
    simulation = Simulation()
    ran = [simulation.run({Lane.INTERACTIVE: 0.5, Lane.BACKGROUND: 0.5}) for _ in range(1000)]
    background = Lane.BACKGROUND
    assert (background, background) not in itertools.pairwise(ran)


def test_alone_the_background_runs_freely_and_owes_nothing_later() -> None:
    simulation = Simulation()
    for _ in range(50):
        assert simulation.run({Lane.BACKGROUND: 1.0}) is Lane.BACKGROUND
    both = {Lane.INTERACTIVE: 0.5, Lane.BACKGROUND: 1.0}
    ran = [simulation.run(both) for _ in range(40)]
    assert ran.index(Lane.BACKGROUND) == 18  # nine seconds for its one


def test_a_background_that_could_not_run_does_not_catch_up() -> None:
    simulation = Simulation()
    simulation.run({Lane.BACKGROUND: 1.0})
    for _ in range(1000):
        simulation.run({Lane.INTERACTIVE: 0.5})
    both = {Lane.INTERACTIVE: 0.5, Lane.BACKGROUND: 1.0}
    ran = [simulation.run(both) for _ in range(20)]
    assert ran.count(Lane.BACKGROUND) <= 2


# With a model -----------------------------------------------------------------------------


class Steps:
    """A job in the background that trains a small network, and counts its steps."""

    lane = Lane.BACKGROUND

    def __init__(self, steps: int, *, side: int = 128, fails_at: int | None = None) -> None:
        self.id = "steps"
        self.isolated = self.short_of_memory = False
        self.steps, self.done, self.closed = steps, 0, False
        self.fails_at = fails_at
        self._told = 0
        with torch.random.fork_rng(devices=()):
            self._network = torch.nn.Linear(side, side)
        self._optimizer = torch.optim.SGD(self._network.parameters(), lr=1e-3)

    def next(self) -> Quantum | None:
        return Quantum(run=self._step, jobs=[self]) if self.done < self.steps else None

    def _step(self) -> None:
        if self.done == self.fails_at:
            raise RuntimeError("a fault in a step")
        with torch.inference_mode(mode=False), torch.enable_grad():
            loss = self._network(torch.ones(64, self._network.in_features)).square().mean()
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
        self.done += 1

    def report(self) -> Progress | Cancelled | None:
        if self.done == self.steps:
            return Cancelled(job=self.id)  # an end that needs no files
        if self.done == self._told:
            return None
        self._told = self.done
        return Progress(job=self.id, step=self.done, steps=self.steps)

    def close(self) -> None:
        self.closed = True


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.glob("?.png"))}


def watched(engine: Engine, job: Steps) -> list[str]:
    """Advance until the pictures are painted; which job each quantum was for."""
    ran = []
    while not any(isinstance(event, Finished) for event in engine.take_events()):
        before = job.done
        if engine.advance():
            ran.append("step" if job.done > before else "picture")
    return ran


def test_pictures_are_the_same_beside_the_background(
    engine: Engine, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    engine.begin(request_("alone", steps=12, count=1))
    ended(engine)
    job = Steps(10**6)
    engine.add(job)
    engine.begin(request_("beside", steps=12, count=1))
    ran = watched(engine, job)
    engine.cancel("steps")

    assert files(tmp_path / "beside") == files(tmp_path / "alone")
    assert job.closed
    assert ran.count("step") >= 1
    assert not engine.busy


def test_the_share_holds_beside_a_real_model(
    engine: Engine, model: Model, request_: Callable[..., Paint]
) -> None:
    clock = [0.0]
    engine._lanes = Lanes(clock=lambda: clock[0])
    job = Steps(10**6)

    def spend(seconds: float, *_: object) -> None:
        clock[0] += seconds

    model.unet.register_forward_pre_hook(partial(spend, 0.5))
    job._network.register_forward_pre_hook(partial(spend, 0.8))
    engine.add(job)
    engine.begin(request_("picture", steps=60, count=1))
    ran = watched(engine, job)
    engine.cancel("steps")

    first, last = (ran.index("picture"), len(ran) - ran[::-1].index("picture"))
    steps, pictures = 0.8 * ran[:last].count("step"), 0.5 * 60
    assert ran[:first].count("step") <= 1
    assert BACKGROUND_SHARE <= steps / (steps + pictures) <= BACKGROUND_SHARE + 0.05
    assert ("step", "step") not in itertools.pairwise(ran[:last])


def test_what_nobody_waits_for_gives_way_and_gets_on(
    engine: Engine, model: Model, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    engine.begin(request_("alone", steps=12, count=1))
    ended(engine)
    clock = [0.0]
    engine._lanes = Lanes(clock=lambda: clock[0])

    def spend(*_: object) -> None:
        clock[0] += 0.5

    model.unet.register_forward_pre_hook(spend)
    job = Steps(10**6)
    job._network.register_forward_pre_hook(spend)
    engine.add(job)
    engine.begin(request_("preview", steps=12, count=1, unattended=True))
    engine.begin(request_("asked", steps=60, count=1))
    steps: dict[str, int] = {}
    while "asked" not in steps:
        engine.advance()
        for event in engine.take_events():
            if isinstance(event, Progress):
                steps[event.job + " at"] = event.step
            if isinstance(event, Finished):
                steps[event.job] = job.done
    # Of its tenth of the time, the background has about half: the two take turns.
    assert 2 <= steps["preview at"] <= 5
    assert 2 <= job.done <= 6
    painted = False
    while not painted:
        engine.advance()
        painted = any(isinstance(event, Finished) for event in engine.take_events())
    engine.cancel("steps")
    assert files(tmp_path / "preview") == files(tmp_path / "alone")


def test_a_fault_in_the_background_fails_it_alone(
    engine: Engine, request_: Callable[..., Paint], caplog: pytest.LogCaptureFixture
) -> None:
    job = Steps(10**6, fails_at=2)
    engine.add(job)
    for number in range(2):
        engine.begin(request_(f"picture{number}", steps=6, count=1))
    events = ended(engine)

    failed = events["steps"]
    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INTERNAL
    assert "a fault in a step" in caplog.text
    assert job.closed
    assert all(isinstance(events[f"picture{number}"], Finished) for number in range(2))


def test_alone_it_runs_to_its_end(engine: Engine) -> None:
    job = Steps(30)
    engine.add(job)

    assert ended(engine)["steps"] == Cancelled(job="steps")
    assert job.done == 30
