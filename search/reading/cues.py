"""What a paragraph that is not body text says of itself: the words by which furniture is recognised.

`kind_of` judges a paragraph by its words alone. Where it could be prose as well, it is not furniture: a caption or a
cross-reference among the body does less harm than a sentence lost to it.
"""

import re

from search.model import ZoneKind
from search.reading.dates import ISO, MONTH, WRITTEN_TIME, parse_date

MAX_REFERENCE = 200  # characters
MAX_CAPTION = 400
MAX_CREDIT = 160

# --- words ------------------------------------------------------------------------------------------------------------

# Point elsewhere whatever follows.
_STRONG_REFERENCES = (
    r"(?:also|must|please|and) read|read (?:also|more|next|on|full|here|in full|too)|see (?:also|more|related)|don['’]t miss"
    r"|related (?:stor(?:y|ies)|articles?|news|coverage|content|topics?|links?|reading|posts?)|related"
    r"|more (?:on|from|about) (?:this|the) (?:story|topic|subject|issue)|more (?:stories|news|coverage)"
    r"|further reading|recommended(?: reading| for you| stories)?|you (?:may|might) also (?:like|be interested in)"
    r"|most (?:read|popular|viewed)|editor['’]?s['’]? (?:picks?|choice)|from (?:the|our) archives?|trending(?: now)?"
    r"|full (?:story|coverage|report|text)|watch (?:live|now|also|more|the video|here)|listen (?:live|now|also|here)"
    r"|previous(?:ly)? on|suggested reading|what to read next|up next|in case you missed it|keep reading"
)
# Point elsewhere if a colon or a bar follows and no full stop at the end: else they may be the beginning of a sentence.
_WEAK_REFERENCES = (
    r"watch|listen|more|video|audio|podcast|gallery|photo gallery|slideshow|in pictures|in photos|in pics"
    r"|explainer|explained|factbox|fact box|timeline|profile|interactive|quiz|live(?: blog| updates)?|earlier|previously"
    r"|background|analysis|opinion|comment|editorial|feature|exclusive|special report|read|see|link|links|next|also"
)
# Ask for something.
_REQUESTS = (
    r"click here|tap here|sign up (?:for|to|here|now)|subscribe (?:to|now|here)|follow us|follow our|follow @"
    r"|follow \S.{0,40} on (?:twitter|facebook|instagram|x|telegram|whatsapp|youtube|google news)|join (?:us on|our|the conversation)"
    r"|download (?:our|the) app|share this|like us on|get (?:our|the latest)|read (?:the|our|her|his|their) (?:full|complete|whole|original)"
    r"|read \S.{0,60} here|more on|more from|more about|read about"
)
_CAPTION_LABELS = (
    r"(?:file |handout |undated )?(?:photos?|photographs?|pictures?|pics?|images?|illustrations?|graphics?|screen ?(?:grab|shot)|video ?grab)"
    r"(?: credits?| courtesy| source| caption| copyright)?|caption|credits?|pictured(?: above| below)?|above|below|map"
)
_CAPTION_STARTS = (
    rf"(?:{_CAPTION_LABELS})\s?[:|]|(?:file )?(?:photo|photograph|picture|image|illustration)s?(?: credit| taken| courtesy)? (?:by|of|from|courtesy)\b"
    r"|image (?:caption|copyright|source|credit)\b|file\s?[-–—:]\s?|file (?:photo|picture|image|pic)\b"
    r"|(?:a|an|this) (?:file|handout|undated|combination|satellite) (?:photo|picture|image|photograph)\b"
    r"|(?:ap|afp|reuters|epa|getty) (?:photo|image)s?\b"
)
AGENCY = (
    r"AFP|AP|Reuters?|EPA(?:-EFE)?|EFE|Getty(?: Images)?|AFP via Getty Images|Anadolu(?: Agency)?|AA|dpa|DPA|Xinhua|TASS|RIA"
    r"|PA(?: Media| Wire)?|UPI|ANSA|Kyodo|Bloomberg|IANS|PTI|ANI|Yonhap|Interfax|Tanjug|CNA|NTB|APA|AAP|Sputnik|IRNA|SANA"
    r"|BBC(?: News)?|CNN|Al Jazeera|Agencies|Agency|Agence France[- ]Presse|(?:The )?Associated Press|Shutterstock|iStock|Alamy"
    r"|Unsplash|Wikimedia Commons|News Agency"
)
_OUTLET = (
    r"News|Press|Times|Post|Agency|Agencies|Herald|Tribune|Gazette|Courier|Mirror|Journal|Telegraph|Observer|Star|Sun|Daily|Radio"
    r"|TV|Television|Wire|Newswire|Chronicle|Standard|Guardian|Express|Bulletin|Mail|Today|Weekly|Review|Magazine|Broadcasting"
    r"|Network|Service|Bureau|Report|Examiner|Dispatch|Echo|Argus|Sentinel|Globe|Monitor|Ledger|Inquirer|Advertiser|Media|Online"
)
_SOURCE_STARTS = (
    r"(?:sources?|courtesy|via|originally from|originally published (?:in|by|on))\s?[:–—-]\s|sources?:"
    r"|with (?:additional )?(?:inputs?|reporting|reports?|files|information|contributions?) (?:from|by)\b"
    r"|(?:this|the) (?:article|story|report|piece|column|interview)(?: was| has been| is)? (?:originally |first |previously )*"
    r"(?:published|appeared|produced|provided|republished|reprinted|syndicated)\b"
    r"|(?:originally|first) (?:published|appeared) (?:in|on|at|by)\b|published in\b|republished (?:from|with|by)\b"
    r"|copyright\b|\(c\) ?\d{4}|©\s?(?:copyright\b|\d{4})|all rights reserved|agencies\Z|agency reports?\Z|news agencies\Z"
)
_CREDITED = (
    r"(?:additional |further |original )?(?:reporting|writing|reported|written|compiled|edited|editing|translated|translation|story"
    r"|text|words|interview|research|interviewed|report|reports) by"
)
_ROLE = (
    r"editor|reporter|correspondent|writer|journalist|columnist|author|professor|lecturer|fellow|researcher|contributor|blogger"
    r"|producer|novelist|historian|freelancer|analyst|photographer|critic|director|teaches|writes|covers|reports"
)
_LABELLED_DATE = r"(?:first |last |originally )?(?:published|posted|updated|modified|date|dated|created|issued|filed)(?: on| at)?"

