"""The words that say how a sentence means what it names: as an answer, a conclusion, a denial, a doubt, a reason."""

import re

REFUSAL = re.compile(
    r"\b(?:(?:can ?not|can't|could not|couldn't|am unable to|unable to|not able to|not possible to|impossible to|"
    r"hard to|difficult to|won't|will not|decline to|refuse to)\b[^.\n]{0,40}"
    r"\b(?:answer|determine|say|tell|assess|know|provide|conclude|decide|be sure|diagnose|identify|be determined|"
    r"establish)|(?:do not|don't) (?:really )?know\b|(?:i am|i'm) not (?:sure|certain)\b|no idea\b"
    r"|(?:insufficient|not enough) (?:information|data|detail)|as an ai\b|(?:could|might|may) be anything\b|"
    r"(?:consult|see|ask) (?:a|your) (?:doctor|physician|radiologist|healthcare))",
    re.IGNORECASE,
)
TURN = re.compile(
    r"\b(?:but|however|still|though|nevertheless|nonetheless|if i had to|having said that|that said)\b,?", re.I
)
MARKER = re.compile(
    r"(?:^|\b)(?:(?:so|thus|therefore|hence|and),? )?(?:(?:final|correct|best|right|single|overall|leading|"
    r"working|definitive|most likely|most probable|likely|probable|my|the|short|our) ){0,4}"
    r"(?:answer|diagnosis|conclusion|impression|ans|dx|choice|verdict|diagnose)\b"
    r"(?:\s*\([^)]{0,40}\))?(?:,? in (?:an?|one|two|short|brief)(?: words?)?,?)?(?: (?:to (?:the|this|"
    r"your) question|here|for (?:this|the) \w+|of choice|in this case|"
    r"in this patient)){0,2}(?: (?:is|would be|should be|must be|has to be|remains|was|to be|=)(?: (?:therefore|thus|"
    r"clearly|most likely|likely|probably))?(?=[ :,])\s*:?|\s*(?:[:=→⇒]|=>|->)|\.(?= )|\s*\n|\s+-\s)\s*(?:is\b:?\s*)?|"
    r"(?:答案|选择|结论|诊断|考虑诊断?|最可能的?诊断)(?:是|为|:)?\s*",
    re.IGNORECASE,
)
CONCLUDES = re.compile(
    r"^(?:so|therefore|thus|hence|consequently|overall|in (?:conclusion|summary|short)|altogether|taken together|"
    r"all in all|"
    r"accordingly|i (?:would |'d )?(?:think|believe|conclude|say|favou?r|go (?:with|for)|choose|pick|settle on)|"
    r"what remains|the one|the \w+ (?:asked|sought|meant|in question)|(?:it|this) is called|"
    r"it is therefore|this (?:means|makes)|(?:which|that|this) (?:means|makes|leaves)|leaving|in my (?:opinion|"
    r"view)|my read)\b"
    r"|\b(?:consistent with|compatible with|in (?:keeping|line|agreement|accordance) with|(?:most )?suggestive of|"
    r"indicative of|diagnostic of|"
    r"pathognomonic (?:of|for)|points? (?:\w+ly )?(?:at|to(?:wards?)?)|pointing to(?:wards?)?|most likely|likeliest|"
    r"diagnosis (?:is|of)|confirms?|characteristic of|"
    r"typical (?:of|for)|suggests?|suggesting|indicates?|indicating|represents?|in favou?r of|best explained by|"
    r"this must be|classic for|"
    r"fits? (?:best )?with|speaks? for|supports?|establish(?:es)?|(?:is|are) therefore|therefore (?:is|marks))\b",
    re.IGNORECASE,
)
LEAD_IN = re.compile(
    r"^(?:(?:start|give|administer|prescribe|use|perform|order|obtain|begin|initiate|treat with|everything|"
    r"so|therefore|thus|hence|consequently|overall|and|well(?=,)|ok|okay|yes|sure|certainly|clearly|instead|"
    r"tl;?dr:?|here|"
    r"now|finally|then|"
    r"in (?:conclusion|summary|short)|altogether|accordingly|all in all|taken together|in my (?:opinion|view)|"
    r"of course|to conclude|to sum up|to summarize|answering your question|it follows that|this means(?: that)?|"
    r"which means(?: that)?|"
    r"i(?: would|'d)? (?:think|believe|conclude|say|favou?r|go (?:with|for)|choose|pick|settle on|bet on|vote for|"
    r"lean towards?|opt for|suspect|see|note)(?: that)?|"
    r"it (?:seems|appears)(?: that)?|we (?:see|can see|conclude|have)(?: that)?|let us say|"
    r"(?:from|in|on|judging (?:by|from)) (?:this|the|these) (?:\w+ ){0,4}(?:image|scan|film|picture|radiograph|"
    r"slice|view|study|case|findings?|photo\w*)s?)"
    r"\b[,:]?\s*)+",
    re.IGNORECASE,
)
SUBORDINATE = re.compile(
    r"^(?:as|since|because|given|although|though|even though|while|when|if|based on|despite|in view of|due to|"
    r"judging by|"
    r"considering|on the basis of|looking at|after|for this|among)\b[^,\n]{3,240},\s*(?:so |then )?",
    re.IGNORECASE,
)
LIKELY = (
    r"(?:(?:therefore|thus|clearly|definitely|most likely|most probably|likely|probably|almost certainly|"
    r"certainly|obviously|"
    r"best|explained by|those of|one of|textbook|looking at|dealing with|squarely|strongly|actually|really|indeed|"
    r"called|termed|named|known as|a case of|due to|caused by|shown|that of|to be|in fact|"
    r"described as|seen|located|found|situated|consistent with|compatible with|in (?:keeping|line|agreement|"
    r"accordance) with|(?:most )?suggestive of|"
    r"characteristic of|typical of|classic for|supports?|indicative of|an example of|diagnosed with|"
    r"suffering from|dealing with|inherited in|diagnostic of|evidence of|in|on|at|within)\s+)*"
)
FRAME = re.compile(
    r"^[^,;:!?\n]{0,160}?\b(?:is|are|was|were|(?<=it)'s|(?<=that)'s|(?<=what)'s|(?<=this)'s|(?<=here)'s|"
    r"(?<=there)'s|(?<=he)'s|shows?|showed|demonstrates?|reveals?|represents?|suggests?|indicates?|depicts?|displays?|"
    r"confirms?|points? (?:\w+ly )?(?:at|to(?:wards?)?)|pointing to(?:wards?)?|looks? like|resembles?|"
    r"appears? to be|seems? to be|"
    r"must be|should be|would be|has to be|consistent with|"
    r"compatible with|in (?:keeping|line|agreement|accordance) with|suggestive of|indicative of|diagnostic of|"
    r"pathognomonic (?:of|for)|characteristic of|typical (?:of|for)|fits?(?: best)? with|"
    r"establish(?:es)?|supports?|marks?|corresponds? to|come from|(?:an? )?lack of|means(?: that)?|"
    r"(?<!\ba )(?<!\bthe )mean|has|"
    r"have|suffers from|"
    r"reflects?|diagnosis of|"
    r"harbou?rs|classic for|speaks? for|lies|sits|uses?|used|involves?|affects?|hits|arises? from|"
    r"comes? from|makes? (?:it|this)|think of|conclude|money on|looking at|dealing with|blame|leav(?:es?|"
    r"ing)(?: us with| only)?|argues? for|(?:call|name|term)(?:s|ed)?(?: it| this| that)?|(?:known|referred to) as|"
    r"locali[sz]es?(?: \w+){0,3} to|worked? (?:as|like)|"
    r"name is|i see|there is|there are|named|in favou?r of|best explained by|favou?rs?|recommends?|receives?|"
    r"received|produces?|secretes?|releases?|"
    r"synthesi[sz]es?|contains?|prefers?|(?:places?|puts?)(?: \w+){1,4} (?:in|at))\b:?\s+" + LIKELY,
    re.IGNORECASE,
)
# After the predicate nothing may follow that makes another statement.
LONG_FRAME = re.compile(
    r"^(?:this|these|the|an?)\b[^;:!?\n]{3,240}?\b(?:is|are|represents?|was|were|has)\s+" + LIKELY, re.IGNORECASE
)
PREDICATE = re.compile(
    r"[\s,]+(?:is|are|was|were|looks?|appears?|seems?|can be|would be|has been|must be|"
    r"remains?)\s+(?:to be )?(?:the |a |"
    r"my )?(?:by far |clearly |most |therefore |thus |the )*"
    r"(?:(?:most )?(?:likely|probable|correct|best|right|final|leading|single|suspected|usual|typical|causative|"
    r"likeliest)\s+)?(?:likely )?(?:(?:(?<=likely )|(?<=probable )|(?<=suspected ))[a-z]{3,}|best(?=$| as| for)|"
    r"(?:one|nerve|artery|organ|structure|drug|organism|vessel|bone|muscle|lobe)\b(?! of)(?: (?!.*\b(?:is|are|"
    r"was)\b).*)?$|present|seen|visible|shown|noted|identified|visualized|observed|evident|affected|involved|"
    r"abnormal|imaged|depicted|displayed|"
    r"diseased|appropriate|made|reached|fitting|supported|established|obvious|clear|lacerated|injured|damaged|"
    r"compressed|torn|fractured|suspected|used|likely|probable|preferred|recommended|indicated|favou?red|"
    r"first[- ]line|right|correct|true|it|deficient|\w+ of choice|suggested|diagnosed|confirmed|responsible|"
    r"diagnosis|answer|what (?:you|we|i|is|the|it)\b.*|finding|cause|organ|modality|structure|one(?! of)|option|"
    r"choice|culprit|drug of choice|"
    r"treatment of choice|"
    r"abnormality|agent|organism|pathogen|drug|treatment|plane|sequence|vessel|nerve|to blame)\b(?:\s+(?:here|in|"
    r"on|by|of|for|with|at|from|as|beneath|under|over|between|near|just|within)\b(?!.*\b(?:is|are|was)\b).*)?$",
    re.IGNORECASE,
)
REASON = re.compile(
    r",? (?:because|since|given that|given|as (?:the|it|there|this|these|they|he|she|seen|shown|evidenced|"
    r"suggested|indicated)|due to the fact|"
    r"which(?! (?:indicates?|suggests?|represents?|points? to|is consistent with|confirms?|reflects?))|so that|"
    r"whereas|while|rather than|instead of|as opposed to|supported by|based on|in view of|"
    r"evidenced by|unlike|in contrast to|for the following|who|whose|where)\b.*$"
    r"|,? (?:suggested|shown|confirmed|characteri[sz]ed|indicated|identified|recogni[sz]ed) by\b.*$"
    r"|,\s*(?:as|and not|not|with the|but not|and thus|hence|thus|to be (?:exact|precise))\b.*$"
    r"|,? \bas (?=\S+(?: \S+){0,3} (?:would|is|are|has|have|does|do|was|were|can|cannot)\b).*$|\s+and against\b.*$"
    r"|,\s*(?:with )?[^,.]{2,60}? (?:being|is|are|was) (?:much |far |rather )?(?:less likely|unlikely)\b.*$"
    r"|,?\s*\be\.g\..*$|,?\s*and (?:should|needs?|requires?|must|will|is|are|has|have|was|can)\b.*$"
    r"|,?\s+(?:(?:but|and|even|though|albeit) )?without (?!contrast).*$|\s+over (?:an?|the)\b.*$|"
    r",?\s+until proven otherwise.*$|"
    r",\s*(?:much )?(?:less|more) (?:likely|probably)\b.*$|\s*\((?:not|no|rather than|unlike|and not)\b[^)]*\)"
    r"|,\s*(?:no|without|i'd say|i'd|i would|i'm|i am|about \d|with (?:high|low|moderate|\d)[\w %]* confidence|"
    r"and that is)\b.*$"
    r"|\s-+\s(?=(?:\S+ ){4}|.*\b(?:is|are|was|has|shows?|would|could|can|looks?)\b).*$|:\s.*$|\s*(?:->|=>|[→⇒]).*$",
    re.IGNORECASE | re.DOTALL,
)
DENIED = re.compile(
    r"\b(?:not|never|neither|nor|isn't|aren't|wasn't|doesn't|don't|unlikely|excluded?|excludes|absent|ruled? out|"
    r"rules out|denies|"
    r"denied|argues? against|speaks? against|against (?:it|this|that)|no (?:sign|evidence|trace|features?)|"
    r"less likely|improbable|incorrect|wrong|incompatible|"
    r"anything but|far from|fails? to|lacks|no longer|cannot be|can't be|"
    r"(?<!no )(?<!without )(?<!without any )(?<!without a )doubt(?:ful)?|(?:all|anything|"
    r"everything|any\w*) (?:but|except|other than)|avoid(?:ed|ing)?|"
    r"contraindicated|with(?:hold|held)|discontinued?)\b|^no\b|^there (?:is|are|was|were) no\b(?! (?:doubt|question))",
    re.IGNORECASE,
)
NOT_BUT = re.compile(
    r"\b(?:not|isn't|aren't|rather than|instead of|no)\b[^.;\n]{1,120}?(?:,? but(?: rather| instead)?|"
    r",? rather(?! than))\s+(.+)$",
    re.I,
)
WEIGHED = re.compile(
    r"(?:has been|was|were) (?:suggested|suspected|proposed|thought|raised)\b|\b(?:first thought|at first|"
    r"initially|considered?|considering|would have said|(?<!\bi )(?<!\bwe )(?:might|could|may|"
    r"would) (?:also )?(?:think|"
    r"suspect|say|suggest|have said|call|expect)|"
    r"(?:many|some|most people|others|one|students|you)\b(?: \w+)? (?:would|might|may|could|say|think|call|"
    r"confuse)|differentials?|tempting|resembles?[^,]*$|mimics?|mimicking|"
    r"confused with|mistaken for|versus|compared with|in contrast|by contrast|previously|alternatives?|alternatively|"
    r"(?<!that )(?<!this )(?<!answer )(?<!diagnosis )(?<!choice )(?<!\bit )would be(?! (?:the |a |my )?(?:best|"
    r"most|first|"
    r"correct|drug|answer|treatment|preferred|appropriate|ideal|right))|"
    r"would show|would have|"
    r"would look|would cause|would (?:give|spare|produce|speak|lead|present)|were it|had it been|if it (?:were|"
    r"was)|instead|other (?:options|causes|"
    r"possibilities)|distractor|also (?:possible|consider)|"
    r"classically|usually|in general|generally)\b",
    re.IGNORECASE,
)
UNSURE = re.compile(
    r"\b(?:might|may (?:be|represent|well)|could (?:be|also|represent|well)|possibl[ey]|perhaps|maybe|"
    r"conceivabl[ey]|cannot (?:exclude|rule)|can't (?:exclude|rule)|uncertain|unsure|unclear|a guess|(?:one|a|"
    r"another) possibility|one (?:option|candidate))\b",
    re.I,
)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|shows?|suggests?|indicates?|means|causes?|lies|lie|do|does|can|could|"
    r"will|would|may|might|must|"
    r"demonstrates?|reveals?|represents?|see|seen|appears?|looks?|makes?|gives?|leads?|drains?|supplies|fits?|"
    r"points?|let|think|believe|occurs?|arises?|turns?|call|localises?|localizes?|favou?rs?|recommends?|receives?|"
    r"produces?|secretes?|releases?|contains?|prefers?|places|puts)\b|\b(?:it|that|there|this|what|"
    r"he|she|here|who)'s\b|\b(?:seems?|sounds?|leaves|explains?|accounts?|matches|fits|argues?|blame|conclude)\b|'re\b",
    re.IGNORECASE,
)
CONDITION = re.compile(r"^(?:if|unless)\b(?! (?:i|we) (?:had|have) to| forced| pressed| asked)", re.IGNORECASE)
CONTRAST = re.compile(r"^(?:although|though|even though|whereas|while)\b(?![^,]*,)", re.IGNORECASE)
# "It can be nothing but X" says that it is.
IDIOM = re.compile(
    r"(?:\b(?:is|are|be|it's|this is)\s+)?\b(?:none|nothing|no one)(?: else)? (?:other than|but|else than|than)\s+|"
    r"\b(?:can ?not|can't|could not|couldn't) be anything (?:but|other than|else than)\s+|\bcan only be\s+",
    re.IGNORECASE,
)
EXPLAINS = re.compile(
    r"^((?:[^\s,;:]+ ){0,6}?[^\s,;:]+)\s+(?:(?:would|could|does|clearly|neatly|best|well|nicely|really|also) )*"
    r"(?:explains?|accounts? for|fits?|match(?:es)?|unif(?:y|ies)|ticks)\b(?! (?:with|best with|well with)\b)"
    r"(?: (?:best|well|everything|perfectly|nicely|all|both|every|each|the|this|these|that|here|her|his|in)\b.*)?$",
    re.IGNORECASE,
)
# Words for what is explained, which is no answer.
SIGNS_OF = re.compile(
    r"\b(?:findings?|pictures?|features?|presentation|history|everything|all|this|that|it|these|those|image|"
    r"pattern|case|"
    r"constellation|symptoms?|nothing|which|what|who|description|appearance)\b",
    re.IGNORECASE,
)
PLACED = re.compile(r"^(?:in|on|at|for|with|from)\b.*?\bthe\s+(.+)$", re.IGNORECASE)
SENTENCE = re.compile(
    r"(?:(?<!\b[A-Z]\.)|(?=\s+(?:The|It|This|So|Hence|Therefore|Thus|"
    r"These)\s))(?<!^\d\.)(?<!\n\d\.)(?<!vs\.)(?<!St\.)(?<!Dr\.)(?<!e\.g\.)(?<!i\.e\.)(?<!approx\.)(?<!\b[Vv]it\.)"
    r"(?<!\b[a-z]\.[a-z]\.)(?<![Aa]ns\.)(?<=[.!?。])\s+|\n+|;\s+|\s*\|\s*|\s+(?=\d\)\s|\(\d\)\s)"
)
TURNS = re.compile(
    r",?(?<!\ball)(?<!anything)(?<!everything)\s+(?:but|however|yet)\b,?\s+|,\s+(?=(?:so|therefore|thus|hence|"
    r"which means|(?:which|that|this) leaves|leaving|and therefore|and so|"
    r"and that is my|this is|which (?:indicates?|suggests?|represents?|points? to|is consistent with|confirms?|"
    r"reflects?))\b)|\s+(?=so (?:it|the|this|that|i)\b)"
    r"|,\s+(?=while\s+\w+ \w+)|\s+-+\s+(?=(?:this|that|it) (?:is|must|was)\b)|,\s+(?:though|however),\s+|"
    r",?\s+(?=(?:although|though|even though|whereas)\s+\w+ \w+)",
    re.IGNORECASE,
)
# "The heart is enlarged" names an enlarged heart.
STATE = re.compile(
    r"^(?:the |an? |this |that |these |his |her )?((?:[\w-]+ ){0,4}[\w-]+) (?:is|are|looks?|appears?)(?: (?:\w+ly|"
    r"very|quite))? "
    r"(?!corrected|resolved|treated|improved|cured|healed|cleared|prevented|normal|absent|suspected|wanted|expected)"
    r"([\w-]{3,}(?:ed|al|ic|ous|ent|ant|oid|ive|ar|ense|ucent|aque|lign|gn)|normal|large|small|white|black|"
    r"gr[ae]y|bright|dark)(?:\s(?:over|throughout)\s.*)?$",
    re.IGNORECASE,
)
BULLET = re.compile(r"^\s*(?:[Ss]tep \d+\s*[:.)-]|[-*•>]|\d{1,2}[.)]|\(\d\))\s+")
LABEL = re.compile(r"^([A-Za-z][A-Za-z_ /-]{0,40}?)\s*(?:[:=]|\s-)\s+(?=\S)")
FINAL_LABEL = re.compile(
    r"^(?:(?:final|my|short|most likely|working|the) ?)*(?:answer|diagnosis|impression|conclusion|ans|dx|diagnose|"
    r"name|so|thus|therefore|hence|result|what (?:remains|is left))s?$",
    re.I,
)
HEADING = re.compile(
    r"^(?:findings?|technique|comparison|explanation|reasoning|summary|key points|discussion|analysis|"
    r"observations?|history|recommendations?|"
    r"rationale|interpretation|description|background|notes?|treatment|test|tests|management|details)\s*:?$",
    re.I,
)
MINE = re.compile(
    r"[\s,]*[(\[]?\s*(?:and )?(?:this|that|which)?(?: is|'s)?\s*(?:my|the) (?:final )?(?:answer|choice|pick)\s*[)\]]?$",
    re.I,
)
IDENTIFIES = re.compile(
    r"^(?:(?:it|this|that|these|those|what (?:we|you|i) (?:have|see)(?: here)?|the patient|he|she)(?:'s| is| are|"
    r" has| must be| was| would be)|i(?:'d| would)? (?:call|name)|we have)\b"
    r"|\b(?:it|that) is$|^(?:is|was)\b",
    re.I,
)
ARROW = re.compile(r"\s*(?:->|=>|[→⇒])\s*")
# "It points to an inflamed gallbladder: acute cholecystitis" names the thing after the colon.
RESTATED = re.compile(
    r"^((?:\S+ ){6,}[^\s:]+):\s+((?:[^\s,:.]+ ?){1,6})\.?$|^((?:\S+ ){3,}[^\s:]+):\s+((?:this|"
    r"it) is (?:[^\s,:.]+ ?){1,6})\.?$"
    r"|^(.{20,}?)(?:,|\s-)\s+(?:that is|i\.e\.|namely|in other words|(?:commonly|usually|often) (?:called|"
    r"known as)),?\s+((?:[^\s,:.]+ ?){1,6})\.?$"
)
RELATIVE = re.compile(
    r"\s+that (?:is|are|was|were|lies|has|have|causes?|can|runs?|seems?)\b(?!.*\b(?:is|are|was)\b).*$",
    re.IGNORECASE | re.DOTALL,
)
SIGNS = re.compile(r"[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+")
STOP = frozenset(
    "what which where who how is are was the of in on this that these it does do did "  # noqa: SIM905
    "to for with a an and by most likely here there be has have shown image seen show patient".split()
)
STRONG_FRAME = re.compile(
    r"^.{3,300}(?:\s=|\b(?:points? (?:\w+ly )?(?:at|to(?:wards?)?)|pointing to(?:wards?)?|suggests?|suggesting|"
    r"indicates?|"
    r"indicating|consistent with|compatible with|in (?:keeping|line|agreement|accordance) with|suggestive of|"
    r"indicative of|diagnostic of|pathognomonic (?:of|for)|characteristic of|typical of|speaks? for|represents?|"
    r"confirms?|fits? with|supports?|establish(?:es)?))\s+" + LIKELY,
    re.IGNORECASE | re.DOTALL,
)
