"""The child's loop as its parent sees it: requests in, files and events out."""

import dataclasses
import json
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.images.tensors import digest_of
from generation.process.worker import serve
from generation.protocol.events import Cancelled, Failed, Finished, Progress, Reason, Unready
from generation.protocol.options import WorkerOptions
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Cancel, Paint, Reference
from tests.generation.loop import Worker, pixels, running


@pytest.fixture(scope="module")
def options(tiny_folder: Path) -> WorkerOptions:
    return WorkerOptions(model=str(tiny_folder), device="cpu", threads=1)


@pytest.fixture(scope="module")
def worker(options: WorkerOptions) -> Iterator[Worker]:
    with running(options) as worker:
        yield worker


@pytest.fixture
def request_(options: WorkerOptions, tmp_path: Path) -> Paint:
    return Paint(
        job="job", model=options.model, prompt="a red circle", count=2, steps=3, out=tmp_path
    )


def test_pictures_are_painted_into_the_folder(worker: Worker, request_: Paint) -> None:
    finished = worker.paint(request_)

    assert [picture.path for picture in finished.pictures] == [
        request_.out / "0.png",
        request_.out / "1.png",
    ]
    assert [picture.seed for picture in finished.pictures] == [0, 1]
    assert all(pixels(picture.path).shape == (96, 96, 3) for picture in finished.pictures)
    for picture in finished.pictures:
        assert picture.path is not None
        assert picture.digest == digest_of(picture.path.read_bytes())


def test_the_same_request_gives_the_same_pictures_after_a_restart(
    worker: Worker, options: WorkerOptions, request_: Paint
) -> None:
    before = [pixels(picture.path) for picture in worker.paint(request_).pictures]
    with running(options) as restarted:
        after = [pixels(picture.path) for picture in restarted.paint(request_).pictures]

    assert np.abs(np.stack(before) - np.stack(after)).max() <= 2


def test_a_picture_says_how_it_was_made(worker: Worker, request_: Paint) -> None:
    request = dataclasses.replace(request_, prompt="円 • a circle", negative_prompt="blur", seed=5)
    finished = worker.paint(request)

    with Image.open(request.out / "1.png") as picture:
        texts = picture.text  # type: ignore[attr-defined]
    assert texts["parameters"].splitlines()[:2] == ["円 • a circle", "Negative prompt: blur"]
    assert "Steps: 3, Sampler: Euler a, CFG scale: 6, Seed: 6, Size: 96x96" in texts["parameters"]
    assert json.loads(texts["konomi"])["seed"] == finished.pictures[1].seed == 6
    assert str(request.out) not in str(texts)


def test_progress_counts_unet_calls_and_ends_once(worker: Worker, request_: Paint) -> None:
    events = worker.events(dataclasses.replace(request_, scheduler="pndm"))

    steps = [(event.step, event.steps) for event in events if isinstance(event, Progress)]
    assert steps[-1] == (4, 4)
    assert steps == sorted(steps)
    assert [isinstance(event, Finished) for event in events] == [False] * (len(events) - 1) + [True]


def test_a_preview_is_a_small_picture(worker: Worker, request_: Paint) -> None:
    worker.connection.send(dataclasses.replace(request_, steps=150, count=8))
    while not (isinstance(event := worker.receive(), Progress) and event.preview):
        pass
    worker.connection.send(Cancel(job=request_.job))
    while not isinstance(worker.receive(), Cancelled):
        pass

    assert event.preview == request_.out / "preview.webp"
    with Image.open(event.preview) as preview:
        assert max(preview.size) <= 256


def test_previews_can_be_turned_off(worker: Worker, request_: Paint) -> None:
    worker.paint(dataclasses.replace(request_, previews=False, count=8))

    assert sorted(path.name for path in request_.out.iterdir()) == [f"{k}.png" for k in range(8)]


def test_requests_are_painted_together_and_company_changes_nothing(
    worker: Worker, request_: Paint, tmp_path: Path
) -> None:
    alone = [pixels(picture.path) for picture in worker.paint(request_).pictures]
    others = []
    for number, size in enumerate([(96, 96), (64, 80)]):
        out = tmp_path / f"{number}"
        out.mkdir()
        others.append(
            dataclasses.replace(
                request_,
                job=f"other {number}",
                out=out,
                width=size[0],
                height=size[1],
                seed=40 + number,
                scheduler="lms",
            )
        )
    events = worker.events(others[0], request_, *others[1:])
    [mine] = [e for e in events if isinstance(e, Finished) and e.job == request_.job]

    in_batches = [pixels(picture.path) for picture in mine.pictures]
    assert np.abs(np.stack(alone) - np.stack(in_batches)).max() <= 2


