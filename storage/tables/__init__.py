"""The rows. Each walk's promise to be safe to run twice is a key here.

Moments are aware UTC. What names a person or holds words is sealed (`storage.vault`); pseudonyms, names of
alliances, organisation ids and message ids are plain because they are looked up.
"""

from typing import cast

from sqlalchemy import Table
from sqlmodel import SQLModel

from storage.tables.installations import InstallationRow, InstallStateRow
from storage.tables.keeping import AuditHeadRow, AuditRow, DepartureRow, ErasedRow, ProposalRow
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
)


def _table(row: type[SQLModel]) -> Table:
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


alliances = _table(AllianceRow)
channels = _table(ChannelRow)
homes = _table(HomeRow)
moves = _table(MoveRow)
numbers = _table(NumberRow)
pulses = _table(PulseRow)
missed = _table(MissedRow)
rounds = _table(RoundRow)
invitations = _table(InvitationRow)
answers = _table(AnswerRow)
comments = _table(CommentRow)
blocks = _table(BlockRow)
readings = _table(ReadingRow)
released = _table(ReleasedRow)
alarms = _table(AlarmRow)
acknowledgements = _table(AcknowledgementRow)
memories = _table(MemoryRow)
deliveries = _table(DeliveryRow)
settings = _table(SettingRow)
counters = _table(CounterRow)
leases = _table(LeaseRow)
turns = _table(TurnRow)
chat_lines = _table(ChatLineRow)
installations = _table(InstallationRow)
install_states = _table(InstallStateRow)
audit = _table(AuditRow)
audit_heads = _table(AuditHeadRow)
erased = _table(ErasedRow)
departures = _table(DepartureRow)
proposals = _table(ProposalRow)
metadata = SQLModel.metadata
