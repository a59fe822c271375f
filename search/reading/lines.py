"""Lines around a story that no word of theirs announces: names, roles, agencies, sections, counts.

Each function judges one paragraph by its words alone; whether such a line may stand where it does is for `judging`.
"""

import re

MAX_NAMES = 80  # characters

AGENCY = (
    r"AFP|AP|Reuters?|EPA(?:-EFE)?|EFE|Getty(?: Images)?|Anadolu(?: Agency)?|AA|dpa|DPA|Xinhua|TASS|PA(?: Media| Wire)?"
    r"|UPI|ANSA|Kyodo|Bloomberg|IANS|PTI|ANI|Yonhap|Interfax|Tanjug|CNA|NTB|APA|AAP|Sputnik|IRNA|SANA|BBC(?: News)?|CNN"
    r"|Al Jazeera|Agence France[- ]Presse|(?:The )?Associated Press|(?:News )?Agenc(?:y|ies)|Shutterstock|iStock|Alamy"
    r"|Wikimedia Commons"
)
OUTLET = (
    r"News|Press|Times|Post|Agency|Agencies|Herald|Tribune|Gazette|Courier|Mirror|Journal|Telegraph|Observer|Star|Daily"
    r"|Radio|TV|Television|Wire|Newswire|Chronicle|Standard|Guardian|Express|Bulletin|Mail|Today|Weekly|Review|Magazine"
    r"|Broadcasting|Examiner|Dispatch|Echo|Argus|Sentinel|Globe|Monitor|Ledger|Inquirer|Advertiser|Media|Online"
)
ROLE = (
    r"(?:editor|reporter|correspondent|writer|journalist|columnist|author|professor|lecturer|fellow|researcher"
    r"|contributor|blogger|producer|novelist|historian|analyst|photographer|critic)s?"
)
WORK = (
    r"(?:(?:additional|further|original) )?(?:reporting|writing|reported|written|compiled|edited|editing|translated"
    r"|translation|story|text|words|interview|research|reports?) by"
)
CAP = r"(?-i:[^\W\d_a-zß-öø-ÿ])[\w'’.-]*"
PARTICLE = r"(?-i:de|del|della|van|von|der|den|bin|bint|al|el|ibn|da|dos|di|la|le|ter|ten|zu)"
NAME = rf"{CAP}(?:\s(?:{CAP}|{PARTICLE})){{1,4}}"

_AGENCIES = rf"(?:{AGENCY}|[A-Z]{{2,5}})"
_OUTLET_ALONE = re.compile(  # behind the first agency one way alone to read each name: two would double with each name
    rf"[\[(*–—-]*\s*(?:{_AGENCIES}(?:(?:\s?[,/&+]\s?|\sand\s)(?:dpa|iStock|{CAP}(?:\s{CAP}){{0,3}}))*"
    rf"|(?:{CAP}\s){{1,4}}and\s(?:news\s)?agencies|(?:{CAP}\s){{0,4}}(?:{OUTLET})(?:(?:,\s?|/|\sand\s){CAP}(?:\s{CAP}){{0,3}})*)\s*[\])*]*\Z"
)
_SIGNATURE = re.compile(rf"[–—-]*\s*{NAME}(?:,\s{CAP}(?:\s{CAP}){{0,3}})*\Z")
_PLACE = re.compile(rf"(?:{CAP}(?:,?\s(?:{CAP}|of|for|and)){{0,5}}|[^.!?,]{{2,40}}(?:,\s{CAP}(?:\s{CAP})?){{1,3}})\Z")
_KICKER = re.compile(
    r"(?:exclusive|opinion|comment|analysis|(?:breaking|latest|top|world|local|national|business|sports?) news|news"
    r"|politics|world|business|sports?|society|culture|economy|science|technology|health|lifestyle"
    r"|entertainment|feature"
    r"|interview|editorial|obituary|obituaries|explainer|live|letters? from [^.!?]{2,30}|review|watch|video)\W*\Z"
    r"|[^.!?]{2,30}(?:\s[»>/|]\s[^.!?]{2,30}){1,4}\Z",
    re.IGNORECASE,
)
_ROLE_ALONE = re.compile(
    rf"(?:(?:our|by) )?(?:{CAP} )?(?:staff|special|our|own|the)(?: own| special| staff| editorial| news)* "
    rf"(?:{ROLE}|board|desk|team)\Z|news desk\Z|(?:{AGENCY})\Z",
    re.IGNORECASE,
)
_BYLINE = re.compile(  # without `By`: names, and what they are, where they are, how to reach them
    rf"(?:(?:From|Exclusive by|Posted by|Words by)\s)?(?:(?:Dr|Prof|Mr|Mrs|Ms|Canon|Sir)\.?\s)?{NAME}(?:\s\(\w+\))?"
    rf"(?:(?:,\s|\sand\s){NAME}(?:\s\(\w+\))?){{0,3}}"
    rf"(?:,?\s(?:in|at)\s{CAP}(?:\s{CAP}){{0,2}}|,\s(?:{CAP}(?:\s{CAP}){{0,3}}"
    rf"|[^.,!?]{{0,40}}\b(?i:{ROLE})\b[^.!?]{{0,30}})"
    r"|\s\|[^.!?]{2,30}(?:\|.{2,60})?)?(?:\s@\w+)?\Z"
)
_POST = re.compile(rf"(?:{CAP}[\s-]){{0,4}}(?:(?:of|for|and)\s)?(?i:{ROLE})\Z")
_AGENCY_ALONE = re.compile(rf"[–—-]?\s?(?:{AGENCY})\Z")
_REACH = re.compile(
    r"(?:\S+@\S+\.\w+|@\w{3,}|\[email\W?protected\]|(?:tel|phone|fax|e-?mail)?\W*[+(]?\d[\d\s()./-]{6,})\Z",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\+?\d[\d,.]*k?(?:\s(?:view )?(?:shares?|comments?|views|likes|min(?:ute)?s? read|hours? ago|minutes? ago):?)\Z",
    re.IGNORECASE,
)
_RELEASE = re.compile(
    r"for immediate release|(?:media |press )?contacts?\s?:|###|notes? (?:to|for) editors", re.IGNORECASE
)
_ABOUT = re.compile(rf"About (?:the )?{CAP}(?:\s(?:{CAP}|of|and|&|for|the)){{0,5}}\Z")
_SIGNED = re.compile(rf"\s*[(\[]{WORK} [^()\[\]]{{3,200}}[)\]]\Z", re.IGNORECASE)
_AGENCY_FIRST = re.compile(rf"(?:{AGENCY})\s")
_DESK = re.compile(  # signs of the desk at the end of an agency's story
    rf"(?:[–—-]+\s?)?(?:(?:{AGENCY}|[A-Za-z]{{2,5}})(?:[\s/-]+(?!and\b)[A-Za-z]{{2,4}}"
    rf"|/\d+)*(?:\s?\([A-Za-z, ]{{2,30}}\))?)\Z"
)


