"""The worker's loop without a process: its very code, in a thread, over a real pipe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from generation.process.worker import serve
from generation.protocol.events import Cancelled, Event, Failed, Finished, Ready
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint, Shutdown

TERMINAL = (Finished, Failed, Cancelled)


class Worker:
    """The parent's end of a worker that has loaded its model."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        greeting = connection.recv()
        assert isinstance(greeting, Ready), greeting
        self.card = greeting.model

    def receive(self) -> Event:
        assert self.connection.poll(60), "the worker is silent"
        return self.connection.recv()

    def events(self, *requests: object) -> list[Event]:
        """Send requests and collect all events until each painting has ended."""
        events: list[Event] = []
        for request in requests:
            self.connection.send(request)
        open_jobs = {request.job for request in requests if isinstance(request, Paint)}
        while open_jobs:
            events.append(self.receive())
            if isinstance(events[-1], TERMINAL):
                open_jobs.discard(events[-1].job)
        return events

    def paint(self, request: Paint) -> Finished:
        ended = self.events(request)[-1]
        assert isinstance(ended, Finished), ended
        return ended

    def fail(self, request: Paint) -> Failed:
        ended = self.events(request)[-1]
        assert isinstance(ended, Failed), ended
        return ended


@contextmanager
def running(options: WorkerOptions) -> Iterator[Worker]:
    """A worker's loop, shut down at the end."""
    here, there = Pipe()
    thread = threading.Thread(target=serve, args=(there, options))
    thread.start()
    try:
        yield Worker(here)
    finally:
        here.send(Shutdown())
        thread.join()
        here.close()
        there.close()


def pixels(path: Path | None) -> npt.NDArray[np.int64]:
    assert path is not None
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.int64)
