"""The words by which furniture is recognised: what a paragraph that is not body text says of itself.

Each function judges one paragraph by its words alone. Where the words could begin a sentence as well, they count only in
the shape that furniture has (a colon behind them, no full stop at the end, nothing but names).
"""

import re
from typing import NamedTuple

from search.model import ZoneKind
from search.reading.dates import ISO, MONTH, WRITTEN_TIME, parse_date

LEAD = "[(*•▶►→»>_–—-©# \xa0"  # marks and blanks that may stand before a cue
MAX_CAPTION = 400  # characters
MAX_DATELINE = 100
AGENCY = (
    r"AFP|AP|Reuters?|EPA(?:-EFE)?|EFE|Getty(?: Images)?|Anadolu(?: Agency)?|AA|dpa|DPA|Xinhua|TASS|PA(?: Media| Wire)?|UPI"
    r"|ANSA|Kyodo|Bloomberg|IANS|PTI|ANI|Yonhap|Interfax|Tanjug|CNA|NTB|APA|AAP|Sputnik|IRNA|SANA|BBC(?: News)?|CNN|Al Jazeera"
    r"|Agence France[- ]Presse|(?:The )?Associated Press|(?:News )?Agenc(?:y|ies)|Shutterstock|iStock|Alamy|Wikimedia Commons"
)
_OUTLET = (
    r"News|Press|Times|Post|Agency|Agencies|Herald|Tribune|Gazette|Courier|Mirror|Journal|Telegraph|Observer|Star|Daily|Radio"
    r"|TV|Television|Wire|Newswire|Chronicle|Standard|Guardian|Express|Bulletin|Mail|Today|Weekly|Review|Magazine|Broadcasting"
    r"|Examiner|Dispatch|Echo|Argus|Sentinel|Globe|Monitor|Ledger|Inquirer|Advertiser|Media|Online"
)
_PICTURE = r"(?:photo(?:graph)?|picture|pic|image|illustration|graphic)s?"
_ROLE = (
    r"(?:editor|reporter|correspondent|writer|journalist|columnist|author|professor|lecturer|fellow|researcher|contributor"
    r"|blogger|producer|novelist|historian|analyst|photographer|critic)s?"
)
_WORK = (
    r"(?:(?:additional|further|original) )?(?:reporting|writing|reported|written|compiled|edited|editing|translated|translation"
    r"|story|text|words|interview|research|reports?) by"
)
_DATED = r"(?:(?:first|last|originally) )?(?:published|posted|updated|modified|dated?|created|issued|filed)(?: on| at)?"
_DATE = rf"(?:{ISO}|{WRITTEN_TIME})"
_CAP = r"(?-i:[^\W\d_a-zß-öø-ÿ])[\w'’.-]*"
_NAME = rf"{_CAP}(?:\s(?:{_CAP}|(?-i:de|del|della|van|von|der|den|bin|bint|al|el|ibn|da|dos|di|la|le|ter|ten|zu))){{1,4}}"
_NO_STOP = r"(?!.*[.…][\"'”’)\]]*\Z)"


class Cue(NamedTuple):
    """Words that begin a kind of furniture.

    `begins` has the first word of each alternative of `pattern`: a paragraph that begins with none of them need not be
    looked at. `longest` is the length in characters of a paragraph that may be of this kind.
    """

    kind: ZoneKind
    longest: int
    begins: str
    pattern: re.Pattern[str]


def _cue(kind: ZoneKind, longest: int, begins: str, *patterns: str) -> Cue:
    return Cue(kind, longest, begins, re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL))


