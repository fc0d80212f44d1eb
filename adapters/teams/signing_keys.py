"""The keys that Microsoft signs with: read from its OpenID document, off the event loop's way, and renewed.

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
"""Seconds between two readings that an unknown key id causes."""
RETRY = 5.0
"""Seconds between two readings while there is no key at all."""
PATIENCE = 3.0
"""Seconds that a reading may take."""
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`endorsements`: the channels that this key may vouch for."""

    key: jwt.PyJWK
    endorsements: frozenset[str]


@dataclass(slots=True)
class Keys:
    """`clock`: monotonic seconds. Keys of a document that could not be read anew for two days are not used."""

    session: aiohttp.ClientSession
    url: str
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    patience: float = PATIENCE
    known: dict[str, SigningKey] = field(default_factory=dict)
    read_at: float = -math.inf
    tried_at: float = -math.inf
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, id: str) -> SigningKey | None:
        """The key of that id, after reading the document anew where that may help. Takes `patience` at most."""
        if self._is_due(id):
            async with self.one_at_a_time:
                if self._is_due(id):
                    await self._refresh()
        return self.known.get(id) if self.clock() - self.read_at <= 2 * DAY else None

    def _is_due(self, id: str) -> bool:
        now = self.clock()
        if id in self.known and now - self.read_at < DAY:
            return False
        return now - self.tried_at >= (REFRESH if self.known else RETRY)

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(self.patience):
                self.known = await self._read()
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError) as error:
            log.warning("signing keys could not be read: %s", type(error).__name__)
            return
        finally:
            self.tried_at = self.clock()
        self.read_at = self.clock()

    async def _read(self) -> dict[str, SigningKey]:
        document = await self._json(self.url)
        address = document.get("jwks_uri")
        if not isinstance(address, str) or _origin(address) != _origin(self.url):
            raise ValueError("keys elsewhere")
        listed = (await self._json(address)).get("keys")
        keys = dict(_keys(listed if isinstance(listed, list) else []))
        if not keys:
            raise ValueError("no keys")
        return keys

    async def _json(self, url: str) -> dict[str, Any]:
        async with self.session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError("no document")
            found = json.loads(await read_stream(answer.content, _LARGEST))
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _keys(listed: list[Any]) -> list[tuple[str, SigningKey]]:
    found = []
    for one in listed:
        match one:
            case {"kty": "RSA", "kid": str(id), "n": str(), "e": str(), "endorsements": list(channels)}:
                try:
                    key = jwt.PyJWK.from_dict(dict(one), algorithm="RS256")
                except (jwt.PyJWTError, ValueError):
                    continue
                found.append((id, SigningKey(key, frozenset(map(str, channels)))))
    return found
