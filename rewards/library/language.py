"""A shaper: the thinking is in the question's language."""

import re

from rewards import Response, Score, reward

LETTERS = {
    "latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "cyrillic": "\u0400-\u052f",
    "hebrew": "\u0590-\u05ff",
    "arabic": "\u0600-\u06ff\u0750-\u077f",
    "devanagari": "\u0900-\u097f",
    "thai": "\u0e00-\u0e7f",
    "kana": "\u3040-\u30ff",
    "hangul": "\u1100-\u11ff\uac00-\ud7af",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}  # Unicode blocks
# A script's words, with what may stand between words of one phrase.
RUN = {name: re.compile(rf"[{letters}]+(?:[\s'’/-]{{1,2}}[{letters}]+)*") for name, letters in LETTERS.items()}
TOGETHER = {"kana": {"kana", "han"}, "hangul": {"hangul", "han"}}  # languages that are written in two scripts
WORDS = 3  # up to so many words (or letters, where a letter is a word) in another script are a term or a unit
LONGEST = 100_000  # characters that are read
EXAMPLES = [
    {
        "question": "Is there a pleural effusion in this chest radiograph?",
        "right": "<think>The left costophrenic angle is blunt; no β-blocker explains that, so fluid.</think>yes",
        "wrong": "<think>左侧肋膈角变钝,提示少量胸腔积液,心影不大,未见气胸及其他异常表现。</think>yes",
    },
    {
        "question": "这张胸片 (chest X-ray) 显示了什么?患者有没有胸腔积液?",
        "right": "<think>左侧肋膈角变钝,提示 pleural effusion 约 300 mL,建议 CT 检查,未见气胸表现。</think>有",
        "wrong": "<think>The left costophrenic angle is blunt, so there must be some fluid.</think>有",
    },
]


@reward(low=0.0, high=1.0)
def language(response: Response, question: str) -> Score | None:
    """The share of the thinking's letters that are in the question's script.

    Terms, abbreviations and units of up to three words in another script do not count, so medical Latin is free.
    Source: the language-consistency reward of DeepSeek-R1 (arXiv 2501.12948, section 2.3.2), by script.
    None where the thinking has fewer than 20 letters that count, or the question has none.
    Known hacks: short thinking abstains, so it must stand beside a grader.
    Limit: languages of one script (English and French) are one to it.

    >>> language("<think>La masse est ronde et dense.</think>B", question="What is this mass?").value
    1.0
    >>> mixed = "<think>左肺下叶可见一个圆形结节影 which is most likely benign</think>"
    >>> round(language(mixed, question="这是什么?").value, 2)
    0.36
    """
    wanted = scripts(question)
    counts = letters((response.thinking or "")[:LONGEST], wanted)
    total = sum(counts.values())
    if not wanted or total < 20:
        return None
    share = sum(counts.get(name, 0) for name in wanted) / total
    return Score(share, "+".join(sorted(counts)), "script", f"{share:.0%} of {total} letters in {'+'.join(wanted)}")


def scripts(question: str) -> set[str]:
    """The scripts of a question's language: another than Latin if it has a fifth of the letters (terms are Latin)."""
    sizes = {name: size for name, run in RUN.items() if (size := sum(len(m[0]) for m in run.finditer(question)))}
    others = {name: size for name, size in sizes.items() if name not in ("latin", "greek")}
    if not others or sum(others.values()) * 5 < sum(sizes.values()):
        return {"latin"} if "latin" in sizes else set()
    main = next((name for name in TOGETHER if name in others), max(others, key=others.__getitem__))
    return TOGETHER.get(main, {main})


def letters(text: str, wanted: set[str]) -> dict[str, int]:
    """Letters of each script, without the short runs of scripts that are not wanted."""
    counts: dict[str, int] = {}
    for name, run in RUN.items():
        for match in run.finditer(text):
            size = len(match[0]) if name in ("han", "kana") else len(match[0].split())
            if name in wanted or size > WORDS:
                counts[name] = counts.get(name, 0) + sum(map(str.isalpha, match[0]))
    return counts
