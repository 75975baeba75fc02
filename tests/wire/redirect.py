"""Redirect an unmodified bot process to the loopback under Discord's own names."""

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
    """The certificate authority that clients are to trust."""


def certificates(folder: Path) -> Certificates:
    """Issue a certificate for Discord's names, valid for whoever trusts `folder`'s file."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*NAMES, "127.0.0.1").configure_cert(server)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return Certificates(server=server, authority=path)


@dataclasses.dataclass(frozen=True)
class Redirect:
    """Start options of a child process for which Discord's names lead to the loopback."""

    prefix: tuple[str, ...]
    """Put before the command line."""
    path: tuple[str, ...]
    """Put before everything else on its PYTHONPATH."""
    environment: dict[str, str]


def by_shim(authority: Path, port: int) -> Redirect:
    """Lead a child here by the resolver of names in its own Python; needs no rights."""
    trusted = {"SSL_CERT_FILE": str(authority), "LOOPBACK_DISCORD_PORT": str(port)}
    return Redirect((), (str(SHIM),), trusted)


def by_hosts_file(authority: Path, folder: Path) -> Redirect:
    """Lead a child here by a hosts file that only it sees; needs root, Linux, and port 443.

    Nothing at all of ours runs in the child.
    """
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(NAMES)}\n")
    mounted = 'mount --bind "$0" /etc/hosts && exec "$@"'
    prefix = ("unshare", "--mount", "sh", "-c", mounted, str(hosts))
    return Redirect(prefix, (), {"SSL_CERT_FILE": str(authority)})
