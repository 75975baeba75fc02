"""Tables, pictures and curves of what `evaluation` measures."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from transformers import CLIPModel

from generation.catalog import locate
from generation.local import local_studio
from generation.messages import Feedback, Paint, Painted, WorkerOptions
from generation.shapes.evaluation import (
    ATTRIBUTES,
    Embedder,
    Painter,
    Setup,
    Share,
    contact_sheet,
    prompt_accuracy,
    share,
    steered_rounds,
    trials,
    unsteered,
)
from generation.shapes.restoration import (
    DAMAGES,
    STAGES,
    Damage,
    Distance,
    Figures,
    cases,
    figures,
    largest_change,
    sheet_of_cases,
)
from generation.shapes.train.data import to_model

ROUNDS = 3


def evaluate(
    what: Literal["prompts", "likes", "restore"],
    options: WorkerOptions,
    out: Path,
    *,
    count: int | None,
    seed: int,
    feedback: Feedback,
) -> None:
    """Measure one thing and leave figures and pictures in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    setup = Setup(model=options.model)
    with local_studio(options) as studio, TemporaryDirectory() as scratch:

        def paint(request: Paint) -> Sequence[Painted]:
            return studio.paint(request).pictures

        if what == "prompts":
            report_prompts(paint, Path(scratch), out, setup=setup, count=count or 256, seed=seed)
        elif what == "restore":
            distance = clip_distance(locate(options.model) / "clip")
            report_restoring(
                paint, distance, Path(scratch), out, setup=setup, count=count or 40, seed=seed
            )
        else:
            embed = clip_embedder(locate(options.model) / "clip")
            report_likes(
                paint,
                embed,
                Path(scratch),
                out,
                setup=setup,
                feedback=feedback,
                count=count or 40,
                seed=seed,
            )


def clip_embedder(folder: Path) -> Embedder:
    """The embedded model's own CLIP, kept beside its pipeline in `folder`."""
    clip = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()

    @torch.inference_mode()
    def embed(pictures: Sequence[Image.Image]) -> np.ndarray:
        pixels = np.stack([np.asarray(picture.convert("RGB")) for picture in pictures])
        pixel_values = to_model(torch.from_numpy(pixels).permute(0, 3, 1, 2))
        pooled = clip.get_image_features(pixel_values=pixel_values).pooler_output
        return F.normalize(pooled, dim=-1).numpy()

    return embed


def clip_distance(folder: Path) -> Distance:
    """How different pictures look to the embedded model's own CLIP.

    LPIPS (Zhang et al., arXiv 1801.03924, equation 1) over the layers of its image tower, of
    every patch, and with all learned weights 1: no figure of LPIPS itself.
    """
    clip = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()

    @torch.inference_mode()
    def distance(some: Sequence[Image.Image], others: Sequence[Image.Image]) -> Sequence[float]:
        pixels = np.stack([np.asarray(picture) for picture in (*some, *others)])
        seen = clip.vision_model(
            to_model(torch.from_numpy(pixels).permute(0, 3, 1, 2)), output_hidden_states=True
        )
        layers = []
        for states in seen.hidden_states[1:]:
            ones, twos = F.normalize(states[:, 1:], dim=-1).chunk(2)  # the first is no patch
            layers.append((ones - twos).square().sum(dim=-1).mean(dim=1))
        return torch.stack(layers).mean(dim=0).tolist()

    return distance


def report_prompts(
    paint: Painter, scratch: Path, out: Path, *, setup: Setup, count: int, seed: int
) -> None:
    """Print and keep the share of prompts that come true; a sheet shows every picture."""
    shares, pictures = prompt_accuracy(paint, scratch, setup=setup, count=count, seed=seed)
    contact_sheet(pictures).save(out / "prompts.png")
    _keep(out / "prompts.json", setup, prompts=count, seed=seed, right=shares)
    print(f"{count} prompts that name everything, {setup.steps} steps, guidance {setup.guidance}")
    for name, value in shares.items():
        print(f"  {name:<12}{value:6.1%}")


