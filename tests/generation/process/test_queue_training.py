"""The queue's trainings: what is asked of them, and how often they may kill their painter."""

from __future__ import annotations

from pathlib import Path

from generation.protocol.events import (
    CheckpointSaved,
    Failed,
    Queued,
    Reason,
    Stage,
    Started,
    TrainProgress,
)
from generation.protocol.training import Action
from tests.generation.queue_scene import Scene, settle


def progress(job: str, step: int = 1) -> TrainProgress:
    return TrainProgress(job=job, stage=Stage.TRAINING, step=step, steps=100)


def saved(job: str, step: int) -> CheckpointSaved:
    return CheckpointSaved(job=job, step=step, folder=Path(), validation=0.1)


async def test_what_is_asked_of_a_running_training_reaches_it(scene: Scene) -> None:
    scene.train("ann", "training")
    await settle()
    scene.easel.say(progress("training"))
    await settle()
    for action in Action:
        assert await scene.queue.control("training", action)
    assert scene.easel.asked == [("training", action) for action in Action]


async def test_pictures_and_unknown_jobs_take_no_controls(scene: Scene) -> None:
    scene.ask("ann", "picture")
    await settle()
    assert not await scene.queue.control("picture", Action.PAUSE)
    assert not await scene.queue.control("nobody's", Action.PAUSE)
    assert scene.easel.asked == []


async def test_what_is_asked_of_a_waiting_training_is_remembered(scene: Scene) -> None:
    scene.train("ann", "first")
    scene.train("bob", "second")
    await settle()
    await scene.queue.control("second", Action.SAVE)
    await scene.queue.control("second", Action.STOP)
    assert scene.easel.asked == []
    scene.easel.finish("first")
    await settle()
    scene.easel.say(progress("second"))
    await settle()
    assert scene.easel.asked == [("second", Action.SAVE), ("second", Action.STOP)]


async def test_a_training_paused_before_it_began_lets_others_go_first(scene: Scene) -> None:
    scene.train("ann", "first")
    second, third = scene.train("bob", "second"), scene.train("cat", "third")
    await settle()
    await scene.queue.control("second", Action.PAUSE)
    scene.easel.finish("first")
    await settle()
    assert list(scene.easel.painting) == ["third"]
    assert isinstance(paused := second.events[-1], TrainProgress)
    assert paused.stage is Stage.PAUSED
    scene.easel.finish("third")
    await settle()
    assert not scene.easel.painting
    await scene.queue.control("second", Action.RESUME)
    await settle()
    assert list(scene.easel.painting) == ["second"]
    assert second.events[-1] == Started(job="second", attempt=1)
    assert third.kinds[-1] == "Finished"


async def test_a_resumed_one_that_still_waits_is_told_its_place(scene: Scene) -> None:
    scene.train("ann", "first")
    second = scene.train("bob", "second")
    await settle()
    await scene.queue.control("second", Action.PAUSE)
    await scene.queue.control("second", Action.RESUME)
    await settle()
    assert second.kinds == ["Queued", "TrainProgress", "Queued"]
    assert second.events[-1] == Queued(job="second", position=1)


async def test_a_pause_outlives_the_painter(scene: Scene) -> None:
    training = scene.train("ann", "training")
    await settle()
    scene.easel.say(progress("training"))
    await settle()
    await scene.queue.control("training", Action.PAUSE)
    scene.easel.crash()
    await settle()
    assert not scene.easel.painting
    await scene.queue.control("training", Action.RESUME)
    await settle()
    assert list(scene.easel.painting) == ["training"]
    assert training.events[-1] == Started(job="training", attempt=2)


async def test_a_paused_training_makes_way_for_others_after_a_checkpoint(giving: Scene) -> None:
    scene = giving
    first = scene.train("ann", "first")
    await settle()
    scene.easel.say(progress("first"))
    await settle()
    await scene.queue.control("first", Action.PAUSE)
    assert scene.easel.asked == [("first", Action.PAUSE)], "nobody waits"
    second = scene.train("bob", "second")
    await settle()
    assert scene.easel.asked[1:] == [("first", Action.SAVE)]
    assert list(scene.easel.painting) == ["first"]
    scene.easel.say(saved("first", 2))
    await settle()
    assert list(scene.easel.painting) == ["second"]
    assert scene.attempts.of["first"] == 0, "it did not die"
    assert "Cancelled" not in first.kinds

    await scene.queue.control("first", Action.RESUME)
    await settle()
    assert list(scene.easel.painting) == ["second"]
    scene.easel.finish("second")
    await settle()
    assert second.kinds[-1] == "Finished"
    assert list(scene.easel.painting) == ["first"]
    assert first.events[-1] == Started(job="first", attempt=1)
    scene.easel.finish("first")
    await settle()
    assert first.kinds[-1] == "Finished"


