"""Follow what happens to a channel and its members, and tell the leads what it means."""

from dataclasses import replace

from bot.model.alliance import Alliance, find_host
from bot.model.delivery import Delivery
from bot.model.events import Changed, Joined, Left, Moved
from bot.ports import Store
from bot.privacy.permissions import find_company_side, find_side
from bot.use_cases.ask import ask_again
from bot.use_cases.notify_leads import ask_leads, find_home, write_to_leads
from bot.use_cases.welcome import hand_over_channel, leave_channel, welcome_channel
from bot.wording import channel as wording


async def follow_channel(event: Joined | Left | Changed | Moved, store: Store, secret: bytes) -> None:
    """Handle news of a channel. Channels of no declared alliance are ignored."""
    match event:
        case Changed(change="handed_over"):
            await hand_over_channel(event, store, secret)
        case Changed():
            await report_change(event, store, secret)
        case Moved():
            await move_channel(event, store, secret)
        case Joined(who=None):
            await welcome_channel(event, store, secret)
        case Left(who=None):
            await leave_channel(event, store, secret)
        case Joined():
            await report_newcomer(event, store, secret)


async def report_change(event: Changed, store: Store, secret: bytes) -> None:
    """Tell the leads of a change. In a reopened channel, post the questions that could not be posted before."""
    alliance = await store.alliances.find_by_channel(event.channel)
    if alliance is None:
        return
    platform, company = event.channel.platform, event.company
    is_third = (
        event.change in ("shared", "refused") and find_company_side(alliance, platform, company) is None
    )
    if event.change == "refused" and not is_third:
        return  # somebody said meanwhile whose company it is
    card = wording.write_channel_change(alliance, platform, event.change, company)
    slot = (
        _key_of_company(alliance, (platform, company))
        if is_third and company
        else _key_of_change(alliance, event)
    )
    await store.outbox.enqueue(write_to_leads(alliance, slot, card, secret))
    if event.change == "reopened":
        await ask_again(store, alliance, event.channel, event.at)


async def move_channel(event: Moved, store: Store, secret: bytes) -> None:
    """Give the channel its new address; the old one still leads to it."""
    await store.alliances.move_channel(event.channel, event.to)
    there = replace(event.channel, address=event.to)
    alliance = await store.alliances.find_by_channel(there)
    if alliance is None or await store.alliances.resolve_channel(event.channel) != there:
        return
    slot = f"moved:{alliance.key}:{event.to}"
    await store.outbox.enqueue(write_to_leads(alliance, slot, wording.write_channel_move(alliance), secret))
    await ask_again(store, alliance, there, event.at)


async def report_unasked(store: Store, refused: Delivery, reason: str) -> None:
    """Tell the leads that a platform refused a question."""
    alliance = await store.alliances.find_by_key(refused.alliance)
    if alliance is None or not refused.key.startswith("question:"):
        return
    card = wording.write_unasked_question(alliance, reason)
    await store.outbox.enqueue(
        [
            Delivery(f"unasked:{refused.key}:{number}", alliance.key, lead, card)
            for number, lead in enumerate(alliance.leads)
        ]
    )


async def report_doubt(store: Store, unknown: Delivery) -> None:
    """Tell the leads once of a question of which nobody can tell whether it stands in the channel."""
    alliance = await store.alliances.find_by_key(unknown.alliance)
    if alliance is None or not unknown.key.startswith("question:"):
        return
    card = wording.write_doubtful_question(alliance)
    await store.outbox.enqueue(
        [
            Delivery(f"doubt:{unknown.key}:{number}", alliance.key, lead, card)
            for number, lead in enumerate(alliance.leads)
        ]
    )


async def report_newcomer(event: Joined, store: Store, secret: bytes) -> None:
    """Ask the leads about a newcomer's company if it is neither side's, once for each company."""
    alliance = await store.alliances.find_by_channel(event.channel)
    home = find_home(event.who) if event.who else None
    if alliance is None or event.who is None or home is None or find_side(alliance, event.who):
        return
    if find_host(home[1]):
        await store.outbox.enqueue(ask_leads(alliance, home, secret))
        return
    card = wording.write_shared_channel(alliance, *home)
    await store.outbox.enqueue(write_to_leads(alliance, _key_of_company(alliance, home), card, secret))


def _key_of_company(alliance: Alliance, home: tuple[str, str]) -> str:
    """Return the key of the one card about a company."""
    return f"met:{alliance.key}:{':'.join(home)}"


def _key_of_change(alliance: Alliance, event: Changed) -> str:
    """Return the same key for each delivery of the same news."""
    return f"{event.change}:{alliance.number(event.channel)}:{event.at.isoformat()}"