def report_likes(
    paint: Painter,
    embed: Embedder,
    scratch: Path,
    out: Path,
    *,
    setup: Setup,
    feedback: Feedback,
    count: int,
    seed: int,
    plain: int = 28,
) -> None:
    """Print, keep and draw how far one like and one dislike a round bring a hidden favourite."""
    steered: list[list[Any]] = [[] for _ in range(ROUNDS)]
    without = []
    for trial in trials(count, seed):
        folder = scratch / f"{trial.number:03}"
        rounds = steered_rounds(paint, trial, folder, setup=setup, feedback=feedback, rounds=ROUNDS)
        for number, pictures in enumerate(rounds):
            steered[number].append((trial, pictures))
        without += [
            (trial, pictures)
            for pictures in unsteered(paint, trial, folder, setup=setup, count=plain)
        ]
    curve = [share(groups, embed) for groups in steered]
    baseline = share(without, embed)
    _keep(
        out / "likes.json",
        setup,
        trials=count,
        seed=seed,
        feedback={**dataclasses.asdict(feedback), "influence": feedback.influence.value},
        without=dataclasses.asdict(baseline),
        rounds=[dataclasses.asdict(each) for each in curve],
    )
    _print_likes(baseline, curve, count)
    draw_curve(baseline, curve, out / "likes.png")


def report_restoring(
    paint: Painter,
    distance: Distance,
    scratch: Path,
    out: Path,
    *,
    setup: Setup,
    count: int,
    seed: int,
    shown: int = 2,
) -> None:
    """Print and keep how well each kind of damage is undone; a sheet shows some of the pictures."""
    kept, examples = [], []
    print(f"{count} drawn scenes a kind of damage: those that read as before it, and differences")
    print(f"{'':24}{'all':>6}" + "".join(f"{name:>12}" for name in ATTRIBUTES) + "  distance")
    for number, damage in enumerate(DAMAGES):
        folder = scratch / str(number)
        done = list(cases(paint, damage, folder, model=setup.model, count=count, seed=seed))
        found = figures(done, distance)
        change = largest_change(done)
        _print_damage(damage, found, change)
        kept.append(
            {
                "damage": dataclasses.asdict(damage),
                "largest_change": change,
                **{stage: dataclasses.asdict(found[stage]) for stage in STAGES},
            }
        )
        examples.append(done[:shown])
    sheet_of_cases(examples).save(out / "restore.png")
    _keep(out / "restore.json", setup, scenes=count, seed=seed, damages=kept)


def _print_damage(damage: Damage, found: dict[str, Figures], change: int) -> None:
    print(f"scratches {damage.scratched:.0%}, noise {damage.noise:g}")
    for stage, row in found.items():
        shares = "".join(f"{share:12.0%}" for share in row.attributes.values())
        print(f"  {stage:<22}{row.agreeing:6.0%}{shares}{row.distance:10.4f}")
    if not damage.noise:
        print(f"  largest change beside the scratches: {change} of 255")


def _print_likes(baseline: Share, curve: Sequence[Share], count: int) -> None:
    print(f"{count} hidden favourites, one like and one dislike a round of four")
    print("              favourite  named attributes  diversity  pictures")
    for name, row in [("without", baseline), *((f"round {k}", r) for k, r in enumerate(curve, 1))]:
        print(
            f"  {name:<12}{row.favourite:8.1%}{row.named:16.1%}"
            f"{row.diversity:13.3f}{row.pictures:10}"
        )
    last = curve[-1]
    print(
        f"  round {len(curve)} against without:"
        f" favourite × {_times(last.favourite, baseline.favourite)},"
        f" named × {_times(last.named, baseline.named)},"
        f" diversity × {_times(last.diversity, baseline.diversity)}"
    )


def _times(value: float, baseline: float) -> str:
    return f"{value / baseline:.2f}" if baseline else "?"


def draw_curve(baseline: Share, curve: Sequence[Share], path: Path) -> None:
    """The favourite's share over rounds, with and without feedback, as a picture."""
    from matplotlib.figure import Figure

    numbers = range(1, len(curve) + 1)
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(numbers, [r.favourite for r in curve], marker="o", label="with likes and dislikes")
    axes.axhline(baseline.favourite, linestyle="--", color="grey", label="without feedback")
    axes.set_xlabel("round")
    axes.set_ylabel("share of pictures in the hidden favourite colour")
    axes.set_xticks(list(numbers))
    axes.set_ylim(0, 1)
    axes.legend()
    figure.savefig(path, dpi=120)


def _keep(path: Path, setup: Setup, **figures: Any) -> None:
    path.write_text(json.dumps({"setup": dataclasses.asdict(setup), **figures}, indent=2) + "\n")