# --- patterns ---------------------------------------------------------------------------------------------------------

_LEAD = r"[\[(*•▶►→»>_–—\s-]*"  # marks that may stand before a cue
_WORD = r"[^\W\d_][\w'’.-]*"
_CAP = r"(?-i:[^\W\d_a-zß-öø-ÿ])[\w'’.-]*"
NAME = rf"{_CAP}(?:\s(?:{_CAP}|(?-i:de|del|della|van|von|der|den|bin|bint|al|el|ibn|da|dos|di|la|le|ter|ten|zu))){{1,4}}"

_REFERENCE = re.compile(
    rf"{_LEAD}(?:(?:{_STRONG_REFERENCES})(?:\s?[:|»>–—-]|[*_\])]|\Z|(?<=\bmore) (?:about|on|from|here|at)\b|(?<=\bhere)\b)"
    rf"|(?:{_REQUESTS})\b)",
    re.IGNORECASE,
)
_WEAK_REFERENCE = re.compile(rf"{_LEAD}(?:{_WEAK_REFERENCES})(?:\s?[|»>]|:)(?!.*[.…][\"'”’)\]]*\Z)", re.IGNORECASE | re.DOTALL)
_CAPTION_START = re.compile(rf"[\[(]?\s*(?:{_CAPTION_STARTS})", re.IGNORECASE)
_PICTURE = r"photo|photograph|picture|image|file|courtesy|handout|screengrab|screenshot|illustration|archive|stringer|via|pool"
_CREDIT = re.compile(
    r"(?:[\[(](?:"
    rf"[^()\[\]]{{0,80}}(?i:\b(?:{_PICTURE})s?\b)[^()\[\]]{{0,80}}"  # (Photo by Ann Lee), [Courtesy of the fire brigade]
    rf"|[^()\[\]]{{0,60}}\b(?:{AGENCY})\b[^()\[\]]{{0,40}}"  # (AFP), (Getty Images)
    r"|[^()\[\]/]{2,50}/[^()\[\]/]{2,50}(?:/[^()\[\]/]{2,50})?"  # (Ann Lee/Daily Post)
    r")[\])]"
    r"|(?<=[.!?\"”’] )[\[(][A-Z]{2,6}[\])]"  # after a whole sentence: (NNA)
    r"|\b(?i:(?:photo|photograph|picture|image|illustration)s?(?: credit)?|credit)(?i:\s?:|\sby)\s[^.!?]{2,70}"
    rf"|\s[|/–—]\s?(?:{AGENCY})|\b(?:AP Photo|REUTERS|AFP)\s?/\s?[^.!?]{{2,40}}|©\s?[^.!?]{{2,50}}"
    r")\.?\Z"
)
_SOURCE = re.compile(rf"[\[(*_–—-]*\s*(?:{_SOURCE_STARTS})", re.IGNORECASE)
_AGENCY_ALONE = re.compile(
    rf"[\[(–—-]*\s*(?:{AGENCY}|[A-Z]{{2,5}})(?:(?:\s?[,/&+]\s?|\sand\s)(?:{AGENCY}|[A-Z]{{2,5}}|{_CAP}(?:\s{_CAP}){{0,3}}))*\s*[\])]?\Z"
)
_OUTLET_ALONE = re.compile(
    rf"[\[(–—-]*\s*(?:{_CAP}\s){{0,4}}(?:{_OUTLET})(?:(?:,|/|\sand)\s?(?:{_CAP}\s?){{1,4}})*\s*[\])]?\Z"
)
_BYLINE = re.compile(
    rf"(?P<label>[\[(*_–—-]*\s*(?:by\b:?|(?:authors?|byline|reporters?|words|text|contributors?)\s?:|(?:{_CREDITED})\b:?"
    r"|from our (?:own |special )?correspondent\b|(?:our )?(?:staff|special) (?:reporter|writer|correspondent)\b))\s*"
    r"(?P<name>[^\n]*)",
    re.IGNORECASE,
)
_BIOGRAPHY = re.compile(
    rf"(?:{NAME}(?:\s?\([^)]*\)|,[^,.]{{2,80}},)?,?\s(?:is|was|has been|works as)\s(?:an?|the|our|also)\s[^.]{{0,160}}?\b(?:{_ROLE})s?\b"
    rf"|{NAME}\s(?:writes|covers|reports|teaches)\s|the (?:author|writer|columnist|reporter)s?\s(?:is|are|was|can|has|writes)\b"
    rf"|about the (?:author|writer)|(?:follow|reach|contact|email) (?:him|her|them|the author|{NAME}) (?:on|at|via)\b"
    rf"|{NAME}[^.!?]{{0,120}}\scontributed (?:to|reporting)\b)",
    re.IGNORECASE,
)
_DATES = rf"(?:{ISO}|{WRITTEN_TIME})"
_DATE_LINE = re.compile(
    rf"[\[(]?\s*(?P<label>{_LABELLED_DATE}\s?:?\s*)?(?P<date>{_DATES})"
    rf"(?:\s*[-–—|•,;/]?\s*(?:{_LABELLED_DATE}\s?:?\s*)?(?:{_DATES}|\d[\w:., ]{{1,25}}))?\s*[\])]?\Z",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(
    rf"(?:{_LABELLED_DATE})\s?:?\s+(?=[^.!?]*(?:\d|\bago\b|today|yesterday))[^.!?]{{3,60}}\Z", re.IGNORECASE
)
_DATE_PREFIX = re.compile(
    rf"(?:{_LABELLED_DATE}\s?:?\s*(?P<labelled>{_DATES})[\s:|,.–—-]*"
    rf"|(?P<iso>{ISO})\s*(?:[:|–—-]\s+|\s)(?=[\"'“‘(]?(?-i:[^\W\d_a-zß-öø-ÿ]))|(?P<written>{WRITTEN_TIME})\s*(?:[:|–—]|\s-)\s+)(?=\S)",
    re.IGNORECASE,
)
_SECTION = r"breaking|exclusive|opinion|analysis|update|updated|live|watch|video|explainer|note|correction|comment|editorial|review|interview|news|world|sport|sports|business|politics"
_CITY = rf"(?!(?i:{_SECTION})\b){_CAP}(?:[ '’.-](?:{_CAP}|(?:de|del|la|le|el|al|of|the|upon|on|sur|am|an|der|e|y|i)\b)){{0,3}}"
_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’.-]+(?:[ /-][A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’.-]*){0,4}"
_DAY = rf"(?:(?i:{MONTH})\s+\d{{1,2}}|\d{{1,2}}\s+(?i:{MONTH}))(?:,?\s+\d{{4}})?"
_AGENCY_PAREN = r"\((?=[A-Z])[^()]{2,40}\)"
_DASH = r"(?:\s*[–—]+|\s*--+|\s+-|(?<=\))-)\s+"
_DATELINE = re.compile(
    rf"(?:{_CAPITALS}(?:,\s?{_CITY})*(?:,\s*{_DAY})?\s*(?:{_AGENCY_PAREN})?{_DASH}"  # KABUL, Aug 10 (AFP) -
    rf"|{_CITY}(?:,\s?{_CITY})*(?:,?\s*(?P<day>{_DAY}))?\s*{_AGENCY_PAREN}\s*(?:{_DASH}|:\s+)"  # Kabul (Reuters) -
    rf"|{_CITY}(?:,\s?{_CITY})*,\s*{_DAY}{_DASH}"  # Kabul, Aug 10 -
    r")(?=\S)"
)
_COLON_DATELINE = re.compile(rf"{_CAPITALS}:\s+(?=\S)")  # KABUL:
_PLAIN_DATELINE = re.compile(rf"{_CITY}(?:,\s?{_CITY})?{_DASH}(?=[\"'“‘]?[A-ZÀ-Þ])")  # Kabul -
_DATES_ANYWHERE = re.compile(_DATES, re.IGNORECASE)
_DATE_LABELS = re.compile(_LABELLED_DATE + r"\b", re.IGNORECASE)
_SIGN_OFF = re.compile(rf"[\[(](?:{AGENCY}|[A-Z]{{2,6}})[\])]\.?\Z")
_SIGNATURE = re.compile(rf"[–—-]?\s*{NAME}(?:,\s{_CAP}(?:\s{_CAP}){{0,3}})*\Z")
_PLACE = re.compile(rf"{_CAP}(?:,?\s{_CAP})?\Z")
_WORDS = re.compile(r"[^\W\d_][\w'’-]*\.?")
_SMALL = frozenset(
    "and in at for with from by the of to our own a an staff additional reporting editing writing compiled translated further "
    "edited written photos photography text words news chief political business foreign science sports health senior special "
    "city deputy managing contributing de del della van von der den bin al el da dos di la le ter ten".split()
)
_ROLES = re.compile(rf"(?:{_ROLE})s?\Z", re.IGNORECASE)

