"""Someone gave a command, by slash, mention, direct message or button: one grammar for all of them."""

from datetime import datetime

from bot.cards import Card
from bot.events import Commanded
from bot.model import Alliance, Round
from bot.ports import Store
from bot.rules.permissions import leads, side_of
from bot.walks.act import acknowledge, adopt
from bot.walks.digest import newest_digest
from bot.walks.score import alerts, score
from bot.wording import help, question, reply


async def command(event: Commanded, store: Store, secret: bytes, now: datetime) -> Card:
    """The card that answers it. A command on an alliance that is not one's own reads as if it did not exist."""
    verb, *rest = event.text.lower().split() or ["help"]
    found = await _alliances(event, store, rest)
    if len(found) > 1 and verb in ("score", "pulse", "vision", "privacy", "digest", "alerts"):
        return help.which(found, verb)
    if not found:
        return reply.stranger()
    return await _do(verb, rest, found[0], event, store, secret, now)


async def _do(  # noqa: PLR0913
    verb: str,
    rest: list[str],
    alliance: Alliance,
    event: Commanded,
    store: Store,
    secret: bytes,
    now: datetime,
) -> Card:
    led = leads(alliance, event.by)
    match verb, rest:
        case "help" | "hi" | "hello", _:
            return help.overview(led is not None)
        case "vision", _:
            return help.vision(alliance)
        case "privacy", _:
            return help.privacy(alliance)
        case "pulse", _:
            return await _open_pulse(alliance, store, now)
        case "comment", _:
            return await _comment_form(alliance, rest, store, now)
        case "score", _:
            return await score(store, alliance, led)
        case (("digest" | "alerts" | "ack" | "ours"), _) if led is None:
            return help.leads_only()
        case "digest", _ if led:
            return await newest_digest(store, alliance, led, now)
        case "alerts", _ if led:
            return await alerts(store, alliance, led)
        case "ack", [id, *_] if led:
            return await acknowledge(store, alliance, id, led)
        case "ours", [home, *_] if led:
            return await adopt(store, alliance, led, event.text.split()[1])
    return help.not_understood(verb)


async def _alliances(event: Commanded, store: Store, rest: list[str]) -> tuple[Alliance, ...]:
    """Those of the person's own that the command can mean: the one named, the channel's, or all."""
    own = await store.alliances_of([(event.by.platform, home) for home in event.by.home])
    own = tuple(one for one in own if side_of(one, event.by))
    named = tuple(one for one in own if one.key in rest)
    here = tuple(one for one in own if event.channel in one.channels)
    return named or here or own


async def _open_pulse(alliance: Alliance, store: Store, now: datetime) -> Card:
    rounds = await store.open_rounds(alliance.key, now)
    return question.asked(alliance, rounds[-1]) if rounds else help.nothing_open(alliance)


async def _comment_form(alliance: Alliance, rest: list[str], store: Store, now: datetime) -> Card:
    rounds = await store.open_rounds(alliance.key, now)
    return reply.comment_form(_named(rounds, rest)) if rounds else help.nothing_open(alliance)


def _named(rounds: tuple[Round, ...], rest: list[str]) -> Round:
    return next((round for round in rounds if round.id in rest), rounds[-1])
