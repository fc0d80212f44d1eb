"""Fetch and renew the keys that Microsoft signs with, from its OpenID document.

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import asyncio
import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt

from adapters.shared.request_body import read_stream

log = logging.getLogger(__name__)

DAY = 86_400.0
REFRESH = 300.0
"""Seconds between two attempts to renew keys that can still be used."""
RETRY = 5.0
"""Seconds between two fetches for a key that is not there. Anybody can name one, so this bounds the rate."""
PATIENCE = 3.0
"""Seconds that a fetch may take."""
_LARGEST = 1024 * 1024


class KeysUnreachable(Exception):
    """Raised where Microsoft's keys could not be fetched, so that nobody knows whether a key is genuine."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Hold a key and the channels that it may sign for (`endorsements`)."""

    key: jwt.PyJWK
    endorsements: frozenset[str]


@dataclass(slots=True)
class SigningKeys:
    """Cache the keys; those that could not be renewed for two days are no longer used.

    `clock` gives monotonic seconds.
    """

    session: aiohttp.ClientSession
    url: str
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    patience: float = PATIENCE
    known: dict[str, SigningKey] = field(default_factory=dict)
    read_at: float = -math.inf
    tried_at: float = -math.inf
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find_key(self, key_id: str) -> SigningKey | None:
        """Return the key, after fetching the document again if that may help; None for a key that is not Microsoft's.

        Takes at most `patience` seconds for each fetch. Raises KeysUnreachable if the last fetch failed and the key
        is not known.
        """
        if self._is_due(key_id):
            async with self.one_at_a_time:
                if self._is_due(key_id):
                    await self._refresh_keys()
        if self._is_usable(key_id):
            return self.known[key_id]
        if self.tried_at > self.read_at:
            raise KeysUnreachable
        return None

    def _is_usable(self, key_id: str) -> bool:
        return key_id in self.known and self.clock() - self.read_at <= 2 * DAY

    def _is_due(self, key_id: str) -> bool:
        now = self.clock()
        if key_id in self.known and now - self.read_at < DAY:
            return False
        return now - self.tried_at >= (REFRESH if self._is_usable(key_id) else RETRY)

    async def _refresh_keys(self) -> None:
        try:
            async with asyncio.timeout(self.patience):
                self.known = await self._read_keys()
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError) as error:
            log.warning("signing keys could not be read: %s", type(error).__name__)
            self.tried_at = self.clock()
            return
        self.read_at = self.tried_at = self.clock()

    async def _read_keys(self) -> dict[str, SigningKey]:
        document = await self._fetch_json(self.url)
        address = document.get("jwks_uri")
        if not isinstance(address, str) or _find_origin(address) != _find_origin(self.url):
            raise ValueError("the keys are at another origin")
        listed = (await self._fetch_json(address)).get("keys")
        keys = dict(_parse_keys(listed if isinstance(listed, list) else []))
        if not keys:
            raise ValueError("the document has no keys")
        return keys

    async def _fetch_json(self, url: str) -> dict[str, Any]:
        async with self.session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError("the response is not 200")
            found = json.loads(await read_stream(answer.content, _LARGEST))
        if not isinstance(found, dict):
            raise ValueError("the document is not an object")
        return found


def _find_origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _parse_keys(listed: list[Any]) -> list[tuple[str, SigningKey]]:
    found = []
    for entry in listed:
        match entry:
            case {"kty": "RSA", "kid": str(key_id), "n": str(), "e": str(), "endorsements": list(channels)}:
                try:
                    key = jwt.PyJWK.from_dict(dict(entry), algorithm="RS256")
                except (jwt.PyJWTError, ValueError):
                    continue
                found.append((key_id, SigningKey(key, frozenset(map(str, channels)))))
    return found
