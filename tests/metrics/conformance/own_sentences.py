"""Sentences of our own for comparisons of text metrics: translations, captions, summaries, speech. All seeded."""

import random

_PEOPLE = (
    "a man",
    "two women",
    "the old farmer",
    "Dr. Lee",
    "my neighbour's child",
    "nobody",
    "3 girls",
    "Mr. O'Hara",
)
_DOES = (
    "is riding",
    "sits on",
    "doesn't see",
    "has painted",
    "can't lift",
    "looks at",
    "bought",
    "won't leave",
    "sells",
)
_THINGS = (
    *(
        "a well-worn bicycle",
        "the red door",
        "two cups of tea",
        "a half-eaten sandwich",
        "1,250 books",
        "the U.S. map",
    ),
    *("a $5 hat", "grandma's piano", "an 8-foot-tall tree", "the ticket (no. 42)", 'a sign that says "stop"'),
)
_WHERE = (
    *(
        "in the park",
        "near the harbour at 7:30 a.m.",
        "on Elm St.",
        "under a blue-green umbrella",
        "by the sea, at noon",
    ),
    *("behind the house", "in front of 10 people", "at the market; it is raining", "with care", "every day"),
)
_GERMAN = (
    "der die ein Mann Frau Hund läuft über die Straße, schläft im Garten. fährt mit dem Zug 3,5 Kilometer".split()
)
_FRENCH = "l'homme une fille d'abord n'a pas aujourd'hui où être à côté de la maison ; « oui » dit-elle !".split()
_CHINESE = "一个男人在公园里骑自行车。两个女孩喝茶，看书。今天没有人。"
_OTHER = (
    "мальчик читает книгу.",
    "ولد يقرأ كتابا",
    "ילד קורא ספר",
    "जल जीवन है",
    "こんにちは世界。",
    "e\u0301te\u0301 ñandú",
    "👍 ok 😀",
)


def sentence(chance: random.Random) -> str:
    """Return one English sentence with numbers, abbreviations, quotation marks and the like."""
    parts = [chance.choice(part) for part in (_PEOPLE, _DOES, _THINGS, _WHERE)]
    text = " ".join(parts[: chance.choice((2, 3, 4, 4))])
    return text[0].upper() + text[1:] + chance.choice((".", ".", "", "!", " .", "..."))


def foreign(chance: random.Random) -> str:
    """Return one sentence in another language or script."""
    kind = chance.randrange(4)
    if kind == 0:
        return " ".join(chance.choices(_GERMAN, k=chance.randint(2, 9)))
    if kind == 1:
        return " ".join(chance.choices(_FRENCH, k=chance.randint(2, 9)))
    if kind == 2:
        return "".join(chance.choices(_CHINESE, k=chance.randint(2, 16)))
    return chance.choice(_OTHER)


def near(chance: random.Random, text: str) -> str:
    """Return a text that shares much with another one: words dropped, doubled, moved, or in other letters."""
    words = text.split(" ")
    for _ in range(chance.randint(0, 3)):
        place = chance.randrange(len(words))
        how = chance.randrange(5)
        if how == 0 and len(words) > 1:
            del words[place]
        elif how == 1:
            words.insert(place, words[place])
        elif how == 2:
            words.insert(chance.randrange(len(words)), words.pop(place))
        elif how == 3:
            words[place] = words[place].upper() if chance.random() < 0.5 else words[place].strip(".,!")
        else:
            words[place] = chance.choice(("thing", "Runs", "happily", "the"))
    return " ".join(words)


