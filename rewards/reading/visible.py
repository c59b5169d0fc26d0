"""What of a response a reader is shown: all but the thinking."""

from rewards.response import Response


def visible(response: Response) -> str:
    """The text before and after the thinking, tags included; all of it where the thinking is not one piece.

    >>> from rewards.response import parse
    >>> visible(parse("<think>maybe aspirin</think><answer>rest</answer> and fluids"))
    '<think></think><answer>rest</answer> and fluids'
    """
    start = response.text.find(response.thinking) if response.thinking else -1
    if start < 0 or response.thinking is None:
        return response.text
    return response.text[:start] + response.text[start + len(response.thinking) :]
