"""ISBNs: printed without hyphens, or with some at places that depend on country and publisher."""

_LENGTHS = (10, 13)
_COUNTRY = range(1, 6)  # digits; then those of the publisher and of the book, and one that checks the others


def printed(text: str) -> tuple[str, ...]:
    """Return all ways to print an ISBN of digits, without hyphens first; none if its check digit tells that it is none.

    ISO 2108. Which of them is right stands in a register of publishers; the others are printed nowhere.
    """
    if len(text) < _LENGTHS[0] or not text.isascii():
        return ()
    digits = text.replace("-", "")
    if len(digits) not in _LENGTHS or not digits.isdecimal():
        return ()
    front, middle, check = digits[:-10], digits[-10:-1], digits[-1]
    if front:
        is_one = front in ("978", "979") and sum(int(d) * (1 + n % 2 * 2) for n, d in enumerate(digits)) % 10 == 0
    else:
        is_one = sum(int(d) * (10 - n) for n, d in enumerate(digits)) % 11 == 0
    if not is_one:
        return ()
    front = front and f"{front}-"
    split = [
        f"{front}{middle[:a]}-{middle[a:b]}-{middle[b:]}-{check}" for a in _COUNTRY for b in range(a + 1, len(middle))
    ]
    return tuple(dict.fromkeys((digits, text, f"{front}{middle}{check}", *split)))
