"""Re-estimating the constants of the alarms finds the variances that answers were made with."""

import numpy as np
import pytest

from bench.constants import variances


def test_the_four_variances_are_found_again() -> None:
    chance = np.random.default_rng(0)
    answers = []
    for side in range(12):
        people, items = chance.normal(0, 0.30**0.5, 15), chance.normal(0, 0.3, 8)
        for week in range(24):
            usual = 3.5 + chance.normal(0, 0.0225**0.5)
            for i, person in enumerate(people):
                own = usual + person + chance.normal(0, 0.25)
                for k in [(3 * week + place) % 8 for place in range(3) if chance.random() < 0.8]:
                    value = own + items[k] + chance.normal(0, 0.42**0.5)
                    answers.append((f"s{side}", f"s{side}p{i}", str(week), str(k), value))
    error, occasion, person, week_var = variances(answers)
    assert error == pytest.approx(0.42, rel=0.1)
    assert occasion == pytest.approx(0.0625, abs=0.025)
    assert person == pytest.approx(0.30, rel=0.25)
    assert week_var == pytest.approx(0.0225, abs=0.012)
