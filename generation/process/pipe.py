"""One life of the child process: start it, talk through its pipe, notice its end, end it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from generation.protocol.events import Progress, Ready, Terminal, Unready
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Command, Shutdown

log = logging.getLogger(__name__)

Target = Callable[[Connection, WorkerOptions], None]
"""What runs in the child; an importable function, since a fresh interpreter looks it up."""

Message = Ready | Unready | Progress | Terminal
"""What the child says."""

SPAWN = multiprocessing.get_context("spawn")
SIZE = struct.Struct("!i")


class Child(asyncio.Protocol):
    """The child's process and our end of its pipe.

    The child holds a `multiprocessing.Connection`; we speak its framing (the size as a
    big-endian 32-bit integer, then a pickle) through a transport of the loop.  So neither
    half a message of a dying child nor a full pipe to a stuck one can hold up the loop.
    """

    def __init__(
        self, target: Target, options: WorkerOptions, hear: Callable[[Message], None]
    ) -> None:
        self.gone = asyncio.Event()
        """The child has closed its end of the pipe, by dying or otherwise."""
        self._arguments = (target, options)
        self._hear = hear
        self._unread = bytearray()
        self._process: SpawnProcess | None = None
        self._transport: asyncio.Transport | None = None

    async def start(self) -> None:
        """Start the process and open its pipe; OSError where the system refuses."""
        target, options = self._arguments
        ours, theirs = socket.socketpair()
        # closed here once the child has it, or the pipe would outlive the child
        with contextlib.closing(Connection(theirs.detach())) as connection:
            # daemon: should the loop be torn down, the interpreter still ends the child
            process = SPAWN.Process(target=_live, args=(target, connection, options), daemon=True)
            try:
                with _interrupts_held_back():
                    process.start()
            except BaseException:
                ours.close()
                raise
        self._process = process
        log.info("The generator starts as process %s.", process.pid)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: self, sock=ours)

    def send(self, command: Command) -> None:
        """Queue a command for the child, which may have stopped reading, or be gone."""
        if self._transport is not None and not self._transport.is_closing():
            data = pickle.dumps(command)
            self._transport.write(SIZE.pack(len(data)) + data)

    async def end(self, patience: float) -> str:
        """Ask the child to stop, insist, kill; returns how it ended, in words.

        Each stage lasts at most `patience` seconds.  Even when this is cancelled, no living
        child is left behind.
        """
        if self._process is None:
            return "could not be started"
        process = self._process
        self.send(Shutdown())
        try:
            for insist in (process.terminate, process.kill):
                await asyncio.to_thread(process.join, patience)
                if process.exitcode is not None:
                    return exit_in_words(process.exitcode)
                insist()
            await asyncio.to_thread(process.join, patience)
            return exit_in_words(process.exitcode)
        finally:
            process.kill()  # does nothing to one that was joined
            if self._transport is not None:
                self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take in what has arrived, and pass on the messages that are complete."""
        self._unread += data
        while len(self._unread) >= SIZE.size:
            (size,) = SIZE.unpack_from(self._unread)
            end = SIZE.size + size
            if len(self._unread) < end:
                return
            body = bytes(self._unread[SIZE.size : end])
            del self._unread[:end]
            self._hear(pickle.loads(body))  # noqa: S301 - written by our own child

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Notice that the child's end is closed; what it had half said is forgotten."""
        self.gone.set()


def exit_in_words(code: int | None) -> str:
    """Return how a process ended, as words to follow "the generator"."""
    if code is None:
        return "does not end, not even when killed"
    if code == 0:
        return "ended by itself"
    if code > 0:
        return f"ended with exit code {code}"
    names = {one.value: one.name for one in signal.Signals}
    return f"was killed by {names.get(-code, f'signal {-code}')}"


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let a process be born deaf to SIGINT: a Ctrl-C is for the parent to answer."""
    resource_tracker.ensure_running()  # which would lift the mask if it started below
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live(target: Target, connection: Connection, options: WorkerOptions) -> None:
    """Be the child: deaf to Ctrl-C, bound to the parent's life, then `target`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, name="die with parent", daemon=True).start()
    target(connection, options)


def _die_with_parent() -> None:
    """End this process, whatever it is at, once the parent has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
