"""How far a mean may be off: percentile bootstrap over whole articles."""

from __future__ import annotations

import numpy as np

from pipeline.evaluation.report import Interval

LEVEL = 0.95
RESAMPLES = 2000
SEED = 0
METHOD = (
    f"{LEVEL:.0%} percentile bootstrap, {RESAMPLES} resamples with seed {SEED}; drawn are right references with all "
    "their queries, not single queries, since photos of one article succeed and fail together (scipy.stats.bootstrap). "
    "Bounds that meet mean that no resample differed, not that the figure is certain"
)
# Numbers that a step of the resampling may hold.
_AT_ONCE = 2_000_000


def mean_interval(values: np.ndarray, groups: np.ndarray) -> Interval | float:
    """The mean of (N,) values, N > 0, and its bounds; the mean alone where all are of one group.

    groups: (N,) of any kind; what shares a group is drawn together.
    """
    from scipy.stats import bootstrap

    names, group_of = np.unique(groups, return_inverse=True)
    mean = float(np.mean(values))
    if len(names) < 2:
        return mean
    totals = np.bincount(group_of, weights=values)
    sizes = np.bincount(group_of).astype(float)
    found = bootstrap(
        (totals, sizes),
        lambda total, size, axis: total.sum(axis=axis) / size.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=max(1, _AT_ONCE // len(names)),
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high))


def written(figure: Interval | float) -> dict[str, float]:
    """A figure for JSON: its value, and low and high where there are bounds."""
    parts = figure._asdict() if isinstance(figure, Interval) else {"value": figure}
    return {name: round(value, 4) for name, value in parts.items()}
