"""Failures of one request and their effect on the others."""

from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image

from generation.engine.engine import Engine
from generation.images.tensors import digest_of
from generation.models.model import Model
from generation.protocol.events import Failed, Finished, Reason
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Paint, Reference
from generation.requests.prompts import chosen
from tests.generation.painted import ended, read_record


def fail_beyond(model: Model, rows: int, error: Exception) -> None:
    """From now on the UNet raises `error` for calls of more than `rows` rows."""

    def guard(_: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if len(inputs[0]) > rows:
            raise error

    model.unet.register_forward_pre_hook(guard)


def test_out_of_memory_is_met_with_smaller_calls(
    engine: Engine, model: Model, request_: Callable[..., Paint]
) -> None:
    engine.begin(request_(count=1, steps=1))
    ended(engine)  # so that the cost of a row is known and four fit into a quantum
    fail_beyond(model, 2, torch.OutOfMemoryError("CUDA out of memory"))
    engine.begin(request_())

    assert isinstance(ended(engine)["job"], Finished)


def test_each_picture_takes_the_alternative_of_its_seed(
    engine: Engine, request_: Callable[..., Paint]
) -> None:
    prompt = "a {red|blue|green|(pink:1.2)} star"
    engine.begin(request_(prompt=prompt, negative_prompt="{a|b}", count=4, seed=3, steps=1))
    finished = ended(engine)["job"]

    assert isinstance(finished, Finished)
    records = [read_record(picture.path) for picture in finished.pictures if picture.path]
    assert [record and record["prompt"] for record in records] == [
        chosen(prompt, seed) for seed in range(3, 7)
    ]
    assert len({chosen(prompt, seed) for seed in range(3, 7)}) > 1


def test_a_prompt_that_cannot_be_read_is_refused(
    engine: Engine, request_: Callable[..., Paint]
) -> None:
    engine.begin(request_(prompt="a {red|blue}} star"))

    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.detail) == (Reason.INVALID, str(Problem(Code.BRACES_UNMATCHED)))


def test_prompts_of_any_length_keep_company(engine: Engine, request_: Callable[..., Paint]) -> None:
    engine.begin(request_("short"))
    engine.begin(request_("long", prompt="a red star, " * 60, guidance=3.0))
    engine.begin(request_("opposed", negative_prompt="a red star, " * 60))

    assert all(isinstance(event, Finished) for event in ended(engine).values())


def test_a_reference_is_read_even_if_memory_runs_out_the_first_time(
    engine: Engine, model: Model, request_: Callable[..., Paint], tmp_path: Path
) -> None:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "red.png")
    red = Reference(
        path=tmp_path / "red.png", digest=digest_of((tmp_path / "red.png").read_bytes())
    )

    def fail_once(*_: object) -> None:
        hook.remove()
        raise torch.OutOfMemoryError("CUDA out of memory")

    hook = model.vae.encoder.register_forward_pre_hook(fail_once)
    engine.begin(request_(liked=(red,)))

    finished = ended(engine)["job"]
    assert isinstance(finished, Finished)
    assert finished.steering is not None


def test_what_never_fits_fails_with_a_sentence(
    engine: Engine, model: Model, request_: Callable[..., Paint]
) -> None:
    fail_beyond(model, 0, torch.OutOfMemoryError("CUDA out of memory"))
    engine.begin(request_())

    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.detail) == (
        Reason.MEMORY,
        "The picture does not fit into the device's memory.",
    )


def test_a_fault_is_told_to_the_log_and_the_engine_lives_on(
    engine: Engine, model: Model, request_: Callable[..., Paint]
) -> None:
    hook = model.vae.decoder.register_forward_pre_hook(_raise)
    engine.begin(request_())
    failed = ended(engine)["job"]
    hook.remove()
    engine.begin(request_("next"))

    assert isinstance(failed, Failed)
    assert failed.reason is Reason.INTERNAL
    assert "ZeroDivisionError" in failed.detail
    assert isinstance(ended(engine)["next"], Finished)


def _raise(*_: object) -> None:
    raise ZeroDivisionError("the decoder is broken")


def test_a_request_that_breaks_a_shared_call_fails_alone(
    engine: Engine, model: Model, request_: Callable[..., Paint]
) -> None:
    poison = model.scheduler("pndm", 4, 0).timesteps[0]

    def guard(_: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if (inputs[1] == poison).any():
            raise RuntimeError("a bad request")

    engine.begin(request_(count=1, steps=1))
    ended(engine)  # so that the cost of a row is known and both fit into a quantum
    model.unet.register_forward_pre_hook(guard)
    engine.begin(request_("guilty", count=1, scheduler="pndm", steps=4))
    engine.begin(request_("innocent"))
    events = ended(engine)

    assert isinstance(events["guilty"], Failed)
    assert isinstance(events["innocent"], Finished)


def test_nobody_waits_for_somebody_elses_many_steps(
    engine: Engine, request_: Callable[..., Paint]
) -> None:
    engine.begin(request_("long", count=8, steps=150))
    for _ in range(5):
        engine.advance()
    engine.begin(request_("short", count=1, steps=2))
    for _ in range(40):
        engine.advance()

    finished = [event.job for event in engine.take_events() if isinstance(event, Finished)]
    engine.cancel("long")
    assert finished == ["short"]
