"""The life of an alert against a small model: never two owners, nothing after the end, no step from nowhere."""

from dataclasses import replace
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.alarms.lifecycle import (
    Accept,
    AlertStep,
    Close,
    PlanAction,
    Recover,
    See,
    StopActing,
    Take,
    advance_alert,
    disown,
    list_closed_kinds,
    list_to_open,
    list_to_tell,
)
from bot.model.alert import CLOSE_REASONS, Alert, AlertState
from bot.model.alliance import Side
from bot.model.closing import Alarm

LEADS = {"anna": Side.SPONSOR, "alice": Side.SPONSOR, "ben": Side.CRO}
NEW = Alert("north.9.level", "north", "level", 9, date(2026, 1, 6))
leads = st.sampled_from(sorted(LEADS))


class AlertMachine(RuleBasedStateMachine):
    """Leads tap from what they last read, which may be old; the store lets only a fresh copy change anything."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = NEW
        self.read: dict[str, Alert] = dict.fromkeys(LEADS, NEW)
        self.owner, self.seen, self.ended = "", set[Side](), ""
        self.acting = self.done = False

    def carry_out(self, lead: str, step: AlertStep) -> bool:
        """Compare and set, as `storage.loop.alerts` does; True if it changed something."""
        before = self.read[lead]
        after = advance_alert(before, step)
        if not isinstance(after, Alert) or before.revision != self.stored.revision:
            return False
        assert not self.ended, "a step changed what is over"
        self.stored = after
        return True

    @rule(lead=leads)
    def read_again(self, lead: str) -> None:
        self.read[lead] = self.stored

    @rule(lead=leads)
    def take(self, lead: str) -> None:
        if self.carry_out(lead, Take(lead, LEADS[lead])):
            assert not self.owner, "two owners"
            self.owner = lead
            self.seen.add(LEADS[lead])

    @rule(lead=leads)
    def see(self, lead: str) -> None:
        if self.carry_out(lead, See(LEADS[lead])):
            assert LEADS[lead] not in self.seen
            self.seen.add(LEADS[lead])

    @rule(lead=leads)
    def plan(self, lead: str) -> None:
        if self.carry_out(lead, PlanAction(lead, LEADS[lead])):
            self.owner = self.owner or lead
            self.seen.add(LEADS[lead])
            self.acting, self.done = True, False

    @rule(lead=leads, done=st.booleans())
    def stop_acting(self, lead: str, done: bool) -> None:
        if self.carry_out(lead, StopActing(done)):
            assert self.acting
            self.acting, self.done = False, done

    @rule(lead=leads, reason=st.sampled_from(CLOSE_REASONS))
    def close(self, lead: str, reason: str) -> None:
        if self.carry_out(lead, Close(reason)):  # type: ignore[arg-type]
            self.ended = "closed"

    @precondition(lambda self: not self.ended)
    @rule(accepted=st.booleans())
    def end(self, accepted: bool) -> None:
        """A closing, or a lead who accepts the level: always from what is stored."""
        after = advance_alert(self.stored, Accept() if accepted else Recover())
        assert isinstance(after, Alert)
        self.stored, self.ended = after, after.state

    @precondition(lambda self: self.owner)
    @rule()
    def erase_owner(self) -> None:
        freed = disown(self.stored, set(LEADS) - {self.owner})
        self.stored, self.owner = replace(freed, revision=self.stored.revision + 1), ""

    @invariant()
    def is_as_the_model_says(self) -> None:
        assert (self.stored.owner, set(self.stored.seen)) == (self.owner, self.seen)
        assert self.stored.owner_side == LEADS.get(self.owner)
        assert self.stored.state == self.ended or self._expect_state() == self.stored.state
        assert self.stored.is_over == bool(self.ended)
        assert (self.stored.reason is not None) == (self.ended == "closed")

    def _expect_state(self) -> AlertState:
        if self.ended:
            return self.ended  # type: ignore[return-value]
        if self.acting:
            return "acting"
        if self.done:
            return "checking"
        return "owned" if self.owner else "seen" if self.seen else "open"


TestAlertMachine = AlertMachine.TestCase
TestAlertMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def alarm(round_index: int, size: float = -0.6, reminder: bool = True, kind: str = "level") -> Alarm:
    return Alarm(kind, "alert", round_index, 5, size, reminder=reminder)


def test_no_reminder_while_somebody_acts_or_after_it_was_closed_unless_it_is_clearly_worse() -> None:
    first = alarm(9, reminder=False)
    states: tuple[AlertState, ...] = ("open", "seen", "owned", "acting", "checking", "closed", "new normal")
    for state in states:
        alerts = [replace(NEW, state=state)]
        told = list_to_tell([alarm(13, -0.9)], alerts, [first])
        assert bool(told) == (state in ("open", "seen", "owned")), state
        assert list_to_tell([alarm(13, -1.0)], alerts, [first]), state
        assert list_to_tell([alarm(20, reminder=False)], alerts, [first]), "a new alarm is always news"
    assert not list_to_tell([replace(first, level="watch"), alarm(9, kind="dim:roles")], [], [])


def test_an_alert_is_opened_where_none_is_open() -> None:
    news = [alarm(13)]
    assert list_to_open(news, []) == tuple(news)
    assert list_to_open(news, [NEW]) == ()
    assert list_to_open(news, [replace(NEW, state="closed")]) == tuple(news)
    assert list_to_open(news, [replace(NEW, state="closed"), replace(NEW, round=11)]) == ()


def test_only_the_newest_alert_says_whether_a_kind_is_closed() -> None:
    closed = replace(NEW, state="closed")
    assert list_closed_kinds([closed]) == {"level"}
    assert list_closed_kinds([closed, replace(NEW, round=12)]) == frozenset()