CUES = (
    _cue(  # point elsewhere, whatever follows
        "reference",
        200,
        "also must please read see don’t don't related more further recommended recommendations you most editor editors editor's "
        "editor’s from full watch listen previously suggested what up in keep trending",
        r"(?:(?:also|must|please) read|read (?:also|more|next|on|too)|see (?:also|more|related)|don['’]t miss|related"
        r"|related (?:stor(?:y|ies)|articles?|news|coverage|content|topics?|links?|reading|posts?)"
        r"|more (?:on|from|about) (?:this|the) (?:story|topic|subject|issue)|more (?:stories|news|coverage)|further reading"
        r"|(?:recommended|suggested)(?: reading| for you| stories)?|you (?:may|might) also (?:like|be interested in)"
        r"|most (?:read|popular|viewed)|editor['’]?s['’]? (?:picks?|choice)|from (?:the|our) archives?|trending(?: now)?"
        r"|full (?:story|coverage|report|text)|(?:watch|listen) (?:live|now|also|more|the video|here)|previously on"
        r"|what to read next|up next|in case you missed it|keep reading)(?:\s?[:|»>–—-]|[*_\])]|\Z)",
        r"read more (?:about|on|from|here|at)\b|(?:also )?read:|read \S[^.!?]{0,60} here\Z",
    ),
    _cue(  # point elsewhere, if nothing follows that could be a sentence
        "reference",
        200,
        "watch listen more video audio podcast gallery photo slideshow in explainer explained factbox fact timeline profile "
        "interactive quiz live earlier previously background analysis opinion comment editorial feature exclusive special "
        "see link links next also",
        r"(?:watch|listen|more|video|audio|podcast|(?:photo )?gallery|slideshow|in (?:pictures|photos|pics)|explain(?:er|ed)"
        r"|fact ?box|timeline|profile|interactive|quiz|live(?: blog| updates)?|earlier|previously|background|analysis|opinion"
        r"|comment|editorial|feature|exclusive|special report|see|links?|next|also)(?:\s?[|»>]|:)" + _NO_STOP,
    ),
    _cue(  # ask for something
        "reference",
        200,
        "click tap sign subscribe follow join download share like get read",
        r"(?:click|tap) here|sign up (?:for|to|here|now)|subscribe (?:to|now|here)|follow (?:us|our|@)",
        r"follow \S[^.!?]{0,40} on (?:twitter|facebook|instagram|x|telegram|whatsapp|youtube|google news)\b"
        r"|join (?:us on|our|the conversation)|download (?:our|the) app|share this|like us on|get (?:our|the latest)"
        r"|read (?:the|our|her|his|their) (?:full|complete|whole|original)",
    ),
    _cue(
        "caption",
        400,
        "file handout undated photo photos photograph photographs picture pictures pic pics image images illustration "
        "illustrations graphic graphics screen screengrab screenshot video caption credit credits pictured above below map "
        "ap afp reuters epa getty",
        rf"(?:(?:file |handout |undated )?{_PICTURE}(?: credits?| courtesy| source| caption| copyright)?|caption|credits?"
        r"|screen ?(?:grab|shot)|video ?grab|pictured(?: above| below)?|above|below|map)\s?[:|]"
        rf"|(?:file )?{_PICTURE} (?:credit|taken by|courtesy|by)\b|image (?:caption|copyright|source)\b"
        rf"|file\s?[:–—-]|(?:file|handout|undated) {_PICTURE}\b|(?:ap|afp|reuters|epa|getty) (?:photo|image)s?\b",
    ),
    _cue(
        "source",
        200,
        "source sources courtesy via originally first with published republished copyright (c) c all",
        r"sources?\s?:|(?:sources?|courtesy|via)\s?[:–—]\s|(?:originally|first) (?:published|appeared) (?:in|on|at|by)\b"
        r"|published in (?-i:[^\W\d_a-z])|republished (?:from|with|by)\b|copyright\b|c\) ?\d{4}|all rights reserved"
        r"|with (?:additional )?(?:inputs?|reporting|reports?|files|information|contributions?) (?:from|by)\b",
    ),
    _cue(
        "author",
        160,
        "by by: author authors byline reporter reporters words text contributor contributors additional further original "
        "reporting writing reported written compiled edited editing translated translation story interview research report "
        "reports from staff special our",
        rf"(?:by[: ]|(?:(?:authors?|byline|reporters?|words|text|contributors?|interview|report)\s?:|{_WORK}:?|from our (?:own |special )?correspondent"
        rf"|(?:our )?(?:staff|special) (?:reporter|writer|correspondent))(?!\w))(?P<names>.*)",
    ),
    _cue(
        "date",
        100,
        "first last originally published posted updated modified date dated created issued filed",
        rf"{_DATED}\s?:?\s*{_DATE}.{{0,60}}\Z",
        r"(?!dated?\s[^:])" + rf"{_DATED}\s?:?\s+(?=[^.!?]*(?:\d|\bago\b|today|yesterday))[^.!?]{{3,60}}\Z",
    ),
)


