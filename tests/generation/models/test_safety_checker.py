"""The safety checker finds; the request's filter says what becomes of what it found."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from generation.catalog.checkers import CheckerFiles
from generation.engine import outputs
from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.images.sheets import hidden
from generation.images.tensors import digest_of
from generation.models.loading import load_model
from generation.models.model import Model
from generation.models.safety_checkers.stable_diffusion import load_stable_diffusion_checker
from generation.protocol.events import Finished, Painted
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Filter, Paint, Reference, Source
from generation.sampling.previews import COARSE, Previews
from tests.generation.loop import running
from tests.generation.painted import detail, ended, read_record
from tests.tiny import build_tiny, load_tiny

MODES = list(Filter)


@pytest.fixture(scope="session")
def lenient_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose checker flags no picture."""
    return build_tiny(tmp_path_factory.mktemp("lenient"), safety_threshold=2.0)


class TestInTheStudio:
    @pytest.fixture
    def model(self, strict_folder: Path) -> Model:
        return load_tiny(strict_folder)

    @pytest.fixture
    def engine(self, model: Model) -> Iterator[Engine]:
        with Writer() as writer:
            yield Engine(model, writer, name=model.card.name, reference_budget=2**28)

    @pytest.mark.parametrize("mode", [Filter.OFF, Filter.SPOILER])
    def test_what_may_be_shown_is_written_and_flagged(
        self, engine: Engine, request_: Callable[..., Paint], mode: Filter
    ) -> None:
        engine.begin(request_(count=1, steps=1, filter=mode))
        (picture,) = finished(engine).pictures

        assert (picture.flagged, picture.withheld) == (True, False)
        assert picture.path is not None
        record = read_record(picture.path)
        assert record is not None
        assert record["flagged"] is True

    def test_what_may_not_be_shown_is_never_written(
        self, engine: Engine, request_: Callable[..., Paint]
    ) -> None:
        request = request_(count=1, steps=1, filter=Filter.WITHHOLD)
        engine.begin(request)

        assert finished(engine).pictures == (
            Painted(
                path=None, digest=None, seed=0, width=96, height=96, withheld=True, flagged=True
            ),
        )
        assert list(request.out.iterdir()) == []

    @pytest.mark.parametrize("mode", MODES)
    def test_only_what_is_found_is_flagged(
        self, engine: Engine, model: Model, request_: Callable[..., Paint], mode: Filter
    ) -> None:
        scores = [_highest_score(engine, model, request_(count=1, steps=1, seed=s)) for s in (0, 1)]
        model.safety.checker.concept_embeds_weights.data.fill_(sum(scores) / 2)  # type: ignore[union-attr]
        engine.begin(request_("both", count=2, steps=1, filter=mode))

        expected = [score == max(scores) for score in scores]
        assert [picture.flagged for picture in finished(engine, "both").pictures] == expected

    def test_a_picture_is_the_same_whatever_is_made_of_it(
        self, engine: Engine, request_: Callable[..., Paint], lenient_folder: Path
    ) -> None:
        engine.begin(request_("flagged", count=1, steps=1, filter=Filter.OFF))
        (flagged,) = finished(engine, "flagged").pictures
        with running(WorkerOptions(model=str(lenient_folder), device="cpu")) as worker:
            request = dataclasses.replace(request_("other"), model=str(lenient_folder))
            other = worker.paint(dataclasses.replace(request, count=1, steps=1)).pictures[0]

        assert (flagged.flagged, other.flagged) == (True, False)
        assert flagged.path
        assert other.path
        with Image.open(flagged.path) as one, Image.open(other.path) as two:
            assert one.tobytes() == two.tobytes()

    def test_what_is_checked_is_what_is_handed_out(
        self, engine: Engine, model: Model, request_: Callable[..., Paint], tmp_path: Path
    ) -> None:
        # A mask keeps the source but for a corner: that is what the checker has to see.
        Image.new("RGB", (96, 96), "red").save(tmp_path / "red.png")
        mask = Image.new("L", (96, 96))
        mask.paste(255, (0, 0, 8, 8))
        mask.save(tmp_path / "mask.png")
        seen: list[Image.Image] = []
        prepare = model.safety.prepare  # type: ignore[union-attr]
        model.safety.prepare = lambda picture, **o: seen.append(picture) or prepare(picture, **o)  # type: ignore[union-attr]
        source = Source(
            path=tmp_path / "red.png",
            digest=digest_of((tmp_path / "red.png").read_bytes()),
            mask=tmp_path / "mask.png",
        )
        engine.begin(request_(count=1, steps=2, source=source, filter=Filter.OFF))
        (picture,) = finished(engine).pictures

        assert picture.path is not None
        with Image.open(picture.path) as written:
            assert seen[0].tobytes() == written.tobytes()
        assert seen[0].getpixel((95, 95)) == (255, 0, 0)

    @pytest.mark.parametrize(("mode", "coarse"), [(m, m is not Filter.OFF) for m in MODES])
    def test_previews_are_coarse_while_the_filter_is_on(
        self,
        engine: Engine,
        request_: Callable[..., Paint],
        monkeypatch: pytest.MonkeyPatch,
        mode: Filter,
        coarse: bool,
    ) -> None:
        monkeypatch.setattr(outputs, "PREVIEW_SECONDS", 0)
        request = request_(count=1, steps=3, previews=True, filter=mode)
        engine.begin(request)
        ended(engine)

        assert (detail(request.out / "preview.webp") < 8) is coarse

    @pytest.mark.parametrize(("mode", "shown"), [(m, m is Filter.OFF) for m in MODES])
    def test_a_flagged_reference_is_crossed_out_in_the_strip(
        self,
        engine: Engine,
        request_: Callable[..., Paint],
        tmp_path: Path,
        mode: Filter,
        shown: bool,
    ) -> None:
        Image.new("RGB", (96, 96), (250, 10, 10)).save(tmp_path / "red.png")
        red = Reference(
            path=tmp_path / "red.png",
            digest=digest_of((tmp_path / "red.png").read_bytes()),
            flagged=True,
        )
        engine.begin(request_(count=1, steps=3, liked=(red,), filter=mode))
        strip = finished(engine).steering

        assert strip is not None
        with Image.open(strip) as picture:
            colours = {colour for _, colour in picture.getcolors(2**20) or []}
        assert ((250, 10, 10) in colours) is shown


