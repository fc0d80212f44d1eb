"""Answer a command, given by slash, mention, direct message or button: one grammar and one table for all of them."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.command_grammar import split_command
from bot.model.alliance import Alliance, Round, Side
from bot.model.audit import Act, AuditEntry
from bot.model.cards import Card
from bot.model.commands import KeptDays
from bot.model.events import Commanded
from bot.ports import Store
from bot.privacy.permissions import find_led_side, find_side
from bot.use_cases import charter
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.claim import claim_company, contest_claim
from bot.use_cases.commands.wishes import WISHES, handle_answered, handle_wish
from bot.use_cases.comment import CommentDesk, find_typed_concern
from bot.use_cases.digest import newest_digest
from bot.use_cases.home import open_pulse, refuse_stranger, request_data, show_home
from bot.use_cases.loop.tap import Tap
from bot.use_cases.loop.verbs import LOOP, SUMMARIES
from bot.use_cases.score import alerts, score
from bot.wording import confirmations as reply
from bot.wording import guard, help

AUDITABLE_ARGUMENT = re.compile(
    r"\d{1,6}|[a-z]{1,10}:([A-Z0-9]{2,24}|(guests-of-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)
"""A round's number, or a company's id: nothing that could be words."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command that somebody gave, with what is needed to carry it out."""

    event: Commanded
    alliances: tuple[Alliance, ...]
    """Those of the person's own that the command can mean; empty only for `data`. The first one is meant."""
    words: tuple[str, ...]
    """The arguments, as they were typed."""
    store: Store
    trail: AuditTrail
    desk: CommentDesk
    kept: KeptDays
    now: datetime
    ways: str

    @property
    def alliance(self) -> Alliance:
        return self.alliances[0]

    @property
    def side(self) -> Side | None:
        """The side that this person leads; None for a member."""
        return find_led_side(self.alliance, self.event.by)

    def list_own_commands(self) -> help.Rows:
        """Return what this person may be told of; nothing where they are in no alliance."""
        return list_commands(self.side is not None) if self.alliances else ()


Run = Callable[[Request], Awaitable[Card]]
RunForLead = Callable[[Request, Side], Awaitable[Card]]
"""Gets the side that the lead speaks for."""


@dataclass(frozen=True, slots=True)
class Command:
    """Describe a command: for every member, or for leads only.

    `summary`: what it shows, in half a sentence; empty for what only buttons say, so that help does not list it.
    `audited_as`: how the audit log calls it; None where nothing is noted, or the use case notes it itself.
    `asks_which`: it is about one alliance, so whoever is in several is asked which.
    """

    verb: str
    run: Run
    summary: str = ""
    audited_as: Act | None = None
    for_leads: bool = False
    asks_which: bool = True


async def handle_help(request: Request) -> Card:
    return help.write_help(request.list_own_commands(), request.ways)


async def handle_welcome(request: Request) -> Card:
    return help.write_greeting(request.list_own_commands(), request.ways)


async def handle_vision(request: Request) -> Card:
    return help.write_vision(request.alliance)


async def handle_privacy(request: Request) -> Card:
    return help.write_privacy(request.alliance, request.kept)


async def handle_charter(request: Request) -> Card:
    return await charter.read_charter(request.trail, request.alliance, request.side, request.now)


async def handle_score(request: Request) -> Card:
    return await score(request.store, request.alliance, request.side, request.trail.secret)


async def handle_home(request: Request) -> Card:
    return await show_home(request.alliances, request.event.by, request.store, request.trail, request.now)


async def handle_data(request: Request) -> Card:
    words = [word.lower() for word in request.words]
    return await request_data(request.event.by, words, request.store, request.trail, request.now)


async def handle_pulse(request: Request) -> Card:
    alliance, secret = request.alliance, request.trail.secret
    pulse = await open_pulse(alliance, request.event.by, request.store, secret, request.now)
    return pulse or help.report_nothing_open(alliance)


