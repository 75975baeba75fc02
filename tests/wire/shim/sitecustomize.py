"""Sends a child process's Discord traffic to the loopback; lies on its PYTHONPATH, nowhere else.

Only the resolver of names is told otherwise: Discord's names lead to 127.0.0.1 and the port in
LOOPBACK_DISCORD_PORT, every other name is refused, so that nothing leaves the machine.  The
certificate is vouched for by SSL_CERT_FILE.  Neither the bot nor its libraries are touched.
"""

import os
import socket
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
