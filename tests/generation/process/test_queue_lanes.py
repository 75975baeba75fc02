"""The queue's lanes: background work beside pictures, never before them."""

from __future__ import annotations

import dataclasses

import pytest

from generation.process.places import QueueFull
from generation.protocol.events import Cancelled, Failed, Queued, Started
from generation.protocol.requests import Lane
from tests.generation.queue_scene import Follower, Scene, paint, settle


@dataclasses.dataclass(frozen=True)
class Chore:
    """Work without pictures that takes long."""

    job: str
    cost: int = 0
    lane: Lane = Lane.BACKGROUND
    retried: bool = True


def preview(scene: Scene, member: str, job: str) -> Follower:
    request = dataclasses.replace(paint(job), unattended=True)
    return Follower(scene.queue.resubmit(member, request))


def begin(scene: Scene, member: str, job: str) -> Follower:
    place = scene.queue.reserve(member, lane=Lane.BACKGROUND)
    return Follower(place.submit(Chore(job)))


async def test_one_background_job_runs_beside_pictures(scene: Scene) -> None:
    first, second = begin(scene, "ann", "first"), begin(scene, "bob", "second")
    picture, large = scene.ask("ann", "picture", 2), scene.ask("bob", "large", 4)
    await settle()
    assert set(scene.easel.painting) == {"picture", "first"}
    assert first.events == [Started(job="first", attempt=1)]
    assert second.events == [Queued(job="second", position=1)]
    assert picture.events == [Started(job="picture", attempt=1)]
    assert large.events == [Queued(job="large", position=1)]
    scene.easel.finish("picture")
    await settle()
    assert set(scene.easel.painting) == {"first", "large"}
    scene.easel.finish("first")
    await settle()
    assert set(scene.easel.painting) == {"large", "second"}


async def test_members_take_turns_in_the_background_too(scene: Scene) -> None:
    for member, job in [("ann", "ann0"), ("ann", "ann1"), ("bob", "bob0")]:
        begin(scene, member, job)
    await settle()
    waiting = [(one.job, one.position) for one in scene.queue.waiting()]
    assert waiting == [("bob0", 1), ("ann1", 2)]
    assert await scene.paint_everything() == ["ann0", "bob0", "ann1"]


async def test_who_waits_in_the_background_may_still_ask_for_pictures(scene: Scene) -> None:
    for number in range(4):
        begin(scene, "ann", f"chore{number}")
    await settle()
    with pytest.raises(QueueFull):
        scene.queue.reserve("ann", lane=Lane.BACKGROUND)
    with scene.queue.reserve("ann") as place, pytest.raises(ValueError, match="interactive"):
        place.submit(Chore("another"))
    scene.ask("ann", "picture")
    await settle()
    assert "picture" in scene.easel.painting


async def test_a_waiting_background_job_can_be_cancelled(scene: Scene) -> None:
    begin(scene, "ann", "first")
    second = begin(scene, "ann", "second")
    await settle()
    await scene.queue.cancel("second")
    await settle()
    assert second.events[-1] == Cancelled(job="second")
    assert scene.queue.waiting() == []


async def test_after_a_crash_pictures_are_retried_without_the_background_job(scene: Scene) -> None:
    chore = begin(scene, "cat", "chore")
    scene.ask("ann", "first", 2)
    scene.ask("bob", "second", 2)
    await settle()
    scene.easel.crash()
    await settle()
    assert list(scene.easel.painting) == ["first"]
    assert chore.events[-1] == Queued(job="chore", position=1)
    scene.ask("ann", "third", 2)
    scene.easel.finish("first")
    await settle()
    assert list(scene.easel.painting) == ["second"]
    scene.easel.finish("second")
    await settle()
    assert set(scene.easel.painting) == {"third", "chore"}
    assert chore.events[-1] == Started(job="chore", attempt=2)


