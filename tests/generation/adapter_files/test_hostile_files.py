"""Hostile .safetensors files: each is answered in a sentence, by a process that can be spared."""

from __future__ import annotations

import asyncio
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generation.adapter_files.account import check_fits
from generation.adapter_files.examination import examine
from generation.adapter_files.sandbox import MEMORY, examine_untrusted
from generation.catalog.bases import Base
from generation.protocol.options import ModelCard
from generation.requests.refused import Refused
from tests.hostile.adapters import (
    ALPHA,
    CROSS,
    DOWN,
    FILES,
    LAYER,
    UP,
    floats,
    lora,
    ones,
    written,
)

SECONDS = 30.0
"""Far more than any file takes, even on a machine with other work."""
AT_ONCE = 4
TRAP = Path("/tmp/konomi-unpickled")

CARD = ModelCard(
    name="sd15",
    licence="",
    width=512,
    height=512,
    has_safety_checker=True,
    device="CPU",
    bases=(Base.SD1.value,),
    context_width=768,
    text_widths={"text_encoder": 768},
)


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        examine(path, "ink")
    return str(refused.value)


@pytest.mark.parametrize("name", FILES)
def test_each_is_refused_in_words(tmp_path: Path, name: str) -> None:
    said, make = FILES[name]
    path = tmp_path / "ink.safetensors"
    path.write_bytes(make())
    sentence = refusal(path)
    assert sentence.endswith(f" ink {said}")
    assert sentence.isprintable()
    assert len(sentence) < 200
    assert not TRAP.exists()


async def test_a_process_of_its_own_says_the_same_within_limits(tmp_path: Path) -> None:
    assert len(FILES) >= 50
    turns, longest = asyncio.Semaphore(AT_ONCE), 0.0

    async def examined(place: int, said: str) -> str:
        nonlocal longest
        async with turns:
            begun = time.monotonic()
            try:
                await examine_untrusted(tmp_path / str(place), "ink")
            except Refused as refused:
                longest = max(longest, time.monotonic() - begun)
                return "" if str(refused).endswith(f" ink {said}") else str(refused)
            return "it was accepted"

    for place, (_, make) in enumerate(FILES.values()):
        (tmp_path / str(place)).write_bytes(make())
    answers = await asyncio.gather(
        *(examined(place, said) for place, (said, _) in enumerate(FILES.values()))
    )
    assert {name: answer for name, answer in zip(FILES, answers, strict=True) if answer} == {}
    assert longest < SECONDS
    assert not await asyncio.to_thread(TRAP.exists)


MEASURE = """
import resource, subprocess, sys
for file in sys.argv[2:]:
    module = "generation.adapter_files.examination"
    program = [sys.executable, "-m", module, "20", sys.argv[1], file]
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Prints the most KiB that an examination took; a process of its own, as it is small."""

LARGE = ("objects by the million", "lists without end", "a million sides", "a name of a megabyte")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count in other units")
def test_an_examination_takes_little_memory(tmp_path: Path) -> None:
    for place, name in enumerate(LARGE):
        (tmp_path / str(place)).write_bytes(FILES[name][1]())
    command = [sys.executable, "-c", MEASURE, str(MEMORY), *sorted(map(str, tmp_path.iterdir()))]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(ended.stdout) < 160 * 1024


async def test_what_takes_more_memory_than_it_may_is_refused(tmp_path: Path) -> None:
    text = b'{"a":[' + b"{}," * 5_500_000 + b"{}]}"
    (tmp_path / "bomb").write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(Refused) as refused:
        await examine_untrusted(tmp_path / "bomb", "ink")
    assert str(refused.value) == (
        "The adapter ink could not be checked within the limits of time and memory, so it was not "
        "used."
    )


def test_a_file_of_three_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "ink").open("wb") as stream:
        stream.write(written(lora()))
        stream.truncate(3 * 2**30)
    begun = time.monotonic()
    assert refusal(tmp_path / "ink") == "The adapter ink is larger than 1 GiB."
    assert time.monotonic() - begun < 1.0


def test_folders_and_links_to_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "link", "missing"):
        assert refusal(tmp_path / name) == "The adapter ink cannot be read."


# Good ones -------------------------------------------------------------------------------------


async def test_a_lora_is_told_of(tmp_path: Path) -> None:
    metadata = {
        "ss_base_model_version": "sd_v1",
        "modelspec.title": "Ink\nwash",
        "modelspec.trigger_phrase": "inkwash",
        "modelspec.license": "CC0-1.0",
        "ss_tag_frequency": "x" * 2**20,
    }
    tensors = lora(CROSS, into=768) | {CROSS + ALPHA: ("F32", [], floats(1.0))}
    (tmp_path / "ink").write_bytes(written(tensors, metadata))
    account = await examine_untrusted(tmp_path / "ink", "ink")
    assert not account.embedding
    assert (account.title, account.trigger, account.licence) == ("Ink wash", "inkwash", "CC0-1.0")
    assert (account.base, account.base_title) == (Base.SD1.value, "Stable Diffusion 1.x")
    assert (account.rank, account.context_width) == (2, 768)
    check_fits(account, CARD, "ink")


async def test_an_embedding_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "rock").write_bytes(written({"<rock>": ones(3, 768)}))
    account = await examine_untrusted(tmp_path / "rock", "rock")
    assert account.embedding
    assert (account.trigger, account.rank) == ("<rock>", 3)
    assert account.text_widths == {"text_encoder": 768}
    check_fits(account, CARD, "rock")


@pytest.mark.parametrize(
    ("tensors", "metadata", "said"),
    [
        (
            lora(CROSS, into=2048),
            {},
            "was made for Stable Diffusion XL, but Stable Diffusion 1.x is loaded. Choose an "
            "adapter made for Stable Diffusion 1.x.",
        ),
        (
            lora(),
            {"modelspec.architecture": "flux-1-dev/lora"},
            "was made for flux-1-dev, but Stable Diffusion 1.x is loaded. Choose an adapter made "
            "for Stable Diffusion 1.x.",
        ),
        (lora(CROSS, into=64), {}, "was made for another kind of model."),
        ({"emb_params": ones(2, 64)}, {}, "was made for another kind of model."),
        (
            {"clip_l": ones(2, 768), "clip_g": ones(2, 1280)},
            {},
            "was made for Stable Diffusion XL, but Stable Diffusion 1.x is loaded. Choose an "
            "adapter made for Stable Diffusion 1.x.",
        ),
    ],
)
def test_one_for_another_model_is_known_by_its_header(
    tmp_path: Path,
    tensors: dict[str, tuple[str, list[int], bytes]],
    metadata: dict[str, str],
    said: str,
) -> None:
    (tmp_path / "ink").write_bytes(written(tensors, metadata))
    account = examine(tmp_path / "ink", "ink")
    with pytest.raises(Refused) as refused:
        check_fits(account, CARD, "ink")
    assert str(refused.value) == f"The adapter ink {said}"


def test_the_same_tensors_without_a_fault_are_accepted(tmp_path: Path) -> None:
    """So that the table tests the faults."""
    convolution = {
        f"{LAYER}_conv{DOWN}": ones(2, 4, 3, 3),
        f"{LAYER}_conv{UP}": ones(8, 2, 1, 1),
    }
    whole = {LAYER + ALPHA: ("I64", [], struct.pack("<q", 2))}
    for tensors in (lora(), lora() | convolution, lora() | whole, {"emb_params": ones(75, 8)}):
        (tmp_path / "good").write_bytes(written(tensors))
        examine(tmp_path / "good")