def _starts() -> dict[str, tuple[Cue, ...]]:
    """Return the first three characters of every cue, in small letters, capitals and both → the cues that begin so."""
    found: dict[str, tuple[Cue, ...]] = {}
    for cue in CUES:
        for start in {f"{word} "[:3] for word in cue.begins.split()}:
            for form in {start, start.capitalize(), start.upper()}:
                found[form] = (*found.get(form, ()), cue)
    return found


STARTS = _starts()

_CREDIT = re.compile(  # at the end of a caption, in parentheses
    rf"[\[(](?:(?:[^()\[\]]*\b)?(?i:{_PICTURE}|courtesy|handout|screengrab|screenshot|stringer|credit)\b[^()\[\]]*"
    rf"|(?:[^()\[\]]*,\s)?File|(?:[^()\[\]/\d]{{2,40}}[/,]\s?)?(?:{AGENCY})(?:\s?(?:[/,]|via)\s?[^()\[\]/\d]{{2,40}})?"
    r"|[^()\[\]/\d\s][^()\[\]/\d]{1,40}(?:/[^()\[\]/\d\s][^()\[\]/\d]{1,40}){1,2})[\])]\.?\Z"
)
_INITIALS = re.compile(r"[\[(][A-Z]{2,6}[\])]\.?\Z")  # (NNA): a credit after a whole sentence
_SIGN_OFF = re.compile(rf"[\[(](?:{AGENCY}|[A-Z]{{2,6}})[\])]\.?\Z")
_OPEN_CREDIT = re.compile(  # without parentheses
    rf"(?:\b(?i:{_PICTURE}(?: credit)?|credit)(?i:\s?:|\sby)\s[^.!?]{{2,70}}|\s[|/–—]\s?(?:{AGENCY})"
    r"|\b(?:AP Photo|REUTERS|AFP)\s?/\s?[^.!?]{2,40}|©\s?[^.!?]{2,50})\Z"
)
_AGENCIES = rf"(?:{AGENCY}|[A-Z]{{2,5}})"
_OUTLET_ALONE = re.compile(
    rf"[\[(*–—-]*\s*(?:{_AGENCIES}(?:(?:\s?[,/&+]\s?|\sand\s)(?:{_AGENCIES}|{_CAP}(?:\s{_CAP}){{0,3}}))*"
    rf"|(?:{_CAP}\s){{0,4}}(?:{_OUTLET})(?:(?:,\s?|/|\sand\s){_CAP}(?:\s{_CAP}){{0,3}})*)\s*[\])*]*\Z"
)
_REPRINT = re.compile(
    r"[\[(*_]*(?:this|the) (?:article|story|report|piece|column|interview)(?: was| has been| is)?(?: originally| first| previously)*"
    r" (?:published|appeared|produced|provided|republished|reprinted|syndicated|courtesy)\b|©|[\[(]?agenc(?:y|ies)\b[^.]{0,20}\Z",
    re.IGNORECASE,
)
_BIOGRAPHY = re.compile(
    rf"[*_(\[]*(?:{_NAME}(?:\s?\([^)]*\)|,[^,.]{{2,80}},)?\s(?:is|was|has been|works as)\s(?:an?|the|our|also)\s[^.]{{0,160}}?\b{_ROLE}\b"
    rf"|{_NAME}\s(?:writes|covers|reports)\s|(?i:the (?:author|writer|columnist|reporter)s?\s(?:is|are|was|has|writes)\b"
    rf"|about the (?:author|writer)|(?:follow|reach|contact|email) (?:him|her|them|the author)\b)"
    rf"|{_NAME}[^.!?]{{0,120}}\scontributed (?:to|reporting)\b)"
)
_NAMES = re.compile(rf"{_NAME}(?:,\s{_NAME})*(?:,?\sand\s{_NAME})?\Z")
_SIGNATURE = re.compile(rf"[–—-]*\s*{_NAME}(?:,\s{_CAP}(?:\s{_CAP}){{0,3}})*\Z")
_PLACE = re.compile(rf"{_CAP}(?:,?\s{_CAP})?\Z")
_DATE_LINE = re.compile(rf"{_DATE}(?:\s*[-–—|•,;/]?\s*(?:{_DATED}\s?:?\s*)?(?:{_DATE}|\d[\w:., ]{{1,25}}))?\s*[\])]?\Z", re.IGNORECASE)
_ANY_DATE = re.compile(_DATE, re.IGNORECASE)
_DATE_PREFIX = re.compile(
    rf"(?:{_DATED}\s?:?\s*{_DATE}[\s:|,.–—-]*|{ISO}\s*(?:[:|–—-]\s+|\s)(?=[\"'“‘(]?(?-i:[^\W\d_a-zß-öø-ÿ]))"
    rf"|{WRITTEN_TIME}\s*(?:[:|–—]|\s-)\s+)(?=\S)",
    re.IGNORECASE,
)

