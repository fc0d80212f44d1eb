"""Define the tables. Use cases are safe to run twice because of the unique keys here.

Moments are aware UTC. What names a person or holds words is sealed (`storage.engine.encryption`); pseudonyms, names of
alliances, organisation ids and message ids are plain because they are looked up.
"""

from typing import cast

from sqlalchemy import Table
from sqlmodel import SQLModel

from storage.tables.installations import InstallationRow, InstallStateRow
from storage.tables.keeping import AuditHeadRow, AuditRow, DepartureRow, ErasedRow, ProposalRow
from storage.tables.loop import ActionRow, AlertReminderRow, AlertRow, MilestoneRow
from storage.tables.outcomes import (
    AcknowledgementRow,
    AlarmRow,
    ChatLineRow,
    CounterRow,
    DeliveryRow,
    LeaseRow,
    MemoryRow,
    ReleasedRow,
    SettingRow,
    TurnRow,
)
from storage.tables.rounds import (
    AllianceRow,
    AnswerRow,
    BlockRow,
    ChannelRow,
    CommentRow,
    HomeRow,
    InvitationRow,
    MissedRow,
    MoveRow,
    NumberRow,
    PulseRow,
    ReadingRow,
    RoundRow,
    WishRow,
)


def _get_table(row: type[SQLModel]) -> Table:
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


alliances = _get_table(AllianceRow)
channels = _get_table(ChannelRow)
homes = _get_table(HomeRow)
moves = _get_table(MoveRow)
numbers = _get_table(NumberRow)
pulses = _get_table(PulseRow)
missed = _get_table(MissedRow)
rounds = _get_table(RoundRow)
invitations = _get_table(InvitationRow)
wishes = _get_table(WishRow)
answers = _get_table(AnswerRow)
comments = _get_table(CommentRow)
blocks = _get_table(BlockRow)
readings = _get_table(ReadingRow)
released = _get_table(ReleasedRow)
alarms = _get_table(AlarmRow)
acknowledgements = _get_table(AcknowledgementRow)
alerts = _get_table(AlertRow)
actions = _get_table(ActionRow)
milestones = _get_table(MilestoneRow)
alert_reminders = _get_table(AlertReminderRow)
memories = _get_table(MemoryRow)
deliveries = _get_table(DeliveryRow)
settings = _get_table(SettingRow)
counters = _get_table(CounterRow)
leases = _get_table(LeaseRow)
turns = _get_table(TurnRow)
chat_lines = _get_table(ChatLineRow)
installations = _get_table(InstallationRow)
install_states = _get_table(InstallStateRow)
audit = _get_table(AuditRow)
audit_heads = _get_table(AuditHeadRow)
erased = _get_table(ErasedRow)
departures = _get_table(DepartureRow)
proposals = _get_table(ProposalRow)
metadata = SQLModel.metadata
