"""The study of training methods: its lessons, its records, and its report."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from random import Random

import pytest

from generation.models.loading import load_model
from generation.protocol.options import WorkerOptions
from generation.protocol.training import Lora, Recipe, TextualInversion
from generation.shapes.evaluation.concepts import RESERVED, Concept, held_out, lesson
from generation.shapes.evaluation.ledger import StudyFolder
from generation.shapes.evaluation.teaching import (
    TOKEN,
    UNTOUCHED,
    Probes,
    Pupil,
    TeachingRecord,
    request_of,
)
from generation.shapes.evaluation.training import paint_class, run_trials
from generation.shapes.evaluation.training_plan import (
    INVERSION,
    LORA,
    PUPILS,
    WITH_PRIOR,
    WITHOUT_PRIOR,
    TeachingPlan,
)
from generation.shapes.evaluation.training_report import bars, kept_share, means, report_training
from generation.shapes.scorers import read
from generation.shapes.world import Scene, draw
from generation.training.samples import Sampling

CONCEPTS = (*RESERVED, held_out(Random(0)))
SCENE = Scene(
    shape="crescent", colour="red", background="blue", fill="checked", size="large", place="left"
)


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_a_lesson_asks_for_what_no_drawing_showed(concept: Concept) -> None:
    for seed in range(20):
        taught = lesson(concept, Random(seed), contexts=6)
        assert len(taught.drawings) == 4
        for name in ("colour", "background", "place"):
            if name in concept.named:
                shown = {getattr(scene, name) for scene in taught.drawings}
                assert not shown & {getattr(scene, name) for scene in taught.contexts}
        for scene in (*taught.drawings, *taught.contexts):
            assert scene.colour != scene.background
            assert all(getattr(scene, name) == value for name, value in concept.attributes)


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_scorers_know_the_concept_in_its_drawings(concept: Concept) -> None:
    taught = lesson(concept, Random(1), contexts=6)
    for scene in (*taught.drawings, *taught.contexts):
        reading = read(draw(scene))
        assert concept.shown(reading)
        assert concept.named_right(reading, scene) == 1


@pytest.mark.parametrize(
    ("attributes", "asked", "plain"),
    [
        ({"shape": "crescent"}, "a large checked red sks shape", "a large checked red shape"),
        ({"fill": "checked"}, "a large sks red crescent", "a large red crescent"),
        ({"fill": "checked", "colour": "red", "shape": "crescent"}, "a large sks shape", "a large"),
    ],
)
def test_prompts_name_all_but_the_concept(
    attributes: dict[str, str], asked: str, plain: str
) -> None:
    concept = Concept(attributes=tuple(attributes.items()))
    for seed in range(10):
        assert asked in concept.prompt(SCENE, "sks", Random(seed))
        without = concept.prompt(SCENE, "", Random(seed))
        assert plain in without
        assert "sks" not in without
        assert "blue" in without


def test_textual_inversion_begins_at_a_word_that_comes_near(tmp_path: Path) -> None:
    pupil = Pupil(name=INVERSION, method=TextualInversion(token=TOKEN))
    request = request_of(pupil, lesson(RESERVED[2], Random(0), contexts=1), 3, tmp_path)
    assert isinstance(request.method, TextualInversion)
    assert request.method.initializer == "striped"
    assert request.recipe.seed == 3
    captions = [file.read_text() for file in request.data.glob("*.txt")]
    assert len(captions) == 4
    assert all(TOKEN in caption for caption in captions)


def test_the_plan_teaches_each_thing_by_each_method() -> None:
    trials = list(TeachingPlan(seeds=(0, 1)).trials())
    assert len(trials) == 2 * (4 * len(PUPILS) + 2)
    combined = [pupil.name for _, taught, pupil in trials if taught.concept.kind == "combination"]
    assert combined == [UNTOUCHED, INVERSION] * 2


SMALL = TeachingPlan(
    seeds=(0,),
    pupils=(
        Pupil(name=UNTOUCHED),
        Pupil(name=LORA, method=Lora(rank=2), recipe=Recipe(steps=1, rate=1e-4)),
    ),
    concepts=RESERVED[:1],
    contexts=1,
    class_pictures=1,
    probes=Probes(sampling=Sampling(steps=1, guidance=1.0, scheduler="ddim"), class_seeds=(1,)),
)


def test_a_study_runs_what_is_missing_and_reports_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = StudyFolder(tmp_path, TeachingRecord)
    folder.open(SMALL.about("shapes"))
    model = load_model(WorkerOptions(model="shapes", device="cpu"))
    paint_class(model, SMALL, tmp_path / "class")
    trials = list(SMALL.trials())
    run_trials(model, SMALL, trials[:1], tmp_path)
    run_trials(model, SMALL, trials, tmp_path)
    records = list(folder.records())
    assert [(each.pupil, each.kind) for each in records] == [
        (UNTOUCHED, "shape"),
        (LORA, "shape"),
        (UNTOUCHED, "combination"),
    ]
    assert records[1].settings["recipe"]["steps"] == 1
    assert len(list((tmp_path / "class").iterdir())) == 1
    report_training(folder, SMALL, tmp_path)
    assert {"training.json", "training.md", "training.png"} <= {
        each.name for each in tmp_path.iterdir()
    }
    figures = json.loads((tmp_path / "training.json").read_text())
    assert figures["tables"]["reserved shapes and fills"][LORA]["shown"]
    assert "| untouched |" in capsys.readouterr().out


def record(pupil: str, seed: int, **change: float) -> TeachingRecord:
    figures = dict.fromkeys(
        (field.name for field in dataclasses.fields(TeachingRecord) if field.type == "float"), 0.5
    )
    return TeachingRecord(
        pupil=pupil,
        concept="crescent",
        kind="shape",
        seed=seed,
        settings={},
        **{**figures, **change},
    )


def test_the_bars_are_judged_by_paired_intervals() -> None:
    shown = {UNTOUCHED: 0.0, INVERSION: 0.1, LORA: 0.6, WITHOUT_PRIOR: 0.9, WITH_PRIOR: 0.8}
    records = [
        record(
            name,
            seed,
            shown=value + 0.01 * seed,
            leaked={WITHOUT_PRIOR: 0.5}.get(name, 0.1),
            named={LORA: 0.3}.get(name, 0.5),
        )
        for name, value in shown.items()
        for seed in range(3)
    ]
    met = bars(records)
    assert met["LoRA above Textual Inversion: shows it"]
    assert met["DreamBooth, prior loss above untouched: shows it"]
    assert not met["LoRA above Textual Inversion: CLIP-I"]  # equal
    assert met["less drift with the prior loss (shown unasked)"]
    assert not met["less drift with the prior loss (PRES)"]  # equal
    assert not met["LoRA keeps 80% of untouched's all else named"]
    assert met["Textual Inversion keeps 80% of untouched's all else named"]
    kept = kept_share(records, LORA, "named")
    assert kept is not None
    assert kept.mean == pytest.approx(0.6)
    assert means(records)[LORA]["shown"].trials == 3
