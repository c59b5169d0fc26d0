"""A shaper: responses within a length cost nothing, longer ones more and more."""

from rewards import Response, Score, reward


@reward(low=-1.0, high=0.0)
def length(response: Response, max_tokens: int = 200, slack: int = 100) -> Score | None:
    """0 up to `max_tokens` tokens, then falling in a line to -1 at `max_tokens + slack`; None if nobody counted them.

    Source: the soft over-long punishment of DAPO (arXiv 2503.14476, section 3.4); its L_max is `max_tokens + slack`
    here, its L_cache is `slack`.  Set their sum to the recipe's max_completion_length, so that a response that is cut
    off has paid in full.
    Known hacks: none pays, since nothing earns more than 0; the empty response loses nothing, so it must stand beside
    a grader.  Limit: it counts tokens, whatever they say.

    >>> from rewards import parse
    >>> [length(parse("C", n_tokens=n)).value for n in (10, 200, 250, 300, 999)]
    [0.0, 0.0, -0.5, -1.0, -1.0]
    >>> length(parse("C")) is None
    True
    """
    if response.n_tokens is None:
        return None
    over = response.n_tokens - max_tokens
    value = 0.0 if over <= 0 else -min(1.0, over / slack) if slack > 0 else -1.0
    return Score(value, str(response.n_tokens), "length", f"{response.n_tokens} tokens, {max_tokens} are free")
