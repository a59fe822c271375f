"""What a word is, however a newsroom spells it: the key under which two articles' words are compared.

    Taliban     Taleban       tlbn          organisations  organizations  argnstns
    Muhammad    Mohammed      mmd           labour         labor          lbr
    five        5             5             pct  percent   per cent is left as it is

Of a word of five letters or more with three consonants, the consonants decide, in classes that the transcription of
foreign names and British and American spelling mix up; an initial vowel counts as a vowel. Shorter words are compared
as they are, except the `i` and `e` inside names (Sar-i-Pul). Different words may have one key (`prison`, `person`): two
articles are only ever said to share runs of five words, and that many accidents do not meet.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

from search.text.edits import within

MIN_LETTERS, MIN_CONSONANTS = 5, 3
N_KNOWN = 200_000  # words whose keys are remembered,
N_COMPARED = 50_000  # pairs of which it is known whether they are one word
FIGURE = 1  # in a key

# Written otherwise, and no rule tells.
_SAME = dict(
    pair.split("/")
    for pair in """
    one/1 two/2 three/3 four/4 five/5 six/6 seven/7 eight/8 nine/9 ten/10 eleven/11 twelve/12
    first/1st second/2nd third/3rd fourth/4th fifth/5th sixth/6th seventh/7th eighth/8th ninth/9th tenth/10th
    pct/percent mln/million bln/billion dlrs/dollars e/i grey/gray tyre/tire tyres/tires gaol/jail tonne/ton tonnes/tons
    """.split()
)
_SHORTEST = 4  # letters of a word that is spelled in two ways,
_LETTERS_AN_EDIT = 4  # which may differ in one of so many
_SILENT = frozenset({"me", "ue", "e"})  # endings that leave a word what it is: programme, catalogue
_INFLECTED = (("man", "men"), ("sis", "ses"), ("xis", "xes"))
# Different words of one key, which editors put in each other's place, whatever their endings.
_CONFUSED = tuple(
    tuple(pair.split("/"))
    for pair in """
    advice/advise device/devise affect/effect loses/losses ensure/insure principal/principle complement/compliment
    desert/dessert moral/morale human/humane council/counsel capital/capitol former/farmer begin/began begin/begun
    began/begun drink/drank drunk/drank drink/drunk series/serious weekly/weakly stationary/stationery marital/martial
    personal/personnel statue/statute later/latter latter/letter minster/minister police/policy policies/police
    counter/country president/precedent firm/form firms/forms farm/firm farms/firms farm/form falling/feeling
    falling/failing falling/filling feeling/filling state/status states/status failed/filed season/session
    parties/parts despite/dispute weather/whether water/weather expert/export experts/exports store/story
    action/auction finding/funding founded/funded future/feature black/block port/part ports/parts station/situation
    nothing/noting process/prices prize/price fellow/follow prince/province product/predict secured/scored
    placed/pleased eastern/astern propose/purpose plane/plan planes/plans withdraw/withdrew shipping/shopping
    support/sport stock/stick formal/formula clash/class border/broader reject/react ships/shops cases/causes
    stable/suitable passing/pushing science/since rules/roles natural/neutral billion/bullion actor/victor
    region/reign adapt/adopt position/possession killed/called better/bitter better/battery drive/drove patent/patient
    prison/person prisons/persons neither/nether career/courier proceed/precede thought/taught through/thorough
    reverse/rivers planet/plant trail/trial trial/trail launch/lunch confirm/conform residence/residents parity/party
    practice/practise recent/resent battle/bottle bread/broad valuation/volition demonstration/administration
    """.split()
)
_CLASSES = re.compile(r"ck|qu?|c(?![eiyh])|\Ag(?=a)")  # one sound, k
_SOFT = re.compile(r"z|c(?=[eiy])")
_DOUBLE = re.compile(r"(.)\1+")
_NO_VOWELS = str.maketrans("", "", "aeiouy")


def spelling(form: str) -> str:
    """Return what a folded form is compared by: the same text for different spellings of one word."""
    same = _SAME.get(form, form)
    if len(same) < MIN_LETTERS or not same.isascii() or not same.isalpha():
        return same
    text = same.replace("ph", "f").replace("ch", "x")
    if "c" in text or "z" in text:
        text = _SOFT.sub("s", text)
    if "c" in text or "q" in text or text.startswith("ga"):
        text = _CLASSES.sub("k", text)
    text = _DOUBLE.sub(r"\1", text[0] + text[1:].replace("h", ""))
    text = text[0] + text[1:].translate(_NO_VOWELS)
    if text[0] in "aeiou":
        text = "a" + text[1:]
    return text if len(text) - (text[0] == "a") >= MIN_CONSONANTS else same


@lru_cache(maxsize=N_KNOWN)
def key(form: str) -> int:
    """Return the key of a folded form: 64 bits, the same for its other spellings, and on every machine.

    Those of figures have the digit `FIGURE`, those of words have not.
    """
    # On disk, as part of fingerprints: never change without a new version of the sketch.
    spelled = spelling(form)
    found = int.from_bytes(blake2b(spelled.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return found | FIGURE if any(map(str.isdigit, spelled)) else found & ~FIGURE


def form_hash(form: str) -> int:
    """Return a number from 1 to 65,535 that is the same for the same form, and hardly ever for another."""
    return crc32(form.encode("utf-8", "surrogatepass")) % 0xFFFF + 1


def without_vowels(form: str) -> str:
    """Return the letters of a folded form that are no vowels."""
    return form.translate(_NO_VOWELS)


def is_same_word(a: str, b: str) -> bool:
    """Return whether two folded forms with the same key are one word; else an editor put one in the other's place."""
    return _SAME.get(a, a) == _SAME.get(b, b) or is_respelled(a, b)


@lru_cache(maxsize=N_COMPARED)
def is_respelled(a: str, b: str) -> bool:
    """Return whether two folded forms with the same key are one word spelled in two ways, as far as letters tell.

    Numerals, abbreviations and units are not, nor are words of which one is made of the other by an ending.
    """
    if a == b or min(len(a), len(b)) < _SHORTEST or not (a.isalpha() and b.isalpha()):
        return False
    if a[0] != b[0] and len(a) != len(b):
        return False
    if not within(a, b, (max(len(a), len(b)) + 1) // _LETTERS_AN_EDIT):
        return False
    short, long = sorted((a, b), key=len)
    ending = long.removeprefix(short)
    if ending not in (long, *_SILENT) and ending != short[-1]:
        return False
    return not any(
        x.removeprefix(one) == y.removeprefix(other) and x.startswith(one) and y.startswith(other)
        for x, y in ((a, b), (b, a))
        for one, other in _CONFUSED
    ) and not any(
        x.removesuffix(one) == y.removesuffix(other) and x.endswith(one) and y.endswith(other)
        for x, y in ((a, b), (b, a))
        for one, other in _INFLECTED
    )
