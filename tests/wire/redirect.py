"""How an unmodified bot process comes to talk to the loopback under Discord's own names."""

from __future__ import annotations

import dataclasses
import ssl
from pathlib import Path

import trustme

NAMES = ("discord.com", "gateway.discord.gg", "cdn.discordapp.com", "media.discordapp.net")
PUBLIC = ("wss://gateway.discord.gg/", "https://cdn.discordapp.com")
"""The origins of gateway and CDN that the loopback hands out."""

SHIM = Path(__file__).parent / "shim"


@dataclasses.dataclass(frozen=True)
class Certificates:
    """A throw-away authority: the server's side of TLS, and the file that clients trust."""

    server: ssl.SSLContext
    authority: Path


def certificates(folder: Path) -> Certificates:
    """Issue a certificate for Discord's names, valid for whoever trusts `folder`'s file."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*NAMES, "127.0.0.1").configure_cert(server)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return Certificates(server=server, authority=path)


def environment(authority: Path, port: int) -> dict[str, str]:
    """What a child's environment needs so that Discord's names lead to the loopback."""
    return {
        "PYTHONPATH": str(SHIM),
        "SSL_CERT_FILE": str(authority),
        "LOOPBACK_DISCORD_PORT": str(port),
    }