_DATE_STARTS = frozenset(
    "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun fir las ori pub pos upd mod dat cre iss fil".split()
)
_KICKER = (
    r"(?i:breaking|exclusive|opinion|analysis|updated?|live|watch|video|explainer|note|correction|comment|editorial|review"
    r"|interview|notes?|news|world|sports?|business|politics|yes|no)\b"
)
# Parts of a name and what joins them share no character: else a long run of them takes exponential time.
_JOINED = "[ '’./-]{1,2}"
_CITY = (
    rf"(?!{_KICKER})[^\W\d_a-zß-öø-ÿ][^\W\d_]*"
    rf"(?:{_JOINED}(?:[^\W\d_a-zß-öø-ÿ][^\W\d_]*|(?:s|de|del|la|le|el|al|of|the|upon|on|sur|am|an|der|e|y|i)\b)){{0,4}}\.?"
)
_CAPITALS = rf"(?!{_KICKER})(?=[A-ZÀ-ÖØ-Þ'’.]{{2}})[A-ZÀ-ÖØ-Þ]+(?:{_JOINED}[A-ZÀ-ÖØ-Þ]+){{0,6}}\.?"
_DAY = rf"(?:(?i:{MONTH})\s+\d{{1,2}}|\d{{1,2}}\s+(?i:{MONTH}))(?:,?\s+\d{{4}})?"
_PAREN = r"\((?=[A-Z])[^()]{2,40}\)"
_DASH = r"(?:\s*[–—]+|\s*--+|\s+-|(?<=\))-)\s+"
_DATELINE = re.compile(rf"{_CAPITALS}(?:,\s?{_CITY})*(?:,\s*{_DAY})?\s*(?:{_PAREN})?{_DASH}(?=\S)")  # KABUL, Aug 10 (AFP) -
_FIRST_DATELINE = re.compile(
    rf"(?:{_CITY}(?:,\s?{_CITY})*(?:,?\s*{_DAY})?\s*{_PAREN}\s*(?:{_DASH}|:\s+)"  # Kabul (Reuters) -
    rf"|{_CITY}(?:,\s?{_CITY})*,\s*{_DAY}{_DASH}"  # Kabul, Aug 10 -
    rf"|{_CITY}(?:,\s?{_CITY})?{_DASH}(?=[\"'“‘]?[A-ZÀ-Þ]))(?=\S)"  # Kabul -
)
_COLON_DATELINE = re.compile(rf"{_CAPITALS}:\s+(?=\S)")  # KABUL:

_WORDS = re.compile(r"[^\W\d_][\w'’-]*")
_SMALL = frozenset(
    "and in at for with from by the of to our own a an staff additional reporting editing writing compiled translated further "
    "edited written photos photography text words news chief political business foreign science sports health senior special "
    "city deputy managing contributing de del della van von der den bin al el da dos di la le ter ten".split()
)
_ROLES = re.compile(rf"{_ROLE}\Z", re.IGNORECASE)


def kind_of(paragraph: str) -> ZoneKind | None:
    """Return what kind of furniture the first words of a paragraph say it is, or None."""
    bare = paragraph if paragraph[0].isalnum() else paragraph.lstrip(LEAD)
    for cue in STARTS.get(bare[:3], ()):
        if len(bare) <= cue.longest and (match := cue.pattern.match(bare)):
            if cue.kind == "author" and not is_names(match["names"]):
                continue
            return cue.kind
    return None


