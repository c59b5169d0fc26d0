"""The words around a mention by which a writer calls it the answer, passes by it, or rejects it.

Cues on the text before a mention end at it; those on the text after it are matched from its end. A pattern is written
over several lines, whose breaks and indents do not count, and may hold the name of a part: <IS>.
"""

import re

PARTS: dict[str, str] = {}


def laid_out(pattern: str) -> str:
    """A pattern in one line, with its parts in their places."""
    pattern = re.sub(r"\n\s*", "", pattern)
    return re.sub(r"<([A-Z]+)>", lambda name: PARTS[name[1]], pattern)


def part(name: str, pattern: str) -> None:
    """Name a part of patterns."""
    PARTS[name] = laid_out(pattern)


def cue(pattern: str) -> re.Pattern[str]:
    """A compiled cue; case does not matter."""
    return re.compile(laid_out(pattern), re.IGNORECASE)


# The verbs that tie an answer to what it is said of.
part(
    "IS",
    r"""
    (?:is|es|est|ist|are|was|were|be|would be|should be|must be|has to be|will be|ought to be|can only be|remains|
    seems(?: to be)?|appears(?: to be)?|becomes|means)
""",
)
# What may stand between a cue and the mention that it leads to.
part(
    "FILL",
    r"""
    (?:[\s:=,(\[\"'*-]|->|\b(?:is|be|the|that|an?|most|likely|probably|definitely|clearly|therefore|thus|correct|
    best|right|options?|choice|letter|answer|indeed|actually|final|my|to|as|it|obviously|certainly|surely|simply|
    only|highly|very|would|this|still|just|number|la|le|el|die|der|lettre|letra|buchstabe|选项?|应?为|是)\b|
    [是为选项])*$
""",
)
# What may stand between a mention and the cue behind it.
part(
    "THEN",
    r"""
    [)\]\"'.:,*|]*\s*(?:\|\s*)?(?:\([^)]{0,80}\)[\s,:]*)?(?:(?:-|->|=)\s*)?
""",
)
# What may weaken or strengthen the cue behind a mention.
part(
    "ADVERB",
    r"""
    (?:\w+ly\s+|most likely\s+|also\s+|both\s+|all\s+|thus\s+|then\s+|now\s+|just\s+|far\s+|much\s+|simply\s+|
    too\s+|again\s+|even\s+|still\s+|the\s+|so\s+|quite\s+|very\s+|a bit\s+|a\s+)*
""",
)
# Words that reject what follows them.
part(
    "NO",
    r"""
    (?:\b(?:not|never|neither|nor|cannot|no longer|rather than|instead of|other than|except(?: for)?|excepting|
    unlike|over|than|against|swap|replace|(?:switch|change)(?:ing|ed)? from|exclud\w+|rul(?:e|es|ed|ing) out|reject\w*|
    eliminat\w*|dismiss\w*|discard\w*|
    discount\w*|cross(?:ed|ing|es)?(?: out)?|drop(?:s|ped|ping)?|(?:anything|everything|all|nothing like) but|
    far from|(?:wrong|incorrect|false)(?: \w+)?(?: is| are| was)?|distractors?|without|no(?!,)|absence of|
    negative for|free of|argues? against|avoid\w*)\b|n't\b|❌|✗|✘|✖|不是|不选|不应选|并非|而非|非|排除|不|没有|无)
""",
)
# Before: "the answer is", "most likely diagnosis:", "I would go with", "that leaves", "final answer".
MARK = cue(r"""
    (?:\b(?:answers?|ans\.?|diagnosis|conclusion|choice|selection|pick|response|verdict|decision|impression|key|
    solution|result|exception|odd one out|outlier|(?:r[ée]ponse|respuesta|antwort|risposta|resposta)(?: (?:correcta|
    correcte|richtige|juste|corretta|correta))?|final_answer|(?:correct|right|best|appropriate|likely|accurate|
    suitable|next|true) (?:option|one|step|answer|statement|choice|match|treatment|test|management|finding|cause|
    explanation|agent|drug|organism|organ|structure))(?: (?:to|for|here|of|in|from|among|that|
    at)\b[^.:;\n]{0,60}?)?\s*(?:<IS>\b|'s\b|[:=]|->)|\b(?:answers?|ans\.?|key)(?=[\s(])|\b(?:correct|right|best|
    most likely)\s*(?:is|:)|\b(?:i|we)(?:'d| would| will|'ll| must| shall| am going to|'m going to| have to|
    [ ]can)?(?: \w+ly| still| would)? (?:pick|choose|chose|select|selected|go(?:ing)? with|went with|opt for|say|
    vote for|settle on|settled on|conclude|decide on|answer|mark|commit to|put|picked|favou?r|lean towards?|prefer|
    believe|rely on)(?: that)?(?: it is| it's)?|\b(?:(?:that|this|which) )?(?:only )?(?:leaves|leaving)(?: only|
    [ ]us with)?|\b(?:that|this|which) makes (?:it|the answer)|\bby (?:elimination|exclusion)|
    \bfinal(?:ly)?\b[\w ,]{0,20}(?:answer|choice|diagnosis)?|####|
    \b(?:not|never|can't|cannot|can not) go wrong (?:with|by)|[✅✓✔☑]|^\s*(?:choose|select|pick|go with)\b|答案|选择?|
    正确(?:答案|选项)|应该?是|诊断(?:为|是)|结论)<FILL>
""")
# Before: "so", "it is", "probably", "consistent with".
WEAK_MARK = cue(r"""
    (?:\b(?:so|thus|therefore|hence|in other words|that is to say|namely|meaning|it is|it's|this is|that is|that's|
    that leaves|leaves|leaving|must be|has to be|
    think|believe|suspect|guess|probably|likely|maybe|perhaps|possibly|suggests?|suggesting|indicates?|points? to|
    favou?rs?|consistent with|compatible with|represents?|shows?|supports?|confirms?|diagnosis of|only)\b|->|所以|
    因此|故|因而)<FILL>
""")
# Before: "not", "rather than", "rules out", "prefer B to".
REJECT_BEFORE = cue(r"(?:<NO>|\bprefer\w*\b.{1,40}\bto\b)<FILL>")
# Anywhere before, after the last comma: the clause is a denial.
NEGATED = cue(r"(?:\b(?:not|never|neither|nor|doubt(?! that)|hardly)\b|n't\b|❌|✗|不是|不能选|不应)")
# Denials that deny nothing: "no doubt", "not only".
IDIOM = cue(r"""
    (?:\b(?:not|cannot|no|never|nothing|none)\b|n't\b)[^.;\n]{0,50}\b(?:other than|but)(?=\s)|
    \b(?:not|never|can't|cannot) go wrong\b|\b(?:no|without(?: a| any)?|not a|little) (?:doubt|question)\b|
    \bnot only\b|\bnot surprising\w*|\bno other\b|
    \bcannot be (?:anything|other)\b|\bwhy not\b|\b(?:am|'m|are|is) not (?:sure|certain|100)\b|\bnot (?:entirely|
    completely) (?:sure|certain)\b|\b(?:not|n't) (?:an? )?(?:bad|unreasonable)\b|\b(?:nothing|none|no \w+) (?:speaks?|
    argues?) against\b|\bcan(?:not|'t) (?:be )?(?:ruled|rule|exclude\w*)(?: out)?\b
""")
# Before: somebody else's answer, a thought that was dropped, a comparison.
PASSING = cue(r"""
    \b(?:some|many|most (?:people|students|residents)|people|students?|others?|candidates|textbooks?|(?:one|you|
    we) (?:might|could|may))\b[^.]*\b(?:say|think|argue|pick|choose|answer|guess|believe|assume|consider|suspect|
    be)\b|\btempt\w*|\bcommon (?:mistake|error|trap|distractor|misconception)\b|\bat first(?: glance)?\b|
    \binitial(?:ly)?\b|\boriginally\b|\bfirst (?:thought|guess|impression|instinct|glance|answer|choice|pick|
    idea)\b|\b(?:i|we) (?:had |first |initially |was |were |also |briefly |did )*(?:consider\w*|thought|suspected|
    hesitated|debated|leaned|wondered|looked at|weighed)\b|\brunner-up\b|\bmimic\w*|\bpreviously\b|\bused to\b|
    \bconfused with\b|\bmistaken for\b|\bdistinguish\w* (?:it |this )?from\b|\bdiffer\w* from\b|\bsimilar to\b|
    \bcompared (?:to|with)\b|\bin contrast to\b|\bif it were\b|\bhad it been\b|\bwould (?:have been|suggest|cause|
    show|present|need|require|expect)\b|\bfor [A-Z],|\b(?:ai|the model|it) (?:said|says)\b
""")
# After: "is wrong", "can be excluded", "does not", "is less likely".
REJECT_AFTER = cue(r"""
    <THEN>(?:(?:which |that |as it |it )?(?:is|are|was|were|can be|could be|should be|would be|may be|has been|
    have been|seems?|looks?|appears?(?: to be)?|being)\s+<ADVERB>(?:not|never|no longer|wrong|incorrect|false|
    excluded|ruled out|rejected|unlikely|less|out\b|eliminated|dismissed|discarded|inconsistent|impossible|
    inappropriate|implausible|improbable|contraindicated|unrelated|irrelevant|distractors?|absent|tempting|
    insufficient|unsuitable|inferior|incompatible|untrue|off the table|more (?:typical|common|characteristic|
    likely) (?:in|of|for|with))|(?:is|are|was|were|does|do|did|could|would|should|has)n't|can't|cannot|could not|
    (?:does|do|did|would|should|will|has|have|had) not|won't|fails?\b|lacks?\b|wrong\b|incorrect\b|excluded\b|
    false\b|no\b(?=\W*(?:$|\n))|nope\b|ruled out|eliminated|unlikely|not (?:correct|right|likely|consistent|it\b|
    the (?:answer|one|correct|best))|❌|✗|✘|✖|(?:是)?错|不对|不正确|不符|不是(?!\s*[(]?[A-Z])|不能|不会|被排除|
    可排除|排除)
""")
# The last word on an entry of a list: "A: thick wall, excluded".
REJECT_END = cue(r"""
    (?:\b(?:wrong|incorrect|excluded|unlikely|ruled out|eliminated|false|no|out|rejected|not (?:correct|right|
    the answer|consistent|likely|fit\w*|match\w*|true|indicated|it|here|this one))\b|❌|✗|✘|✖)\W*$
""")
# After: "is the best answer", "fits best", a tick.
MARK_AFTER = cue(r"""
    <THEN>(?:(?:which |that )?(?:is|are|was|<IS>|being)(?: to be)?\s+<ADVERB>(?:my |only |single |most |best |
    right |correct |final |likely |probable |leading |more |appropriate |suitable |accurate |one |that |
    in fact )*(?:answers?|correct|right(?= (?:answer|choice|option|one)\b|\W*$|[.,;)])|best|true|appropriate|likely|
    choice|option|fit|one|match|diagnosis|pick|accurate|suitable|probable|key|solution|conclusion|it)\b(?! (?:in|of|
    to (?:be )?wrong|wrong|with|if|when)\b)|(?:fits?|matches|explains)(?: \w+){0,4}? (?:best|all|everything|well|
    perfectly|exactly)\b|(?:fits|matches)\W*$|(?:wins|stands|it is\W*$|makes (?:the most )?sense|best (?:fits|
    matches|explains|describes))\b|(?:is |as )?(?:the )?(?:treatment|drug|test|agent|diagnosis|method|investigation|
    procedure|imaging|first line|study) of choice\b|(?:correct|right|true|yes)\b(?=\W*$|[.,;:)]| because| since)|✓|
    ✔|✅|☑|(?:是)?(?:正确|对的|符合)|为(?:正确)?答案|(?:最)?(?:正确|合适))
""")
# After: it is named beside another one: "is equally likely", "as well".
ALSO_AFTER = cue(r"""
    <THEN>(?:as well\b(?! as)|(?:is|are|was|would be|could be|may be|might be|seems|looks)\s+(?:also|equally|
    just as|as|another|a (?:close|strong) (?:second|alternative))\b|(?:could|may|might|would) (?:also|equally)\b|
    (?:is|are) (?:possible|plausible) too\b)
""")
# Before: the same: "alternatively", "or", "could also be".
ALSO_BEFORE = cue(r"""
    (?:\b(?:or|alternatively|or (?:maybe|perhaps|possibly|else|even|also)|could also be|might also be|may also be|
    can also be|also|equally|as well as|in addition|additionally|plus)\b|或者?|也可能是?)<FILL>
""")
# Before and after, together: "it's the metformin that".
CLEFT = cue(r"\b(?:it's|it is|it was)\s+(?:the\s+)?$")
CLEFT_AFTER = cue(r"[)\]\"'*]*\s+(?:that|which|who)\b")
# Between two mentions: they are one list.
JOINED = cue(r"""
    [\s)\]\"'.,:;*]*(?:(?:,|;|/|&|\+|\||\band/or\b|\bor\b|\band\b|\bvs\.?|\bversus\b|\bnor\b|\beither\b|和|或|与|及|
    \n)\s*)*(?:\b(?:options?|choices?|answers?|maybe|perhaps|possibly|also|even|most|probably|likely|both|the|an?|
    then|选项?)\b[\s,]*)*[(\[\"'*\s]*
""")
# Before a mention that is all a clause says.
ARTICLE = cue(r"""
    \W*(?:(?:the|an?|option|choice|letter|answer|it is|it's|probably|likely|most|definitely|clearly|so|then|
    therefore|thus|hence|well|ok|okay)\b\W*)*
""")
# After: "or" something that is no mention.
OPEN = cue(r"""
    [)\]\"'*]*,? or (?!(?:rather|more (?:precisely|specifically)|equivalently|in other words|simply|just)\b)\w
""")
# Between two mentions: they stand in different sentences.
APART = re.compile(laid_out(r"\n|[.!?;]\s"))
# After: "if the wall were thick".
IF_AFTER = cue(r"""
    [)\]\"',]*\s*(?:(?:(?:would|might|could|will) be|is|are)\b[^.;\n]{0,40}\s)?(?:only )?(?:if|unless|
    provided that)\b
""")
# Before, where nothing follows: "No, D."
CORRECTS = cue(r"""
    \W*(?:no|nope|rather|actually|instead|correction|i mean)\b[,:]?\s*[(\[\"']*(?:(?:the|option|it is|it's)\s+)*
""")
# Before, at the end of a sentence: "thin wall, trabeculated: C".
COLON = re.compile(
    laid_out(r"""
    [^\s\d]:\s*[\"'*(\[]*$
""")
)
# The line above: "### Conclusion".
HEADING = cue(r"""
    (?:^|\n)[^\w\n]*(?:(?:final|my|the) )*(?:answer|conclusion|diagnosis|verdict|choice|impression|
    summary)[^\w\n]*\n$
""")
# After a letter that is the label of a list's entry.
LABELLED = re.compile(
    laid_out(r"""
    [)\].:*\"']|\s*-\s
""")
)
# The verdict at the end of such an entry.
LINE_END = cue(r"""
    (?:(?P<no>\b(?:false|incorrect|wrong|not true|not correct)|❌|✗)|\b(?:true|correct)|✓|✅)\W*$
""")
# Before: a bracket that is still open.
IN_BRACKETS = re.compile(laid_out(r"\(([^()\n]*)$"))
# A denial of something else: "the one that is not typical is".
RELATIVE = cue(r"""
    \b(?:which|that|who)(?:'s not| (?:is|are|was|were|does|do|did|can|should|will|would)(?: not|n't)| cannot) \w+
""")
# After: "would need", "could cause".
PASSING_AFTER = cue(r"""
    [)\]\"',]*\s*(?:is (?:what|how) (?:we|they|people|one) used to|(?:can|must|may|should) wait|comes? (?:later|after|
    last|first,)|belongs? to|adds? (?:nothing|little)|lags?|treats?|takes (?:too )?long|works?(?: too| well)?, but|
    (?:is|are) for)\b|[)\]\"',]*\s*(?:would|could|might) (?:need|require|show|cause|present|give|have|
    be expected|also be|look|
    produce|lead)\b
""")
# At the head of a sentence: it sums up.
CLOSES = cue(r"""
    \W*(?:in (?:short|summary|conclusion|sum)|to (?:conclude|summari[sz]e|sum up)|overall|finally|altogether|
    all in all|putting (?:it|this) (?:all )?together|thus|therefore|hence|so|accordingly|综上|所以|因此|故)\b
""")
# Before, in the last sentence: "the lesion is".
COPULA = cue(r"""
    \b(?:is|are|was|has|have|shows?|must be|means)\s+(?:(?:an?|the|likely|probably|most)\s+)*$
""")
# At the head of a clause: its content is supposed.
CONDITION = cue(r"""
    \b(?:if|unless|suppose|assuming|whether)\b|^\W*(?:were|had|should) (?:there|it|the|this|he|she)\b|如果|若
""")
# Conditions that are none: "if I had to choose".
FORCED = cue(r"if (?:i|we) (?:had|have|must|were|am|are)\b|if (?:forced|pressed|asked|i'm)")
# The next clause: "but that is mistaken".
DISOWNED = cue(r"""
    \W*(?:(?:that|this|it|which|the latter|the former)(?:'s| is| was| would be|'d be)) (?:\w+ly |an? |
    just )*(?:wrong|incorrect|mistaken|mistake|false|error|untrue|misleading|not (?:right|correct|true|the case|so|
    quite))\b
""")
