"""The words of what stands round an answer and leaves it as it is: pleasantries, contrasts, plans, lists of reasons."""

import re

from rewards.reading.cues import cue

PLEASANTRY = re.compile(
    r"^(?:(?:great|good|excellent|interesting|nice) (?:question|case|one)\b.*|thanks?\b.*|(?:sure|okay|ok|"
    r"certainly|of course|"
    r"absolutely|alright|hello|hi)\W*|let(?:'s| us| me)\b.*|step \d+\W*)$",
    re.IGNORECASE,
)
THOUGH = re.compile(r"^(?:although|though|even though|whereas|while)\b", re.IGNORECASE)
RIVALS = re.compile(
    r"\b(?:equally|just as|as likely|also (?:likely|possible|correct)|instead|actually)\b", re.IGNORECASE
)
# What is said after an answer without changing it.
DISCLAIMER = re.compile(
    r"^(?:(?:please )?(?:note|be aware|remember|keep in mind) that|disclaimer|(?:an? |the )?(?:final|definitive|"
    r"formal) "
    r"(?:diagnosis|report|interpretation) (?:must|should|requires?|needs?|can only)|clinical (?:and \w+ )?correlation|"
    r"long(?:er)? (?:answer|version|explanation)|correlat\w+ with|further (?:imaging|tests?|testing|work-?up|"
    r"evaluation)|(?:i )?recommend\b|follow-?up|call the|"
    r"management|treatment (?:is|consists|includes|would))\b",
    re.IGNORECASE,
)
FINAL_HEADING = re.compile(r"(?:^|\n)\W*(?:final|my final) (?:response|output|reply|verdict)\W*\n", re.IGNORECASE)
# One more answer beside the first.
RIVAL = re.compile(r"^(?:(?:but|and),? )?(?:(also)|or|alternatively|otherwise|no,)\s+\S", re.IGNORECASE)
TAKEN_BACK = re.compile(
    r"^(?:(?:but|or|and|probably|maybe|perhaps|though|then again),? )*(?:not(?: really| at all| sure| quite|"
    r" certain| so| likely| it| this| that)?|in no way|"
    r"(?:i|we) (?:doubt|do not|don't) .{0,30})\W*$",
    re.IGNORECASE,
)
# A sentence that tells what something does, or what to do: no name, though no common verb stands in it.
TELLS = cue(r"""
    \b(?:also|too|only|then|instead|usually|often|never|always)\s+[a-z]+s\b|
    ^\S+(?:\s\S+){0,4}?\s(?:comes|acts|goes|takes|works|grows|spreads|runs|needs|requires|stays|keeps|tends|becomes|
    begins|starts|presents|develops|belongs|spares|cleaves|blocks|binds|rises|falls|carries|remains|spreads|kills)\b|
    ^(?:acts|works|goes|comes|binds|blocks)\b|
    ^(?:check|watch|monitor|mind|avoid|stop|repeat|consider|beware|remember|note|keep|refer|call|add|ask|look|tell)\s
""")
# One more answer that is said to be as good.
ALSO_FITS = cue(
    r"\b(?:also|equally(?:\swell)?|just\sas\swell)\s(?:fits?|explains?|matches|possible|likely|plausible|correct)\b"
)
# "Heart failure is what it suggests" names what stands before.
CLEFT = cue(r"""
    ^(?:(?:of|among|in|from)\b.*,\s)?(.{3,80}?)\s(?:is|are|was)\s(?:what|the one(?:\sthat)?)\s
    (?:it|this|that|these|they|you|we|the|fits|explains)\b
""")
# A denial behind a clause that tells more of the subject.
DENIED_BEHIND = cue(r",\s*(?:which|who|that)\b[^,]*,\s*(?:is|are|was|were)\s+not\b")
# The heading of what is to be done; what follows it is no answer to a question for a thing.
PLAN = cue(r"\n[\s*_#]*(?:plan|management|next\ssteps?|work-?up|recommendations?)[\s*_]*:[\s*_]*(?:\n|(?=\S))")
# A name on the first line, then a list.
NAME_THEN_LIST = cue(r"^([^\n:?]{3,60}?)[\s.*_]*\n+\s*(?=(?:1[.)]|[-*•])\s)")
LIST_MARK = cue(r"(?:^|\n|\s)(?:\d{1,2}[.)]|[-*•])\s+")
# A whole sentence in brackets, which tells more.
IN_BRACKETS = re.compile(r"(?<=[.!?])\s*\((?=[A-Z])[^()\n]{20,400}\)")