async def test_a_background_job_that_kills_its_painter_costs_pictures_one_attempt_each(
    scene: Scene,
) -> None:
    poison = begin(scene, "cat", "poison")
    pictures = []
    for number in range(3):
        pictures.append(scene.ask("ann", f"picture{number}"))
        await settle()
        assert set(scene.easel.painting) == {f"picture{number}", "poison"}
        scene.easel.crash()
        await settle()
        assert list(scene.easel.painting) == [f"picture{number}"]
        scene.easel.finish(f"picture{number}")
        await settle()
    assert isinstance(poison.events[-1], Failed)
    assert scene.attempts.of["poison"] == 3
    assert [one.kinds[-1] for one in pictures] == ["Finished"] * 3
    assert all(scene.attempts.of[f"picture{number}"] == 2 for number in range(3))


async def test_an_interrupted_picture_keeps_the_background_waiting(scene: Scene) -> None:
    Follower(scene.queue.resubmit("ann", paint("picture"), alone=True))
    begin(scene, "bob", "chore")
    await settle()
    assert list(scene.easel.painting) == ["picture"]
    scene.easel.finish("picture")
    await settle()
    assert list(scene.easel.painting) == ["chore"]


async def test_previews_run_one_at_a_time_beside_pictures_and_trainings(scene: Scene) -> None:
    first, second = preview(scene, "ann", "first"), preview(scene, "ann", "second")
    begin(scene, "bob", "chore")
    scene.ask("cat", "picture", 8)
    await settle()
    assert set(scene.easel.painting) == {"first", "chore", "picture"}
    assert second.events == [Queued(job="second", position=1)]
    scene.easel.finish("first")
    await settle()
    assert set(scene.easel.painting) == {"second", "chore", "picture"}
    assert first.kinds == ["Started", "Finished"]
    await scene.queue.cancel("second")
    scene.easel.say(Cancelled(job="second"))
    await settle()
    assert second.events[-1] == Cancelled(job="second")


async def test_a_preview_that_kills_its_painter_is_tried_again_alone(scene: Scene) -> None:
    poison = preview(scene, "cat", "poison")
    chore = begin(scene, "bob", "chore")
    picture = scene.ask("ann", "picture")
    await settle()
    assert set(scene.easel.painting) == {"poison", "chore", "picture"}
    scene.easel.crash()
    await settle()
    for _ in range(2):  # Both are under suspicion: each runs alone, the first of them first.
        [only] = scene.easel.painting
        if only == "picture":
            scene.easel.finish("picture")
            await settle()
            [only] = scene.easel.painting
        assert only == "poison"
        scene.easel.crash()
        await settle()
    assert isinstance(poison.events[-1], Failed)
    await scene.paint_everything()
    assert (picture.kinds[-1], chore.kinds[-1]) == ("Finished", "Finished")
    assert (scene.attempts.of["picture"], scene.attempts.of["chore"]) == (2, 2)


async def test_a_preview_under_suspicion_can_be_cancelled_while_it_waits(scene: Scene) -> None:
    request = dataclasses.replace(paint("poison"), unattended=True)
    scene.ask("ann", "picture")
    poison = Follower(scene.queue.resubmit("cat", request, alone=True))
    await settle()
    assert set(scene.easel.painting) == {"picture"}
    await scene.queue.cancel("poison")
    await settle()
    assert poison.events[-1] == Cancelled(job="poison")
    assert scene.queue.waiting() == []


async def test_work_that_is_not_retried_fails_when_its_painter_dies(scene: Scene) -> None:
    request = Chore("poison", lane=Lane.UNATTENDED, retried=False)
    poison = Follower(scene.queue.resubmit("cat", request))
    picture, chore = scene.ask("ann", "picture"), begin(scene, "bob", "chore")
    await settle()
    assert set(scene.easel.painting) == {"poison", "picture", "chore"}
    scene.easel.crash()
    await settle()
    assert isinstance(poison.events[-1], Failed)
    await scene.paint_everything()
    assert (picture.kinds[-1], chore.kinds[-1]) == ("Finished", "Finished")
    assert (scene.attempts.of["picture"], scene.attempts.of["chore"]) == (2, 2)