async def handle_comment(request: Request) -> Card:
    rounds = await request.store.rounds.list_open(request.alliance.key, request.now)
    if not rounds:
        return help.report_nothing_open(request.alliance)
    return reply.write_comment_form(choose_round(rounds, request.words))


def choose_round(rounds: tuple[Round, ...], words: tuple[str, ...]) -> Round:
    """Return the round that was named, else the newest."""
    named = [word.lower() for word in words]
    return next((asked_round for asked_round in rounds if asked_round.id in named), rounds[-1])


async def handle_keep(request: Request) -> Card:
    rounds = await request.store.rounds.list_open(request.alliance.key, request.now)
    token = request.words[0] if request.words else ""
    asked_round = choose_round(rounds, request.words) if rounds else None
    return await request.desk.keep_comment(token, request.event.by, asked_round, request.now)


async def handle_formal(request: Request) -> Card:
    return guard.write_formal_path(request.alliance)


async def handle_digest(request: Request, side: Side) -> Card:
    return await newest_digest(request.store, request.alliance, side, request.trail.secret, request.now)


async def handle_alerts(request: Request, side: Side) -> Card:
    return await alerts(request.store, request.alliance, side)


async def handle_ours(request: Request, side: Side) -> Card:
    entry = make_entry("map", request)
    return await claim_company(request.store, request.alliance, side, request.words[0], request.trail, entry)


async def handle_not_ours(request: Request, side: Side) -> Card:
    entry = make_entry("unmap", request)
    return await contest_claim(request.store, request.alliance, side, request.words[0], request.trail, entry)


async def handle_propose(request: Request, side: Side) -> Card:
    words = [word.lower() for word in request.words]
    return await charter.propose_change(
        request.trail, request.alliance, words, side, request.event.by, request.now
    )


async def decide_change(request: Request, side: Side, verb: str) -> Card:
    return await charter.decide_proposal(
        request.trail, request.alliance, verb, request.words[0], side, request.event.by, request.now
    )


def restrict_to_leads(verb: str, run: RunForLead, is_about_one: bool) -> Run:
    """Refuse members, and a command that does not say which alert, proposal or company it is about."""

    async def run_for_lead(request: Request) -> Card:
        if request.side is None or (is_about_one and not request.words):
            return help.refuse_incomplete_command(verb)
        return await run(request, request.side)

    return run_for_lead


def lead_command(
    verb: str, run: RunForLead, audited_as: Act | None = None, summary: str = "", is_about_one: bool = False
) -> Command:
    return Command(verb, restrict_to_leads(verb, run, is_about_one), summary, audited_as, for_leads=True)


def loop_command(verb: str) -> Command:
    async def run(request: Request, side: Side) -> Card:
        event, trail = request.event, request.trail
        tap = Tap(request.store, trail, request.alliance, side, event.by, request.now)
        return await LOOP[verb](tap, request.words)

    act, summary = SUMMARIES.get(verb, (None, ""))
    return lead_command(verb, run, act, summary, is_about_one=not summary)


