"""A stand-in that trains in no time, step by step, beside the one that paints.

It writes what a real training leaves in its folder, goes on from its last checkpoint, and listens
to what is asked of it.  Words in the result's name say what is to happen; requests are noted in
`trainings.jsonl`.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

from generation.protocol.events import (
    Cancelled,
    CheckpointSaved,
    Event,
    Failed,
    Reason,
    Stage,
    Trained,
    TrainProgress,
    TrainRemark,
)
from generation.protocol.problems import Code, Problem
from generation.protocol.training import Action, Finetune, Train

HELD = 3
"""The step at which trainings stay that have "hold" in their names."""


class Trainings:
    """The trainings that the child has, advanced one step at a time."""

    def __init__(self, notes: Path, held: Callable[[], bool], png: Callable[[int], bytes]) -> None:
        """held: tells if trainings to hold stay where they are; png: a picture of a number."""
        self._notes = notes
        self._held = held
        self._png = png
        self._running: dict[str, _Training] = {}

    @property
    def open(self) -> bool:
        """True if there are any."""
        return bool(self._running)

    def add(self, request: Train) -> None:
        """Take a request."""
        with (self._notes / "trainings.jsonl").open("a") as file:
            names = sorted(each.name for each in request.data.iterdir())
            lines = (request.data / "metadata.jsonl").read_text().splitlines()
            file.write(
                json.dumps(
                    {
                        "job": request.job,
                        "name": request.name,
                        "trigger": request.trigger,
                        "files": names,
                        "captions": [json.loads(line).get("text") for line in lines],
                        "resumes": _last_step(request.out),
                    }
                )
                + "\n"
            )
        self._running[request.job] = _Training(request, self._png)

    def control(self, job: str, action: Action) -> None:
        """Note what is asked of a training."""
        if (training := self._running.get(job)) is not None:
            training.ask(action)

    def cancel(self, job: str) -> Cancelled | None:
        """End a training; None if there is none of this id."""
        return None if self._running.pop(job, None) is None else Cancelled(job=job)

    def advance(self) -> list[Event]:
        """Take a step of each training that has something to do; return what happened."""
        events: list[Event] = []
        for job, training in list(self._running.items()):
            step = training.next(held=self._held())
            events += step
            if step and isinstance(step[-1], Trained | Failed):
                del self._running[job]
        return events


class _Training:
    def __init__(self, request: Train, png: Callable[[int], bytes]) -> None:
        self._request = request
        self._png = png
        self._step = _last_step(request.out)
        self._paused = self._stop = self._told = False
        self._begun = False

    def ask(self, action: Action) -> None:
        self._paused = action is Action.PAUSE or (self._paused and action is not Action.RESUME)
        self._told = False
        if action is Action.STOP:
            self._stop, self._paused = True, False

    def next(self, *, held: bool) -> list[Event]:
        request, steps = self._request, self._request.recipe.steps or 1
        if not self._begun:
            self._begun = True
            return self._begin()
        if self._paused:
            told, self._told = self._told, True
            return [] if told else [self._progress(Stage.PAUSED)]
        if held and "hold" in request.name and self._step >= HELD and not self._stop:
            return []
        for reason in Reason:
            if f"fail {reason.value}" in request.name and self._step >= HELD:
                return [self._failed(reason)]
        last = self._stop or self._step >= steps
        events: list[Event] = []
        if self._step < steps:
            self._step += 1
            self._note(loss=1 / self._step)
            events.append(self._progress(Stage.TRAINING))
            last = last or self._step == steps
        if last or self._step % request.checkpoints.every == 0:
            events.append(self._save())
            died = request.out / "died"
            if "poison" in request.name and not died.exists():
                died.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        if last:
            events.append(self._ended())
        return events

    def _begin(self) -> list[Event]:
        job = self._request.job
        progress = TrainProgress(job=job, stage=Stage.PREPARING, step=1, steps=2)
        if "remark" not in self._request.name:
            return [progress]
        remark = Problem(Code.TRAIN_DUPLICATE, {"name": "2.png", "other": "1.png"})
        return [progress, TrainRemark(job=job, remark=remark)]

    def _progress(self, stage: Stage) -> TrainProgress:
        return TrainProgress(
            job=self._request.job,
            stage=stage,
            step=self._step,
            steps=self._request.recipe.steps or 1,
            loss=1 / max(1, self._step),
            seconds_left=90.0 if stage is Stage.TRAINING else None,
        )

    def _failed(self, reason: Reason) -> Failed:
        problem = None
        if reason is Reason.INVALID:
            problem = Problem(Code.TRAIN_DIVERGED, {"step": self._step})
        return Failed(
            job=self._request.job, reason=reason, detail="Say it in words.", problem=problem
        )

    def _note(self, **figures: float) -> None:
        with (self._request.out / "curve.jsonl").open("a") as file:
            file.write(json.dumps({"step": self._step, **figures}) + "\n")

    def _save(self) -> CheckpointSaved:
        request, step = self._request, self._step
        folder = request.out / "checkpoints" / f"step-{step:06}"
        folder.mkdir(parents=True, exist_ok=True)
        self._note(validation=1 / step)
        if isinstance(request.method, Finetune):
            (folder / request.name / "unet").mkdir(parents=True, exist_ok=True)
            (folder / request.name / "unet" / "weights").write_bytes(f"weights {step}".encode())
        else:
            (folder / f"{request.name}.safetensors").write_bytes(adapter(request, step))
        (folder / "samples.png").write_bytes(self._png(step))
        scores = {"fidelity": 0.5 + step / 100, "following": 0.3, "drift": 0.5}
        (folder / "scores.json").write_text(
            json.dumps({"step": step, "validation": 1 / step, **scores})
        )
        untouched = request.out / "untouched"
        untouched.mkdir(exist_ok=True)
        (untouched / "scores.json").write_text(
            json.dumps({"step": None, "fidelity": 0.4, "following": 0.3, "drift": 0.5})
        )
        return CheckpointSaved(
            job=request.job,
            step=step,
            folder=folder,
            validation=1 / step,
            sheet=folder / "samples.png",
        )

    def _ended(self) -> Trained:
        request = self._request
        folder = request.out / "checkpoints" / f"step-{self._step:06}"
        file = folder / f"{request.name}.safetensors"
        result = file if file.exists() else folder / request.name
        content = result.read_bytes() if result.is_file() else b""
        return Trained(
            job=request.job,
            result=result,
            digest=hashlib.sha256(content).hexdigest(),
            step=self._step,
            last=result,
            steps=self._step,
            seconds=125.0,
        )


def adapter(request: Train, step: int) -> bytes:
    """An adapter's file with a header that says what a real one says."""
    header = json.dumps(
        {
            "__metadata__": {
                "pictures": learned_from(request),
                "ss_sd_model_name": request.model,
                "ss_new_sd_model_hash": "ab" * 32,
                "modelspec.architecture": "stable-diffusion-v1/lora",
                "modelspec.license": "MIT",
            },
            "weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        }
    ).encode()
    return len(header).to_bytes(8, "little") + header + step.to_bytes(4, "little")


def learned_from(request: Train) -> str:
    """A hash of the pictures, so that others give another file, as with a real trainer."""
    files = sorted(each for each in request.data.rglob("*") if each.is_file())
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()


def _last_step(out: Path) -> int:
    folders = (out / "checkpoints").glob("step-*")
    return max((int(each.name.partition("-")[2]) for each in folders), default=0)
