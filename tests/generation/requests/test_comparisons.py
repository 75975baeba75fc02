"""One or two parameters, each with values: a picture for every pair, and a sheet of them all."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from generation.catalog.entries import usual_editing
from generation.engine.engine import Engine
from generation.images.sheets import Heading, font, fullest_columns, sheet_of, wrapped_lines
from generation.protocol.events import Event, Failed, Finished, Progress
from generation.protocol.requests import COMPARABLE, Axis, Feedback, Paint, Reference, Source
from generation.protocol.samplers import SCHEDULERS
from generation.requests.comparisons import (
    EXAMPLES,
    check_axes,
    read_axis,
    trade_off,
    values_at,
    written,
)
from generation.requests.refused import Refused
from tests.generation.loop import pixels
from tests.generation.painted import ended, read_record

STEPS = Axis(parameter="steps", values=(1, 3))
SCHEDULER = Axis(parameter="scheduler", values=("euler_a", "heun"))


def finished(event: Event) -> Finished:
    assert isinstance(event, Finished), event
    return event


@pytest.mark.parametrize(
    ("parameter", "typed", "values"),
    [
        ("steps", "10, 20, 30", (10, 20, 30)),
        ("steps", "10 20  30", (10, 20, 30)),
        ("steps", "１０、２０", (10, 20)),
        ("guidance", "3; 7.5", (3.0, 7.5)),
        ("seed", "9007199254740993, 1", (9007199254740993, 1)),
        ("scheduler", "euler_a, DDIM", ("euler_a", "ddim")),
        ("scheduler", "Euler ancestral; DPM++ 2M Karras", ("euler_a", "dpmpp_2m_karras")),
        ("scheduler", "Euler a, plms, K-LMS", ("euler_a", "pndm", "lms")),
        ("prompt", "猫、犬", ("猫", "犬")),
        ("prompt", 'cat, "dog, asleep", cat', ("cat", "dog, asleep")),
    ],
)
def test_values_are_read_as_people_type_them(
    parameter: str, typed: str, values: tuple[object, ...]
) -> None:
    assert read_axis(parameter, typed).values == values


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_is_known_by_its_own_name(name: str) -> None:
    assert (
        read_axis("scheduler", f"{name}, {'ddim' if name == 'pndm' else 'pndm'}").values[0] == name
    )


@pytest.mark.parametrize("parameter", COMPARABLE)
def test_every_example_can_be_typed(parameter: str) -> None:
    assert (
        ", ".join(map(written, read_axis(parameter, EXAMPLES[parameter]).values))
        == (EXAMPLES[parameter])
    )


@pytest.mark.parametrize(
    ("parameter", "typed", "said"),
    [
        (
            "steps",
            "10",
            "A comparison needs at least two different values of steps, for example: 10, 20",
        ),
        ("steps", "10, 10", "at least two different values"),
        ("steps", "10, 2.5", "2.5 cannot be used for steps. Give whole numbers"),
        (
            "guidance",
            "6, high",
            "high cannot be used for guidance. Give numbers, for example: 3, 6, 9.",
        ),
        ("guidance", "6, nan", "nan cannot be used for guidance"),
        (
            "scheduler",
            "euler, best",
            "There is no scheduler best. Give names, for example: euler_a, ddim.",
        ),
        ("weather", "1, 2", "weather cannot be compared. Choose one of: steps, guidance"),
    ],
)
def test_what_cannot_be_read_is_answered_by_a_sentence(
    parameter: str, typed: str, said: str
) -> None:
    with pytest.raises(Refused) as error:
        read_axis(parameter, typed)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ([STEPS, STEPS], "steps is used both across and down"),
        ([read_axis("seed", "1,2,3,4,5"), read_axis("steps", "1,2,3,4")], "That makes 20 pictures"),
        ([read_axis("prompt", "dog, cat")], "The prompt does not contain dog"),
    ],
)
def test_what_cannot_be_compared_is_answered_by_a_sentence(axes: list[Axis], said: str) -> None:
    with pytest.raises(Refused) as error:
        check_axes(axes, ("a star", ""))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("name", "keeps", "obeys"),
    [
        ("sd15", (1.2, 1.5, 1.8), (5.0, 7.5, 10.0)),
        ("someone/a-model", (1.2, 1.5, 1.8), (5.0, 7.5, 10.0)),
        ("shapes", (1.2, 1.5, 1.8), (1.3, 2, 2.7)),
    ],
)
def test_a_sheet_lies_around_what_is_usual_with_the_model(
    name: str, keeps: tuple[float, ...], obeys: tuple[float, ...]
) -> None:
    across, down = trade_off(usual_editing(name))
    assert (across.values, down.values) == (keeps, obeys)


def test_the_first_axis_runs_across() -> None:
    places = [[value for _, value in values_at((STEPS, SCHEDULER), n)] for n in range(4)]
    assert places == [[1, "euler_a"], [3, "euler_a"], [1, "heun"], [3, "heun"]]


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Return True if two pictures are the same, whatever batch they were in."""
    return bool(np.abs(one.astype(int) - other.astype(int)).max() <= 2)


