"""Prepares a child process for the loopback; lies on its PYTHONPATH, nowhere else.

Only the resolver of names is told otherwise: Discord's names lead to 127.0.0.1 and the port in
LOOPBACK_DISCORD_PORT, every other name is refused, so that nothing leaves the machine.  The
certificate is vouched for by SSL_CERT_FILE.  Neither the bot nor its libraries are touched.

LOOPBACK_PAINTER, if set, is a file to load as `generation.process.worker`, which the bot's process
never imports: only what paints in the generator's process is another.
"""

import importlib.util
import os
import socket
import sys
from typing import Any

NAMES = {
    "discord.com",
    "gateway.discord.gg",
    "cdn.discordapp.com",
    "media.discordapp.net",
}
LOCAL = {None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1"}

_port = int(os.environ["LOOPBACK_DISCORD_PORT"])
_resolve = socket.getaddrinfo


def _getaddrinfo(host: Any, port: Any, *how: Any, **hints: Any) -> list[Any]:
    if host in NAMES:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", _port))]
    if host in LOCAL:
        return list(_resolve(host, port, *how, **hints))
    raise socket.gaierror(socket.EAI_NONAME, f"{host} is outside the loopback")


socket.getaddrinfo = _getaddrinfo


class _Painter:
    """Finds `generation.process.worker` in the file that LOOPBACK_PAINTER names."""

    @staticmethod
    def find_spec(name: str, _path: Any = None, _target: Any = None) -> Any:
        if name != "generation.process.worker":
            return None
        return importlib.util.spec_from_file_location(name, os.environ["LOOPBACK_PAINTER"])


if "LOOPBACK_PAINTER" in os.environ:
    sys.meta_path.insert(0, _Painter)
