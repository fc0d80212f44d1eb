"""Decide which hosts may receive the bot's token; checked when an address arrives and before each request.

Only exact host names count. A pattern such as `*.trafficmanager.net` proves nothing: anybody can register a name there.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hold the host names from the settings.

    `on_loopback` also allows plain http to a named host:port of this machine, for tests.
    """

    named: frozenset[str]
    on_loopback: bool = False

    def may_reach(self, url: str) -> bool:
        """Return True for https to a named host, on port 443, without user, query or fragment."""
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
