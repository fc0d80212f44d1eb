"""Where the bot's token may travel: exact hosts, checked when an address is received and before each request.

`*.trafficmanager.net` is no guarantee of anything: anybody can register a name there.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Hosts:
    """`named`: hosts as configured. `on_loopback`: plain http to a named host:port of this machine, for tests."""

    named: frozenset[str]
    on_loopback: bool = False

    def allow(self, url: str) -> bool:
        """Is it https to a named host: without a user, another port, a query or a fragment?"""
        if not url.isascii() or any(character <= " " or character == "\\" for character in url):
            return False
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        if "@" in parts.netloc or parts.query or parts.fragment:
            return False
        if parts.scheme == "https":
            return parts.hostname in self.named and port in (None, 443)
        is_local = parts.hostname in ("127.0.0.1", "localhost")
        return parts.scheme == "http" and self.on_loopback and is_local and parts.netloc in self.named
