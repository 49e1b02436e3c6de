"""Text of affiliations: the form in which names are compared, and the parts of a string."""

from __future__ import annotations

import html
import re
import unicodedata

# What is looked at: an abstract that was pasted into the field is no affiliation, and must not cost a night.
LONGEST = 600
_JOINED = {"&": " and ", "'": "", "’": ""}
_LETTERS = str.maketrans("øłđðıŋħ", "olddinh") | str.maketrans(
    {"þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", **_JOINED}
)
_ASCII = {i: chr(i).lower() if chr(i).isalnum() else " " for i in range(128)} | str.maketrans(_JOINED)
_SEVERAL = re.compile(r"\s*(?:[;|\n+/]|\s-\s*and\s|\s\\)\s*")
_COMPONENT = re.compile(r"\s*(?:[,()\[\]:@·•]|\s[-–—]+(?=\s)|[–—]|\s(?:at|AT|@)\s)\s*")


def word_set(text: str) -> frozenset[str]:
    """A set of words, written one after the other."""
    return frozenset(text.split())


# Words that say what kind of thing a name is, or which field it is in, but not which one it is.
GENERIC = word_set("""
    a an and at by da das de del della der des di do du e el en et for fur im in la las le les los of on the
    to und with y academy ag association bv center centers centre centres co college company conservatory corp
    corporation council department departments dept division ecole escuela fachbereich facultad faculte
    faculty foundation fundacion gmbh graduate group hochschule hospital inc institut institute institutes
    instituto istituto lab labo laboratoire laboratories laboratorio laboratory labs limited llc ltd ministry
    office organisation organization plc program programme project r d research researcher researchers school
    schools section society team unit units univ universidad universidade universita universitaet universitat
    universite universiteit universitet university uni advanced agricultural agriculture ai algorithms
    analysis analytics applied architecture art artificial arts astronomy astrophysics automation autonomous
    big bio biochemistry bioinformatics biological biology biomedical biostatistics brain business chemical
    chemistry civil clinical cognition cognitive college communication communications comp computation
    computational computer computers computing control cs cse cyber data decision deep design development
    digital dynamics earth economics economy ece education eecs electric electrical electronic electronics
    engineering engineer environment environmental ee epidemiology finance financial fundamental future
    general genetics genomics geography geology geosciences global health high human humanities imaging
    independent industrial industry informatics information innovation innovations integrated intelligence
    intelligent interdisciplinary international internet key knowledge language languages learning library
    life linguistics logic machine machines management marketing material materials math mathematical
    mathematics maths mechanical mechanics media medical medicine methods mind modeling molecular multimedia
    natural national network networking networks neural neuro neuroscience neurosciences nuclear operations
    optimization parallel perception pharmacy philosophy physical physics policy postdoc power probability
    process processing professor psychiatry psychology public pure quantum robot robotics science sciences
    scientific scientist security self senior signal sistemas smart social software sound space speech state
    statistical statistics strategic studies student students study supercomputing system systems tech
    technical technological technologies technology telecommunication telecommunications theoretical theory
    transportation undergraduate vision visual web phd ph doctoral candidate master bachelor msc bsc intern
    engineer lead chief officer founder freelance freelancer retired unaffiliated unknown none null na n
    anonymous other others tbd private individual home self employed visiting assistant associate lecturer
    doctor fellow first second third new open free main campus city north south east west northern southern
    eastern western northeast northwest southeast southwest 1 2 3 4 5 6 7 8 9 0 i ii iii iv
""")


def plain(text: str) -> str:
    """The string with HTML entities undone (also twice), control characters as blanks, and white space
    folded; at most ``LONGEST`` characters."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    text = text[: 2 * LONGEST]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:LONGEST]


def key(text: str) -> str:
    """The form in which two names are the same: small letters, no accents, '&' as 'and', no punctuation, no
    leading 'the'.

    Letters of other scripts stay. An apostrophe joins ("king's" is "kings").
    """
    if text.isascii():
        words = text.translate(_ASCII).split()
    else:
        text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
        text = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
        words = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFC", text)).split()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return " ".join(words)


def generic(words: list[str]) -> bool:
    """Whether the words name no institution in particular ('department of mathematics')."""
    return all(word in GENERIC or word.isdecimal() for word in words)


def several(text: str) -> list[str]:
    """The parts of a string that lists institutions, by signs that stand between institutions alone; one part
    where it has none."""
    return [part for part in _SEVERAL.split(text) if part.strip(" .,-")]


def components(text: str) -> list[str]:
    """The parts of one institution's string: at commas, brackets, dashes, colons, 'at'."""
    return [part for part in _COMPONENT.split(text) if part]
