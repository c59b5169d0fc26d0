"""The words around a mention by which a writer calls it the answer, passes by it, or rejects it.

Cues on the text before a mention end at it; those on the text after it are matched from its end.
"""

import re

_VERB = (
    r"(?:is|es|est|ist|are|was|were|be|would be|should be|must be|has to be|will be|ought to be|"
    r"can only be|remains|seems(?: to be)?|"
    r"appears(?: to be)?|becomes|means)"
)
_FILL = (
    r"(?:[\s:=,(\[\"'*-]|->|\b(?:is|be|the|that|an?|most|likely|probably|definitely|clearly|therefore|"
    r"thus|correct|best|right|"
    r"options?|choice|letter|answer|indeed|actually|final|my|to|as|it|obviously|certainly|surely|simply|"
    r"only|highly|very|"
    r"would|this|still|just|number|la|le|el|die|der|lettre|letra|buchstabe|选项?|应?为|是)\b|[是为选项])*$"
)
MARK = re.compile(
    r"(?:\b(?:answers?|ans\.?|diagnosis|conclusion|choice|selection|pick|response|verdict|decision|"
    r"impression|key|solution|result|exception|odd one out|outlier|(?:r[ée]ponse|respuesta|antwort|"
    r"risposta|resposta)(?: (?:correcta|correcte|richtige|juste|corretta|correta))?|final_answer|"
    r"(?:correct|right|best|appropriate|likely|accurate|suitable|next|true) (?:option|one|step|answer|"
    r"statement|choice|match|"
    r"treatment|test|management|finding|cause|explanation|agent|drug|organism|organ|structure))"
    rf"(?: (?:to|for|here|of|in|from|among|that|at)\b[^.:;\n]{{0,60}}?)?\s*(?:{_VERB}\b|'s\b|[:=]|->)|"
    rf"\b(?:answers?|ans\.?|key)(?=[\s(])"
    r"|\b(?:correct|right|best|most likely)\s*(?:is|:)"
    r"|\b(?:i|we)(?:'d| would| will|'ll| must| shall| am going to|'m going to| have to| can)?(?: \w+ly| still| would)? "
    r"(?:pick|choose|chose|select|selected|go(?:ing)? with|went with|opt for|say|vote for|settle on|"
    r"settled on|conclude|decide on|"
    r"answer|mark|commit to|put|picked|favou?r|lean towards?|prefer|believe|rely on)(?: that)?(?: it is| it's)?"
    r"|\b(?:(?:that|this|which) )?(?:only )?(?:leaves|leaving)(?: only| us with)?|\bby (?:elimination|"
    r"exclusion)|\bfinal(?:ly)?\b[\w ,]{0,20}(?:answer|choice|diagnosis)?|####|[✅✓✔☑]|^\s*(?:choose|select|pick|"
    r"go with)\b|答案|选择?|正确(?:答案|选项)|应该?是|诊断(?:为|是)|结论)" + _FILL,
    re.IGNORECASE,
)
WEAK_MARK = re.compile(
    r"(?:\b(?:so|thus|therefore|hence|it is|it's|this is|that is|that's|that leaves|leaves|leaving|"
    r"must be|has to be|think|"
    r"believe|suspect|guess|probably|likely|maybe|perhaps|possibly|suggests?|suggesting|indicates?|"
    r"points? to|favou?rs?|"
    r"consistent with|compatible with|represents?|shows?|supports?|confirms?|diagnosis of|only)\b|->|所以|因此|故|因而)"
    + _FILL,
    re.IGNORECASE,
)
_NO = (
    r"(?:\b(?:not|never|neither|nor|cannot|no longer|rather than|instead of|other than|except(?: for)?|"
    r"excepting|unlike|over|"
    r"than|against|exclud\w+|rul(?:e|es|ed|ing) out|reject\w*|eliminat\w*|dismiss\w*|discard\w*|"
    r"discount\w*|cross(?:ed|ing|es)?"
    r"(?: out)?|drop(?:s|ped|ping)?|(?:anything|everything|all|nothing like) but|far from|(?:wrong|"
    r"incorrect|false)(?: \w+)?"
    r"(?: is| are| was)?|distractors?|without|no(?!,)|absence of|negative for|free of|argues? against|"
    r"avoid\w*)\b|n't\b|❌|✗|✘|✖|"
    r"不是|不选|不应选|并非|而非|非|排除|不|没有|无)"
)
REJECT_BEFORE = re.compile(rf"(?:{_NO}|\bprefer\w*\b.{{1,40}}\bto\b)" + _FILL, re.IGNORECASE)
NEGATED = re.compile(
    r"(?:\b(?:not|never|neither|nor|doubt(?! that)|hardly)\b|n't\b|❌|✗|不是|不能选|不应)", re.IGNORECASE
)
IDIOM = re.compile(
    r"\b(?:no|without(?: a| any)?|not a|little) (?:doubt|question)\b|\bnot only\b|\bnot surprising\w*|\bno other\b|"
    r"\bcannot be (?:anything|other)\b|\bwhy not\b|\b(?:am|'m|are|is) not (?:sure|certain|100)\b|"
    r"\bnot (?:entirely|completely) "
    r"(?:sure|certain)\b|\bcan(?:not|'t) (?:be )?(?:ruled|rule|exclude\w*)(?: out)?\b",
    re.IGNORECASE,
)
PASSING = re.compile(
    r"\b(?:some|many|most (?:people|students|residents)|people|students?|others?|candidates|textbooks?|"
    r"(?:one|you|we) (?:might|could|may))\b[^.]*\b(?:say|think|argue|pick|choose|answer|guess|believe|"
    r"assume|consider|suspect|be)\b"
    r"|\btempt\w*|\bcommon (?:mistake|error|trap|distractor|misconception)\b|\bat first(?: glance)?\b|"
    r"\binitial(?:ly)?\b|\boriginally\b|"
    r"\bfirst (?:thought|guess|impression|instinct|glance|answer|choice|pick|idea)\b|\b(?:i|we) (?:had |"
    r"first |initially |was |were |also |briefly |did )*"
    r"(?:consider\w*|thought|suspected|hesitated|debated|leaned|wondered|looked at|weighed)\b|\brunner-up\b|\bmimic\w*|"
    r"\bpreviously\b|\bused to\b|\bconfused with\b|\bmistaken for\b|\bdistinguish\w* (?:it |this )?from\b|"
    r"\bdiffer\w* from\b|\bsimilar to\b|\bcompared (?:to|with)\b|\bin contrast to\b|\bif it were\b|\bhad it been\b|"
    r"\bwould (?:have been|suggest|cause|show|present|need|require|expect)\b|\bfor [A-Z],|\b(?:ai|"
    r"the model|it) (?:said|says)\b",
    re.IGNORECASE,
)
_THEN = r"[)\]\"'.:,*|]*\s*(?:\|\s*)?(?:\([^)]{0,80}\)[\s,:]*)?(?:(?:-|->|=)\s*)?"
_ADVERB = (
    r"(?:\w+ly\s+|most likely\s+|also\s+|both\s+|all\s+|thus\s+|then\s+|now\s+|just\s+|far\s+|much\s+|simply\s+|too\s+|"
    r"again\s+|even\s+|still\s+|the\s+|so\s+|quite\s+|very\s+|a bit\s+|a\s+)*"
)
REJECT_AFTER = re.compile(
    _THEN
    + r"(?:(?:which |that |as it |it )?(?:is|are|was|were|can be|could be|should be|would be|may be|has been|have been|"
    rf"seems?|looks?|appears?(?: to be)?|being)\s+{_ADVERB}(?:not|never|no longer|wrong|incorrect|false|"
    rf"excluded|ruled out|rejected|"
    r"unlikely|less|out\b|eliminated|dismissed|discarded|inconsistent|impossible|inappropriate|"
    r"implausible|improbable|contraindicated|"
    r"unrelated|irrelevant|distractors?|absent|tempting|insufficient|unsuitable|inferior|incompatible|"
    r"untrue|off the table|"
    r"more (?:typical|common|characteristic|likely) (?:in|of|for|with))|(?:is|are|was|were|does|do|did|"
    r"could|would|should|has)n't|can't|"
    r"cannot|could not|(?:does|do|did|would|should|will|has|have|had) not|won't|fails?\b|lacks?\b|wrong\b|"
    r"incorrect\b|excluded\b|"
    r"false\b|no\b(?=\W*(?:$|\n))|nope\b|ruled out|eliminated|unlikely|not (?:correct|right|likely|"
    r"consistent|it\b|the (?:answer|one|correct|best))|❌|✗|✘|✖|(?:是)?错|不对|不正确|不符|"
    r"不是(?!\s*[(]?[A-Z])|不能|不会|被排除|可排除|排除)",
    re.IGNORECASE,
)
REJECT_END = re.compile(
    r"(?:\b(?:wrong|incorrect|excluded|unlikely|ruled out|eliminated|false|no|out|rejected|"
    r"not (?:correct|right|the answer|consistent|likely|fit\w*|match\w*|true|indicated|it|here|this one))\b|"
    r"❌|✗|✘|✖)\W*$",
    re.IGNORECASE,
)
MARK_AFTER = re.compile(
    _THEN + rf"(?:(?:which |that )?(?:is|are|was|{_VERB}|being)(?: to be)?\s+{_ADVERB}(?:my |only |single |"
    rf"most |best |right |correct |"
    r"final |likely |probable |leading |more |appropriate |suitable |accurate |one |that |"
    r"in fact )*(?:answers?|correct|right(?= (?:answer|choice|option|one)\b|\W*$|[.,;)])|best|true|"
    r"appropriate|likely|choice|option|fit|one|match|diagnosis|pick|accurate|suitable|probable|key|"
    r"solution|conclusion|it)\b"
    r"(?! (?:in|of|to (?:be )?wrong|wrong|with|if|when)\b)"
    r"|(?:fits?|matches|explains)(?: \w+){0,4}? (?:best|all|everything|well|perfectly|exactly)\b|(?:fits|"
    r"matches)\W*$|(?:wins|stands|it is\W*$|makes (?:the most )?sense|best (?:fits|matches|explains|"
    r"describes))\b|"
    r"(?:is |as )?(?:the )?(?:treatment|drug|test|agent|diagnosis|method|investigation|procedure|imaging|"
    r"first line|study) of choice\b|"
    r"(?:correct|right|true|yes)\b(?=\W*$|[.,;:)]| because| since)|✓|✔|✅|☑|(?:是)?(?:正确|对的|符合)|为(?:正确)?答案|"
    r"(?:最)?(?:正确|合适))",
    re.IGNORECASE,
)
ALSO_AFTER = re.compile(
    _THEN + r"(?:as well\b(?! as)|(?:is|are|was|would be|could be|may be|might be|seems|looks)\s+(?:also|"
    r"equally|just as|as|another|a (?:close|strong) "
    r"(?:second|alternative))\b|(?:could|may|might|would) (?:also|equally)\b|(?:is|are) (?:possible|plausible) too\b)",
    re.IGNORECASE,
)
ALSO_BEFORE = re.compile(
    r"(?:\b(?:or|alternatively|or (?:maybe|perhaps|possibly|else|even|also)|could also be|might also be|"
    r"may also be|can also be|"
    r"also|equally|as well as|in addition|additionally|plus)\b|或者?|也可能是?)" + _FILL,
    re.IGNORECASE,
)
JOINED = re.compile(
    r"[\s)\]\"'.,:;*]*(?:(?:,|;|/|&|\+|\||\band/or\b|\bor\b|\band\b|\bvs\.?|\bversus\b|\bnor\b|\beither\b|"
    r"和|或|与|及|\n)\s*)*"
    r"(?:\b(?:options?|choices?|answers?|maybe|perhaps|possibly|also|even|most|probably|likely|both|the|"
    r"an?|then|选项?)\b[\s,]*)*[(\[\"'*\s]*",
    re.IGNORECASE,
)  # fmt: skip


