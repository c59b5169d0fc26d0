"""Before step 0: every gold answer must earn what a right answer earns, and a wrong answer must not.

A grader that refuses its own gold would teach the policy to be wrong, and nothing in the curves would say so. Imports
no torch: golds are judged before anything expensive starts, and once more, as rollouts, when the model is there.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from data import Example
from data.prompt import user_text
from eval.engines import text_tokenizer
from recipes import BadInput, Recipe
from rewards import Reward, TrlReward
from rewards.running import Outcome
from rlvr.scoring import Batch, Scoring, committed, right_answer

Graded = Sequence[tuple[Reward | TrlReward, float]]
NAMED = 5  # rows that a line names
SAMPLE = 256  # rows that are sent through the chat template
ASKED = 4  # rows that a coroutine is asked about: each may cost a request
UNFAIR = {True: "does not give its maximum to a right answer", False: "gives its maximum to a wrong answer"}
END = 0  # a token id that ends a completion which no tokenizer has made


def gradable(recipe: Recipe, graded: Graded, examples: Sequence[Example]) -> list[Example]:
    """The examples but those whose gold cannot earn the maximum. Says which it drops, and which cannot be graded.

    Coroutines are asked later, by `refuse_unfair`, about a few. BadInput where no example would be left.
    """
    dropped: set[int] = set()
    lines, problems = [], []
    for place, grader in graders(graded):
        if grader.is_async:
            continue
        texts = [right_answer(grader, example) for example in examples]
        found = judged(recipe, grader, examples, texts, [[END]] * len(texts), frozenset({END}))
        if unknown := [i for i, outcome in enumerate(found) if tops(grader, outcome) is None]:
            lines.append(f"{grader.name} cannot grade {named(examples, unknown)}")
        if refused := [i for i, outcome in enumerate(found) if tops(grader, outcome) is False]:
            text = f"{grader.name} does not give its maximum to the gold of {told(examples, refused, found)}"
            lines.append(f"dropped: {text}")
            problems.append(recipe.problem(f"rewards.{place}.use", text))
            dropped |= set(refused)
    if len(dropped) == len(examples):
        raise BadInput(problems)
    if lines and os.environ.get("RANK", "0") == "0":
        print("\n".join(lines), flush=True)
    return [example for i, example in enumerate(examples) if i not in dropped]


def refuse_unfair(
    recipe: Recipe, graded: Graded, examples: Sequence[Example], processor: Any, ends: frozenset[int]
) -> None:
    """BadInput where a right answer does not earn the maximum as a rollout, or a wrong one does.

    As a rollout: written by the chat template, cut out again, decoded as the trainer decodes. A template that eats the
    thinking, tags that decode to nothing, an end of turn that the trainer does not wait for: each costs every reward.
    """
    problems = []
    for place, grader in graders(graded):
        some = spread(examples, ASKED if grader.is_async else SAMPLE)
        for is_right in (True, False):
            said = [right_answer(grader, example) if is_right else wrong_answer(example) for example in some]
            rollouts = [rollout(processor, recipe.data.prompt, *pair, ends) for pair in zip(some, said, strict=True)]
            texts, ids = [text for text, _ in rollouts], [ids for _, ids in rollouts]
            found = judged(recipe, grader, some, texts, ids, ends)
            if bad := [i for i, o in enumerate(found) if o.failure or tops(grader, o) is (not is_right)]:
                does = f"{grader.name} {UNFAIR[is_right]}, written as the model would"
                text = f"{does}: {told(some, bad, found)}: {texts[bad[0]]!r}"
                problems.append(recipe.problem(f"rewards.{place}.use", text))
    if problems:
        raise BadInput(problems)


def graders(graded: Graded) -> Iterator[tuple[int, Reward]]:
    """Those that train and state what a right answer earns (a function written for TRL states no range)."""
    for place, (reward, weight) in enumerate(graded):
        if isinstance(reward, Reward) and reward.is_grader and weight:
            yield place, reward


def judged(
    recipe: Recipe,
    grader: Reward,
    examples: Sequence[Example],
    texts: Sequence[str],
    ids: Sequence[Sequence[int]],
    ends: frozenset[int],
) -> list[Outcome]:
    """The verdicts on one completion of each example, made as they are made in training."""
    [found] = Scoring([grader], examples, ends, recipe.runtime).judge(Batch(texts, ids, range(len(texts)), {}))
    return found


def tops(grader: Reward, outcome: Outcome) -> bool | None:
    """Whether an outcome is the grader's maximum; None where it cannot say. A failure is none."""
    if outcome.failure or outcome.score is None:
        return False if outcome.failure else None
    return outcome.score.value == grader.high


def wrong_answer(example: Example) -> str:
    """A completion that commits to what is wrong: another letter, the other polarity, or no word at all."""
    if example.kind == "option" and len(example.options or {}) > 1:
        return committed(next(letter for letter in example.options or {} if letter != example.answer))
    if example.kind == "yesno":
        return committed("no" if str(example.answer).lower().startswith("y") else "yes")
    return committed("zxqv")


def rollout(processor: Any, style: str, example: Example, said: str, ends: frozenset[int]) -> tuple[str, list[int]]:
    """(text, token ids) of a rollout that says `said`.

    A template may open the thinking in the prompt already, or leave past thinking out: then the turn cannot be cut out
    of it, and is what a model would write after such a prompt.
    """
    from trl.chat_template_utils import parse_response  # brings torch

    tokenizer = text_tokenizer(processor)
    asked = [{"role": "user", "content": user_text(example, style)}]
    prompt = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template([*asked, {"role": "assistant", "content": said}], tokenize=False)
    if whole.startswith(prompt) and said in whole:
        turn = whole[len(prompt) :]
    else:
        turn = (said.removeprefix("<think>") if prompt.rstrip().endswith("<think>") else said) + tokenizer.eos_token
    ids = tokenizer(turn, add_special_tokens=False)["input_ids"]
    ids = ids[: next((i + 1 for i, token in enumerate(ids) if token in ends), len(ids))]
    if getattr(tokenizer, "response_template", None) or getattr(tokenizer, "response_schema", None):
        return parse_response(tokenizer, ids, prefix=tokenizer(prompt)["input_ids"])["content"], ids
    return processor.batch_decode([ids], skip_special_tokens=True)[0], ids


def spread(examples: Sequence[Example], n: int) -> list[Example]:
    """About `n` of the examples, evenly spread over them."""
    return list(examples[:: max(1, len(examples) // n)])[:n]


def told(examples: Sequence[Example], rows: Sequence[int], found: Sequence[Outcome]) -> str:
    """Which rows, and what became of the first."""
    outcome, gold = found[rows[0]], examples[rows[0]].answer
    earned = f" earns {outcome.score.value:g}" if outcome.score else ""
    why = outcome.score.why if outcome.score else outcome.why
    return f"{named(examples, rows)}; {gold!r}{earned}{why and f': {why}'}"


def named(examples: Sequence[Example], rows: Sequence[int]) -> str:
    names = ", ".join(examples[i].id for i in rows[:NAMED])
    return f"{len(rows)} of {len(examples)} examples ({names}{', ...' if len(rows) > NAMED else ''})"