def kind_of(paragraph: str) -> ZoneKind | None:
    """Return what kind of furniture the words of a paragraph say it is, or None."""
    size = len(paragraph)
    if size > MAX_CAPTION:
        return None
    if size <= MAX_REFERENCE and (_REFERENCE.match(paragraph) or _WEAK_REFERENCE.match(paragraph)):
        return "reference"
    if _CAPTION_START.match(paragraph) or (_CREDIT.search(paragraph) and not paragraph.startswith(("Source", "SOURCE"))):
        return "caption"
    if size > MAX_CREDIT:
        return None
    if _SOURCE.match(paragraph) or _AGENCY_ALONE.match(paragraph):
        return "source"
    if (match := _BYLINE.match(paragraph)) and is_names(match["name"]):
        return "author"
    if _DATE_LINE.match(paragraph) or _DATE_LABEL.match(paragraph):
        return "date"
    return None


def is_names(text: str) -> bool:
    """Tell whether a text consists of names and what goes with them in a byline, and is no sentence."""
    words = _WORDS.findall(text)
    return len(words) <= 16 and all(not w[0].islower() or w in _SMALL or _ROLES.match(w) for w in words)


def is_labelled_date(paragraph: str) -> bool:
    """Tell whether a date line says that it is one (`Published: …`)."""
    return bool(_DATE_LABELS.match(paragraph))


