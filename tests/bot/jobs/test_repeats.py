"""Events that come a second time are told, in bounded memory."""

from __future__ import annotations

from bot.jobs.repeats import REMEMBERED_SECONDS, Repeats


def test_the_second_time_is_a_repeat_until_it_is_forgotten() -> None:
    now = 0.0
    repeats = Repeats(clock=lambda: now)
    assert [repeats.is_repeat(event) for event in (1, 1, 2, 1)] == [False, True, False, True]
    repeats.forget(1)
    assert not repeats.is_repeat(1)
    now = REMEMBERED_SECONDS
    assert not repeats.is_repeat(2)


def test_memory_is_bounded() -> None:
    repeats = Repeats(most=100)
    assert not any(repeats.is_repeat(event) for event in range(10_000))
    assert len(repeats._seen) == 100
    assert repeats.is_repeat(9_999)
    assert not repeats.is_repeat(0)
