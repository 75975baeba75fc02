"""A training from its request to its result: the methods, going on, and what can go wrong."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from generation.models.loading import load_model
from generation.models.model import Model
from generation.protocol.events import CheckpointSaved, Event, Stage, Trained, TrainProgress
from generation.protocol.options import WorkerOptions
from generation.protocol.problems import Code
from generation.protocol.training import (
    Action,
    DreamBooth,
    Finetune,
    Lora,
    Method,
    TextualInversion,
    Train,
)
from generation.requests.refused import Refused
from generation.training.controls import Controls
from generation.training.run import run
from tests.tiny import build_tiny, build_tiny_xl, load_tiny

METHODS: dict[str, Method] = {
    "lora": Lora(rank=2),
    "lora with text encoder": Lora(rank=2, mlp=True, text_encoder=True),
    "textual inversion": TextualInversion(token="<rocky>", vectors=2, initializer="thing"),
    "dreambooth": DreamBooth(class_prompt="a thing", class_pictures=2, lora=Lora(rank=2)),
    "dreambooth in full": DreamBooth(instance_prompt="sks", lora=None, text_encoder=True),
    "fine-tuning": Finetune(ema_decay=0.9),
}

AT_THREE = Stage.TRAINING, 3

Make = Callable[..., Train]


@pytest.fixture(scope="module")
def smaller_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny(tmp_path_factory.mktemp("smaller"), unet_widths=(32, 32), head_width=16)


@pytest.fixture
def model(smaller_folder: Path) -> Model:
    return load_tiny(smaller_folder)


def events(model: Model, request: Train, controls: Controls | None = None) -> list[Event]:
    return list(run(model, request, controls or Controls()))


def trained(model: Model, request: Train) -> Trained:
    *_, last = events(model, request)
    assert isinstance(last, Trained), last
    return last


def weights(result: Path) -> dict[str, torch.Tensor]:
    file = result if result.is_file() else result / "unet" / "diffusion_pytorch_model.safetensors"
    return load_file(file)


def base_of(model: Model) -> list[torch.Tensor]:
    networks = [model.unet, *(each.network for each in model.text_encoders.encoders)]
    return [weight.clone() for network in networks for weight in network.state_dict().values()]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_leaves_the_model_as_it_was_and_goes_on_exactly_where_it_was_saved(
    model: Model, train_request: Make, name: str
) -> None:
    before = base_of(model)
    whole = trained(model, train_request("whole", method=METHODS[name], every=3))

    assert whole.steps == 4
    assert all(tensor.isfinite().all() for tensor in weights(whole.result).values())
    assert all(map(torch.equal, before, base_of(model)))
    assert not any(weight.requires_grad for weight in model.unet.parameters())

    request = train_request("parts", method=METHODS[name], every=3)
    for event in run(model, request, Controls()):
        if isinstance(event, CheckpointSaved):
            break  # as if the process had been killed
    resumed = trained(model, request)

    assert resumed.result.relative_to(request.out) == whole.result.relative_to(
        request.out.parent / "whole"
    )
    assert resumed.digest == whole.digest


def test_the_same_request_gives_the_same_bytes(model: Model, train_request: Make) -> None:
    first, second = (trained(model, train_request(out)) for out in ("first", "second"))

    assert first.digest == second.digest


def test_another_seed_gives_another_adapter(model: Model, train_request: Make) -> None:
    first = trained(model, train_request("first"))
    second = trained(model, train_request("second", recipe={"seed": 1}))

    assert first.digest != second.digest


def test_a_training_that_has_ended_ends_again(model: Model, train_request: Make) -> None:
    first = trained(model, train_request())

    [again] = events(model, train_request())

    assert again == first


def test_another_training_in_the_folder_of_an_ended_one_is_refused(
    model: Model, train_request: Make
) -> None:
    trained(model, train_request())

    with pytest.raises(Refused, match="belongs to another training"):
        events(model, train_request(recipe={"rate": 1e-2}))


def test_another_training_in_the_same_folder_is_refused(model: Model, train_request: Make) -> None:
    request = train_request(every=2)
    for event in run(model, request, Controls()):
        if isinstance(event, CheckpointSaved):
            break

    with pytest.raises(Refused, match="belongs to another training"):
        events(model, train_request(every=2, recipe={"rate": 1e-2}))


def test_gradient_checkpointing_and_accumulation_change_no_result_much(
    model: Model, train_request: Make
) -> None:
    plain = trained(model, train_request("plain"))
    saving = trained(model, train_request("saving", recipe={"gradient_checkpointing": True}))

    for name, tensor in weights(plain.result).items():
        torch.testing.assert_close(weights(saving.result)[name], tensor, atol=1e-5, rtol=1e-4)


def test_variants_are_cached_and_drawn_from(model: Model, train_request: Make) -> None:
    varied = {"flip": True, "crop": True, "colour": True, "variants": 2}

    ended = trained(model, train_request(recipe=varied))

    assert all(tensor.isfinite().all() for tensor in weights(ended.result).values())


def test_a_checkpoint_has_samples_a_result_and_a_place_in_the_curve(
    model: Model, train_request: Make
) -> None:
    request = train_request(every=2)

    saved = [each for each in events(model, request) if isinstance(each, CheckpointSaved)]

    assert [each.step for each in saved] == [2, 4]
    assert (saved[0].folder / "adapter.safetensors").is_file()
    assert saved[0].sheet is not None
    assert saved[0].sheet.is_file()
    curve = [json.loads(line) for line in (request.out / "curve.jsonl").read_text().splitlines()]
    assert [row["step"] for row in curve if "validation" in row] == [0, 2, 4]
    assert [row["step"] for row in curve if "loss" in row] == [1, 2, 3, 4]


def test_stop_keeps_what_there_is(model: Model, train_request: Make) -> None:
    controls = Controls()

    def watched() -> Iterator[Event]:
        for event in run(model, train_request(recipe={"steps": 50}), controls):
            if isinstance(event, TrainProgress) and (event.stage, event.step) == AT_THREE:
                controls.ask(Action.STOP)
            yield event

    *_, last = watched()

    assert isinstance(last, Trained)
    assert last.steps == 3
    assert last.result.is_file()


@pytest.mark.parametrize(("action", "found"), [(Action.SAVE, "checkpoints"), (Action.SAMPLE, "s")])
def test_save_and_sample_are_done_at_the_next_step(
    model: Model, train_request: Make, action: Action, found: str
) -> None:
    controls = Controls()
    controls.ask(action)
    request = train_request()

    events(model, request, controls)

    made = sorted(path.name for path in request.out.rglob("s*1*") if path.name[0] == "s")
    assert made[0] in ("step-000001", "samples-000001.png")


def test_a_loss_that_is_no_number_ends_it_with_a_sentence(
    model: Model, train_request: Make
) -> None:
    with pytest.raises(Refused) as refused:
        events(model, train_request(recipe={"steps": 200, "rate": 1e30}))

    assert refused.value.problem.code in (Code.TRAIN_NOT_FINITE, Code.TRAIN_DIVERGED)


def test_only_the_new_words_rows_are_trained(model: Model, train_request: Make) -> None:
    table = model.text_encoders.encoders[0].network.get_input_embeddings().weight.clone()
    method = METHODS["textual inversion"]

    ended = trained(model, train_request(method=method))

    assert weights(ended.result)["<rocky>"].shape == (2, table.shape[1])
    after = model.text_encoders.encoders[0].network.get_input_embeddings().weight
    assert torch.equal(table, after)


def test_a_word_that_is_known_is_refused(model: Model, train_request: Make) -> None:
    with pytest.raises(Refused, match="already knows x"):
        events(model, train_request(method=TextualInversion(token="x")))


def test_a_fine_tuned_model_is_a_model_folder(model: Model, train_request: Make) -> None:
    ended = trained(model, train_request(method=Finetune(ema_decay=0.0)))

    own = load_model(WorkerOptions(model=str(ended.result), device="cpu"))

    assert not torch.equal(own.unet.conv_in.weight, model.unet.conv_in.weight)
    assert own.scheduler_config["prediction_type"] == "epsilon"


def test_models_of_checkpoints_in_between_are_deleted(model: Model, train_request: Make) -> None:
    request = train_request(method=Finetune(ema_decay=0.0), every=1)

    ended = trained(model, request)

    models = set((request.out / "checkpoints").glob("step-*/adapter"))
    assert models == {ended.result, ended.last}


def test_a_lora_is_written_for_other_programs_as_well(model: Model, train_request: Make) -> None:
    ended = trained(model, train_request())

    names = load_file(ended.result.with_stem("adapter-kohya"))
    assert all(name.startswith("lora_unet_") for name in names)


def test_class_pictures_are_painted_once(model: Model, train_request: Make) -> None:
    request = train_request(method=METHODS["dreambooth"])
    events(model, request)
    painted = {file: file.stat().st_mtime_ns for file in (request.out / "class").iterdir()}
    (request.out / "result.json").unlink()

    events(model, dataclasses.replace(request))

    assert len(painted) == 2
    assert painted == {file: file.stat().st_mtime_ns for file in (request.out / "class").iterdir()}


def test_a_picture_without_a_caption_needs_a_prompt(
    model: Model, train_request: Make, pictures: Path
) -> None:
    (pictures / "0.txt").unlink()

    with pytest.raises(Refused, match=r"0\.png has no caption"):
        events(model, train_request(method=DreamBooth()))


@pytest.fixture(params=["tiny_xl", "velocity"])
def other_model(request: Any, tmp_path: Path) -> Model:
    folder = tmp_path / "model"
    if request.param == "tiny_xl":
        build_tiny_xl(folder)
    else:
        build_tiny(folder, prediction_type="v_prediction")
    return load_tiny(folder)


@pytest.mark.parametrize("name", ["lora with text encoder", "textual inversion", "dreambooth"])
def test_other_kinds_of_models_are_trained(
    other_model: Model, train_request: Make, name: str
) -> None:
    ended = trained(other_model, train_request(method=METHODS[name]))

    assert ended.steps == 4