def test_a_coarse_preview_has_a_few_colours_alone(model: Model) -> None:
    latents = torch.randn(2, 4, 12, 24)

    pictures = Previews(model).of(latents, coarse=True)()

    assert [picture.size for picture in pictures] == [(COARSE, COARSE // 2)] * 2


def test_the_tile_for_what_is_hidden_shows_nothing_else() -> None:
    assert len(hidden().getcolors() or []) == 2


class TestTheCheckerOfAModel:
    def test_is_honoured_by_the_worker(self, strict_folder: Path, tmp_path: Path) -> None:
        request = Paint(job="job", model=str(strict_folder), prompt="x", steps=1, out=tmp_path)

        with running(WorkerOptions(model=str(strict_folder), device="cpu", threads=1)) as worker:
            painted = worker.paint(dataclasses.replace(request, count=2)).pictures

        assert worker.card.has_safety_checker
        assert [picture.withheld for picture in painted] == [True, True]

    def test_is_told_of_where_there_is_none(self, model: Model) -> None:
        assert not model.card.has_safety_checker

    def test_lets_everything_else_pass(self, lenient_folder: Path, tmp_path: Path) -> None:
        request = Paint(job="job", model=str(lenient_folder), prompt="x", steps=1, out=tmp_path)

        with running(WorkerOptions(model=str(lenient_folder), device="cpu", threads=1)) as worker:
            (picture,) = worker.paint(dataclasses.replace(request, count=1)).pictures

        assert (picture.flagged, picture.withheld) == (False, False)
        assert picture.path is not None
        assert "flagged" not in (read_record(picture.path) or {})


class TestTheHostsChecker:
    @pytest.mark.parametrize("of_a_model", [True, False])
    def test_serves_a_model_that_brings_none(
        self, tiny_folder: Path, strict_folder: Path, checker_folder: Path, of_a_model: bool
    ) -> None:
        name = strict_folder if of_a_model else checker_folder
        options = WorkerOptions(model=str(tiny_folder), safety_checker=str(name), device="cpu")

        model = load_model(options)

        assert model.card.has_safety_checker
        assert model.safety is not None
        assert model.safety.flags(Image.new("RGB", (96, 96)))

    def test_replaces_a_models_own(self, lenient_folder: Path, checker_folder: Path) -> None:
        options = WorkerOptions(
            model=str(lenient_folder), safety_checker=str(checker_folder), device="cpu"
        )

        model = load_model(options)

        assert model.safety is not None
        assert model.safety.flags(Image.new("RGB", (96, 96)))
        assert model.card.checked_by == checker_folder.name

    def test_leaves_a_models_own_in_place_if_it_cannot_be_loaded(
        self, strict_folder: Path, tmp_path: Path
    ) -> None:
        model = load_model(
            WorkerOptions(
                model=str(strict_folder), safety_checker=str(tmp_path / "lost"), device="cpu"
            )
        )

        assert model.safety is not None
        assert model.safety.flags(Image.new("RGB", (96, 96)))
        assert model.card.checker_trouble is not None

    def test_is_left_alone_while_the_host_names_none(self, lenient_folder: Path) -> None:
        model = load_tiny(lenient_folder)

        assert model.safety is not None
        assert not model.safety.flags(Image.new("RGB", (96, 96)))
        assert model.card.checker_trouble is None

    def test_is_read_as_published_years_ago(self, checker_folder: Path) -> None:
        # Stable Diffusion's own file names its weights one level deeper, and has positions.
        file = checker_folder / "model.safetensors"
        weights = load_file(file)
        picture = Image.effect_noise((96, 96), 90).convert("RGB")
        ours = _embedding(checker_folder, picture)
        old = {
            name.replace("vision_model.", "vision_model." * 2): weights[name] for name in weights
        }
        old["vision_model.vision_model.embeddings.position_ids"] = torch.arange(5)[None]
        save_file(old, file, metadata={"format": "pt"})

        assert torch.equal(_embedding(checker_folder, picture), ours)

    def test_never_goes_on_with_weights_made_up(
        self, tiny_folder: Path, checker_folder: Path
    ) -> None:
        file = checker_folder / "model.safetensors"
        weights = load_file(file)
        del weights["visual_projection.weight"]
        save_file(weights, file, metadata={"format": "pt"})

        model = load_model(
            WorkerOptions(model=str(tiny_folder), safety_checker=str(checker_folder), device="cpu")
        )

        # As with no checker: the bot keeps to age-restricted channels.
        assert model.safety is None
        assert not model.card.has_safety_checker
        assert "1 of its weights are missing" in (model.card.checker_trouble or "")


def finished(engine: Engine, job: str = "job") -> Finished:
    event = ended(engine)[job]
    assert isinstance(event, Finished), event
    return event


def _highest_score(engine: Engine, model: Model, request: Paint) -> float:
    """Return the score of the concept closest to a picture."""
    engine.begin(dataclasses.replace(request, filter=Filter.OFF))
    (picture,) = finished(engine).pictures
    assert picture.path is not None
    assert model.safety is not None
    with Image.open(picture.path) as opened:
        pixels = model.safety.prepare(opened, return_tensors="pt").pixel_values
    checker = model.safety.checker
    with torch.inference_mode():
        embedding = checker.visual_projection(checker.vision_model(pixels)[1])
        return float(torch.cosine_similarity(embedding, checker.concept_embeds).max())


def _embedding(folder: Path, picture: Image.Image) -> torch.Tensor:
    files = CheckerFiles(network=folder, preparation=folder)
    safety = load_stable_diffusion_checker(files, "checker", torch.float32)
    pixels = safety.prepare(picture, return_tensors="pt").pixel_values
    with torch.inference_mode():
        return safety.checker.visual_projection(safety.checker.vision_model(pixels)[1])