async def test_one_that_is_resumed_before_its_checkpoint_keeps_its_place(scene: Scene) -> None:
    scene.train("ann", "first")
    scene.train("bob", "second")
    await settle()
    scene.easel.say(progress("first"))
    await settle()
    await scene.queue.control("first", Action.PAUSE)
    await settle()
    await scene.queue.control("first", Action.RESUME)
    scene.easel.say(saved("first", 2))
    await settle()
    assert list(scene.easel.painting) == ["first"]


async def test_one_that_is_cancelled_on_its_way_out_ends(scene: Scene) -> None:
    first = scene.train("ann", "first")
    scene.train("bob", "second")
    await settle()
    scene.easel.say(progress("first"))
    await settle()
    await scene.queue.control("first", Action.PAUSE)
    await settle()
    await scene.queue.cancel("first")
    await settle()
    assert first.kinds[-1] == "Cancelled"
    assert list(scene.easel.painting) == ["second"]


async def test_a_checkpoint_that_was_asked_for_is_not_asked_for_again(scene: Scene) -> None:
    scene.train("ann", "training")
    await settle()
    scene.easel.say(progress("training"))
    await settle()
    await scene.queue.control("training", Action.SAVE)
    scene.easel.say(saved("training", 1))
    await settle()
    scene.easel.asked.clear()
    scene.easel.crash()
    await settle()
    scene.easel.say(progress("training"))
    await settle()
    assert scene.easel.asked == []


async def test_a_training_that_gets_on_may_lose_its_painter_any_number_of_times(
    scene: Scene,
) -> None:
    training = scene.train("ann", "training")
    for step in range(1, 51):
        await settle()
        scene.easel.say(saved("training", step))
        await settle()
        scene.easel.crash()
    await settle()
    assert list(scene.easel.painting) == ["training"]
    scene.easel.finish("training")
    await settle()
    assert training.kinds.count("Finished") == 1
    assert training.kinds.count("Started") == 51


async def test_one_that_kills_it_three_times_without_a_checkpoint_is_dead(scene: Scene) -> None:
    training = scene.train("ann", "training")
    await settle()
    scene.easel.crash()
    await settle()
    scene.easel.crash()
    await settle()
    # What came before a checkpoint counts no more.
    scene.easel.say(saved("training", 10))
    await settle()
    scene.easel.crash()
    for _ in range(3):
        await settle()
        assert list(scene.easel.painting) == ["training"]
        scene.easel.crash()
    await settle()
    assert isinstance(failed := training.events[-1], Failed)
    assert failed.reason is Reason.CRASHED
    assert not scene.easel.painting


async def test_the_same_checkpoint_again_is_no_progress(scene: Scene) -> None:
    training = scene.train("ann", "training")
    for _ in range(4):
        await settle()
        scene.easel.say(saved("training", 10))
        await settle()
        scene.easel.crash()
    await settle()
    assert training.kinds[-1] == "Failed"


async def test_attempts_before_a_checkpoint_are_given_back(giving: Scene) -> None:
    giving.train("ann", "training")
    for step in (None, None, 10, None, 20):
        await settle()
        if step:
            giving.easel.say(saved("training", step))
            await settle()
        giving.easel.crash()
    await settle()
    assert giving.attempts.of["training"] == 1


async def test_a_training_cancelled_while_attempts_are_given_back_is_over(giving: Scene) -> None:
    training = giving.train("ann", "training")
    await settle()
    giving.easel.say(saved("training", 10))
    await settle()
    giving.easel.crash()
    await giving.queue.cancel("training")
    await settle()
    assert training.kinds[-1] in {"Cancelled", "Started"}
    await giving.queue.cancel("training")
    await settle()
    assert training.kinds[-1] == "Cancelled"
    assert not giving.easel.painting
