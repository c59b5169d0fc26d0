"""A shaper: responses within a length cost nothing, longer ones more and more."""

from rewards import Response, Score, reward


@reward(low=0.0, high=1.0)
def concise(response: Response, max_tokens: int = 200, slack: int = 100) -> Score | None:
    """1 up to `max_tokens` tokens, then falling in a line to 0 at `max_tokens + slack`; None if nobody counted them.

    Source: the soft over-long punishment of DAPO (arXiv 2503.14476, section 3.4), shifted to the range 0 to 1.
    Known hack: the empty response scores 1, so it must stand beside a grader with a larger weight.

    >>> from rewards import parse
    >>> [concise(parse("C", n_tokens=n)).value for n in (10, 200, 250, 300, 999)]
    [1.0, 1.0, 0.5, 0.0, 0.0]
    >>> concise(parse("C")) is None
    True
    """
    if response.n_tokens is None:
        return None
    over = response.n_tokens - max_tokens
    value = 1.0 if over <= 0 else max(0.0, 1.0 - over / slack) if slack > 0 else 0.0
    return Score(value, str(response.n_tokens), "length", f"{response.n_tokens} tokens, {max_tokens} are free")
