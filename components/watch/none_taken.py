"""That something comes in and nothing comes out: what no single metric shows."""

from collections.abc import Mapping

from components.watch.definition import Formula, Metric


def none_taken(came: Metric, taken: Mapping[str, Metric]) -> Formula:
    """Return 1 for a period in which something came and nothing was taken, and else 0.

    What comes at the end of a period is taken in the next one: only several periods in a row say that nothing is.

    Args:
        came: how much came, as a sum.
        taken: how much was taken, as sums, by names that an expression may have.
    """
    total = " + ".join(f"FILL({name}, 0)" for name in taken)
    return Formula(
        expression=f"IF(FILL(came, 0) > 0 AND ({total}) == 0, 1, 0)",
        metrics={"came": came, **taken},
    )