def has_credit(paragraph: str) -> bool:
    """Tell whether a paragraph ends with the name of a photographer or picture agency."""
    if len(paragraph) > MAX_CAPTION:
        return False
    if not paragraph.endswith((")", "]", ").", "].")):
        near_end = paragraph[-75:]
        hinted = ":" in near_end or " by " in near_end or "/" in near_end or "©" in near_end
        return hinted and bool(_OPEN_CREDIT.search(paragraph, max(0, len(paragraph) - 90)))
    at = max(paragraph.rfind("("), paragraph.rfind("["))
    return at >= 0 and bool(
        _CREDIT.match(paragraph, at)
        or (_INITIALS.match(paragraph, at) and paragraph[:at].rstrip()[-1:] in (".", "!", "?", '"', "”", "’"))
    )


def is_names(text: str) -> bool:
    """Tell whether a text consists of names and what goes with them in a byline, and is no sentence."""
    words = _WORDS.findall(text)
    if len(words) > 16 or (text.isupper() and len(words) > 6):
        return False
    return all(not word[0].islower() or word in _SMALL or _ROLES.match(word) for word in words)


def is_date(paragraph: str) -> bool:
    """Tell whether a paragraph is a full date and nothing else."""
    if len(paragraph) > 100 or not _may_be_date(paragraph) or not _DATE_LINE.match(paragraph):
        return False
    return stated_date(paragraph) is not None


def is_agency_credit(paragraph: str) -> bool:
    """Tell whether a paragraph ends with an agency alone in parentheses: a credit, or the sign-off of a story."""
    return bool(_SIGN_OFF.search(paragraph))


def _may_be_date(paragraph: str) -> bool:
    return paragraph[0].isdigit() or paragraph[:3].lower() in _DATE_STARTS


def is_bare(paragraph: str) -> bool:
    """Tell whether a cross-reference announces others and names none."""
    return paragraph.endswith(":") or not re.search(r"[:|»>]\s*\S", paragraph)


def is_biography(paragraph: str) -> bool:
    """Tell whether a paragraph says who the author is."""
    return len(paragraph) <= 500 and bool(_BIOGRAPHY.match(paragraph))


def is_reprint(paragraph: str) -> bool:
    """Tell whether a paragraph says where the article comes from, in a sentence."""
    return len(paragraph) <= 200 and bool(_REPRINT.match(paragraph))


def is_outlet(paragraph: str) -> bool:
    """Tell whether a paragraph is the name of an outlet or agency and nothing else."""
    return len(paragraph) <= 80 and bool(_OUTLET_ALONE.match(paragraph))


def is_signature(paragraph: str) -> bool:
    """Tell whether a paragraph is a name, or name and place, as under a letter."""
    return len(paragraph) <= 60 and bool(_SIGNATURE.match(paragraph))


def is_name_list(paragraph: str) -> bool:
    """Tell whether a paragraph is one or more names of two words or more."""
    return len(paragraph) <= 80 and bool(_NAMES.match(paragraph))


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
    if first and _may_be_date(paragraph) and (match := _DATE_PREFIX.match(paragraph)):
        found.append(("date", match.end()))
        at = match.end()
    head = paragraph[at : at + MAX_DATELINE]
    if not ("-" in head or "–" in head or "—" in head or ":" in head):
        return found
    match = _DATELINE.match(head)
    if not match and first:
        match = _FIRST_DATELINE.match(head) or (None if speakers else _COLON_DATELINE.match(head))
    if match and not (paragraph.isupper() and not re.search(r"[\d(]", match[0])):
        found.append(("dateline", match.end()))
    return found


def has_speaker(paragraph: str) -> bool:
    """Tell whether a paragraph begins with a name in capitals and a colon."""
    return bool(_COLON_DATELINE.match(paragraph))


def is_weak_reference(paragraph: str) -> bool:
    """Tell whether a paragraph's first word points elsewhere only if it is no headline (`Opinion: …`)."""
    return bool(CUES[1].pattern.match(paragraph)) and not CUES[0].pattern.match(paragraph)


def stated_date(text: str) -> str | None:
    """Return the first full date in a date or dateline zone, with its time where the zone has one."""
    if match := _ANY_DATE.search(text):
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
