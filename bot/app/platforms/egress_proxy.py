"""Send calls to platforms through the company's proxy. The settings decide, for every library that makes a call."""

from dataclasses import dataclass
from ipaddress import ip_address

import aiohttp
from aiohttp import hdrs, helpers
from yarl import URL

from bot.app.config.schema import Settings


@dataclass(frozen=True, slots=True)
class EgressProxy:
    """Hold the proxy's address ("" for none) and the hosts that are called directly (`exceptions`).

    An exception is a host name, a domain with all hosts in it, host:port, or `*`: https://curl.se/docs/manpage.html#NOPROXY
    """

    url: str = ""
    exceptions: tuple[str, ...] = ()

    def find_proxy(self, host: str, port: int | None = None) -> str:
        """Return the address of the proxy for calls to a host, "" for a direct call.

        This machine is always called directly, and so is the address that gives a virtual machine its identity.
        """
        is_direct = _is_local(host) or any(_covers(entry, host, port or 443) for entry in self.exceptions)
        return "" if is_direct else self.url

    async def send_through(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request of a session as its middleware, whatever proxy the caller took from the environment."""
        proxy = self.find_proxy(request.url.host or "", request.url.port)
        if not proxy:
            request.update_proxy(None, None, None)
            return await send(request)
        address, login = helpers.strip_auth_from_url(URL(proxy))
        headers = {hdrs.PROXY_AUTHORIZATION: login.encode()} if login else None
        request.update_proxy(address, None, headers)
        return await send(request)


def read_proxy(settings: Settings) -> EgressProxy:
    """Return the proxy that the settings name."""
    return EgressProxy(settings.network.proxy.get_secret_value(), settings.network.no_proxy)


def _covers(entry: str, host: str, port: int) -> bool:
    name, _, only_port = entry.lower().partition(":")
    if name == "*":
        return True
    domain = name.removeprefix("*").removeprefix(".")
    is_inside = host.lower() == domain or host.lower().endswith(f".{domain}")
    return bool(domain) and is_inside and only_port in ("", str(port))


def _is_local(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_link_local
