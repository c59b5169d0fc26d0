"""Asking a judge: once for each case, again where it gives no verdict, and never more often than it was told to."""

import asyncio
from collections.abc import Callable, Sequence
from weakref import WeakValueDictionary

from rewards.contract import RewardError
from rewards.judging import prompt
from rewards.judging.cache import Cache
from rewards.judging.endpoint import Endpoint, Unanswered

FIRST_WAIT_S = 0.5  # before a second try; doubled with each further one
_asking: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()
Written = Callable[[str], list[dict[str, str]]]  # a request's code -> the conversation that asks for a verdict


async def verdict(
    endpoint: Endpoint, kept: Cache, key: str, written: Written, verdicts: Sequence[str], tries: int
) -> tuple[str, str]:
    """(verdict, why) on the case of this key: the one that is kept, else the judge's, which is then kept.

    Whoever asks about a case that is being asked about waits for that answer. RewardError when the last try fails.
    """
    async with _asking.setdefault((id(asyncio.get_running_loop()), key), asyncio.Lock()):
        if (found := kept.get(key)) is None:
            found = await ask(endpoint, written, verdicts, tries)
            kept.put(key, *found, endpoint.model)
    return found


async def ask(endpoint: Endpoint, written: Written, verdicts: Sequence[str], tries: int) -> tuple[str, str]:
    """(verdict, why); every try carries a new code. RewardError when the last has failed."""
    why = ""
    for attempt in range(max(1, tries)):
        if attempt:
            await asyncio.sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
        code = prompt.draw_code()
        try:
            return prompt.read(await endpoint.complete(written(code)), code, verdicts)
        except (Unanswered, prompt.NoVerdict) as error:
            why = str(error).removeprefix(f"{endpoint.who}: ")
    raise RewardError(f"{endpoint.who}: {why} (after {max(1, tries)} tries)")
