"""The shapes of identifiers that `phi` replaces, by the letters of HIPAA's Safe Harbor list, 45 CFR 164.514(b)(2)(i).

Most ask for a cue beside the number or the name ("MRN", "Dr.", "Patient:"): alone, "12345678" may be a trial's number
and "Graves" a disease. What patterns cannot tell is left: names without a title, places and hospitals without a street
(B), faces (Q); a recogniser (the knob `names` of `phi`) finds some of the first. The regexes are those of the package
`regex`, whose look-behinds may have any length.
"""

from __future__ import annotations

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY, _YEAR = r"(?:3[01]|[12]\d|0?[1-9])", r"(?:19|20)\d\d"
_DM = r"(?:(?:3[01]|[12]\d|0?[1-9])([/.-])(?:1[0-2]|0?[1-9])|(?:1[0-2]|0?[1-9])([/-])(?:3[01]|[12]\d|0?[1-9]))"
# Names as they are written: Smith, O'Brien, McCoy, Anne-Marie, J. R. Smith, de la Cruz
_PART = r"(?:[A-Z](?:['\u2019][A-Z])?[a-z\u00df-\u00ff]+(?:[A-Z][a-z]+)?(?:-[A-Z][a-z]+)?)"
_NAME = rf"(?:[A-Z]\.[ ]?){{0,2}}{_PART}(?:[ ](?:[A-Z]\.|(?:(?:van|von|de|der|la|del|bin|al)[ ])*{_PART})){{0,3}}"
_SHOUTED = r"[A-Z][A-Z'-]+(?:,?[ ][A-Z][A-Z'.-]*){1,3}"
_TITLE = r"(?<=\b(?:Dr|Mr|Mrs|Ms|Miss|Prof|Professor|Doctor)\b\.?[ ])"
_LABEL = (
    r"(?<=\b(?i:patient(?:'s)?(?: name)?|name(?: of patient)?|(?:attending|referring|ordering)(?: physician| doctor)?"
    r"|physician|radiologist|dictated by|(?:electronically )?signed by|next of kin)[ ]?:[ ]{0,3})"
)
# No eponym ("Dr. Down's syndrome") and no citation ("Dr. Smith et al.")
_EPONYMOUS = r"(?:disease|syndrome|sign|test|catheter|score|classification|criteria|law|method)"
_NOT_CITED = (
    rf"(?!['\u2019]s?[ ]\w*[ ]?{_EPONYMOUS})"
    r"(?![ ]et al)(?![\w-])"
)
_NUMBER = r"[:#]?[ ]{0,3}(?:(?:is|no|number|num|id)\b\.?[ ]?[:#]?[ ]?)?"
_CODE = r"[A-Z]{0,4}-?\d[\dA-Z]*(?:-\d+)*\d\b"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR"
    "|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC"
)
_STREET = r"(?:Street|St\.|Avenue|Ave\.?|Road|Rd\.?|Boulevard|Blvd\.?|Lane|Drive)"


def _after(cue: str, what: str = _CODE) -> str:
    return rf"(?<=\b(?i:{cue})[ ]?{_NUMBER}){what}"


