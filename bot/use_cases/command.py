"""Someone gave a command, by slash, mention, direct message or button: one grammar for all of them."""

import re
from collections.abc import Mapping
from datetime import datetime

from bot.model.alliance import Alliance, Round, Side
from bot.model.audit import Act
from bot.model.cards import Card
from bot.model.events import Commanded
from bot.ports import Store
from bot.privacy.permissions import leads, side_of
from bot.use_cases import charter
from bot.use_cases.audit_trail import Books
from bot.use_cases.digest import newest_digest
from bot.use_cases.home import home, open_pulse
from bot.use_cases.lead_actions import acknowledge, adopt, settle
from bot.use_cases.score import alerts, score
from bot.wording import confirmations as reply
from bot.wording import help

NOTED: Mapping[str, Act] = {
    "digest": "digest",
    "alerts": "alerts",
    "ack": "acknowledge",
    "normal": "accept",
    "ours": "map",
}
"""What leads do, as the audit log calls it; what concerns the charter is noted by its own walk."""

OF_MEMBERS = ("score", "pulse", "comment", "vision", "privacy", "charter")
OF_LEADS = ("digest", "alerts", "ack", "normal", "ours", "propose", "agree", "decline")
OF_ONE = (*OF_MEMBERS, *OF_LEADS)
"""Commands about one alliance: who is in several is asked which."""

ID = re.compile(r"\d{1,6}|[a-z]{1,10}:([A-Z0-9]{2,24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")
"""A round's number, or a company's id: nothing that could be words."""


async def command(event: Commanded, store: Store, books: Books, now: datetime) -> Card:
    """The card that answers it. A command on an alliance that is not one's own reads as if it did not exist."""
    verb, *rest = event.text.lower().split() or ["help"]
    verb = verb.rstrip("!?.,:;") or "help"
    found = await _alliances(event, store, rest)
    if verb == "home" and found:
        return await home(found, event.by, store, books, now)
    if len(found) > 1 and verb in OF_ONE:
        return help.which(found, " ".join([verb, *rest]))
    if not found:
        return reply.stranger()
    if verb == "pulse":
        pulse = await open_pulse(found[0], event.by, store, books.secret, now)
        return pulse or help.nothing_open(found[0])
    return await _do(verb, rest, found[0], event, store, books, now)


async def _do(
    verb: str,
    rest: list[str],
    alliance: Alliance,
    event: Commanded,
    store: Store,
    books: Books,
    now: datetime,
) -> Card:
    led = leads(alliance, event.by)
    match verb:
        case "help" | "hi" | "hello":
            return help.overview(led is not None)
        case "vision":
            return help.vision(alliance)
        case "privacy":
            return help.privacy(alliance)
        case "comment":
            return await _comment_form(alliance, rest, store, now)
        case "charter":
            return await charter.show(books, alliance, led, now)
        case "score":
            await books.note("score", alliance.key, event.by, now, led or "member")
            return await score(store, alliance, led)
        case _ if verb in OF_LEADS:
            return (
                await _lead_does(verb, event, alliance, led, store, books, now) if led else help.leads_only()
            )
    return help.not_understood(verb, led is not None)


async def _lead_does(
    verb: str, event: Commanded, alliance: Alliance, side: Side, store: Store, books: Books, now: datetime
) -> Card:
    words = event.text.split()[1:]
    if verb in NOTED:
        await books.note(NOTED[verb], alliance.key, event.by, now, f"{side} {_id(words)}".strip())
    match verb, words:
        case "digest", _:
            return await newest_digest(store, alliance, side, now)
        case "alerts", _:
            return await alerts(store, alliance, side)
        case "ack", [id, *_]:
            return await acknowledge(store, alliance, id, side)
        case "normal", [id, *_]:
            return await settle(store, alliance, id, side)
        case "ours", [home, *_]:
            return await adopt(store, alliance, side, home)
        case "propose", change:
            return await charter.propose(books, alliance, [w.lower() for w in change], side, event.by, now)
        case "agree" | "decline", [id, *_]:
            return await charter.decide(books, alliance, verb, id, side, event.by, now)
    return help.incomplete(verb)


def _id(words: list[str]) -> str:
    """The round or company that was named; anything else that somebody may have typed is nobody's business."""
    return words[0] if words and ID.fullmatch(words[0]) else ""


async def _alliances(event: Commanded, store: Store, rest: list[str]) -> tuple[Alliance, ...]:
    """Those of the person's own that the command can mean: the one named, the channel's, or all."""
    own = await store.alliances_of([(event.by.platform, home) for home in event.by.home])
    own = tuple(one for one in own if side_of(one, event.by))
    named = tuple(one for one in own if one.key in rest)
    here = tuple(one for one in own if event.channel in one.channels)
    return named or here or own


async def _comment_form(alliance: Alliance, rest: list[str], store: Store, now: datetime) -> Card:
    rounds = await store.open_rounds(alliance.key, now)
    return reply.comment_form(_named(rounds, rest)) if rounds else help.nothing_open(alliance)


def _named(rounds: tuple[Round, ...], rest: list[str]) -> Round:
    return next((round for round in rounds if round.id in rest), rounds[-1])