def is_agency_credit(paragraph: str) -> bool:
    """Tell whether a paragraph ends with an agency alone in parentheses: a credit, or the sign-off of a story."""
    return bool(_SIGN_OFF.search(paragraph))


def is_bare(paragraph: str) -> bool:
    """Tell whether a cross-reference announces others and names none."""
    return paragraph.endswith(":") or not re.search(r"[:|»>]\s*\S", paragraph)


def is_biography(paragraph: str) -> bool:
    """Tell whether a paragraph says who the author is."""
    return len(paragraph) <= MAX_CAPTION and bool(_BIOGRAPHY.match(paragraph))


def is_outlet(paragraph: str) -> bool:
    """Tell whether a paragraph is the name of an outlet or agency and nothing else."""
    return bool(_OUTLET_ALONE.match(paragraph) or _AGENCY_ALONE.match(paragraph))


def is_signature(paragraph: str) -> bool:
    """Tell whether a paragraph is a name, or name and place, as under a letter."""
    return len(paragraph) <= 60 and bool(_SIGNATURE.match(paragraph))


def is_place(paragraph: str) -> bool:
    """Tell whether a paragraph is one or two words with capitals, as under a signature."""
    return len(paragraph) <= 40 and bool(_PLACE.match(paragraph))


def split(paragraph: str, *, first: bool = True, speakers: bool = False) -> list[tuple[ZoneKind, int]]:
    """Return what stands before the first sentence of a paragraph: kinds and lengths, blanks after them included.

    Args:
        paragraph: Of the body.
        first: It is the first of the body: a date, or a place without further signs (`Kabul - `), stands only there.
        speakers: Other paragraphs begin with a name in capitals and a colon, so that this is no place (`KABUL: `).
    """
    found: list[tuple[ZoneKind, int]] = []
    at = 0
    if first and (match := _DATE_PREFIX.match(paragraph)):
        found.append(("date", match.end()))
        at = match.end()
    match = _DATELINE.match(paragraph, at)
    if not match and first:
        match = _PLAIN_DATELINE.match(paragraph, at) or (None if speakers else _COLON_DATELINE.match(paragraph, at))
    if match and not (paragraph.isupper() and not re.search(r"[\d(]", match[0])):
        found.append(("dateline", match.end() - at))
    return found