def test_cancelling_stops_at_the_next_step(worker: Worker, request_: Paint) -> None:
    worker.connection.send(dataclasses.replace(request_, steps=150, count=8))
    while not isinstance(worker.receive(), Progress):
        pass
    worker.connection.send(Cancel(job=request_.job))
    while isinstance(event := worker.receive(), Progress):
        pass

    assert event == Cancelled(job=request_.job)
    assert worker.paint(dataclasses.replace(request_, job="next"))


def test_cancelling_what_is_not_there_does_nothing(worker: Worker, request_: Paint) -> None:
    worker.connection.send(Cancel(job="long gone"))

    assert worker.paint(request_)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"width": 100}, "The width must be a multiple of 8. The nearest to 100 is 96."),
        ({"height": 32}, "The height must be at least 64 pixels, not 32."),
        ({"width": 512, "height": 512}, "512 × 512 is too large"),
        ({"count": 9}, "You can ask for 1 to 8 pictures, not 9."),
        ({"steps": 0}, "The number of steps must be between 1 and 150, not 0."),
        ({"guidance": 0.0}, "Guidance must be between 1 and 30, not 0."),
        ({"scheduler": "magic"}, "Choose one of: euler_a, euler, heun, "),
        ({"seed": -1}, "A seed must be a whole number"),
        ({"out": Path("/nowhere")}, "The output folder /nowhere does not exist."),
        (
            {"liked": (Reference(path=Path("/nowhere/a.png"), digest="0"),)},
            "The reference a.png cannot be read.",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    worker: Worker, request_: Paint, change: dict[str, object], sentence: str
) -> None:
    failed = worker.fail(dataclasses.replace(request_, **change))  # type: ignore[arg-type]

    assert failed.reason is Reason.INVALID
    assert sentence in failed.detail


def test_a_reference_that_is_no_picture_or_another_one_is_refused(
    worker: Worker, request_: Paint, tmp_path: Path
) -> None:
    path = tmp_path / "fake.png"
    path.write_bytes(b"GIF89a, honestly")
    fake = Reference(path=path, digest=digest_of(path.read_bytes()))
    refused = worker.fail(dataclasses.replace(request_, liked=(fake,)))
    Image.new("RGB", (96, 96), "red").save(path)
    other = worker.fail(dataclasses.replace(request_, disliked=(fake,)))

    assert (refused.reason, other.reason) == (Reason.INVALID, Reason.INVALID)
    assert "fake.png: The picture is damaged or incomplete." in refused.detail
    assert "fake.png is no longer the same picture" in other.detail


def test_a_request_for_another_model_is_refused(
    worker: Worker, request_: Paint, tiny_folder: Path
) -> None:
    failed = worker.fail(dataclasses.replace(request_, model="sd15"))

    problem = Problem(Code.OTHER_MODEL, {"model": "sd15", "loaded": tiny_folder.name})
    expected = Failed(job="job", reason=Reason.MODEL, detail=str(problem), problem=problem)
    assert failed == expected
    assert "needs the model sd15" in failed.detail


def test_a_folder_that_vanishes_fails_its_request_alone(
    worker: Worker, request_: Paint, tmp_path: Path
) -> None:
    doomed = tmp_path / "doomed"
    doomed.mkdir()
    worker.connection.send(dataclasses.replace(request_, job="doomed", out=doomed, steps=20))
    while not isinstance(worker.receive(), Progress):
        pass
    doomed.rmdir()
    while isinstance(event := worker.receive(), Progress):
        pass

    assert isinstance(event, Failed)
    assert event.reason is Reason.INTERNAL
    assert worker.paint(request_)


def test_a_model_that_cannot_be_loaded_is_said_in_a_sentence_and_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    here, there = Pipe()
    serve(there, WorkerOptions(model="not a model", device="cpu"))

    greeting = here.recv()
    assert isinstance(greeting, Unready)
    assert greeting.detail.startswith("There is no model called not a model. Known by name: shapes")
    # Whoever started this process says it.
    assert caplog.text == ""


def test_the_loop_ends_with_its_parent(options: WorkerOptions) -> None:
    here, there = Pipe()
    here.close()

    serve(there, options)