def is_kicker(paragraph: str) -> bool:
    """Tell whether a paragraph is the name of a section, or the way to it, as it stands above a headline."""
    return len(paragraph) <= MAX_NAMES and bool(_KICKER.match(paragraph))


def is_byline(paragraph: str) -> bool:
    """Tell whether a paragraph is names without `By`, or a role or an agency in their place."""
    return len(paragraph) <= 2 * MAX_NAMES and bool(_ROLE_ALONE.match(paragraph) or _BYLINE.match(paragraph))


def is_post(paragraph: str) -> bool:
    """Tell whether a paragraph says what somebody is, as it stands under a byline."""
    return len(paragraph) <= MAX_NAMES and bool(_POST.match(paragraph))


def is_agency(paragraph: str) -> bool:
    """Tell whether a paragraph is the name of an agency and nothing else."""
    return bool(_AGENCY_ALONE.match(paragraph))


def is_address(paragraph: str) -> bool:
    """Tell whether a paragraph is nothing but an e-mail address, a user name or a telephone number."""
    return len(paragraph) <= MAX_NAMES and bool(_REACH.match(paragraph))


def is_count(paragraph: str) -> bool:
    """Tell whether a paragraph counts comments, readers or hours."""
    return len(paragraph) <= MAX_NAMES and bool(_COUNT.match(paragraph))


def is_release(paragraph: str) -> bool:
    """Tell whether a paragraph belongs to a press release alone."""
    return bool(_RELEASE.match(paragraph))


def is_about(paragraph: str) -> bool:
    """Tell whether a paragraph announces who somebody is: the sender of a press release."""
    return len(paragraph) <= MAX_NAMES and bool(_ABOUT.match(paragraph))


def signed(paragraph: str) -> int:
    """Return where a reporter's name in parentheses begins at the end of a paragraph, or its length."""
    match = _SIGNED.search(paragraph, max(0, len(paragraph) - 240)) if paragraph.endswith((")", "]")) else None
    return match.start() if match and match.start() else len(paragraph)


def is_role(paragraph: str) -> bool:
    """Tell whether a paragraph is a role or an agency in the place of a name."""
    return len(paragraph) <= MAX_NAMES and bool(_ROLE_ALONE.match(paragraph))


def is_desk(paragraph: str) -> bool:
    """Tell whether a paragraph is the sign of an agency's desk, such as `sbk/rp` or `PTI BKD SNC`."""
    return (
        len(paragraph) <= 30
        and bool(_DESK.match(paragraph))
        and (not paragraph.islower() or "/" in paragraph or bool(_AGENCY_FIRST.match(paragraph)))
    )


def is_outlet(paragraph: str) -> bool:
    """Tell whether a paragraph is the name of an outlet or agency and nothing else."""
    return len(paragraph) <= MAX_NAMES and bool(_OUTLET_ALONE.match(paragraph))


def is_signature(paragraph: str) -> bool:
    """Tell whether a paragraph is a name, or name and place, as under a letter."""
    return len(paragraph) <= MAX_NAMES and bool(_SIGNATURE.match(paragraph))


def is_place(paragraph: str) -> bool:
    """Tell whether a paragraph is a place, an office or an association, as under a signature."""
    return len(paragraph) <= MAX_NAMES and bool(_PLACE.match(paragraph))
