"""Text of our own for comparisons: short answers, label sequences, adversarial strings. All seeded."""

import random

_WORDS = (
    "yes no Yes No. two 2 2. 2.0 10:30 10:30. 1,000 1000 the a an cat cats dog's dont don't wont none zero ten",
    "u.s. 3.5 $5 50% red/blue blue-green (left) [x] isnt somebody'd couldnt've what? c/o @home back`tick １２",
    "٣,٤ café 你好 شكرا 😀 İzmir ß STREET __ - -- ... . , ; : ' \" !!! a. The. AN x_y Hello, world",
)
WORDS = [word for line in _WORDS for word in line.split()]
ADVERSARIAL = (
    "",
    " ",
    "\n\t ",
    "!!!???...",
    "a an the",
    "你好 世界",
    "你好世界",
    "مرحبا بالعالم",
    "e\u0301te\u0301",
    "été",
    "👩‍👩‍👧 family 😀",
    "１２３ ４５",
    "ＦＵＬＬ width",
    "ﬁne ligature ﬂow",
    "\u200bzero\u200bwidth",
    "tab\tand\nnewline",
    "word " * 10_000,
    "nowhitespace" * 500,
    ". " * 40 + "end.",
    "1,234 and (more) punctuation!",
    "the the the the",
    "\x00nul",
    "İstanbul ß ǅ",
)


def phrase(chance: random.Random) -> str:
    """Return 0 to 5 words glued in odd ways."""
    count = chance.choice((0, 1, 1, 1, 2, 2, 3, 5))
    return "".join(
        chance.choice(WORDS) + chance.choice((" ", " ", "", "  ", ", ", ". ", "\n")) for _ in range(count)
    )


def variant(chance: random.Random, text: str) -> str:
    """Return the text, or a trivially different one."""
    ways = (text, text, text.lower(), text.upper(), text + ".", text.strip(), " " + text, text.replace(" ", ""))
    return chance.choice(ways)


def answered(seed: int, count: int, people: tuple[int, ...] = (4, 5, 10, 10)) -> list[tuple[str, list[str]]]:
    """Return pairs of a prediction and several people's answers that often nearly agree."""
    chance = random.Random(seed)
    pairs = []
    for _ in range(count):
        base = [phrase(chance) for _ in range(chance.choice((1, 2, 3)))]
        number = chance.choice(people)
        same = chance.random() < 0.2
        given = [base[0] if same else variant(chance, chance.choice(base)) for _ in range(number)]
        pairs.append((variant(chance, chance.choice(base + given)), given))
    return pairs


def overlapping(seed: int, count: int, references: int = 2) -> list[tuple[str, list[str]]]:
    """Return pairs that share part of their words, some of them misspelt, repeated or out of order."""
    chance = random.Random(seed)
    pairs = []
    for _ in range(count):
        words = [chance.choice(WORDS) for _ in range(chance.randint(2, 9))]
        texts = []
        for _ in range(references + 1):
            kept = [word for word in words if chance.random() < 0.7] + chance.choices(
                words, k=chance.randint(0, 2)
            )
            if chance.random() < 0.3:
                chance.shuffle(kept)
            text = list(" ".join(kept))
            for _ in range(chance.randint(0, 2)):
                if text:
                    text[chance.randrange(len(text))] = chance.choice("aeiou x")
            texts.append("".join(text))
        pairs.append((texts[0], texts[1:]))
    return pairs


def adversarial(people: int = 10) -> list[tuple[str, list[str]]]:
    """Return every adversarial text against itself, against the next one and against a mixture."""
    pairs = []
    for place, text in enumerate(ADVERSARIAL):
        other = ADVERSARIAL[(place + 1) % len(ADVERSARIAL)]
        pairs += [(text, [text] * people), (text, [other] * people), (text, [text, other] * (people // 2))]
    return pairs


def labelled(seed: int, count: int, labels: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return targets and answers; one answer in six is no label."""
    chance = random.Random(seed)
    targets = [chance.choice(labels) for _ in range(count)]
    answers = [chance.choice((target, *labels, "no label at all")) for target in targets]
    return targets, answers


def scored(seed: int, count: int, options: int, spread: float) -> tuple[list[int], list[tuple[float, ...]]]:
    """Return target indices and normal scores that lean to the target."""
    chance = random.Random(seed)
    targets = [chance.randrange(options) for _ in range(count)]
    scores = [
        tuple(chance.gauss(spread * (place == target), spread) - 3.0 for place in range(options))
        for target in targets
    ]
    return targets, scores
