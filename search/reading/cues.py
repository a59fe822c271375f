"""The words by which furniture is recognised: what a paragraph that is not body text says of itself.

Each function judges one paragraph by its words alone. Where the words could begin a sentence as well, they count only
in the shape that furniture has: a colon behind them, no full stop at the end, nothing but names.
"""

import re
from typing import NamedTuple

from search.model import ZoneKind
from search.reading.datelines import DATE, DATED
from search.reading.lines import AGENCY, NAME, ROLE, WORK

LEAD = "[(*•▶►→»>_–—-©# \xa0"  # marks and blanks that may stand before a cue
MAX_CAPTION = 400  # characters
MAX_BIOGRAPHY = 500
MAX_BYLINE_WORDS = 16

_PICTURE = r"(?:photo(?:graph)?|picture|pic|image|illustration|graphic)s?"
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


POINTER = _cue(  # to another article, whatever follows
    "reference",
    200,
    "also must please read see don’t don't related more further recommended recommendations you most editor editors "
    "editor's editor’s from full watch listen previously suggested what up in keep trending",
    r"(?:(?:also|must|please) read|read (?:also|more|next|on|too)|see (?:also|more|related)|don['’]t miss|related"
    r"|related (?:stor(?:y|ies)|articles?|news|coverage|content|topics?|links?|reading|posts?)"
    r"|more (?:on|from|about) (?:this|the) (?:story|topic|subject|issue)|more (?:stories|news|coverage)|further reading"
    r"|(?:recommended|suggested)(?: reading| for you| stories)?|you (?:may|might) also (?:like|be interested in)"
    r"|most (?:read|popular|viewed)|editor['’]?s['’]? (?:picks?|choice)|from (?:the|our) archives?|trending(?: now)?"
    r"|full (?:story|coverage|report|text)|(?:watch|listen) (?:live|now|also|more|the video|here)|previously on"
    r"|what to read next|up next|in case you missed it|keep reading)(?:\s?[:|»>–—-]|[*_\])]|\Z)",
    r"read more (?:about|on|from|here|at|by)\b|(?:also )?read:|read \S[^.!?]{0,60} here\Z",
)
WEAK_POINTER = _cue(  # to another article, if what follows is no sentence
    "reference",
    200,
    "watch listen more video audio podcast gallery photo slideshow in explainer explained factbox fact timeline "
    "profile interactive quiz live earlier previously background analysis opinion comment editorial feature exclusive "
    "special see link links next also",
    r"(?:watch|listen|more|video|audio|podcast|(?:photo )?gallery|slideshow|in (?:pictures|photos|pics)"
    r"|explain(?:er|ed)|fact ?box|timeline|profile|interactive|quiz|live(?: blog| updates)?|earlier|previously"
    r"|background|analysis|opinion|comment|editorial|feature|exclusive|special report|see|links?"
    r"|next|also)(?:\s?[|»>]|:)" + _NO_STOP,
)
REQUEST = _cue(  # to the reader
    "reference",
    200,
    "click tap sign subscribe follow join download share like get read",
    r"(?:click|tap) here|sign up (?:for|to|here|now)|subscribe (?:to|now|here)|follow (?:us|our|@)",
    r"follow \S[^.!?]{0,40} on (?:twitter|facebook|instagram|x|telegram|whatsapp|youtube|google news)\b",
    r"join (?:us on|our|the conversation)|download (?:our|the) app|share this|like us on|get (?:our|the latest)",
    r"read (?:the|our|her|his|their) (?:full|complete|whole|original)",
)
LINE = _cue(  # a line of the page around the story, whole
    "reference",
    120,
    "share copy about close read print save comment comments advertisement advert story article next "
    "previous newest "
    "loading top key show order unsubscribe updated for view skip breaking scroll enable tags tag labels topics filed "
    "categories keywords back manage player rate your reuse download support",
    r"(?:share(?: (?:this|page|article|story|on))?(?: \w+){0,2}|copy link|about sharing|close panel|read later|print"
    r"|save(?: article)?|comments?(?: \(?\d+\)?|: [^.!?]{2,20})?|advert(?:isement|orial)?|(?:story"
    r"|article) continues"
    r"(?: \w+){1,5}|next(?: (?:story|article))?|previous(?: (?:story|article|previous))?|newest(?: newest)?|loading"
    r"|top stories|key events|show key events only|order reprints\b[^.!?]*|unsubscribe\b[^.!?]*|updated at [^.!?]{1,6}"
    r"(?:\.\d\d)?(?: \w{2,4})?|for immediate release|view (?:this|in)\b[^.!?]*browser|skip to [^.!?]*|breaking news"
    r"|scroll (?:down|to)[^.!?]*|back to top|manage preferences|player of the match|rate the players[^.!?]*"
    r"|reuse this content|(?:tags?|labels|topics|filed under|categories|keywords)\s?:[^.!?]*)\W*\Z",
)
ADDRESS = _cue(  # to the reader, in sentences
    "reference",
    300,
    "kindly please for want stay was did you letters do found get got thanks to listen download enable have "
    "support order "
    "vote this the",
    r"(?:kindly|please) (?:share|subscribe|support|follow|click|visit)\b|for (?:all )?(?:the )?latest\b[^.!?]*"
    r"\b(?:follow|download|visit|subscribe|app|channel)\b|want (?:to get )?more\b[^.!?]*[.?] (?:click|sign|download)"
    r"|stay (?:updated|tuned|connected|informed|up to date)\b|(?:was|did) (?:this|someone)\b[^.!?]*\b(?:e-?mail"
    r"|newsletter)\b|you(?:['’]re| are) receiving this|letters should be (?:sent|addressed)"
    r"|(?:do you )?have (?:an opinion"
    r"|a story|a tip|a comment|more information)\b|(?:have|got) a (?:story|tip|question)\b[^.!?]*\?|found (?:a mistake"
    r"|an error|a typo)\b|get (?:e-?mail )?alerts\b|thanks for (?:signing|subscribing|reading)\b"
    r"|to read the\b.*\b(?:visit"
    r"|click|see)\b|listen to (?:today|the latest|our|this)\b[^.!?]*\b(?:podcast|episode)\b|download (?:our|the)\b"
    r"[^.!?]{0,20}\bapp\b|enable notifications|the \w+ is not responsible for\b|support (?:our"
    r"|independent) journalism|vote for your\b",
)
CONTACT = _cue(
    "author",
    300,
    "contact contacts media press for notes note enquiries inquiries office editor editors special",
    r"contact (?:the )?(?:reporter|writer|author|editor)\b|special to (?-i:[A-Z])[^.!?]{2,40}\Z",
    r"editors?\s?:\s?\w+\Z",
    r"(?:(?:media|press) )?(?:contacts?|enquiries|inquiries|office)\s?:|for (?:more|further|media|press)(?: \w+)?"
    r" (?:information|details|enquiries|inquiries)\b[^.!?]*(?:contact|call|visit|:)|notes? (?:to|for) editors?\b",
)
CAPTION = _cue(
    "caption",
    MAX_CAPTION,
    "file handout undated banner cover main lead photo photos photograph photographs picture pictures pic pics "
    "image images illustration "
    "illustrations graphic graphics screen screengrab screenshot video caption credit credits pictured above below map "
    "ap afp reuters epa getty",
    rf"(?:(?:file |handout |undated |banner |cover |main |lead )?{_PICTURE}(?: credits?| courtesy| source"
    rf"| caption| copyright)?|caption|credits?"
    r"|screen ?(?:grab|shot)|video ?grab|pictured(?: above| below)?|above|below|map)\s?[:|]",
    rf"(?:file )?{_PICTURE} (?:credit|taken by|courtesy|by)\b|image (?:caption|copyright|source)\b",
    rf"file\s?[:–—-]|(?:file|handout|undated) {_PICTURE}\b|(?:ap|afp|reuters|epa|getty) (?:photo|image)s?\b",
)
SOURCE = _cue(
    "source",
    400,
    "source sources courtesy via originally first with published republished copyright c) all disclaimer our "
    "correction "
    "corrections clarification clarifications doi enditem this the views opinions translated printable for contains "
    "when may",
    r"sources?\s?:|(?:sources?|courtesy|via)\s?[:–—]\s|(?:originally|first) (?:published|appeared) (?:in|on|at|by)\b",
    r"published in (?-i:[^\W\d_a-z])|republished (?:from|with|by)\b|copyright\b|c\) \d{4}|all rights reserved",
    r"disclaimer\s?[:–—-]|our standards\s?:|(?:correction|clarification)s?\s?:|doi\s?:|enditem\Z"
    r"|(?-i:SOURCE) (?-i:[A-Z])"
    r"[^.!?]*\Z|this (?:is an? (?:unedited|auto|syndicated)|(?:story|article|copy|report) (?:has not been|is (?:auto"
    r"|published|generated|part of a syndicated)))|this (?:article|story|report) was (?:amended|updated|corrected)\b"
    r"|(?:the )?(?:views|opinions) expressed\b|translated (?:from|by our)\b"
    r"|this material\b|printable version|for information media|contains parliamentary|when using materials"
    r"|published in the print\b|may not be (?:published|reproduced|reprinted)",
    r"with (?:additional )?(?:inputs?|reporting|reports?|files|information|contributions?) (?:from|by)\b",
)
AUTHOR = _cue(
    "author",
    160,
    "editor editors by by: author authors byline reporter reporters words text contributor contributors "
    "additional further original "
    "reporting writing reported written compiled edited editing translated translation story interview research report "
    "reports from staff special our",
    r"(?:by[: ]|(?:(?:authors?|byline|reporters?|words|text|contributors?|interview|report|editors?)\s?:"
    rf"|{WORK}:?|from our (?:own |special )?correspondent"
    r"|(?:our )?(?:staff|special) (?:reporter|writer|correspondent))(?!\w))(?P<names>.*)",
)
LABELLED_DATE = _cue(
    "date",
    100,
    "first last originally published posted updated modified date dated created issued filed",
    rf"{DATED}\s?:?\s*{DATE}.{{0,60}}\Z",
    rf"(?!dated?\s[^:]){DATED}\s?:?\s+(?=[^.!?]*(?:\d|\bago\b|today|yesterday))[^.!?]{{3,60}}\Z",
)
CUES = (
    LINE,
    POINTER,
    WEAK_POINTER,
    REQUEST,
    ADDRESS,
    CONTACT,
    CAPTION,
    SOURCE,
    AUTHOR,
    LABELLED_DATE,
)  # the first that fits


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
    r"|(?:[^()\[\]]*,\s)?File"
    rf"|(?:[^()\[\]/\d]{{2,40}}[/,]\s?)?(?:{AGENCY})(?:\s?(?:[/,]|via)\s?[^()\[\]/\d]{{2,40}})?"
    r"|[^()\[\]/\d\s][^()\[\]/\d]{1,40}(?:/\s?[^()\[\]/\d\s][^()\[\]/\d]{1,40}){1,2})[\])]\.?\Z"  # (Ann Lee/Daily Post)
)
_INITIALS = re.compile(r"[\[(][A-Z]{2,6}[\])]\.?\Z")  # (NNA): a credit after a whole sentence
_SIGN_OFF = re.compile(rf"[\[(](?:{AGENCY}|[A-Z]{{2,6}})[\])]\.?\Z")
_OPEN_CREDIT = re.compile(  # without parentheses
    rf"(?:\b(?i:{_PICTURE}(?: credit)?|credit)(?i:\s?:|\sby|\.{{3}})\s?(?:[^.!?]|\b\w\.){{2,70}}|\s["
    rf"|/–—]\s?(?:{AGENCY})"
    r"|\b(?:AP Photo|REUTERS|AFP)\s?/\s?[^.!?]{2,40}|©\s?[^.!?]{2,50})\Z"
)
_REPRINT = re.compile(
    r"a version of this (?:article|story)\b"
    r"|[\[(*_]*(?:this|the) (?:article|story|report|piece|column|interview)(?: was| has been| is)?"
    r"(?: originally| first| previously)* (?:published|appeared|produced|provided|republished|reprinted|syndicated"
    r"|courtesy)\b|©|[\[(]?agenc(?:y|ies)\b[^.]{0,20}\Z"
    r"|(?:[^.!?]{2,60} reported from [^.!?]{2,40}\. )?[^.!?]{2,90}\bcontributed(?: to this (?:report|story"
    r"|article)\b|\.)",
    re.IGNORECASE,
)
_BIOGRAPHY = re.compile(
    rf"[*_(\[]*(?:{NAME}(?:\s?\([^)]*\)|,[^,.]{{2,80}},)?"
    rf"\s(?:is|was|has been|works as)\s(?:an?|the|our|also)\s[^.]{{0,160}}?\b(?i:{ROLE})\b"
    rf"|{NAME}\s(?:is|was)\s[^.]{{0,120}}\. (?:He|She|They) (?:writes|covers|reports|works|teaches)\b"
    rf"|{NAME}\s(?:writes|covers|reports)\s|{NAME}[^.!?]{{0,120}}\scontributed (?:to|reporting)\b"
    r"|(?i:the (?:author|writer|columnist|reporter)s?\s(?:is|are|was|has|writes)\b|about the (?:author|writer)"
    r"|(?:follow|reach|contact|email) (?:him|her|them|the author)\b))"
)
_WORDS = re.compile(r"[^\W\d_][\w'’-]*")
_ROLES = re.compile(rf"{ROLE}\Z", re.IGNORECASE)
# In small letters, among names.
_IN_BYLINES = frozenset({
    "and", "in", "at", "for", "with", "from", "by", "the", "of", "to", "our", "own", "a", "an", "staff",
    "news", "chief", "political", "business", "foreign", "science", "sports", "health", "senior", "special",
    "city", "deputy", "team", "desk", "photos", "managing", "contributing", "additional", "reporting", "editing",
    "writing", "compiled", "translated", "further", "edited", "written", "photography", "text", "words", "de", "del",
    "della", "van", "von", "der", "den", "bin", "al", "el", "da", "dos", "di", "la", "le", "ter", "ten",
})  # fmt: skip
_LINKED = re.compile(r"[:|»>]\s*\S")
_SOURCE_NAMES = re.compile(r"[\[(*_]*sources?\s?[:–—-]\s*(.+)", re.IGNORECASE | re.DOTALL)
_AUTHOR_NAMES = re.compile(
    r"[\[(*_–—-]*\s*(?:(?:written |story |interview |words |text )?by\b:?|(?:authors?|byline|words|text|interview)\s?:)"
    r"\s*([^\n]+)",
    re.IGNORECASE,
)


