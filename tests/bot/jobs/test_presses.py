"""Presses on one message at the same time know of each other."""

from __future__ import annotations

from bot.jobs.presses import Presses


def test_a_press_is_alone_until_another_comes() -> None:
    presses = Presses()
    with presses.on(1) as first:
        assert first.alone
        with presses.on(2) as elsewhere:
            assert first.alone
            assert elsewhere.alone
        with presses.on(1) as second:
            assert not second.alone
        assert not first.alone


def test_one_after_the_end_of_all_others_is_alone() -> None:
    presses = Presses()
    with presses.on(1), presses.on(1):
        pass
    with presses.on(1) as later:
        assert later.alone
