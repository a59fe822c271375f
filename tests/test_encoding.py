"""Bytes become text, whatever they are."""

import codecs
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.reading.encoding import decode, is_binary, wide_encoding

FRENCH = (
    "Le préfet a déclaré que l’eau baisserait « dès demain » – à condition qu’il ne pleuve plus. Ça suffit, dit-il.\n"
)
GERMAN = "Der Bürgermeister sagte, die Brücke müsse geschlossen bleiben. „Größere Schäden“ gebe es nicht.\n"
SPANISH = "El alcalde señaló que mañana no habrá agua en el barrio. ¿Quién lo pagará? «Nadie», respondió.\n"
RUSSIAN = "Губернатор заявил, что вода начнёт спадать завтра. Жители посёлка ждут помощи уже третий день. " * 3
POLISH = "Burmistrz powiedział, że woda zacznie opadać jutro. Mieszkańcy czekają na pomoc już trzeci dzień. " * 3
GREEK = "Ο δήμαρχος δήλωσε ότι τα νερά θα αρχίσουν να υποχωρούν αύριο. Οι κάτοικοι περιμένουν βοήθεια. " * 3
JAPANESE = "市長は、水は明日から引き始めると述べた。住民は三日間助けを待っている。" * 5


@pytest.mark.parametrize("text", ["", "plain\n", FRENCH, RUSSIAN, JAPANESE, "emoji 🌊, NUL \0, \u2028 and \x85"])
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed_and_not_counted(encoding: str) -> None:
    assert decode(FRENCH.encode(encoding)) == (FRENCH, encoding)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE])
def test_either_byte_order_is_read(mark: bytes) -> None:
    name = "utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le"
    assert decode(mark + FRENCH.encode(name)) == (FRENCH, "utf-16")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [FRENCH, "Dam bursts\r\n", "a\n", RUSSIAN])
def test_utf16_without_a_mark_shows_by_its_nuls(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding)


def test_a_few_nuls_do_not_make_utf16() -> None:
    assert decode(b"before\0after\0!") == ("before\0after\0!", "utf-8")
    assert decode("käse\0brot".encode()) == ("käse\0brot", "utf-8")


@pytest.mark.parametrize("text", [FRENCH, GERMAN, SPANISH, "caf\xe9", "“Quoted,” he said — and left."])
def test_western_prose_is_windows_1252(text: str) -> None:
    assert decode(text.encode("cp1252")) == (text, "windows-1252")


def test_bytes_that_windows_1252_lacks_are_latin_1() -> None:
    text = FRENCH.replace("’", "'").replace("–", "-") * 2 + " \x81"
    assert decode(text.encode("latin-1")) == (text, "iso-8859-1")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), (POLISH, "cp1250"), (GREEK, "cp1253"), (JAPANESE, "shift_jis")],
)
def test_other_legacy_encodings_are_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@given(st.binary(max_size=300))
def test_any_bytes_decode(data: bytes) -> None:
    text, name = decode(data)
    codecs.lookup(name)
    assert isinstance(text, str)
    text.encode("utf-8")  # no lone surrogates


@given(st.text(max_size=300))
def test_every_text_survives_utf8_with_a_mark(text: str) -> None:
    assert decode(text.encode("utf-8-sig")) == (text, "utf-8-sig")


def test_binary_files_are_told_from_text() -> None:
    assert is_binary(b"\x7fELF\x02\x01\x01" + bytes(200))
    assert is_binary(os.urandom(4096))
    assert is_binary(b"%PDF-1.7\nsome text")
    assert not is_binary(b"")
    assert not is_binary(b"text with a \0 in it, and an \x1b[1mescape\x1b[0m, and enough of other letters")
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-32", "cp1252"):
        assert not is_binary(FRENCH.encode(encoding)), encoding


def test_wide_encodings_are_known_by_the_first_bytes() -> None:
    assert wide_encoding(FRENCH.encode("utf-16")) == "utf-16"
    assert wide_encoding(FRENCH.encode("utf-32")) == "utf-32"
    assert wide_encoding(FRENCH.encode("utf-16-be")) == "utf-16-be"
    assert wide_encoding(FRENCH.encode()) is None
