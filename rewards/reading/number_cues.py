"""The words and signs around a number that tell a reader what it is there for."""

import re

# What changes how the amounts after it are taken.
EVENT = re.compile(
    r"(?P<mark>\b(?:answer|final (?:result|value|score|dose|answer)|conclusion)(?: to the question)?\b[\"')\]]*"
    r"(?:\s*(?:is|was|are|would be|should be|must be|will be|comes (?:out )?to|[:=→])(?![a-z])[\s:]*|"
    r"\s*\n\s*|\s+(?=[-~≈]?\.?\d))"
    r"|(?:最终)?答案(?:是|为|应为|:)*)"
    r"|(?P<end>\n|(?<!\bmax)(?<!\bapprox)(?<!\bca)(?<!\bvs)[.!?](?=\s|$|[\"')\]])|;)"
    r"|(?P<reason>\b(?:because|since|given|due to|based on|using|considering|assuming|as (?:the|it|there|this|he|she|"
    r"they|his|her)\b|compared (?:to|with)|whereas|while|(?:even )?though|although|"
    r"provided|for example|e\.g|i\.e)\b|因为|由于|根据)"
    r"|(?P<so>\b(?:so|therefore|thus|hence|consequently|accordingly|overall|which (?:gives|yields|equals|makes)|"
    r"giv(?:es|ing)|yield(?:s|ing)|result(?:s|ing) in|comes? (?:out )?to|leav(?:es?|ing)|mak(?:es|ing)|"
    r"(?:grand |in )?total(?:s|ing|ling|s up to)?(?: (?:score|points?|sum|dose))?"
    r"(?=(?: is| of| was|\s*[:=≈|]|,?\s?\d))|in total\b|altogether\b|"
    r"(?:we|i|you|one) (?:gets?|obtains?|finds?|arrives? at|have|has)|"
    r"(?:sum|difference|product)(?= is| of|\s*[:=]|\s\d)|adds? up to|"
    r"works? out (?:at|to|as)|amounts? to|rounds? to|rounded to|"
    r"rounded (?:up|down) to)\b|因此|所以|总分|共计|合计|得到|得出)"
    r"|(?P<equal>[=≈]|→(?=\s*[-+~≈]?\s?\.?\d))"
    r"|(?P<is>\||\b(?:is|are|was|were|be|equals?|has|have|had|shows|reads|measures|"
    r"scores|scored|would be|should be)\b|:(?!\d)|是|为)"
    r"|(?P<aftermath>\b(?:(?:which )?(?:correspond(?:s|ing) (?:to|with)|indicat(?:es|ing)|"
    r"suggest(?:s|ing)|impl(?:ies|ying)|mean(?:s|ing)|"
    r"(?:is )?consistent with|carr(?:ies|ying)|(?:is )?associated with)|which is)\b)"
    r"|(?P<turn>\bbut\b|\bhowever\b|\bactually\b|但)"
    r"|(?P<comma>,)|(?P<open>[(\[])|(?P<close>[)\]])",
    re.IGNORECASE,
)
# Before an amount: it is said not to be the answer.
REJECTED = re.compile(
    r"(?:\b(?:not|never|neither|nor|cannot|rather than|instead of|as opposed to|excluding|except|"
    r"(?:anything|everything|all) but|unlike|no longer|wrong)\b|n't\b|\b(?:wrong|incorrect|not):|"
    r"不是|并非|而非)[^\d,.;:]{0,30}$",
    re.IGNORECASE,
)
# Before an amount: it is what is usual, which is no answer unless that is asked for.
REFERENCE = re.compile(r"\b(?:normal(?!ized)|limit|reference|threshold|cut-?off)\b", re.IGNORECASE)
# Between an amount and a verb: the verb is about something else.
OTHER_SUBJECT = re.compile(
    r",? (?:and|while|whereas|with) (?:the |his |her |its |an? )?"
    r"(?!(?:answer|correct|right|true|actual|real|value|result|it|"
    r"that|this|also|or|maybe)\b)\w[^\d,.;:]*",
    re.IGNORECASE,
)
# After an amount: the same.
REJECTED_AFTER = re.compile(
    r"\W{0,3}(?:(?:is|are|was|would be)\s+(?:(?:clearly|definitely|also)\s+)?(?:wrong|incorrect|not\b|ruled out|"
    r"excluded|false|too (?:high|low|large|small))|\(?(?:wrong|incorrect|rejected|excluded)\b|"
    r"(?:does|do|did) ?n[o']t\b|or not\b)",
    re.IGNORECASE,
)
# Before an amount that "but" follows: it was only considered.
DROPPED = re.compile(
    r"\b(?:first|initial(?:ly)?|original(?:ly)?|thought|tempting|tempted|might|would say|considered|guess(?:ed)?|"
    r"some|many|could be|one may|one might|may seem|seems?|naive(?:ly)?|usual(?:ly)?|previous(?:ly)?|estimate[sd]?)\b",
    re.IGNORECASE,
)
# Before an amount: it is a bound.
BOUND = re.compile(
    r"(?:(?P<low>[>≥]|\b(?:more|greater|higher|larger|longer|older) than(?: or equal to)?|\bat least|\babove|\bover|"
    r"\bexceed(?:s|ing)?|\bno (?:less|fewer) than|\b(?:a )?minimum(?: of)?|\bmin\.?|大于|至少|超过|不少于)|"
    r"(?P<high>[<≤]|\b(?:less|fewer|lower|smaller|shorter|younger) than(?: or equal to)?|\bat most|"
    r"(?<!round )(?<!rounded )(?<!adds )(?<!add )(?<!sums )\bup to|"
    r"\bbelow|\bunder|\bno more than|\b(?:a )?maximum(?: of)?|\bmax\.?|小于|至多|不超过|低于))\s*$",
    re.IGNORECASE,
)
# After an amount: it is one.
BOUND_AFTER = re.compile(
    r"\s*(?:(?P<low>or (?:more|higher|above|greater|older|over)\b|and (?:above|over)\b|at least\b|"
    r"(?:or )?minimum\b|\+(?![\d\s])|以上)|"
    r"(?P<high>or (?:less|lower|below|fewer|under)\b|and (?:below|under)\b|at most\b|"
    r"(?:or )?maximum\b|以下))",
    re.IGNORECASE,
)
# Before an amount: it is a name, a reference value or a step of the working.
NAMED = re.compile(
    r"\b(?:step|type|stage|grade|class|table|fig(?:ure)?|phase|NYHA|criteri(?:on|a)|equation|section|ref|"
    r"page|case|patient|number|no\.|segment|series|image|slice|lead|zone|room|day|week|year|level|version|"
    r"chapter|normal(?: (?:range|value|is|being|of|gap))*(?: is| of|:)?|"
    r"(?:reference|normal) (?:range|interval|value)[^\d]{0,20}|range(?: is| of|:)?|limit(?: of normal)?(?: is| of|:)?|"
    r"threshold|cut-?off|every|each|q|divided by|multiplied by|times|multiply by|divide by|by|minus|plus|"
    r"subtract(?:ing)?|adding)\s*[:#]?\s*$",
    re.IGNORECASE,
)
# Before an amount: it is what was found or would be otherwise, beside what is asked.
CONTRAST = re.compile(
    r"\b(?:(?:measured|actual|observed|uncorrected|unadjusted|initial|baseline)\b[^\d,;.]{0,25}|would (?:be|have been)"
    r"(?: (?:about|around|approximately))?\s*)$",
    re.IGNORECASE,
)
# Before a time: how often or for how long, beside what is asked.
PERIOD = re.compile(
    r"\b(?:every|for|over|within|after|in|at|during|per|q|last|past)\s*(?:the )?(?:next |first )?$", re.IGNORECASE
)
# After an amount: it is a part of another one.
PART_OF = re.compile(r" (?:of (?:it|this|that|which|these|those|them)|each)\b", re.IGNORECASE)
NEXT = re.compile(r"\b(?:next|first|last|past|following|remaining)\s*$", re.IGNORECASE)
# A number that is tied to a name by an operator is a term of a formula: 3.78 * ln(bilirubin), Na - 1.5 * K.
TERM_AFTER = re.compile(r"\s?\^|\s?(?:[*/÷^]|x(?= )|\+(?= ))\s?[A-Za-z(\\]|\((?=[A-Za-z][\w ]*[-+*/])")
TERM_BEFORE = re.compile(r"[A-Za-z)\]](?:\s?[*/÷^]| [x+])\s?$")
# Between two amounts: what the first is made of (8 cc of 50 % dextrose).
MADE_OF = re.compile(r" ?(?:[a-z]+ )?of (?:an? |the )?(?:(?!and |or )[A-Za-z]\w* ){0,2}")
# Between two amounts of different sorts: the second is a circumstance of the first (8 kPa on 28 % oxygen).
BESIDE = re.compile(r"[^:=,;]{0,20}\b(?:at|on|with|in|for|over|by|under|using|from|per)\b[^:=,;]{0,20}", re.IGNORECASE)
# After an amount: it is the sum of those before.
IN_ALL = re.compile(r"\s?(?:\w+ )?(?:in (?:all|total)|altogether|overall)\b", re.IGNORECASE)
# After an amount: what its points are for.
POINTS_FOR = re.compile(r"\s*(?:points?|pts?)?\s*(?:each\s*)?(?:for|from)\s+(?=[A-Za-z])", re.IGNORECASE)
# Before a number with a dot or bracket: the head of a list item.
ITEM = re.compile(r"(?:^|\n)\s*[(]?$")
# After an amount: what follows explains it.
EXPLAINED = re.compile(r" ?(?:[a-z]{3,} ?){0,2}(?::|- | - )\s*(?=[A-Za-z(\d])")
# After an amount that opens a sentence: what follows does not work on it.
GOES_ON = re.compile(
    r",? (?:which|so|hence|thus|therefore|and|with|in|at|for|within|normal|sinus)\b|,(?= [a-z]{2})|\s?[;.]"
)
TOTAL = re.compile(r"total|\bsum|adds? up|in all|altogether|总分|共计|合计", re.IGNORECASE)
SUM = re.compile(r"\w \+ \w")
FIRM = re.compile(r"(?:so|therefore|thus|hence|consequently|accordingly|overall)\b|因此|所以", re.IGNORECASE)
# What may stand before a number that is all a sentence says.
FILLER = re.compile(
    r"[\W_]*(?:(?:about|approximately|approx\.?|around|roughly|nearly|almost|circa|ca\.?|probably|likely|exactly|"
    r"a|an|the|it|is|it's|i|think|believe|say|would|points?|score|of|or|maybe|perhaps|possibly|alternatively|sorry|no|wait|rather|mean)\b[\W_]*)*",
    re.IGNORECASE,
)
HYPHENED_TIME = re.compile(r"[\d.]+-(?:min|h|d|s|second|minute|hour|day|week|month|year)[a-z]*", re.IGNORECASE)
NAME = re.compile("[A-Za-z\u4e00-\u9fff]")
BECAUSE = re.compile(r"\W*(?:because|since|due to|as)\b|因为|由于", re.IGNORECASE)
# Between two amounts: they are one list.
CHAINED = re.compile(r"\s?[,;/]?\s?(?:and|or|&|或|和)?\s?(?:maybe|perhaps|possibly)?\s?", re.IGNORECASE)
THREE_WORDS = re.compile(r"\w+\W+\w+\W+\w")
OR = re.compile(r"\bor\b|或", re.IGNORECASE)
