"""The queue, whatever happens and in whatever order."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from typing import cast

import pytest

from generation.process.places import QueueFull
from generation.process.queue import Queue
from generation.protocol.events import Terminal
from tests.generation.queue_scene import Attempts, Easel, Follower, Scene, paint, settle


@pytest.mark.parametrize("seed", range(60))
async def test_whatever_happens_turns_bounds_and_endings_hold(seed: int) -> None:
    chance = random.Random(seed)
    together = chance.choice([4, 8])
    easel, attempts = Easel(), Attempts()
    followers: dict[str, Follower] = {}
    left: set[str] = set()
    crashed: set[str] = set()
    members = "abcdefghij"[: chance.randint(2, 10)]
    async with Queue(easel, begin=attempts.begin, pictures_together=together) as queue:
        for number in range(chance.randint(20, 120)):
            match chance.choices(
                ["ask", "finish", "cancel", "leave", "crash", "hold", "wait"],
                [10, 6, 2, 1, 1, 1, 4],
            )[0]:
                case "ask":
                    member = chance.choice(members)
                    job = f"{member}{number}"
                    with contextlib.suppress(QueueFull):
                        request = paint(job, count=chance.randint(1, 8))
                        followers[job] = Follower(queue.reserve(member).submit(request))
                case "finish" if easel.painting:
                    easel.finish(chance.choice(list(easel.painting)))
                case "cancel" if followers:
                    await queue.cancel(chance.choice(list(followers)))
                case "leave" if followers:
                    left.add(job := chance.choice(list(followers)))
                    await followers[job].leave()
                case "crash":
                    crashed |= easel.painting.keys()
                    easel.crash()
                case "hold":
                    attempts.gate.clear()
                case _:
                    attempts.gate.set()
                    await settle()
            await asyncio.sleep(0)
            painting = easel.painting
            pictures = sum(request.count for request in painting.values())
            assert len(painting) <= 1 or pictures <= together
            assert len(painting) <= 1 or not crashed & painting.keys()
            assert max(Counter(one.member for one in queue.waiting()).values(), default=0) <= 5
        attempts.gate.set()
        await settle()
        await Scene(queue, easel, attempts).paint_everything()
        assert queue.waiting() == []
        for job, follower in followers.items():
            if job not in left or follower.task.done():
                await follower.leave()
            ends = [event for event in follower.events if isinstance(event, Terminal)]
            assert len(ends) == 1 or job in left
            assert attempts.of[job] <= 3
        for member in members:
            first = [job for job in dict.fromkeys(attempts.order) if job[0] == member]
            assert first == sorted(first, key=lambda job: int(job[1:]))


@pytest.mark.parametrize("seed", range(20))
async def test_nobody_gets_three_turns_while_another_waits_for_one(seed: int) -> None:
    chance = random.Random(seed)
    easel, attempts = Easel(), Attempts()
    passed_over: Counter[tuple[str, str]] = Counter()  # turns of one while another waits
    served = 0
    async with Queue(easel, begin=attempts.begin, pictures_together=4) as queue:
        for number in range(300):
            member = chance.choice("aaaaabbcd")  # one asks far more than the others
            with contextlib.suppress(QueueFull):
                Follower(queue.reserve(member).submit(paint(f"{member}{number}")))
            if chance.random() < 0.6 and easel.painting:
                easel.finish(next(iter(easel.painting)))
            await settle()
            waiting = {cast("str", one.member) for one in queue.waiting()}
            for job in attempts.order[served:]:
                for other in "abcd":
                    passed_over[job[0], other] += 1
                    passed_over[other, job[0]] = 0
            served = len(attempts.order)
            for one, other in passed_over:
                if other not in waiting:
                    passed_over[one, other] = 0
            assert max(passed_over.values(), default=0) <= 2
        assert served > 100
