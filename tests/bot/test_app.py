"""The bot ends when it is told to, also where something swallows the first word."""

from __future__ import annotations

import asyncio

import pytest

from bot import app
from bot.app import until_cancelled


async def test_a_swallowed_cancellation_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "CANCEL_SECONDS", 0.01)
    swallowed = asyncio.Event()

    async def connect() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            swallowed.set()
        await asyncio.sleep(60)

    running = asyncio.create_task(until_cancelled(connect()))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 5)
    assert swallowed.is_set()


async def test_an_error_of_the_work_is_raised() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await until_cancelled(fail())
