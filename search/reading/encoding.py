"""From bytes to text: which encoding a file is in.

A byte-order mark is believed; then UTF-16 that shows by the NULs of its Latin letters; then strict UTF-8, as legacy
text of any length is never valid UTF-8 by chance; then Windows-1252, if that makes Western prose of the bytes; and only
what is none of these is guessed by statistics. Every byte sequence decodes to something; what is not text at all is
told apart first, by `is_binary`.
"""

import codecs
from collections.abc import Iterable
from itertools import chain

# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 64 << 10  # bytes looked at where the whole is not needed

_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\v\f\r\x1a\x1b"})
MAX_CONTROLS = 0.05  # share of control bytes up to which bytes are text; compressed data have 0.1

# What Western prose has beside ASCII, in bytes of Windows-1252: typographic marks, signs, accented letters.
_WESTERN_MARKS = frozenset("€‚„…‘’“”•–—™‹›œŒšŠžŽ\xa0¡£©«®°·»¿½¼¾§´²ºª".encode("cp1252"))
_WESTERN_LETTERS = frozenset("ßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿÀÁÂÄÅÆÇÈÉÊËÍÎÑÓÔÖØÚÜ".encode("cp1252"))
MAX_ACCENTED = 0.25  # share of accented letters among all letters, in Western prose; French has 0.04, Vietnamese 0.25
_LETTERS = bytes([*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)])

_LEGACY = (
    *(
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "koi8_r",
        "iso8859_2",
        "iso8859_5",
    ),
    *("iso8859_7", "shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949", "tis_620"),
)


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of `data`, without a byte-order mark, and the name of its encoding.

    Nothing else is changed: newlines stay as they are. Bytes that the encoding does not know become U+FFFD.
    """
    if marked := next((name for mark, name in _MARKS if data.startswith(mark)), None):
        return data.decode(marked, "replace"), marked
    if b"\0" in data and (name := _utf16(data)):
        return data.decode(name, "replace"), name
    for name in chain(("utf-8",), _legacy(data)):  # guessing begins when UTF-8 has failed
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "iso-8859-1"


def wide_encoding(head: bytes) -> str | None:
    """Return the encoding of a file if it is UTF-16 or UTF-32, by its first bytes."""
    marked = next((name for mark, name in _MARKS[1:] if head.startswith(mark)), None)
    return marked or (_utf16(head) if b"\0" in head else None)


def is_binary(head: bytes) -> bool:
    """Tell whether a file is no text, by its first bytes: many control characters, and not the NULs of UTF-16."""
    if head.startswith(b"%PDF-"):  # may begin with a page of text
        return True
    return _has_controls(head) and not wide_encoding(head)


def _utf16(data: bytes) -> str | None:
    """Return which UTF-16 without a mark `data` is in, or None.

    In text of small code points one byte of each pair is NUL. If the bytes could be UTF-8 with stray NULs, most pairs
    must have one; otherwise (they are not valid, or full of control characters) a few are enough, all on one side: the
    blanks and stops between letters of other alphabets.
    """
    sample = data[: min(len(data), SAMPLE) & ~1]
    n_pairs = len(sample) // 2
    if not n_pairs or len(data) % 2:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    least = 0.7 if _is_utf8(sample) and not _has_controls(sample.replace(b"\0", b"")) else 0.05
    if max(even, odd) < max(1, least * n_pairs) or min(even, odd) > 0.05 * max(even, odd):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        sample.decode(name)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 2:  # not merely a surrogate pair cut by the sample's end
            return None
    return name


def _has_controls(sample: bytes) -> bool:
    return len(sample) - len(sample.translate(None, _CONTROLS)) > MAX_CONTROLS * len(sample)


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(data: bytes) -> Iterable[str]:
    """Yield the names of the encodings that `data`, which is no Unicode, is most likely in."""
    if _is_western(data):
        yield "windows-1252"
        yield "iso-8859-1"
    from charset_normalizer import from_bytes  # slow to import, and seldom needed

    best = from_bytes(data[:SAMPLE], cp_isolation=list(_LEGACY)).best()
    if best and best.encoding != "cp1252":
        yield codecs.lookup(best.encoding).name
    yield "windows-1252"


def _is_western(data: bytes) -> bool:
    sample = data[:SAMPLE]
    high = [byte for byte in sample if byte >= 0x80]
    n_accented = sum(byte in _WESTERN_LETTERS for byte in high)
    n_known = n_accented + sum(byte in _WESTERN_MARKS for byte in high)
    n_letters = len(sample) - len(sample.translate(None, _LETTERS)) + n_accented
    return n_known >= 0.9 * len(high) and n_accented <= MAX_ACCENTED * n_letters
