"""HfEngine on a tiny random Qwen2 whose tokenizer is made here: words of a fixed list, one token each."""

from typing import Any

import pytest

from eval.engines import Decoding, Prompt, answers
from eval.hf_engine import HfEngine
from recipes import BadInput


def ask(*texts: str) -> list[Prompt]:
    return [Prompt([{"role": "user", "content": [{"type": "text", "text": text}]}], id=text) for text in texts]


QUESTIONS = ask("w1 w2", "w3", "w4 w5 w6 w7 w8", "w9 w10 w11")
GREEDY: dict[str, Any] = {"n": 1, "temperature": 0.0, "max_tokens": 8, "seed": 0}


def engine(tiny: tuple[Any, Any], **settings: Any) -> HfEngine:
    return HfEngine(*tiny, **settings)


def test_padding_and_batches_do_not_change_greedy_answers(tiny) -> None:
    alone = answers(engine(tiny, batch_size=1), QUESTIONS, **GREEDY)
    together = answers(engine(tiny, batch_size=3), QUESTIONS, **GREEDY)
    assert alone == together
    assert len({one.text for [one] in alone}) > 1


def test_greedy_is_the_argmax_of_the_model(tiny) -> None:
    import torch

    model, tokenizer = tiny
    [[answer]] = answers(engine(tiny), QUESTIONS[:1], **{**GREEDY, "max_tokens": 1})
    ids = tokenizer("user w1 w2 assistant", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        best = model.eval()(ids).logits[0, -1].argmax().item()
    assert answer.text == tokenizer.decode([best], skip_special_tokens=True)


def test_samples_repeat_with_the_seed_and_differ_among_themselves(tiny) -> None:
    drawn: dict[str, Any] = {"n": 6, "temperature": 1.0, "max_tokens": 6}
    first, again, other = (answers(engine(tiny), QUESTIONS, seed=seed, **drawn) for seed in (1, 1, 2))
    assert first == again != other
    assert all(len(samples) == 6 for samples in first)
    assert len({answer.text for answer in first[0]}) > 1


def test_a_draw_depends_on_its_item_and_not_on_its_batch(tiny) -> None:
    drawn: dict[str, Any] = {"n": 2, "temperature": 1.0, "max_tokens": 6, "seed": 4}
    alone = answers(engine(tiny, batch_size=2), QUESTIONS, **drawn)
    assert answers(engine(tiny, batch_size=8), QUESTIONS[::-1], **drawn)[::-1] == alone


def test_draws_follow_the_models_distribution(tiny) -> None:
    import torch

    model, tokenizer = tiny
    [found] = answers(engine(tiny, batch_size=500), QUESTIONS[1:2], n=2000, temperature=1.3, max_tokens=1)
    with torch.no_grad():
        logits = model.eval()(tokenizer("user w3 assistant", return_tensors="pt")["input_ids"]).logits[0, -1]
    due = torch.softmax(logits / 1.3, dim=-1)
    counted = torch.zeros(len(due))
    for answer in found:
        ids = tokenizer(answer.text)["input_ids"]
        counted[ids[0] if ids else 1] += 1
    special = [0, 1]  # padding and the end leave no text: counted together
    assert abs(counted[2:] / 2000 - due[2:]).max() < 0.04
    assert abs(counted[special].sum() / 2000 - due[special].sum()) < 0.04


def test_drawing_leaves_the_callers_random_state_and_mode_alone(tiny) -> None:
    import torch

    tiny[0].train()
    before = torch.random.get_rng_state()
    answers(engine(tiny), QUESTIONS[:1], n=2, temperature=1.0, max_tokens=4, seed=0)
    assert torch.equal(before, torch.random.get_rng_state())
    assert tiny[0].training


def test_the_end_token_tells_a_whole_answer_from_a_cut_one(tiny) -> None:
    found = answers(engine(tiny), QUESTIONS, n=16, temperature=1.5, max_tokens=8, seed=0)
    every = [answer for group in found for answer in group]
    assert {answer.truncated for answer in every} == {True, False}
    for answer in every:
        assert answer.n_tokens is not None
        assert answer.n_tokens == 8 if answer.truncated else answer.n_tokens <= 8
        assert "<end>" not in answer.text


def test_banned_tokens_are_never_drawn(tiny) -> None:
    free = answers(engine(tiny), QUESTIONS, n=16, temperature=2.0, max_tokens=8, seed=0)
    assert any("<image>" in answer.text for group in free for answer in group)
    held = answers(engine(tiny, banned_ids=[2]), QUESTIONS, n=16, temperature=2.0, max_tokens=8, seed=0)
    assert not any("<image>" in answer.text for group in held for answer in group)


def test_answers_end_at_the_models_limit_and_longer_prompts_are_refused(tiny) -> None:
    long = " ".join(["w1"] * 17)  # 19 tokens with the two roles, of 24
    [[answer]] = answers(engine(tiny, banned_ids=[1]), ask(long), **{**GREEDY, "max_tokens": 50})
    assert (answer.n_tokens, answer.truncated) == (5, True)
    with pytest.raises(BadInput, match="limit is 24"):
        answers(engine(tiny), ask("w1 " * 30), **GREEDY)
    mixed = dict(engine(tiny).stream(ask("w1 " * 30, "w2"), Decoding(max_tokens=2)))
    assert [type(mixed[name]).__name__ for name in ("w1 " * 30, "w2")] == ["Unanswered", "list"]
