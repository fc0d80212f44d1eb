"""Recognise addresses of this machine itself."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return True for an address or name that only this machine can connect to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