def has_speaker(paragraph: str) -> bool:
    """Tell whether a paragraph begins with a name in capitals and a colon."""
    return bool(_COLON_DATELINE.match(paragraph))


def is_weak_reference(paragraph: str) -> bool:
    """Tell whether a paragraph's first word points elsewhere only if it is no headline (`Opinion: …`)."""
    return not _REFERENCE.match(paragraph) and bool(_WEAK_REFERENCE.match(paragraph))


def stated_date(text: str) -> str | None:
    """Return the first full date in a date or dateline zone, with its time where the zone has one."""
    if match := _DATES_ANYWHERE.search(text):
        return parse_date(match[0])
    return None


def stated_source(text: str) -> str | None:
    """Return the names after `Source:`."""
    match = re.match(r"[\[(*_]*sources?\s?[:–—-]\s*(.+)", text, re.IGNORECASE | re.DOTALL)
    return " ".join(match[1].rstrip(")]*_").split()) if match else None


def stated_author(text: str) -> str | None:
    """Return the names after `By` or `Author:`."""
    match = re.match(r"[\[(*_–—-]*\s*(?:(?:written |story |interview |words |text )?by\b:?|authors?\s?:|byline:|words:|text:)\s*([^\n]+)", text, re.IGNORECASE)
    return match[1].strip().rstrip(")]*_") if match else None


def _starts() -> frozenset[str]:
    """Return the first three letters of all cues, in small letters, in capitals and with a capital."""
    words = (
        "also must please and read see don related more further recommended you most editor from our trending full watch "
        "listen previous suggested what up keep video audio podcast gallery photo slideshow in pictures explainer factbox "
        "fact timeline profile interactive quiz live earlier background analysis opinion comment editorial feature "
        "exclusive special links next click tap sign subscribe follow join download share like get file handout undated "
        "pics image illustration graphic screen caption credit pictured above below map a an this ap afp reuters epa "
        "getty source courtesy via originally with the first published republished copyright all agencies agency by "
        "authors byline reporters correspondent words text contributors additional reporting writing reported written "
        "compiled edited translated story interview research staff last posted updated modified date created issued filed"
    )
    return frozenset(form for word in words.split() for start in [(word + " ")[:3]] for form in (start, start.title(), start.upper()))


# A paragraph that does not begin so, and ends as a sentence does, need not be looked at: it is prose.
STARTS = _starts()