ARTICLE = re.compile(
    r"\W*(?:(?:the|an?|option|choice|letter|answer|it is|it's|probably|likely|most|definitely|clearly|so|"
    r"then|therefore|thus|hence|well|ok|okay)\b\W*)*",
    re.I,
)
OPEN = re.compile(
    r"[)\]\"'*]*,? or (?!(?:rather|more (?:precisely|specifically)|equivalently|in other words|simply|just)\b)\w", re.I
)
APART = re.compile(r"\n|[.!?]\s")
IF_AFTER = re.compile(
    r"[)\]\"',]*\s*(?:(?:(?:would|might|could|will) be|is|are)\b[^.;\n]{0,40}\s)?(?:only )?(?:if|unless|"
    r"provided that)\b",
    re.I,
)
CORRECTS = re.compile(
    r"\W*(?:no|nope|rather|actually|instead|correction|i mean)\b[,:]?\s*[(\[\"']*(?:(?:the|option|it is|it's)\s+)*",
    re.I,
)
COLON = re.compile(r"[^\s\d]:\s*[\"'*(\[]*$")
HEADING = re.compile(
    r"(?:^|\n)[^\w\n]*(?:(?:final|my|the) )*(?:answer|conclusion|diagnosis|verdict|choice|impression|"
    r"summary)[^\w\n]*\n$",
    re.I,
)
LABELLED = re.compile(r"[)\].:*\"']|\s*-\s")
LINE_END = re.compile(
    r"(?:(?P<no>\b(?:false|incorrect|wrong|not true|not correct)|❌|✗)|\b(?:true|correct)|✓|✅)\W*$", re.IGNORECASE
)
IN_BRACKETS = re.compile(r"\(([^()\n]*)$")
RELATIVE = re.compile(
    r"\b(?:which|that|who)(?:'s not| (?:is|are|was|were|does|do|did|can|should|will|would)(?: not|n't)| cannot) \w+",
    re.I,
)
PASSING_AFTER = re.compile(
    r"[)\]\"',]*\s*(?:would|could|might) (?:need|require|show|cause|present|give|have|be expected|also be|"
    r"look|produce|lead)\b",
    re.I,
)
CLOSES = re.compile(r"\W*(?:in (?:short|summary|conclusion|sum)|to (?:conclude|summari[sz]e|sum up)|"
                    r"overall|finally|altogether|all in all|"
                    r"putting (?:it|this) (?:all )?together|thus|therefore|hence|so|"
                    r"accordingly|综上|所以|因此|故)\b", re.I)  # fmt: skip
COPULA = re.compile(
    r"\b(?:is|are|was|has|have|shows?|must be|means)\s+(?:(?:an?|the|likely|probably|most)\s+)*$", re.IGNORECASE
)
CONDITION = re.compile(
    r"\b(?:if|unless|suppose|assuming|whether)\b|^\W*(?:were|had|should) (?:there|it|the|this|he|she)\b|如果|若",
    re.IGNORECASE,
)
FORCED = re.compile(r"if (?:i|we) (?:had|have|must|were|am|are)\b|if (?:forced|pressed|asked|i'm)", re.IGNORECASE)
DISOWNED = re.compile(
    r"\W*(?:(?:that|this|it|which|the latter|the former)(?:'s| is| was| would be|'d be)) (?:\w+ly |an? |just )*"
    r"(?:wrong|incorrect|mistaken|mistake|false|error|untrue|misleading|"
    r"not (?:right|correct|true|the case|so|quite))\b",
    re.IGNORECASE,
)
