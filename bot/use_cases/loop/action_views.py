"""Read actions as one lead, or one side's leads, may read them."""

from bot.model.alliance import Alliance, Side
from bot.model.planned_action import PlannedAction
from bot.ports import Store
from bot.privacy.permissions import may_hear_of
from bot.privacy.pseudonym import name_owners
from bot.use_cases.loop.tap import list_visible, name_owner
from bot.wording.loop.actions import ActionLine


async def list_action_lines(
    store: Store, alliance: Alliance, side: Side, who: str, secret: bytes
) -> list[ActionLine]:
    """List the actions about alerts that this side's leads may see, for the lead of that pseudonym; empty: for all."""
    visible = {alert.id: alert for alert in await list_visible(store, alliance, side)}
    both = {
        key for key, alert in visible.items() if may_hear_of(alliance, alert.kind, side.other, alert.shared)
    }
    return [
        word_action(alliance, action, side, who, secret, action.alert in both)
        for action in await store.actions.list_actions(alliance.key)
        if action.alert in visible
    ]


def word_action(
    alliance: Alliance, action: PlannedAction, side: Side, who: str, secret: bytes, may_tell: bool = False
) -> ActionLine:
    """Put an action into words; an owner who leads no more is nobody. `may_tell`: the channel may hear of it."""
    owner = action.owner if action.owner in name_owners(alliance, secret) else ""
    return ActionLine(
        action.id,
        action.text,
        action.due,
        name_owner(owner, action.owner_side, side, who),
        action.state,
        action.moved,
        action.reason,
        action.topic,
        action.revision,
        action.told_at is not None,
        may_tell,
    )
