"""How long to wait before something that failed is tried again."""

import random


def backoff(attempt: int, first: float, most: float, *, least: float = 0.75) -> float:
    """Return the pause before attempt number `attempt` (0, 1, …): doubling, a part at random.

    The random part keeps many that failed together from trying again together.

    Args:
        attempt: how often it was tried again already.
        first: the first pause, seconds.
        most: the longest one, seconds.
        least: the part of a pause that is not left to chance, 0 to 1.
    """
    pause = min(first * 2.0 ** min(attempt, 30), most)
    return pause * random.uniform(least, 1.0)  # noqa: S311 - no secret