def test_each_picture_is_what_its_own_request_paints_alone(
    engine: Engine, request_: Callable[..., Paint]
) -> None:
    whole = request_(prompt="a {red|blue} star", seed=7, count=4, axes=(STEPS, SCHEDULER))
    engine.begin(whole)
    done = finished(ended(engine)["job"])

    assert done.sheet is not None
    for place, picture in enumerate(done.pictures):
        steps, scheduler = (value for _, value in values_at(whole.axes, place))
        name = f"alone-{place}"
        change = {"prompt": whole.prompt, "seed": 7, "count": 1}
        engine.begin(request_(name, steps=steps, scheduler=scheduler, **change))
        alone = finished(ended(engine)[name]).pictures[0]
        assert same(pixels(picture.path), pixels(alone.path))
        assert picture.seed == 7
        assert picture.path is not None
        assert alone.path is not None
        assert read_record(picture.path) == read_record(alone.path)


def test_likes_steer_each_picture_as_its_values_say(
    engine: Engine, request_: Callable[..., Paint], red: Reference
) -> None:
    axes = (read_axis("feedback_strength", "0, 2"), read_axis("steps", "2, 3"))
    engine.begin(request_(liked=(red,), count=4, axes=axes))
    done = finished(ended(engine)["job"])
    strong = Feedback(strength=2.0)
    engine.begin(request_("alone", liked=(red,), count=1, steps=3, feedback=strong))
    alone = finished(ended(engine)["alone"]).pictures[0]
    engine.begin(request_("plain", count=1, steps=3))
    plain = finished(ended(engine)["plain"]).pictures[0]

    assert done.steering is not None
    assert same(pixels(done.pictures[2].path), pixels(plain.path))
    assert same(pixels(done.pictures[3].path), pixels(alone.path))


def test_a_source_is_changed_as_far_as_each_value_says(
    engine: Engine, request_: Callable[..., Paint], red: Reference
) -> None:
    source = Source(path=red.path, digest=red.digest)
    axes = (read_axis("source_strength", "0.34, 1"),)
    engine.begin(request_(source=source, axes=axes, count=2))
    done = finished(ended(engine)["job"])
    engine.begin(request_("alone", source=replace(source, strength=1.0), count=1))
    alone = finished(ended(engine)["alone"]).pictures[0]

    assert same(pixels(done.pictures[1].path), pixels(alone.path))


def test_progress_counts_what_all_pictures_take(
    engine: Engine, request_: Callable[..., Paint]
) -> None:
    engine.begin(request_(count=2, axes=(STEPS,)))
    events: list[Event] = []
    while engine.busy:
        engine.advance()
        events += engine.take_events()

    told = [(event.step, event.steps) for event in events if isinstance(event, Progress)]
    assert told[-1] == (2, 2)
    assert all(step <= steps for step, steps in told)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"count": 3}, "A comparison needs one or two settings"),
        (
            {"axes": (read_axis("steps", "1, 200"),)},
            "The number of steps must be between 1 and 150, not 200.",
        ),
        ({"axes": (read_axis("feedback_end", "0, 1"),)}, "when a picture steers"),
        ({"axes": (read_axis("source_strength", "0.5, 1"),)}, "give a picture to start from"),
        ({"axes": (read_axis("prompt", "dog, cat"),)}, "The prompt does not contain dog"),
    ],
)
def test_a_comparison_that_cannot_be_painted_is_refused(
    engine: Engine, request_: Callable[..., Paint], change: dict[str, object], said: str
) -> None:
    engine.begin(request_(**{"count": 2, "axes": (STEPS,), **change}))
    failed = ended(engine)["job"]
    assert isinstance(failed, Failed)
    assert said in failed.detail


def test_a_round_comes_in_one_picture_as_well_if_asked(
    engine: Engine, request_: Callable[..., Paint]
) -> None:
    engine.begin(request_(count=4, grid=True, steps=1))
    done = finished(ended(engine)["job"])

    assert done.sheet is not None
    with Image.open(done.sheet) as sheet:
        assert sheet.size == (2 * 192, 2 * 192)
    assert done.native == (96, 96)


def test_a_comparison_goes_over_the_pipe(request_: Callable[..., Paint]) -> None:
    request = request_(axes=(STEPS, SCHEDULER), count=4)
    assert pickle.loads(pickle.dumps(request)) == request
    assert json.loads(json.dumps(STEPS.values)) == [1, 3]


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (8, 4)])
def test_a_grid_is_as_full_as_it_can_be(count: int, columns: int) -> None:
    assert fullest_columns(count) == columns


def test_a_sheet_is_never_too_large_to_post() -> None:
    picture = Image.effect_noise((1024, 1024), 200)
    values = Heading(name="prompt", values=["猫", "犬が眠る"] * 2)
    sheet = sheet_of([picture] * 15 + [None], values, values)

    assert sheet.width * sheet.height <= 3_200_000


def test_japanese_is_written_in_letters_of_its_own() -> None:
    letters = ["猫", "犬", "あ", "ア", "é", "×", "a"]
    drawn = {letter: bytes(font(20).getmask(letter)) for letter in [*letters, "\U0010ffff"]}
    assert len(set(drawn.values())) == len(drawn)  # none of them is the box for what is missing


def test_long_values_are_wrapped_and_cut() -> None:
    writing = font(14)
    for text in ("猫が窓辺で眠っている水彩画" * 4, "a lighthouse in a storm " * 6, "x" * 200):
        lines = wrapped_lines(text, writing, 120)
        assert len(lines) == 3
        assert all(writing.getlength(line) <= 120 for line in lines)
        assert lines[-1].endswith("…")
    assert wrapped_lines("DPM++ 2M Karras", writing, 80) == ["DPM++ 2M", "Karras"]
