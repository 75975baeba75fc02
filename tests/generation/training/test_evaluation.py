"""Judging a training: scores against the untouched model, the best checkpoint, the page."""

from __future__ import annotations

import dataclasses
import io
import re
import shutil
from collections.abc import Generator, Sequence
from pathlib import Path
from random import Random

import pytest
import torch
from PIL import Image
from transformers import ViTConfig, ViTImageProcessorPil, ViTModel

from generation.catalog.entries import ModelUnavailable
from generation.catalog.files import EMBEDDED
from generation.protocol.events import Trained
from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    Lora,
    Method,
    Recipe,
    TextualInversion,
    Train,
)
from generation.shapes.captions import ATTRIBUTES, caption
from generation.shapes.world import Scene, draw
from generation.training.controls import Controls
from generation.training.evaluation.dino import Dino
from generation.training.evaluation.judges import clip_of, judge_of
from generation.training.evaluation.loss_curve import DARK, Losses, draw_losses, smoothed
from generation.training.evaluation.page import SheetRow, TrainingPage, write_page
from generation.training.evaluation.probe import (
    Evaluated,
    Probe,
    evaluate,
    probe_of,
    trigger_of,
    without,
)
from generation.training.evaluation.record import best_of, load_rows
from generation.training.evaluation.scores import UNJUDGED, Judge, Scores, diversity, likeness
from generation.training.evaluation.stopping import CheckpointScores, best_checkpoint, excess
from generation.training.run import run
from tests.tiny import load_tiny

SUBJECT = {"shape": "star", "colour": "red", "fill": "striped", "size": "large"}
UNTOUCHED = Scores(fidelity=0.60, following=0.30, drift=0.58)


def scene(background: str, **change: str) -> Scene:
    return Scene(**{**SUBJECT, "background": background, **change})


@pytest.fixture(scope="module")
def judge() -> Judge:
    return judge_of("shapes")


@pytest.fixture(scope="module")
def references() -> list[Image.Image]:
    return [draw(scene(background)) for background in ("blue", "green", "white", "black")]


class Painter:
    """Draws what a well or a badly trained model would paint."""

    def __init__(self, *, learned: bool, drifts: bool = False) -> None:
        self.learned, self.drifts = learned, drifts
        self.asked: list[tuple[str, int]] = []

    def __call__(
        self, prompts: Sequence[str], seeds: Sequence[int]
    ) -> Generator[None, None, list[Image.Image]]:
        self.asked += zip(prompts, seeds, strict=True)
        yield
        return [self._picture(*pair) for pair in zip(prompts, seeds, strict=True)]

    def _picture(self, prompt: str, seed: int) -> Image.Image:
        background = prompt.rsplit(" ", 2)[1]
        if (self.learned and "sks" in prompt) or self.drifts:
            return draw(scene(background))
        shape, colour = ("circle", "square")[seed % 2], ("white", "black")[seed % 2]
        return draw(scene(background, shape=shape, colour=colour, fill="solid"))


WISHES = tuple(
    (f"a sks shape on a {background} background", seed)
    for background in ("purple", "pink")
    for seed in (0, 1)
)
PROBE = Probe(wishes=WISHES, trigger="sks")


def evaluated(
    painter: Painter, probe: Probe, references: list[Image.Image], judge: Judge
) -> Evaluated:
    steps = evaluate(painter, probe, references, judge)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Evaluated = end.value
            return found


def test_a_model_that_learned_its_subject_scores_above_the_untouched_one(
    judge: Judge, references: list[Image.Image]
) -> None:
    untouched = evaluated(Painter(learned=False), PROBE, references, judge).scores
    trained = evaluated(Painter(learned=True), PROBE, references, judge).scores
    drifted = evaluated(Painter(learned=True, drifts=True), PROBE, references, judge).scores
    assert untouched.fidelity
    assert trained.fidelity
    assert trained.fidelity > untouched.fidelity
    assert trained.drift == pytest.approx(untouched.drift)
    assert drifted.drift
    assert untouched.drift
    assert drifted.drift > untouched.drift
    assert trained.diversity == pytest.approx(0, abs=1e-6)
    assert untouched.diversity
    assert untouched.diversity > 0.1


def test_both_models_paint_the_same_prompts_from_the_same_seeds(
    judge: Judge, references: list[Image.Image]
) -> None:
    painters = Painter(learned=False), Painter(learned=True)
    results = [evaluated(each, PROBE, references, judge) for each in painters]
    assert painters[0].asked == painters[1].asked
    assert painters[0].asked[:2] == list(WISHES[:2])
    assert ("a shape on a pink background", 1) in painters[0].asked
    assert [len(each.pictures) for each in results] == [4, 4]
    assert [len(each.plain) for each in results] == [4, 4]


