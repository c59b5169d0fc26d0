"""Yes, no or maybe in Chinese: what an answer begins with, says of what is asked, or concludes."""

import re

HAN = re.compile(r"[\u4e00-\u9fff]")
CHINESE = (
    (
        "no",
        re.compile(
            r"(?:答案|故|因此|所以|考虑)?(?:是|为|:|应为)?\s*(?:禁|忌|避免|不是|没有|不存在|不会|不能|不可以|不应|不|否|无|未见|未|错误|错|阴性|并非|并不|非)"
        ),
    ),
    ("maybe", re.compile(r"(?:答案)?(?:是|为|:|应为)?\s*(?:可能|也许|或许|不确定)(?=\W*$)")),
    (
        "yes",
        re.compile(
            r"(?:答案|故|因此|所以|考虑)?(?:为|:|应为|是)?\s*(?:是的|是|有|对|正确|存在|可见|包含|包括|会|能|可以|应该|阳性|的确|确实)"
        ),
    ),
)


def in_chinese(text: str, question: str) -> str | None:
    """The polarity of a Chinese answer: what it begins with, says of what is asked, or concludes."""
    pieces = [piece for piece in re.split(r"[.,;:!?\n]\s*", text) if piece.strip()]
    if pieces and (head := chinese_head(pieces[0])):
        return head
    found = {said for piece in pieces if (said := chinese_statement(piece, question))}
    if found:
        return found.pop() if len(found) == 1 else None
    return chinese_head(pieces[-1]) if pieces and CONCLUDES.match(pieces[-1]) else None


def chinese_head(piece: str) -> str | None:
    """The polarity a clause begins with; two denials are none."""
    if DOUBLE.match(piece):
        return "yes"
    if CHOICE.search(piece) or OPEN.search(piece):
        return None
    return next((key for key, pattern in CHINESE if pattern.match(piece)), None)


def chinese_statement(piece: str, question: str) -> str | None:
    """The polarity of a clause about what is asked: it shares words with the question, or calls sound what is ill."""
    asked = [one for one in question if HAN.fullmatch(one) and one not in EMPTY]
    shared = sum(one in piece for one in asked)
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    if SOUND.search(piece) and re.search("正常", question):
        return "yes"
    near = shared >= 2 or any(pair in piece for pair in pairs if all(map(HAN.fullmatch, pair)))
    if OPEN.search(piece) or not near or elsewhere(piece, question):
        return None
    if ILL.search(question) and WELL.search(piece):
        return "no"
    if WELL.search(question) and ILL.search(piece):
        return "yes" if len(DENIES.findall(piece)) % 2 else "no"
    if denials := len(DENIES.findall(piece)):
        return "no" if denials % 2 else "yes"
    return "yes" if EXISTS.search(piece) or shared >= 0.6 * len(asked) else None


def elsewhere(piece: str, question: str) -> bool:
    """Whether a clause is about the other side than the question."""
    return any(side in question and side not in piece and other in piece for side, other in ("左右", "右左"))


SOUND = re.compile(r"未见(?:任何|明显)?异常")
EMPTY = frozenset("是否有无吗的该这张上能看到患者图中没在存可以见否呢了")
OPEN = re.compile(r"有待|足够|不确定|不清|不明|判断|确定|信息|进一步")
CONCLUDES = re.compile(r"(?:故|所以|因此|综上|答案|结论)")
DOUBLE = re.compile(r"(?:并非|不是)(?:没有|无|不|未)")
CHOICE = re.compile(r"是否|有无|/|还是|或")
WELL, ILL = re.compile(r"清晰|正常"), re.compile(r"病变|异常|病灶|损伤|肿大|增大|增厚|扩张|骨折|狭窄|增宽")
EXISTS = re.compile(r"有|存在|包含|包括|见|可以|能|会|是|应该")
DENIES = re.compile(r"不|没有|无|未|非|否|禁|阴性|除外|排除")