def kind_of(paragraph: str) -> ZoneKind | None:
    """Return what kind of furniture the first words of a paragraph say it is, or None."""
    bare = paragraph if paragraph[0].isalnum() else paragraph.lstrip(LEAD)
    for cue in STARTS.get(bare[:3], ()):
        if len(bare) <= cue.longest and (match := cue.pattern.match(bare)):
            if cue is AUTHOR and not _are_names(match["names"]):
                continue
            if cue is SOURCE and _tells(bare):
                continue
            return cue.kind
    return None


def may_be_headline(paragraph: str) -> bool:
    """Tell whether a cross-reference would be a headline where one may stand (`Opinion: …`)."""
    return bool(WEAK_POINTER.pattern.match(paragraph)) and not POINTER.pattern.match(paragraph)


def is_bare(paragraph: str) -> bool:
    """Tell whether a cross-reference announces others and names none."""
    return paragraph.endswith(":") or not _LINKED.search(paragraph)


def has_credit(paragraph: str) -> bool:
    """Tell whether a paragraph ends with the name of a photographer or picture agency."""
    if len(paragraph) > MAX_CAPTION:
        return False
    if not paragraph.endswith((")", "]", ").", "].")):
        near_end = paragraph[-75:]
        may_have = ":" in near_end or " by " in near_end or "/" in near_end or "©" in near_end
        return may_have and bool(_OPEN_CREDIT.search(paragraph, max(0, len(paragraph) - 90)))
    start = max(paragraph.rfind("("), paragraph.rfind("["))
    if start < 0:
        return False
    after_sentence = paragraph[:start].rstrip()[-1:] in tuple('.!?"”’')
    return bool(_CREDIT.match(paragraph, start) or (after_sentence and _INITIALS.match(paragraph, start)))