def test_pictures_that_show_what_the_prompt_says_follow_it(judge: Judge) -> None:
    shown = scene("blue")
    words = caption(shown, ATTRIBUTES, Random(0))
    right = judge.score([draw(shown)], [words], [draw(shown)])
    wrong = judge.score([draw(scene("green", colour="white"))], [words], [draw(shown)])
    assert right.following
    assert wrong.following
    assert right.following > wrong.following
    assert right.fidelity == pytest.approx(1, abs=1e-5)
    assert (right.drift, right.diversity, right.dino) == (None, None, None)


def test_without_any_judge_there_are_no_scores(references: list[Image.Image]) -> None:
    assert evaluated(Painter(learned=True), PROBE, references, Judge()).scores == UNJUDGED


def test_without_a_trigger_nothing_is_painted_without_it(references: list[Image.Image]) -> None:
    painter = Painter(learned=True)
    found = evaluated(painter, Probe(wishes=WISHES), references, Judge())
    assert (len(painter.asked), found.plain) == (4, ())


@pytest.mark.parametrize(
    ("trigger", "prompt", "noun", "plain"),
    [
        ("sks", "a photo of sks dog", "", "a photo of dog"),
        ("sks", "sks, SKS and sksy", "", ", and sksy"),
        ("<rocky>", "a photo of <rocky> at sea", "dog", "a photo of dog at sea"),
        ("ohwx man", "ohwx man, smiling", "man", "man, smiling"),
        ("ポチ", "公園のポチ", "犬", "公園のポチ"),  # a part of a longer word
        ("ポチ", "公園の ポチ", "犬", "公園の 犬"),
        ("a\\1", "a\\1 dog", "b\\2", "b\\2 dog"),
        ("", "a photo of a dog", "dog", "a photo of a dog"),
    ],
)
def test_the_trigger_is_left_out(trigger: str, prompt: str, noun: str, plain: str) -> None:
    assert without(trigger, prompt, noun) == plain


def test_dino_embeds_pictures(tmp_path: Path) -> None:
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        settings = ViTConfig(
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            image_size=32,
            patch_size=16,
        )
        ViTModel(settings, add_pooling_layer=False).save_pretrained(tmp_path)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    dino = Dino.load(tmp_path)
    seen = dino.images([draw(scene("blue")), draw(scene("green")), draw(scene("blue"))])
    assert seen.shape == (3, 16)
    assert seen.norm(dim=1) == pytest.approx(torch.ones(3))
    assert torch.equal(seen[0], seen[2])
    scores = Judge(dino=dino).score([draw(scene("blue"))], ["a star"], [draw(scene("blue"))])
    assert scores == Scores(dino=pytest.approx(1, abs=1e-5))


def test_a_folder_without_dino_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no whole DINO"):
        Dino.load(tmp_path)


def test_a_models_own_clip_comes_before_a_downloaded_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert clip_of("sd15") is None
    snapshot = tmp_path / "models--openai--clip-vit-base-patch32" / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    refs = snapshot.parents[1] / "refs"
    refs.mkdir()
    (refs / "main").write_text("0" * 40)
    (snapshot / "config.json").write_text("{}")
    assert clip_of("sd15") is None  # not whole
    for name in ("preprocessor_config.json", "model.safetensors"):
        (snapshot / name).write_text("{}")
    assert clip_of("sd15") == snapshot
    assert clip_of("shapes") == EMBEDDED / "clip"