def pairs(seed: int, count: int, references: int = 3, english: float = 0.7) -> list[tuple[str, list[str]]]:
    """Return hypotheses with one to several references; some references are doubled, a few texts are empty."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        base = sentence(chance) if chance.random() < english else foreign(chance)
        refs = [near(chance, base) for _ in range(chance.randint(1, references))]
        refs += refs[:1] if chance.random() < 0.1 else []
        hypothesis = near(chance, base) if chance.random() < 0.9 else chance.choice(("", "?!", foreign(chance)))
        made.append((hypothesis, refs if chance.random() < 0.97 else [""]))
    return made


def corpora(seed: int, count: int, references: int = 3, english: float = 0.7) -> list[list[tuple[str, list[str]]]]:
    """Return small corpora of one to six pairs."""
    chance = random.Random(seed)
    return [pairs(seed * 1000 + place, chance.randint(1, 6), references, english) for place in range(count)]


def texts(seed: int, count: int) -> list[tuple[str, list[str]]]:
    """Return pairs of texts of several sentences, parted by newlines or spaces, as summaries are."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        base = [sentence(chance) for _ in range(chance.randint(1, 5))]
        refs = []
        for _ in range(chance.randint(1, 3)):
            kept = [near(chance, line) for line in base if chance.random() < 0.8]
            chance.shuffle(kept)
            refs.append(chance.choice(("\n", " ", "\n\n")).join(kept))
        said = chance.choice(("\n", " ")).join(near(chance, line) for line in chance.sample(base, len(base)))
        made.append((said, refs))
    return made


_SPOKEN = (
    *("twenty one", "one oh one", "two thousand and five", "the 3rd of may", "uh", "um", "mr. smith", "dr. jones"),
    *(
        "it's",
        "can't",
        "won't",
        "they're",
        "gonna",
        "$5",
        "five dollars",
        "50%",
        "fifty percent",
        "colour",
        "centre",
    ),
    *(
        "one and a half",
        "minus ten",
        "triple seven",
        "[noise]",
        "(laughs)",
        "hello, world!",
        "O.K.",
        "half past two",
    ),
    *(
        "café",
        "naïve",
        "你好",
        "zero point five",
        "the first",
        "nineteen sixties",
        "1960s",
        "ten million euros",
        "and",
    ),
)


def transcripts(seed: int, count: int) -> list[tuple[str, str]]:
    """Return pairs (heard, said) of spoken language; sometimes one or both are silence."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        words = [chance.choice((*_SPOKEN, *_PEOPLE, *_WHERE)) for _ in range(chance.randint(0, 7))]
        said = chance.choice((" ", "  ", " ")).join(words)
        heard = near(chance, said) if said else chance.choice(("", "hm", "thank you for watching"))
        made.append((heard if chance.random() < 0.95 else "", said))
    return made


_ODD = (
    *("o'clock", "'em", "rock'n'roll", "'tis", "cannot", "Gonna", "y'all", "’s", "don’t", "N'T", "etc.", "etc.,"),
    *(
        "U.S.",
        "Ph.D.",
        "No. 5",
        "no. five",
        "fig. 3",
        "Inc.",
        "St. John",
        "e.g.",
        "5'10\"",
        "3/4",
        "2 1/2",
        "½",
        "1990s",
    ),
    *(
        "'90s",
        "-5",
        "1,000.50",
        "10:30",
        "$20",
        "£5",
        "€3",
        "50%",
        "AT&T",
        "R&D",
        "C++",
        "C#",
        "#tag1",
        "@user",
        "(x)",
    ),
    *(
        "[y]",
        "{z}",
        "...",
        "....",
        "--",
        "---",
        "–",
        "—",
        "?!",
        "!!",
        ":)",
        ":-(",
        ";D",
        "<3",
        "<b>",
        "</b>",
        "&amp;",
    ),
    *(
        "http://a.bc/de?f=g",
        "www.site.org",
        "me@site.org",
        "file.txt",
        "a_b",
        "__",
        "and/or",
        "1-2",
        "t-shirt",
        "A. The",
    ),
    *(
        "“quoted”",
        "‘q’",
        "``x''",
        "«g»",
        "猫が好き",
        "é",
        "e\u0301",
        "１２３",
        "😀",
        "\u200b",
        "\u00a0",
        "(555) 123-4567",
    ),
)


def odd_text(chance: random.Random) -> str:
    """Return words and signs that tokenisers stumble over, glued or parted."""
    plain = sentence(chance).split(" ")
    parts = [chance.choice(_ODD if chance.random() < 0.5 else plain) for _ in range(chance.randint(1, 9))]
    return "".join(part + chance.choice((" ", " ", " ", "", ", ", ". ")) for part in parts)
