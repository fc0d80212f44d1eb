"""Score person values of the two sides: means, side scores, gap and alignment, each with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from bot.model.alliance import Side
from bot.scoring.answer_matrix import Floats
from bot.scoring.t_quantile import find_quantile

PRIOR_DF = 4
"""ν₀: how many people's worth the prior spread is."""
DIMENSION_SD = 24.0
"""s₀ of a dimension, 0–100."""
SIDE_SD = 18.0
"""s₀ of a side score and of changes, 0–100."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean on 0 … 100 of n people, with its standard error and degrees of freedom."""

    n: int
    mean: float
    se: float
    df: int

    def half_width(self, confidence: float = 0.95) -> float:
        """Return the half-width of the interval: t(ν, (1 + confidence)/2)·se."""
        return find_quantile((1 + confidence) / 2, self.df) * self.se

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval, clipped to 0 … 100."""
        return clip_interval(self.mean, self.half_width())


@dataclass(frozen=True, slots=True)
class Gap:
    """Sponsor minus CRO, −100 … 100; its interval is not clipped."""

    value: float
    se: float
    df: int

    @property
    def interval(self) -> tuple[float, float]:
        half = find_quantile(0.975, self.df) * self.se
        return self.value - half, self.value + half


@dataclass(frozen=True, slots=True)
class Shared:
    """A dimension that both sides can be heard on."""

    gap: Gap
    level: float
    alignment: float


@dataclass(frozen=True, slots=True)
class AllianceScore:
    """Both sides taken together, over the dimensions in `shared`; everything 0 … 100."""

    alignment: float
    se: float
    df: int
    level: float
    agreement: float
    credible: float
    """c, the share of the gap that is larger than chance, 0 … 1."""
    mean_gap: float
    """G, the weighted mean of the dimensions' absolute gaps."""
    gap: Gap
    """Between the side scores."""
    shared: Mapping[str, Shared]

    def half_width(self, confidence: float = 0.95) -> float:
        return find_quantile((1 + confidence) / 2, self.df) * self.se

    @property
    def interval(self) -> tuple[float, float]:
        return clip_interval(self.alignment, self.half_width())


Cells = Mapping[str, Estimate]
"""One side's estimate for each of its dimensions."""


def clip_interval(centre: float, half: float) -> tuple[float, float]:
    return max(0.0, centre - half), min(100.0, centre + half)


def estimate_mean(n: int, mean: float, squares: float, prior_sd: float) -> Estimate:
    """Return the mean with its interval: s² = (ν₀·s₀² + Σ(yᵢ − m)²)/ν, ν = ν₀ + n − 1, se = s/√n.

    The normal model with a conjugate prior on the variance: one value still has an honest, wide interval.
    Gelman et al., Bayesian Data Analysis, section 3.3, http://www.stat.columbia.edu/~gelman/book/
    """
    df = PRIOR_DF + n - 1
    return Estimate(n, mean, sqrt((PRIOR_DF * prior_sd**2 + squares) / df / n), df)


def estimate_cells(values: Floats, dimensions: Sequence[str], minimum: int) -> dict[str, Estimate]:
    """Return estimates of the dimensions with at least `minimum` people.

    `values` is people × dimensions, 0 … 100, NaN where a person did not answer.
    """
    counts, means, squares = find_moments(values)
    return {
        dimension: estimate_mean(n, mean, square, DIMENSION_SD)
        for dimension, n, mean, square in zip(
            dimensions, counts.tolist(), means.tolist(), squares.tolist(), strict=True
        )
        if n >= max(1, minimum)
    }


def estimate_side_score(values: Floats, weights: Floats) -> Estimate:
    """Return M = Σ w_d·m_d over the dimensions with a weight above 0, with the spread of people's shares in it.

    u_p = Σ_{d answered by p} w_d·(n/n_d)·(y_pd − m_d), n people with any value and n_d with one in d;
    interval as for any mean with ss = Σ u_p². `values` is people × dimensions, 0 … 100.
    """
    used = weights > 0
    kept = values[:, used]
    kept = kept[~np.isnan(kept).all(axis=1)]
    share = weights[used] / weights[used].sum()
    counts, means, _ = find_moments(kept)
    shares = np.nan_to_num((kept - means) * (share * len(kept) / counts))
    return estimate_mean(len(kept), float(share @ means), float((shares.sum(axis=1) ** 2).sum()), SIDE_SD)


def score_alliance(
    sponsor: Cells, cro: Cells, sides: Mapping[Side, Estimate], weights: Mapping[str, float]
) -> AllianceScore:
    """Return the alignment A = L − c·G/2 over the dimensions that both sides have, never an empty set.

    g_d = m_s − m_c, V_d = se_s² + se_c²; c = √max(0, 1 − Σw·V/Σw·g²); L = Σw·(m_s + m_c)/2; G = Σw·|g|;
    agreement 100 − c·G; se² = (ω·se_s)² + ((1 − ω)·se_c)² + c(1 − c)·G²/8 with ω the weight of dimensions
    where the sponsor is lower (half at no gap). `sides` are the side scores over the same dimensions.
    """
    shared = [dimension for dimension in sponsor if dimension in cro]
    total = sum(weights[d] for d in shared)
    w = {d: weights[d] / total for d in shared}
    gaps = {d: _find_gap(sponsor[d], cro[d]) for d in shared}
    squared = sum(w[d] * gaps[d].value ** 2 for d in shared)
    noise = sum(w[d] * gaps[d].se ** 2 for d in shared)
    credible = sqrt(max(0.0, 1 - noise / squared)) if squared > 0 else 0.0
    levels = {d: (sponsor[d].mean + cro[d].mean) / 2 for d in shared}
    level = sum(w[d] * levels[d] for d in shared)
    mean_gap = sum(w[d] * abs(gaps[d].value) for d in shared)
    omega = sum(w[d] * sponsor_is_lower(gaps[d].value) for d in shared)
    s, c = sides[Side.SPONSOR], sides[Side.CRO]
    between = credible * (1 - credible) * mean_gap**2 / 8
    return AllianceScore(
        level - credible * mean_gap / 2,
        sqrt((omega * s.se) ** 2 + ((1 - omega) * c.se) ** 2 + between),
        min(s.df, c.df),
        level,
        100 - credible * mean_gap,
        credible,
        mean_gap,
        _find_gap(s, c),
        {d: Shared(gaps[d], levels[d], levels[d] - credible * abs(gaps[d].value) / 2) for d in shared},
    )


def sponsor_is_lower(gap: float) -> float:
    """Return 1 if a gap says so, 0 if it says the opposite, ½ if there is none but for rounding of the sums."""
    return 0.5 if abs(gap) < 1e-9 else 1.0 if gap < 0 else 0.0


def _find_gap(sponsor: Estimate, cro: Estimate) -> Gap:
    return Gap(sponsor.mean - cro.mean, sqrt(sponsor.se**2 + cro.se**2), min(sponsor.df, cro.df))


def find_moments(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return number, mean and sum of squared deviations of each column's values that are there."""
    there = ~np.isnan(values)
    counts = there.sum(axis=0)
    means = np.where(there, values, 0.0).sum(axis=0) / np.maximum(counts, 1)
    deviations = np.where(there, values - means, 0.0)
    return counts, means, (deviations**2).sum(axis=0)