@pytest.mark.parametrize(
    ("method", "trigger", "expected"),
    [
        (Lora(), "", ("", "")),
        (Lora(), "sks", ("sks", "")),
        (Lora(), "sks dog", ("sks dog", "dog")),
        (TextualInversion(token="<rocky>", initializer="dog"), "", ("<rocky>", "dog")),
        (DreamBooth(instance_prompt="a photo of SKS dog"), "", ("", "")),
        (
            DreamBooth(instance_prompt="a photo of sks dog", class_prompt="A photo of a dog"),
            "",
            ("sks", ""),
        ),
        (DreamBooth(instance_prompt="rocky, our pug", class_prompt="a dog"), "", ("", "")),
    ],
)
def test_the_trigger_of_a_request(
    method: Method, trigger: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    request = Train(
        job="", model="shapes", method=method, data=tmp_path, out=tmp_path, trigger=trigger
    )
    assert trigger_of(request) == expected


def test_prompts_of_the_data_are_painted_from_two_seeds_each(tmp_path: Path) -> None:
    request = Train(job="", model="shapes", method=Lora(), data=tmp_path, out=tmp_path)
    wishes = probe_of(request, ["one", "one", "two", "three"]).wishes
    assert [prompt for prompt, _ in wishes] == ["one", "two", "one", "two"]
    assert len({seed for _, seed in wishes}) == 4
    own = dataclasses.replace(request, checkpoints=Checkpoints(prompts=("mine",)))
    assert probe_of(own, ["one"]).wishes == (("mine", wishes[0][1]),)


def test_scores_that_are_no_numbers_are_left_out() -> None:
    assert likeness(torch.full((2, 3), float("nan")), torch.ones(2, 3)) is None
    assert diversity([torch.ones(1, 3), torch.ones(1, 3)]) is None


def checkpoint(step: int, fidelity: float, following: float, drift: float) -> CheckpointScores:
    scores = Scores(fidelity=fidelity, following=following, drift=drift)
    return CheckpointScores(step=step, scores=scores, validation=1 / step)


RISING = [
    checkpoint(100, 0.66, 0.30, 0.58),
    checkpoint(200, 0.74, 0.29, 0.60),
    checkpoint(300, 0.80, 0.27, 0.64),
    checkpoint(400, 0.805, 0.26, 0.66),
    checkpoint(500, 0.86, 0.22, 0.70),  # no longer follows
    checkpoint(600, 0.88, 0.28, 0.80),  # drifted
]


def test_the_best_checkpoint_is_faithful_and_has_not_forgotten() -> None:
    # Step 400 is more faithful by less than what counts, and 300 is earlier.
    assert best_checkpoint(RISING, UNTOUCHED).step == 300
    assert best_checkpoint(RISING[::-1], UNTOUCHED).step == 300
    assert best_checkpoint(RISING[:2], UNTOUCHED).step == 200


def test_of_checkpoints_beyond_the_limits_the_nearest_is_proposed() -> None:
    beyond = [checkpoint(100, 0.8, 0.20, 0.70), checkpoint(200, 0.9, 0.24, 0.76)]
    assert all(excess(each.scores, UNTOUCHED) > 0 for each in beyond)
    assert best_checkpoint(beyond, UNTOUCHED).step == 200
    assert best_checkpoint([beyond[0]], UNTOUCHED).step == 100


def test_equal_checkpoints_go_to_the_earlier() -> None:
    same = [checkpoint(step, 0.7, 0.3, 0.58) for step in (300, 100, 200)]
    assert best_checkpoint(same, UNTOUCHED).step == 100
    assert best_checkpoint(same).step == 100


def test_without_scores_the_loss_decides_and_without_losses_the_last() -> None:
    losses = {100: 0.3, 200: 0.1, 300: 0.2, 400: float("nan")}
    found = [CheckpointScores(step=step, validation=loss) for step, loss in losses.items()]
    assert best_checkpoint(found).step == 200
    assert best_checkpoint([found[3]]).step == 400
    assert best_checkpoint([CheckpointScores(step=step) for step in (5, 9, 7)]).step == 9


def test_without_the_untouched_models_scores_fidelity_alone_decides() -> None:
    assert best_checkpoint(RISING).step == 600


def test_a_checkpoint_without_a_score_yields_to_those_that_have_one() -> None:
    unjudged = CheckpointScores(step=50, validation=0.001)
    assert best_checkpoint([unjudged, *RISING[:2]], UNTOUCHED).step == 200


def test_the_smoothed_curve_has_no_bias_towards_its_start() -> None:
    assert smoothed([(1, 2.0), (2, 2.0), (3, 2.0)]) == [(1, 2.0), (2, 2.0), (3, pytest.approx(2))]
    assert smoothed([(1, 1.0), (2, 0.0)], 0.5)[1] == (2, pytest.approx(1 / 3))
    assert smoothed([]) == []


def test_the_curve_is_drawn_for_light_and_dark_and_with_nothing_in_it() -> None:
    losses = Losses(
        training=[(step, 1 / step) for step in range(1, 30)],
        validation=[(0, 1.0), (10, 0.5)],
        checkpoints=(10, 20),
        proposed=10,
    )
    pictures = [Image.open(io.BytesIO(data)) for data in _curves(losses)]
    assert len({picture.size for picture in pictures}) == 1
    corners = [picture.convert("RGB").getpixel((0, 0)) for picture in pictures]
    assert corners == [(255, 255, 255), (27, 29, 33), (255, 255, 255)]


def _curves(losses: Losses) -> list[bytes]:
    return [draw_losses(losses), draw_losses(losses, DARK), draw_losses(Losses())]


def page_of(*, scores: Scores = UNTOUCHED, side: int = 96) -> TrainingPage:
    picture = draw(scene("blue")).resize((side, side))
    wishes = [("a sks <dog> & cat", 0), ("a sks <dog> & cat", 1)]
    rows = [
        SheetRow(step=step, pictures=[picture] * 2, plain=[picture] * 2, scores=scores)
        for step in (None, 100, 200)
    ]
    return TrainingPage(
        title="rocky <3",
        references=[picture],
        wishes=wishes,
        plain_wishes=wishes,
        rows=rows,
        proposed=100,
        losses=Losses(training=[(1, 0.5)], validation=[(100, 0.4)], proposed=100),
        settings={"rank": 16, "trigger": "<rocky>"},
    )


def test_before_the_first_step_there_is_no_curve(tmp_path: Path) -> None:
    page = dataclasses.replace(page_of(), losses=Losses(validation=[(0, 1.0)]))
    assert "<picture>" not in write_page(page, tmp_path).read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_the_page_needs_nothing_beside_it(tmp_path: Path) -> None:
    path = write_page(page_of(), tmp_path)
    page = path.read_text(encoding="utf-8")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["loss.png", "report.html"]
    assert "<script" not in page
    assert "http" not in page
    assert all(address.startswith("data:image/") for address in re.findall(r'src="([^"]+)', page))
    assert page.count("<figure>") == 1 + 3 * 2 + 3 * 2
    assert "rocky &lt;3" in page
    assert "a sks &lt;dog&gt; &amp; cat" in page
    assert "&lt;rocky&gt;" in page
    assert "<rocky>" not in page
    assert "The best checkpoint is <strong>step 100</strong>. The last, step 200" in page
    assert page.count("(proposed)") == 1
    assert "0.600" in page
    assert "CLIP-I" in page


def test_large_pictures_are_made_smaller_on_the_page(tmp_path: Path) -> None:
    page = write_page(page_of(side=1024), tmp_path).read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == 13
    assert len(page) < 600_000


def test_the_page_says_that_there_is_no_judge(tmp_path: Path) -> None:
    page = write_page(page_of(scores=UNJUDGED), tmp_path).read_text(encoding="utf-8")
    assert "There is no CLIP" in page
    assert "CLIP-I" not in page
    assert "<table>" not in page


def test_a_page_before_the_first_checkpoint(tmp_path: Path) -> None:
    page = TrainingPage(title="rocky", references=[draw(scene("blue"))], wishes=[])
    written = write_page(page, tmp_path).read_text(encoding="utf-8")
    assert "There is no checkpoint yet." in written
    assert "<h2>Loss</h2>" not in written


def test_a_training_is_scored_and_its_best_checkpoint_is_the_result(
    tiny_folder: Path, tmp_path: Path
) -> None:
    model = load_tiny(tiny_folder)
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    out.mkdir()
    draw(scene("blue")).save(data / "one.png")
    (data / "one.txt").write_text("sks dog")
    request = Train(
        job="j",
        model=str(tiny_folder),
        method=Lora(rank=2),
        data=data,
        out=out,
        recipe=Recipe(steps=2, rate=1e-4),
        checkpoints=Checkpoints(every=1, sample_steps=1),
        trigger="sks",
    )
    shutil.copytree(EMBEDDED / "clip", tiny_folder / "clip")
    shutil.copy(EMBEDDED / "tokenizer" / "tokenizer.json", tiny_folder / "clip")
    try:
        *_, ended = run(model, request, Controls())
    finally:
        shutil.rmtree(tiny_folder / "clip")
    assert isinstance(ended, Trained)
    assert ended.report == out / "report.html"
    page = ended.report.read_text(encoding="utf-8")
    assert f"step {ended.step}" in page
    assert "CLIP-T" in page
    rows = load_rows([out / "untouched", *(out / "checkpoints").iterdir()])
    assert [row.step for row in rows] == [None, 1, 2]
    assert ended.step == best_of(rows)
    assert all(row.scores.fidelity is not None for row in rows)
    assert all(row.scores.drift is not None for row in rows)
    assert [len(row.plain) for row in rows] == [4, 4, 4]
    assert ended.last.parent.name == "step-000002"