COMMANDS: Mapping[str, Command] = {
    command.verb: command
    for command in (
        Command("score", handle_score, "how aligned we are", audited_as="score"),
        Command("pulse", handle_pulse, "the open question, privately"),
        Command("comment", handle_comment, "a confidential comment on the open question"),
        Command("vision", handle_vision, "what this alliance is for"),
        Command("privacy", handle_privacy, "who sees what"),
        Command("data", handle_data, "a copy of everything I keep about you", asks_which=False),
        Command("charter", handle_charter, "what both sides agreed to share"),
        *(Command(verb, partial(handle_wish, verb=verb), summary) for verb, summary in WISHES.items()),
        Command("answered", handle_answered),
        Command("keep", handle_keep),
        Command("formal", handle_formal),
        Command("home", handle_home, "your open questions and answers on one page", asks_which=False),
        Command("help", handle_help, "this list", asks_which=False),
        Command("welcome", handle_welcome, asks_which=False),
        lead_command("digest", handle_digest, "digest", "the newest summary for your side"),
        lead_command("alerts", handle_alerts, "alerts", "the latest alerts"),
        *map(loop_command, LOOP),
        lead_command("ours", handle_ours, is_about_one=True),
        lead_command("notours", handle_not_ours, is_about_one=True),
        lead_command("propose", handle_propose),
        lead_command("agree", partial(decide_change, verb="agree"), is_about_one=True),
        lead_command("decline", partial(decide_change, verb="decline"), is_about_one=True),
    )
}
"""Every command, in the order of the help. A new one is an entry here and its function."""
GREETINGS = ("hi", "hello")
FOR_STRANGERS = ("welcome", "data")
"""Commands for people of no alliance: whoever is in none any more has a right to their data."""
FOR_ANY_WRITER = ("keep", "formal")
"""Commands under a comment's reply: whoever may comment may give them."""


def list_commands(for_lead: bool) -> tuple[tuple[str, str], ...]:
    """Return what help lists for a member or a lead: verb and summary."""
    shown = (command for command in COMMANDS.values() if command.summary and command.for_leads <= for_lead)
    return tuple((command.verb, command.summary) for command in shown)


async def answer_command(
    event: Commanded,
    store: Store,
    trail: AuditTrail,
    desk: CommentDesk,
    kept: KeptDays,
    now: datetime,
    ways: str = help.ANY_WAY,
) -> Card:
    """Return the card that answers it. A command on an alliance that is not one's own reads as if it did not exist."""
    verb, words = split_command(event.text, {*COMMANDS, *GREETINGS})
    found = await find_alliances(event, store, [word.lower() for word in words])
    if not found and verb in FOR_ANY_WRITER:
        found = await desk.find_commented(event.by, words)
    if not found and verb not in FOR_STRANGERS:
        return await refuse_stranger(event.by, store)
    command = COMMANDS.get("help" if verb in GREETINGS else verb)
    request = Request(event, found, tuple(words), store, trail, desk, kept, now, ways)
    if command is None:
        if typed := await find_typed_concern(event.text):
            return guard.refuse_typed_text(typed.concern)
        return help.refuse_unknown_command(verb, request.list_own_commands(), ways)
    if command.asks_which and len(found) > 1:
        repeated = [] if await find_typed_concern(event.text) else words
        return help.ask_which_alliance(found, " ".join([verb, *repeated]).lower())
    if command.for_leads and request.side is None:
        return help.refuse_member()
    if command.audited_as:
        await trail.audit.note(make_entry(command.audited_as, request))
    return await command.run(request)


def make_entry(act: Act, request: Request) -> AuditEntry:
    """Return who asks for what, and about which round or company: the role, and an id, never words."""
    named = request.words[0] if request.words and AUDITABLE_ARGUMENT.fullmatch(request.words[0]) else ""
    detail = f"{request.side or 'member'} {named if request.side else ''}".strip()
    return request.trail.make_entry(act, request.alliance.key, request.event.by, request.now, detail)


async def find_alliances(event: Commanded, store: Store, words: list[str]) -> tuple[Alliance, ...]:
    """Return those of the person's own that the command can mean: the one named, the channel's, or all."""
    declared = await store.alliances.list_by_homes([(event.by.platform, home) for home in event.by.home])
    own = tuple(alliance for alliance in declared if find_side(alliance, event.by))
    if not own:  # a declared lead may act though the platform tells no company of theirs
        there = await store.alliances.list_by_workspace(event.by.platform, event.by.workspace)
        own = tuple(alliance for alliance in there if find_led_side(alliance, event.by))
    named = tuple(alliance for alliance in own if alliance.key in words)
    here = tuple(alliance for alliance in own if event.channel in alliance.channels)
    return named or here or own
