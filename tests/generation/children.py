"""Children for the tests of supervision: real processes that paint, hang, and die.

Each is what runs in the generator's process in place of the painting worker.  A folder for
a child's notes travels as `WorkerOptions.models_dir`.
"""

import hashlib
import os
import pickle
import signal
import struct
import sys
import time
from multiprocessing.connection import Connection

from generation.protocol.events import (
    Cancelled,
    Failed,
    Finished,
    Painted,
    Progress,
    Ready,
    Reason,
    Unready,
)
from generation.protocol.options import ModelCard, WorkerOptions
from generation.protocol.requests import Cancel, Paint, Shutdown

CARD = ModelCard(
    name="stand-in", licence="MIT", width=8, height=8, has_safety_checker=False, device="cpu"
)


def paints(connection: Connection, options: WorkerOptions, *, step_seconds: float = 0.01) -> None:
    """Paints several jobs side by side, a step of each in turn, and writes real files.

    A job whose prompt is "poison" kills the process at its fifth step.
    """
    connection.send(Ready(model=CARD))
    steps: dict[str, int] = {}
    requests: dict[str, Paint] = {}
    while True:
        while connection.poll(0 if requests else None):
            match connection.recv():
                case Shutdown():
                    return
                case Cancel(job=job):
                    if requests.pop(job, None):
                        connection.send(Cancelled(job=job))
                case Paint() as request:
                    requests[request.job] = request
                    steps[request.job] = 0
        for job, request in list(requests.items()):
            time.sleep(step_seconds)
            steps[job] += 1
            if request.prompt == "poison" and steps[job] == 5:
                os.kill(os.getpid(), signal.SIGKILL)
            connection.send(Progress(job=job, step=steps[job], steps=request.steps))
            if steps[job] >= request.steps:
                connection.send(finish(requests.pop(job)))


def finish(request: Paint) -> Finished:
    """Write a request's files; what is in them depends on the request alone."""
    painted = []
    for number in range(request.count):
        path = request.out / f"{number}.png"
        data = f"{request.prompt} {request.seed + number}".encode() * 1000
        path.write_bytes(data)
        painted.append(
            Painted(
                path=path,
                digest=hashlib.sha256(data).hexdigest(),
                seed=request.seed + number,
                width=8,
                height=8,
            )
        )
    return Finished(job=request.job, pictures=tuple(painted), seconds=0.0)


def answers_at_once(connection: Connection, options: WorkerOptions) -> None:
    """Finishes each job the moment that it comes."""
    connection.send(Ready(model=CARD))
    while not isinstance(message := connection.recv(), Shutdown):
        if isinstance(message, Paint):
            connection.send(Finished(job=message.job, pictures=(), seconds=0.0))


def says_how_long_the_prompt_is(connection: Connection, options: WorkerOptions) -> None:
    """Fails each job with the length of its prompt and a detail of that length."""
    connection.send(Ready(model=CARD))
    while not isinstance(message := connection.recv(), Shutdown):
        detail = "x" * len(message.prompt)
        connection.send(Failed(job=message.job, reason=Reason.INVALID, detail=detail))


def fails_to_load(connection: Connection, options: WorkerOptions) -> None:
    """Cannot load its model, until the file `present` is in its folder; then it paints."""
    if options.models_dir and (options.models_dir / "present").exists():
        paints(connection, options)
    else:
        connection.send(Unready(detail="There is no model called teapot."))


def fails_to_load_and_lingers(connection: Connection, options: WorkerOptions) -> None:
    """Cannot load its model, and does not exit either."""
    connection.send(Unready(detail="There is no model called teapot."))
    time.sleep(1000)