# Entity -> its shapes. The letter is that of the list.
PATTERNS: dict[str, tuple[str, ...]] = {
    "NAME": (f"{_TITLE}{_NAME}{_NOT_CITED}", f"{_LABEL}(?:{_SHOUTED}|{_PART},?[ ]{_NAME})(?![a-z])"),  # A
    "ADDRESS": (
        rf"\b\d{{1,5}}[ ](?:[A-Z]\w+[ ]){{1,3}}{_STREET}(?!\w)",
        rf"(?<=\b(?:{_STATES})[ ])\d{{5}}(?:-\d{{4}})?\b",
    ),
    # C: a day or a month; a year alone may stay
    "DATE": (
        rf"(?<![\d./-]){_DM}(?:(?:\1|\2)(?:{_YEAR}|\d\d))(?![\d/%-])(?!\.\d)",
        rf"(?<![\d/-]){_YEAR}([/.-])(?:1[0-2]|0[1-9])\1(?:3[01]|[12]\d|0[1-9])(?![\d/-])",
        rf"\b{_MONTH}[ ]{_DAY}(?:st|nd|rd|th)?\b(?:,?[ ]{_YEAR}\b)?(?![.,]?\d|[ ]?%)",
        rf"\b{_DAY}(?:st|nd|rd|th)?(?:[ ]of)?[ -]{_MONTH}(?:,?[ -]{_YEAR}\b)",
    ),
    "MONTH": (rf"\b{_MONTH}(?=,?[ ]{_YEAR}\b)",),
    "AGE": (  # C: 90 and above; Safe Harbor lets them be one class
        r"(?<![\d.,-])(?:9\d|1[01]\d)(?=[ -]?(?:years?|yrs?|y)\b[ .-]?(?:old|o\b|/o\b|of age))",
        r"(?<![\d.,-])(?:9\d|1[01]\d)(?=[ ]?(?:y/o|yo|y\.o\.))",
        r"(?<=\b(?i:aged|age:?)[ ])(?:9\d|1[01]\d)\b(?![.,]\d|[ ]?(?:%|days|weeks|months|hours|min))",
    ),
    "PHONE": (  # D, E
        r"(?<![\w.-])(?:\+?1[-. ])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[-. ])\d{3}[-.]\d{4}(?![\w-])",
        r"(?<!\w)\+\d{1,3}[ -]\d[\d -]{6,12}\d\b",
        r"(?<=\b(?i:tel|telephone|phone|fax|pager|mobile|cell)\b\.?[ ]?[:#]?[ ]?)\(?\d[\d() -]{5,}\d\b",
    ),
    "EMAIL": (r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b",),  # F
    "SSN": (r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])",),  # G
    "RECORD_NUMBER": (  # H to L, and a study's accession number; not that of a gene bank
        _after(
            r"MRN|MR[ ]?#|medical record|hospital|chart|patient id|member|policy|account|health plan|insurance"
            r"|licen[cs]e|NPI"
        ),
        _after(r"(?<!(?:genbank|embl|pdb|geo|bank|sequence)s?[ ])accession"),
    ),
    "DEVICE_NUMBER": (_after(r"serial|S/N|device id|VIN|license plate"),),  # L, M
    "URL": (r"\bhttps?://[^\s<>\"')\]]+",),  # N
    "IP_ADDRESS": (r"(?<![\d.]|EC[ ])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])",),  # O
}  # fmt: skip

# What a recogniser calls its finds (OntoNotes, CoNLL, i2b2) -> entity.
FOUND_AS = {
    **dict.fromkeys(("PERSON", "PER", "PATIENT", "DOCTOR"), "NAME"),
    **dict.fromkeys(("GPE", "LOC", "LOCATION", "FAC", "CITY"), "PLACE"),
    **dict.fromkeys(("ORG", "ORGANIZATION", "HOSPITAL"), "ORGANISATION"),
}
EPONYM = rf"\w+(?:-\w+)?(?:['\u2019]s?)?[ ]{_EPONYMOUS}\b"  # one word: "Jane Miller's disease" tells who has it

# Entity -> what a text must hold for any of its shapes to be there: a quick look (case does not count) that spares most
# texts the work.
CUES = {
    "NAME": r"\b(?:dr|mrs?|ms|miss|prof|professor|doctor)\b|(?:patient|name|physician|ologist|by|kin|ing) ?:",
    "ADDRESS": r"\d (?:\w+ ){1,3}(?:st|ave|r|blvd|boulevard|lane|drive)|\b[a-z]{2} \d{5}\b",
    "DATE": r"\d[/.-]\d{1,2}[/.-]\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ -]\d",
    "MONTH": r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (?:19|20)\d\d",
    "AGE": r"\b(?:9\d|1[01]\d)[ -]?y|aged? ?:? ?(?:9|1[01])\d",
    "PHONE": r"\d{3}[-.]\d{4}|\+\d|tel|phone|fax|pager|mobile|cell",
    "EMAIL": "@",
    "SSN": r"\d-\d\d-\d",
    "RECORD_NUMBER": r"mrn|mr ?#|record|hospital|chart|id\b|member|policy|account|plan|insurance|licen|npi|accession",
    "DEVICE_NUMBER": "serial|s/n|device|vin|plate",
    "URL": "https?:",
    "IP_ADDRESS": r"\d\.\d+\.\d+\.\d",
}
