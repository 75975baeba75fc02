"""The child process and its pipe: start it, exchange messages, notice its exit, stop it."""

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
from multiprocessing.context import ForkServerContext, ForkServerProcess, SpawnContext, SpawnProcess

from generation.protocol.commands import Command
from generation.protocol.events import Ready, Terminal, Unready, Update
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Shutdown, Work

log = logging.getLogger(__name__)

Target = Callable[[Connection, WorkerOptions], None]
"""Entry point of the child: an importable function, since a fresh interpreter looks it up."""

Message = Ready | Unready | Update | Terminal
"""Messages that the child sends."""

PARENTS_SIGNALS = {signal.SIGINT, signal.SIGTERM}
"""Signals that Ctrl-C and a service manager send to every process at once.  The parent ends its
child in good order; a child that died by itself would look like a crash."""

SPAWN = multiprocessing.get_context("spawn")
Context = SpawnContext | ForkServerContext
"""How a child is started: never by forking this process, which has threads."""

SIZE = struct.Struct("!i")


class Child(asyncio.Protocol):
    """The child process and our end of its pipe.

    The child holds a `multiprocessing.Connection`; we speak its framing (the size as a big-endian
    32-bit integer, then a pickle) through an asyncio transport.  So neither half a message from a
    dying child nor a full pipe to a stuck one can block the loop.
    """

    def __init__(
        self,
        target: Target,
        options: WorkerOptions,
        hear: Callable[[Message], None],
        context: Context = SPAWN,
    ) -> None:
        self.gone = asyncio.Event()
        """Set when the child's end of the pipe is closed, usually by its death."""
        self._arguments = (target, options)
        self._hear = hear
        self._unread = bytearray()
        self._context = context
        self._process: SpawnProcess | ForkServerProcess | None = None
        self._transport: asyncio.Transport | None = None

    async def start(self) -> None:
        """Start the process and open its pipe; raises OSError if the system refuses."""
        target, options = self._arguments
        ours, theirs = socket.socketpair()
        # Closed here once the child has it; otherwise the pipe would outlive the child.
        with contextlib.closing(Connection(theirs.detach())) as connection:
            # daemon: if the loop is torn down, the interpreter still ends the child.
            process = self._context.Process(
                target=_live, args=(target, connection, options), daemon=True
            )
            try:
                with _interrupts_held_back():
                    process.start()
            except BaseException:
                ours.close()
                raise
        self._process = process
        log.info("Generator started as process %s.", process.pid)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: self, sock=ours)

    def send(self, command: Command | Work) -> None:
        """Queue a command for the child, even if it has stopped reading or is gone."""
        if self._transport is not None and not self._transport.is_closing():
            data = pickle.dumps(command)
            self._transport.write(SIZE.pack(len(data)) + data)

    async def end(self, patience: float) -> str:
        """Ask the child to stop, after `patience` seconds kill it; return how it ended, in words.

        Even if this is cancelled, no living child is left behind.
        """
        if self._process is None:
            return "could not be started"
        process = self._process
        self.send(Shutdown())
        try:
            await asyncio.to_thread(process.join, patience)
            if process.exitcode is None:
                process.kill()
                await asyncio.to_thread(process.join, patience)
            return exit_in_words(process.exitcode)
        finally:
            process.kill()  # has no effect on a process that was joined
            if self._transport is not None:
                self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Buffer received bytes and pass on every complete message."""
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
        """Notice that the child's end is closed, and drop any incomplete message."""
        self.gone.set()


def exit_in_words(code: int | None) -> str:
    """Return how a process ended, in words that follow "the generator"."""
    if code is None:
        return "did not end, even when killed"
    if code == 0:
        return "ended by itself"
    if code > 0:
        return f"ended with exit code {code}"
    names = {one.value: one.name for one in signal.Signals}
    return f"was killed by {names.get(-code, f'signal {-code}')}"


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Block the signals while a process is started that only the parent is to handle."""
    resource_tracker.ensure_running()  # it would unblock the signal if it were started below
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PARENTS_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live(target: Target, connection: Connection, options: WorkerOptions) -> None:
    """Entry point in the child: ignore the parent's signals, exit with it, then run `target`."""
    for each in PARENTS_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, name="die with parent", daemon=True).start()
    target(connection, options)


def _die_with_parent() -> None:
    """End this process, whatever it is doing, once the parent has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
