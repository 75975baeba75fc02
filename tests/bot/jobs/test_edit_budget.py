"""The budget for edits of messages."""

from __future__ import annotations

import asyncio

import pytest

from bot.jobs.edit_budget import EditBudget


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return clock


@pytest.fixture
def budget(clock: Clock) -> EditBudget:
    return EditBudget(2.0, clock)


def test_a_message_has_one_edit_in_two_seconds(budget: EditBudget, clock: Clock) -> None:
    assert budget.spare(1, 10)
    clock.now += 1.9
    assert not budget.spare(1, 10)
    clock.now += 0.1
    assert budget.spare(1, 10)


def test_a_channel_has_one_edit_a_second(budget: EditBudget, clock: Clock) -> None:
    assert budget.spare(1, 10)
    assert not budget.spare(1, 11)
    assert budget.spare(2, 12)
    clock.now += 1
    assert budget.spare(1, 11)


async def test_results_wait_for_their_turn_in_order(budget: EditBudget, clock: Clock) -> None:
    moments = []
    for message in (10, 11, 12):
        await budget.turn(1, message)
        moments.append(clock.now)
    assert moments == [100, 101, 102]


async def test_progress_is_left_out_while_results_wait(budget: EditBudget, clock: Clock) -> None:
    await budget.turn(1, 10)
    clock.now += 0.5
    assert not budget.spare(1, 11)


async def test_leftovers_come_last(budget: EditBudget, clock: Clock) -> None:
    await budget.turn(1, 10)
    await budget.leftover(1, 11)
    assert clock.now == 101
    assert not budget.spare(1, 12)


def test_it_does_not_remember_every_message_for_ever(budget: EditBudget, clock: Clock) -> None:
    for message in range(5000):
        budget.spare(1_000_000 + message, message)
        clock.now += 1
    assert len(budget._free) < 1100