def dies_while_loading(connection: Connection, options: WorkerOptions) -> None:
    """Kills itself before it is ready, and notes each of its lives."""
    assert options.models_dir
    note = options.models_dir / "lives"
    with note.open("a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGSEGV)


def dies_in_its_first_lives(
    connection: Connection, options: WorkerOptions, *, lives: int = 2
) -> None:
    """Dies while loading in its first lives, and paints in the next."""
    assert options.models_dir
    note = options.models_dir / "lives"
    lived = len(note.read_text()) if note.exists() else 0
    if lived < lives:
        dies_while_loading(connection, options)
    paints(connection, options)


def kills_itself(connection: Connection, options: WorkerOptions) -> None:
    """Dies as if by the kernel's hand, one step into each job."""
    connection.send(Ready(model=CARD))
    job = connection.recv().job
    connection.send(Progress(job=job, step=1, steps=20))
    os.kill(os.getpid(), signal.SIGKILL)


def exits(connection: Connection, options: WorkerOptions) -> None:
    """Exits with status 3 when it gets a job."""
    connection.send(Ready(model=CARD))
    connection.recv()
    sys.exit(3)


def dies_mid_message(connection: Connection, options: WorkerOptions) -> None:
    """Says the first half of a message and dies."""
    connection.send(Ready(model=CARD))
    connection.recv()
    os.write(connection.fileno(), struct.pack("!i", 1000) + b"half a mess")
    os.kill(os.getpid(), signal.SIGKILL)


def pauses_mid_message(connection: Connection, options: WorkerOptions) -> None:
    """Says half a message, and the rest once the file `go on` is in its folder."""
    assert options.models_dir
    connection.send(Ready(model=CARD))
    job = connection.recv().job
    data = pickle.dumps(Failed(job=job, reason=Reason.INVALID, detail="y" * 10_000))
    frame = struct.pack("!i", len(data)) + data
    os.write(connection.fileno(), frame[:1000])
    while not (options.models_dir / "go on").exists():
        time.sleep(0.01)
    os.write(connection.fileno(), frame[1000:])
    connection.recv()


def hangs(connection: Connection, options: WorkerOptions) -> None:
    """Gets ready, then does not read any more."""
    connection.send(Ready(model=CARD))
    time.sleep(1000)


def hangs_in_its_first_life(connection: Connection, options: WorkerOptions) -> None:
    """Hangs with the first job it gets, and paints when it is born again."""
    assert options.models_dir
    note = options.models_dir / "lived"
    if note.exists():
        paints(connection, options)
    note.touch()
    hangs(connection, options)


def lets_go_of_the_pipe(connection: Connection, options: WorkerOptions) -> None:
    """Closes its end on the first job, and lives on uselessly."""
    connection.send(Ready(model=CARD))
    connection.recv()
    connection.close()
    time.sleep(1000)


def babbles(connection: Connection, options: WorkerOptions, *, words: int = 20_000) -> None:
    """Floods the parent with progress of each job, and of jobs that nobody follows."""
    connection.send(Ready(model=CARD))
    while not isinstance(message := connection.recv(), Shutdown):
        if isinstance(message, Paint):
            for step in range(1, words + 1):
                connection.send(Progress(job=message.job, step=step, steps=words))
                connection.send(Progress(job="nobody's", step=step, steps=words))
            connection.send(Finished(job="nobody's", pictures=(), seconds=0.0))
            connection.send(Finished(job=message.job, pictures=(), seconds=0.0))
            connection.send(Finished(job=message.job, pictures=(), seconds=1.0))


def talks_gibberish(connection: Connection, options: WorkerOptions) -> None:
    """Says something that is no message at all."""
    connection.send(Ready(model=CARD))
    connection.recv()
    os.write(connection.fileno(), struct.pack("!i", 4) + b"what")
    time.sleep(1000)


def paints_until_stopped_late(connection: Connection, options: WorkerOptions) -> None:
    """Heeds a cancellation only after a while, then says that it stopped."""
    connection.send(Ready(model=CARD))
    while True:
        match connection.recv():
            case Shutdown():
                return
            case Cancel(job=job):
                time.sleep(0.3)
                connection.send(Progress(job=job, step=7, steps=7))
                connection.send(Cancelled(job=job))
            case Paint(job=job, prompt=prompt):
                if prompt == "short":
                    connection.send(Finished(job=job, pictures=(), seconds=0.0))
                else:
                    connection.send(Progress(job=job, step=1, steps=7))