def has_agency(paragraph: str) -> bool:
    """Tell whether a paragraph ends with an agency alone in parentheses: a credit, or the sign-off of a story."""
    return bool(_SIGN_OFF.search(paragraph))


def is_biography(paragraph: str) -> bool:
    """Tell whether a paragraph says who the author is."""
    return len(paragraph) <= MAX_BIOGRAPHY and bool(_BIOGRAPHY.match(paragraph))


def is_source(paragraph: str) -> bool:
    """Tell whether a paragraph at the end of an article says in a sentence where it comes from."""
    return len(paragraph) <= SOURCE.longest and bool(_REPRINT.match(paragraph))


def stated_source(text: str) -> str | None:
    """Return the names after `Source:`."""
    match = _SOURCE_NAMES.match(text)
    return " ".join(match[1].rstrip(")]*_").split()) if match else None


def stated_author(text: str) -> str | None:
    """Return the names after `By` or `Author:`."""
    match = _AUTHOR_NAMES.match(text)
    return match[1].strip().rstrip(")]*_") if match else None


def _tells(paragraph: str) -> bool:
    """Tell whether what follows `Sources:` is a sentence."""
    words = _WORDS.findall(paragraph) if paragraph[-1] in ".!?" and paragraph[:6].lower() == "source" else ()
    return len(words) > MAX_BYLINE_WORDS and sum(word[0].islower() for word in words) > len(words) / 2


def _are_names(text: str) -> bool:
    """Tell whether a text consists of names and what goes with them in a byline, and is no sentence."""
    words = _WORDS.findall(text)
    most = (3 if text.endswith(".") else 6) if text.isupper() else MAX_BYLINE_WORDS
    if not words or len(words) > most:
        return False
    return all(not word[0].islower() or word in _IN_BYLINES or _ROLES.match(word) for word in words)
