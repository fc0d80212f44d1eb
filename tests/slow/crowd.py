"""Forty people: who answers what, when. Plausible, seeded, with a drop on one side that alarms must notice."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.slow.slack_testbed import Button

KIND = (
    "Thanks for the quick turnaround on the monitoring plan.",
    "Good call today, the open queries are much clearer now.",
    "The new dashboard works well for us, nice work.",
)
DRY = (
    "The database lock is planned for the second week of March.",
    "Please find the minutes in the shared folder.",
    "We sent version 3 of the vendor oversight plan.",
)
CROSS = (
    "We are frustrated that the timelines changed again without anybody telling us.",
    "This handover was a mess and nobody answers our questions.",
)
ONLY = {"Sponsor staff only": "sponsor", "CRO staff only": "cro"}


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody presses a button."""

    user: str
    button: Button


@dataclass(frozen=True, slots=True)
class Crowd:
    """The CRO's people answer lower by `depth` from round `drop` on."""

    people: Mapping[str, str]
    drop: int
    depth: float = 1.1
    seed: int = 7

    def clicks(self, round: int, offered: list[Button]) -> list[Click]:
        """In the order they are pressed; in round 0 everybody answers, later nine of ten. Some change their mind."""
        chance = random.Random(f"{self.seed}|{round}")
        prompts = list(dict.fromkeys(option.prompt for option in offered))
        pressed = [
            Click(user, self._choice(chance, user, round, prompt, offered))
            for user, side in self.people.items()
            if round == 0 or chance.random() < 0.9
            for prompt in prompts
            if ONLY.get(prompt.partition(":")[0], side) == side
        ]
        chance.shuffle(pressed)
        again = chance.sample(pressed, len(pressed) // 20)
        changed = [
            Click(press.user, self._choice(chance, press.user, round, press.button.prompt, offered))
            for press in again
        ]
        return [*pressed, *changed]

    def messages(self, round: int, count: int) -> Iterator[tuple[str, str]]:
        """(user, text)."""
        chance, users = random.Random(f"{self.seed}|words|{round}"), sorted(self.people)
        for number in range(count):
            user = users[number % len(users)]
            is_cross = self.people[user] == "cro" and round >= self.drop and chance.random() < 0.6
            yield user, chance.choice(CROSS if is_cross else KIND + DRY)

    def _choice(
        self, chance: random.Random, user: str, round: int, prompt: str, offered: list[Button]
    ) -> Button:
        usual = random.Random(f"{self.seed}|{user}").gauss(3.7, 0.5)
        low = self.depth if self.people[user] == "cro" and round >= self.drop else 0.0
        value = min(5, max(1, round_half(usual - low + chance.gauss(0, 0.65))))
        wanted = None if chance.random() < 0.03 else value
        return next(option for option in offered if option.prompt == prompt and option.value == wanted)


def round_half(value: float) -> int:
    return int(value + 0.5)
