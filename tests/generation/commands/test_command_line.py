"""`python -m generation`, as someone at a terminal meets it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from generation.__main__ import main
from generation.commands import SUMMARIES
from generation.commands.output_files import kept_apart
from tests.generation.painted import read_record
from tests.tiny import build_tiny


def test_pictures_are_painted_without_discord(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (96, 96), "red" if name == "a.png" else "blue").save(tmp_path / name)
    out = tmp_path / "out"
    words = f"--count 2 --seed 7 --steps 2 --width 64 --height 64 --model {tiny_folder} --out {out}"
    steer = ["--like", str(tmp_path / "a.png"), "--dislike", str(tmp_path / "b.png")]

    assert main(["imagine", "a red circle", *words.split(), *steer]) == 0

    printed = capsys.readouterr().out.split()
    assert printed == [str(out / name) for name in ("0.png", "1.png", "steering.png")]
    with Image.open(out / "0.png") as picture:
        assert picture.size == (64, 64)


def test_a_picture_is_enlarged_as_suits_enlarging(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "a.png")
    words = f"--count 1 --times 2 --source {tmp_path / 'a.png'} --model {tiny_folder}"

    assert main(["imagine", "a red circle", *words.split(), "--out", str(tmp_path / "out")]) == 0

    told = capsys.readouterr()
    record = read_record(Path(told.out.strip()))
    assert record is not None
    assert (record["steps"], record["guidance"], record["source"]["strength"]) == (20, 1.0, 0.15)
    assert "paint things twice" not in told.err


def test_a_scratched_picture_is_restored(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (96, 100), "red").save(tmp_path / "a.png")
    mask = Image.new("L", (96, 100))
    mask.paste(255, (40, 10, 43, 90))
    mask.save(tmp_path / "mask.png")
    begin = ["--source", str(tmp_path / "a.png"), "--mask", str(tmp_path / "mask.png")]
    words = f"--restore --count 1 --model {tiny_folder} --out {tmp_path / 'out'}"

    assert main(["imagine", "", *words.split(), *begin]) == 0

    path = Path(capsys.readouterr().out.strip())
    with Image.open(path) as picture:
        assert picture.size == (96, 96), "whole latents of it"
        assert picture.getpixel((20, 50)) == (255, 0, 0)
    record = read_record(path)
    assert record is not None
    assert record["source"]["mend"] == {}


def test_values_are_compared_on_a_sheet(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--across steps=1,2 --down scheduler=euler,ddim --model {tiny_folder}"

    assert main(["imagine", "x", *words.split(), "--out", str(tmp_path)]) == 0

    names = ("0.png", "1.png", "2.png", "3.png", "sheet.png")
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in names]


def test_a_sheet_says_how_its_pictures_were_made(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--across steps=1,2 --seed 7 --negative grey --model {tiny_folder} --out {tmp_path}"
    assert main(["imagine", "a {red|red} star", *words.split(), "--down", "prompt=star,cat"]) == 0

    path = tmp_path / "sheet.png"
    with Image.open(path) as sheet:
        lines = sheet.info["parameters"].splitlines()
    assert lines[:2] == ["a red star", "Negative prompt: grey"]
    assert lines[2].startswith("Steps: 1, Sampler: Euler a, CFG scale: ")
    assert (
        'Script: X/Y/Z plot, X Type: Steps, X Values: "1, 2", Y Type: Prompt S/R, '
        'Y Values: "star, cat", Version: Konomi'
    ) in lines[2]
    record = read_record(path)
    assert record is not None
    assert (record["prompt"], record["seed"]) == ("a {red|red} star", 7)
    assert record["sheet"] == {
        "count": 4,
        "axes": [
            {"parameter": "steps", "values": [1, 2]},
            {"parameter": "prompt", "values": ["star", "cat"]},
        ],
    }
    capsys.readouterr()
    assert main(["replay", str(path), "--out", str(tmp_path / "again")]) == 2
    assert capsys.readouterr().err == (
        "This is a sheet of 4 pictures, and only single pictures can be repainted. Use the "
        "file of one of them.\n"
    )


def test_pictures_of_an_earlier_run_are_kept(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "7.png").write_bytes(b"mine")
    (tmp_path / "sheet.png").write_bytes(b"mine")
    words = f"--count 2 --grid --steps 1 --model {tiny_folder} --out {tmp_path}"

    assert main(["imagine", "a star", *words.split()]) == 0
    assert main(["imagine", "a star", *words.split()]) == 0

    names = ("8.png", "9.png", "sheet-1.png", "10.png", "11.png", "sheet-2.png")
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in names]
    assert (tmp_path / "7.png").read_bytes() == b"mine"
    assert (tmp_path / "sheet.png").read_bytes() == b"mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        {*names, "7.png", "sheet.png"}
    )

    assert main(["imagine", "a star", *words.split(), "--overwrite"]) == 0
    replaced = ("0.png", "1.png", "sheet.png")
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in replaced]
    assert (tmp_path / "sheet.png").read_bytes() != b"mine"


def test_a_picture_is_replayed_beside_itself(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--model {tiny_folder} --out {tmp_path}".split()
    assert main(["imagine", "a star", "--count", "1", "--steps", "1", *words]) == 0
    first = tmp_path / "0.png"
    assert main(["replay", str(first), "--overwrite", *words]) == 2
    assert "That would overwrite the picture itself" in capsys.readouterr().err

    assert main(["replay", str(first), *words]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "1.png")]
    assert (tmp_path / "1.png").read_bytes() == first.read_bytes()


def test_what_is_finished_is_kept_when_the_rest_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(b"mine")

    def interrupted() -> None:
        with kept_apart(tmp_path) as outputs:
            (outputs.folder / "0.png").write_bytes(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert (tmp_path / "0.png").read_bytes() == b"mine"
    assert (tmp_path / "1.png").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_grid_says_so_too(tiny_folder: Path, tmp_path: Path) -> None:
    words = f"--count 2 --grid --steps 1 --model {tiny_folder} --out {tmp_path}"
    assert main(["imagine", "a star", *words.split()]) == 0

    record = read_record(tmp_path / "sheet.png")
    assert record is not None
    assert record["sheet"] == {"count": 2}
    with Image.open(tmp_path / "sheet.png") as sheet, Image.open(tmp_path / "0.png") as first:
        assert sheet.info["parameters"] == first.info["parameters"]


def test_a_size_far_from_the_models_own_is_remarked_on(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--count 1 --steps 1 --width 64 --height 64 --model {tiny_folder}"

    assert main(["imagine", "x", *words.split(), "--out", str(tmp_path)]) == 0

    assert capsys.readouterr().err.splitlines()[-1] == (
        "The model was made for 96 × 96. At 64 × 64, it loses detail; 96 × 96 works better."
    )


def test_a_pasted_prompt_is_remarked_on(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--count 1 --steps 1 --model {tiny_folder} --out {tmp_path}"

    assert main(["imagine", "x <lora:y:1> [a|b] Negative prompt: z", *words.split()]) == 0

    assert capsys.readouterr().err.splitlines()[-2:] == [
        "<lora:…> and embedding:… name files that are not loaded here, so they were left out "
        "of the prompt.",
        "[a|b] does not alternate here. Write {a|b}, and each picture uses one of the two.",
    ]
    record = read_record(tmp_path / "0.png")
    assert record is not None
    assert (record["prompt"], record["negative_prompt"]) == ("x [a|b]", "z")


@pytest.mark.parametrize(
    ("mode", "printed", "said"),
    [
        ("withhold", [], "Picture 1 was withheld: the safety checker found adult content."),
        ("off", ["0.png"], "In picture 1 the safety checker found adult content."),
    ],
)
def test_a_checker_and_what_it_finds_can_be_chosen(
    tiny_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    mode: str,
    printed: list[str],
    said: str,
) -> None:
    strict = build_tiny(tmp_path / "strict", safety_threshold=-2.0)
    words = f"--count 1 --steps 1 --model {tiny_folder} --safety-checker {strict} --filter {mode}"

    assert main(["imagine", "x", *words.split(), "--out", str(tmp_path / "out")]) == 0

    told = capsys.readouterr()
    assert told.out.split() == [str(tmp_path / "out" / name) for name in printed]
    assert told.err.splitlines()[-1] == said


def test_nothing_is_painted_without_the_checker_that_was_asked_for(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = f"--count 1 --steps 1 --model {tiny_folder} --safety-checker owner/lost --out {out}"

    assert main(["imagine", "x", *words.split(), "--models-dir", str(tmp_path)]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert "generation fetch --only-checker owner/lost" in told.err
    assert not list(out.glob("*.png"))


def test_a_picture_is_extended_and_a_part_of_it_painted_anew(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "a.png")
    words = f"--count 1 --steps 2 --model {tiny_folder} --out {tmp_path / 'out'}"
    begin = ["--source", str(tmp_path / "a.png"), "--source-strength", "1"]
    where = ["--within", "0,0.333333,1,1", "--anew", "0,0,0.5,1"]

    assert main(["imagine", "a red circle", *words.split(), *begin, *where]) == 0

    with Image.open(capsys.readouterr().out.strip()) as picture:
        assert picture.size == (96, 144)
        assert picture.getpixel((80, 100)) == (255, 0, 0)


def test_without_words_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2

    listed = [row.split() for row in capsys.readouterr().err.splitlines()]
    for name, line in SUMMARIES.items():
        assert [name, *line.split()] in listed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["imagine"], "the following arguments are required: prompt"),
        (["imagine", "x", "--steps", "many"], "argument --steps: invalid int value: 'many'"),
        (["imagine", "x", "--filter", "odd"], "argument --filter: invalid Filter value: 'odd'"),
        (
            ["imagine", "x", "--aspect", "wide"],
            "argument --aspect: wide is not an aspect ratio. Write it like 3:2",
        ),
        (
            ["imagine", "x", "--across", "steps=few"],
            "argument --across: few cannot be used for steps. Give whole numbers, for example: "
            "10, 20, 30.",
        ),
        (["imagine", "x", "--anew", "0,1"], "argument --anew: invalid box value: '0,1'"),
        (["fetch"], "the following arguments are required: model"),
    ],
)
def test_wrong_words_are_answered_by_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    assert capsys.readouterr().err.strip().splitlines() == [
        f"python -m generation {words[0]}: {sentence}"
    ]


UNKNOWN = (
    "There is no model called nonsense. Known by name: shapes, sd15, sd21, sd21-base, lcm, "
    "sd-turbo, sdxl, sdxl-turbo, sdxl-lightning; or give a hub id such as owner/name, a diffusers "
    "folder, or a .safetensors file."
)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["imagine", ""],
            'The prompt is empty; say what to paint, such as "a lighthouse in a storm".',
        ),
        (
            ["imagine", " \n"],
            'The prompt is empty; say what to paint, such as "a lighthouse in a storm".',
        ),
        (
            ["imagine", " ", "--source", "a.png", "--edit"],
            'The instruction is empty; say what to change, such as "make the sky pink".',
        ),
        (["imagine", "a star", "--model", "nonsense"], UNKNOWN),
    ],
)
def test_one_sentence_is_all_that_is_said(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--out", str(tmp_path)]) == 2

    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"{sentence}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--width", "100"], "The width must be a multiple of 8. The nearest to 100 is 96."),
        (["--count", "9"], "You can ask for 1 to 8 pictures, not 9."),
        (["--like", "/nowhere/a.png"], "/nowhere/a.png: No such file or directory."),
        (["--restore"], "--restore needs a picture to restore: --source FILE."),
        (["--noise", "0.1"], "--noise and --find-scratches need --restore."),
    ],
)
def test_what_cannot_be_painted_is_answered_by_one_sentence(
    words: list[str],
    sentence: str,
    tiny_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(["imagine", "x", "--model", str(tiny_folder), "--out", str(tmp_path), *words])

    assert status == 2
    assert capsys.readouterr().err.splitlines()[-1] == sentence


def test_a_folder_that_takes_no_files_is_answered_by_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # In /proc nobody can make a file, whatever their rights.
    assert main(["imagine", "a star", "--out", "/proc"]) == 2
    assert capsys.readouterr().err.startswith("/proc cannot be written to: ")


def test_a_broken_model_is_answered_by_one_sentence(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = shutil.copytree(tiny_folder, tmp_path / "broken")
    (broken / "scheduler" / "scheduler_config.json").write_text('{"beta_schedule": "unheard-of"}')

    assert main(["imagine", "a star", "--model", str(broken), "--out", str(tmp_path)]) == 2

    [sentence] = capsys.readouterr().err.strip().splitlines()
    assert sentence.startswith(f"{broken} cannot be loaded: ")


def test_it_runs_as_a_program() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "generation", "fetch", "nonsense"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("There is no model called nonsense.")


def test_where_nothing_is_wrong_only_the_file_is_named(tiny_folder: Path, tmp_path: Path) -> None:
    words = ["imagine", "a star", "--model", str(tiny_folder), "--count", "1", "--steps", "1"]
    ended = subprocess.run(
        [sys.executable, "-m", "generation", *words, "--device", "cpu", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split() == [str(tmp_path / "0.png")]


def test_asking_for_help_never_loads_torch() -> None:
    code = "import sys, generation.__main__ as m; assert 'torch' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_picture_is_edited_as_an_instruction_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = build_tiny(tmp_path / "model", edits=True)
    Image.new("RGB", (96, 96), "red").save(tmp_path / "picture.png")
    words = ["imagine", "make it blue", "--source", str(tmp_path / "picture.png"), "--edit"]
    options = ["--model", str(folder), "--device", "cpu", "--count", "1", "--steps", "2"]
    assert main([*words, *options, "--out", str(tmp_path / "out")]) == 0
    record = read_record(Path(capsys.readouterr().out.strip()))
    assert record is not None
    assert (record["image_guidance"], record["guidance"]) == (1.5, 7.5)


def test_a_model_is_fitted_to_a_picture(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "picture.png")
    words = f"--steps 1 --embedding-steps 1 --tuning-steps 1 --model {tiny_folder} --device cpu"
    fitted = ["imagine", "a blue square", "--source", str(tmp_path / "picture.png"), "--imagic"]

    assert main([*fitted, *words.split(), "--out", str(tmp_path / "strip")]) == 0

    told = capsys.readouterr()
    *pictures, sheet = map(Path, told.out.split())
    assert sheet.name == "sheet.png"
    records = [read_record(path) for path in pictures]
    assert [record["imagic"]["eta"] for record in records if record] == [0.5, 0.6, 0.7, 0.8, 0.9, 1]
    assert "has the best balance of the prompt and the source." in told.err

    one = ["0.3", "--count", "1", *words.split(), "--out", str(tmp_path / "one")]
    assert main([*fitted, *one]) == 0
    record = read_record(Path(capsys.readouterr().out.strip()))
    assert record is not None
    assert (record["imagic"]["eta"], record["imagic"]["tuning_steps"]) == (0.3, 1)

    assert main([*fitted, "--edit", "--model", str(tiny_folder)]) == 2
    assert main(["imagine", "x", "--imagic", "--model", str(tiny_folder)]) == 2
    assert "There is no picture to tune the model to." in capsys.readouterr().err


def test_what_cannot_edit_says_so(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (96, 96), "red").save(tmp_path / "picture.png")
    words = ["imagine", "make it blue", "--source", str(tmp_path / "picture.png"), "--edit", "1.2"]
    options = ["--model", str(tiny_folder), "--device", "cpu", "--out", str(tmp_path / "out")]
    assert main([*words, *options]) == 2
    assert "cannot follow editing instructions" in capsys.readouterr().err
