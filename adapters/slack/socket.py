"""Receive payloads by Socket Mode: over a connection that the bot opens, for bots that Slack cannot reach.

https://docs.slack.dev/apis/events-api/using-socket-mode. As over HTTP, Slack repeats an event without an
acknowledgement, but not a click: then the person sees an error. Slack may close a connection at any time; the client
connects again. Of several connections, each payload goes to one.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.shared.background import BackgroundTasks
from adapters.shared.rejection import Refusal
from adapters.shared.text import replace_unstorable
from adapters.slack.api import to_platform_error
from adapters.slack.verify import check_payload_shape
from adapters.slack.webhook import SlackReceiver, build_bolt_app, dispatch_payload

Json: TypeAlias = dict[str, Any]

log = logging.getLogger(__name__)
_silent = logging.getLogger(f"{__name__}.client")
_silent.setLevel(logging.CRITICAL + 1)  # slack_sdk logs payloads, and addresses that work as passwords


@dataclass(frozen=True, slots=True)
class SocketMode:
    """Payloads by Socket Mode. `ping_interval`: seconds between checks of the connection. `proxy`: "" for none."""

    door: SlackReceiver
    app_token: str
    api_url: str = "https://slack.com/api/"
    ping_interval: float = 5.0
    proxy: str = ""

    @asynccontextmanager
    async def keep_connected(self) -> AsyncIterator[None]:
        """Keep the connection until the block ends. Then wait at most 3 seconds for payloads being handled."""
        client = SocketModeClient(
            app_token=self.app_token,
            logger=_silent,
            web_client=_make_web_client(self.api_url, self.proxy),
            ping_interval=self.ping_interval,
        )
        client.proxy = self.proxy or None  # and not the one that slack_sdk takes from the environment
        tasks = BackgroundTasks()
        app = build_bolt_app(self.door)

        async def start_handling(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            tasks.start(self._handle_request(app, client, request))

        client.message_listeners.append(_log_hello)
        client.socket_mode_request_listeners.append(start_handling)
        connecting = asyncio.ensure_future(client.connect())  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            await tasks.drain(3.0)
            connecting.cancel()
            with suppress(asyncio.CancelledError):
                await connecting
            await client.close()  # type: ignore[no-untyped-call]

    async def _handle_request(
        self, app: AsyncApp, client: AsyncBaseSocketModeClient, request: SocketModeRequest
    ) -> None:
        """Acknowledge a payload only after its event is stored."""
        try:
            sent = check_payload_shape(replace_unstorable(request.payload))
        except Refusal as refusal:
            log.info("refused: %s", refusal.reason)
            return
        response: Json | None = None
        if sent is not None:
            with self.door.replies.rush:
                answer = await dispatch_payload(app, sent, self.door.now())
            if answer.status != 200:
                return
            response = json.loads(answer.body) if answer.body.startswith("{") else None
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, response))


def _make_web_client(api_url: str, proxy: str) -> AsyncWebClient:
    client = AsyncWebClient(base_url=api_url, retry_handlers=[], logger=_silent)
    client.proxy = proxy or None
    return client


async def check_app_token(app_token: str, api_url: str, proxy: str = "") -> None:
    """Raise PlatformError if Slack does not accept the token for Socket Mode."""
    client = _make_web_client(api_url, proxy)
    try:
        await client.apps_connections_open(app_token=app_token)
    except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        raise to_platform_error(error) from None


async def _log_hello(_client: object, message: Json, _raw: str | None = None) -> None:
    if message.get("type") == "hello":
        log.info("connected by Socket Mode")
