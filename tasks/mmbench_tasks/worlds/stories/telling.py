"""Telling: the log becomes a report, a dialogue or a letter, with other things in between."""

import re
from functools import cache
from typing import NamedTuple

from mmbench_tasks.worlds.phrases import numbers
from mmbench_tasks.worlds.phrases.numbers import english as number_words
from mmbench_tasks.worlds.stories.plots import decoys, people, plots
from mmbench_tasks.worlds.stories.story import Happening, Story, clock
from mmbench_tasks.worlds.streams import Stream

FORMS = ("report", "dialogue", "letter", "log")
_ASIDES = {1: 0, 2: 1, 3: 1, 4: 2, 5: 3}
"""How many sentences at each level have nothing to do with anybody in the plots."""
_DECOYS = {1: 0, 2: 2, 3: 3, 4: 7, 5: 10}
"""How many sentences at each level tell what the same people do that does not matter."""
_DATED = {1: 0.75, 2: 0.7, 3: 0.65, 4: 0.55, 5: 0.45}
"""How likely a sentence of each level is to give the time of day."""
_REPLIES = (
    "Go on.",
    "And then?",
    "I see. What else?",
    "Mm-hm.",
    "All right.",
    "What next?",
    "Right. Anything else?",
    "Good to know.",
    "Noted.",
    "Let me write that down.",
    "Ah, that explains it.",
    "Wait a moment. Yes, go on.",
    "I had wondered about that.",
    "Is that all?",
)
_LEADS = (
    *("",) * 6,
    "Well, ",
    "Let me think. ",
    "As far as I know, ",
    "Oh, and ",
    "Yes. ",
    "You know what? ",
    "Let me see, ",
    "What else? ",
    "I nearly forgot: ",
)
_ASKED = (
    "What did I miss today?",
    "So, how was your day?",
    "You look tired. Was there a lot going on?",
    "Tell me everything.",
    "I have been away all day. What is the news?",
    "Do you have a minute? I need to know what happened.",
)
_GREETINGS = ("Dear {x},", "Hello {x},", "Dear {x}, I hope you are well.", "Hi {x}, here is my news.")
_CLOSINGS = ("Best wishes,\n{y}", "Yours,\n{y}", "See you soon,\n{y}", "Love,\n{y}")
_LATER = ("{n} minutes later", "{n} minutes after that")
_THEN = ("A little later", "Shortly afterwards", "Some time after that", "After a while", "Next")


class Told(NamedTuple):
    """A text, where each event of the log is told in it, and which times it lets one know.

    ``events`` and ``times`` run beside the log: the span of the event's sentence, and its minute if the text gives
    it or lets one calculate it.
    """

    form: str
    text: str
    events: tuple[tuple[int, int], ...]
    times: tuple[int | None, ...]


class _Sentence(NamedTuple):
    """``tied``: nothing may come between it and the event before, of whose person or time it speaks."""

    text: str
    event: int | None
    minute: int | None = None
    tied: bool = False


def tell(chance: Stream, story: Story, level: int, form: str) -> Told:
    """Tell a story as a report, dialogue, letter or log."""
    sentences = _sentences(chance, story, level, form)
    opening = chance.choice(story.setting.openings).format(weekday=story.weekday) + "."
    if form == "dialogue":
        return _joined(form, story, _dialogue(chance, story, opening, sentences), "\n")
    if form == "log":
        title = f"{numbers.capital(story.setting.phrase[4:])}, {story.weekday}"
        return _joined(form, story, [_Sentence(title, None), *sentences], "\n")
    if form == "report":
        return _joined(form, story, [_Sentence(opening, None), *sentences], " ")
    x, y = (name for name, _ in _outsiders(chance, story))
    first = _Sentence(f"{chance.choice(_GREETINGS).format(x=x)}\n\n{opening}", None)
    told = _joined(form, story, [first, *sentences], " ")
    return told._replace(text=f"{told.text}\n\n{chance.choice(_CLOSINGS).format(y=y)}")


def _outsiders(chance: Stream, story: Story) -> list[tuple[str, bool]]:
    """Draw two people who have no part in the story."""
    return chance.sample([person for person in people() if person not in story.cast], 2)


def _sentences(chance: Stream, story: Story, level: int, form: str) -> list[_Sentence]:
    """Tell the events in order, with what else went on between them."""
    said: list[_Sentence] = []
    before: Happening | None = None
    known: int | None = None
    for index, happening in enumerate(story.log):
        text = chance.choice(happening.event.tellings)
        words, known = _when(chance, text, happening, known, level, before is not None)
        filled = _fill(text, happening.slots)
        again = level > 1 and form != "log" and _same_person(story, before, happening, text)
        if again:
            filled = _pronoun(story, happening.person) + filled[len(happening.person) :]
        if form == "log":
            words, known, filled = "", happening.minute, f"{clock(happening.minute)}  {filled}"
        said.append(_Sentence(_lead(words, filled), index, known, again or " minutes " in words))
        before = happening
    others = [*chance.sample(story.setting.asides, _ASIDES[level]), *_decoys(chance, story, level)]
    return _padded(chance, said, others, form)


def _padded(chance: Stream, said: list[_Sentence], others: list[str], form: str) -> list[_Sentence]:
    """Put what does not matter between the events."""
    gaps = [i for i in range(len(said) + 1) if i == len(said) or not said[i].tied]
    before: dict[int, list[_Sentence]] = {}
    mark = "Note: " if form == "log" else ""
    for other in chance.shuffled(others):
        before.setdefault(chance.choice(gaps), []).append(_Sentence(f"{mark}{other}.", None))
    found = []
    for i, sentence in enumerate(said):
        found += [*before.get(i, ()), sentence]
    return found + before.get(len(said), [])


def _decoys(chance: Stream, story: Story, level: int) -> list[str]:
    """Return what people of the story also do, half of it with its things; who goes home ill is left out."""
    told = list(zip(story.plots, story.slots, strict=True))
    absent = {slots["p"] for plot, slots in told if plot.id == "shift"}
    actors = [name for name in dict.fromkeys(one.person for one in story.log) if name not in absent]
    found: list[str] = []
    if not _DECOYS[level]:
        return found
    about = [(text, slots) for plot, slots in told for text in _topical()[plot.id]]
    count = min(len(about), (_DECOYS[level] + 1) // 2)
    other = chance.sample(_topical()[""], _DECOYS[level] - count)
    for text, slots in [*chance.sample(about, count), *((text, story.slots[0]) for text in other)]:
        x, y = chance.sample(actors, 2)
        found.append(text.format_map(slots | {"x": x, "y": y, "c": chance.choice(story.setting.places)}))
    return found


@cache
def _topical() -> dict[str, tuple[str, ...]]:
    """Return for each plot the decoys that name what it is about, and under "" those that name nothing."""
    gaps = ("{o}", "{items}", "{group}")
    found = {"": tuple(text for text in decoys() if not any(gap in text for gap in gaps))}
    for plot in plots():
        told = " ".join(text for event in plot.events for text in event.tellings)
        own = tuple(gap for gap in gaps if gap in told)
        found[plot.id] = tuple(text for text in decoys() if any(gap in text for gap in own))
    return found


def _when(
    chance: Stream, text: str, happening: Happening, known: int | None, level: int, begun: bool
) -> tuple[str, int | None]:
    """Return the words for the time, and the minute if they let one know it.

    ``known`` is the minute of the event before, if the text gives it; ``begun``: there was one.
    """
    if not text.startswith(("{p}", "{q}", "{r}", "{s}", "The ")):
        return "", None
    if known is not None and chance.chance(0.08 * level):
        gap = happening.minute - known
        return chance.choice(_LATER).format(n=number_words(gap).capitalize()), happening.minute
    draw = chance.random()
    if draw < _DATED[level] or not begun:
        return f"At {clock(happening.minute)}", happening.minute
    return (chance.choice(_THEN) if draw < 0.85 else ""), None


def _same_person(story: Story, before: Happening | None, now: Happening, text: str) -> bool:
    """Whether "she" or "he" can only be the one who acted in the sentence before."""
    if before is None or before.person != now.person or not text.startswith("{" + now.event.person + "}"):
        return False
    women = dict(story.cast)
    sex = women[now.person]
    return not any(women.get(name) == sex for name in before.slots.values() if name != now.person)


def _pronoun(story: Story, name: str) -> str:
    return "She" if dict(story.cast)[name] else "He"


def _lead(words: str, sentence: str) -> str:
    if not words:
        return sentence
    first = sentence.split(" ", 1)[0]
    return f"{words}, {sentence[0].lower() + sentence[1:] if first in ('The', 'She', 'He') else sentence}"


def _fill(text: str, slots: dict[str, str]) -> str:
    """Fill the slots; a number that begins the sentence is written in words."""
    if text.startswith(("{n}", "{k}")):
        number = number_words(int(slots[text[1]])).capitalize()
        text = number + text[3:]
    return text.format_map(slots)


def _dialogue(chance: Stream, story: Story, opening: str, sentences: list[_Sentence]) -> list[_Sentence]:
    """Give the sentences to one of two speakers, with the other one's remarks in between."""
    (asks, _), (tells, _) = _outsiders(chance, story)
    said = [_Sentence(f"{asks}: {chance.choice(_ASKED)}", None), _Sentence(f"{tells}: {opening}", None)]
    replies, leads = chance.shuffled(_REPLIES), chance.shuffled(_LEADS)
    for i, sentence in enumerate(sentences):
        answered = i == 0 or chance.chance(0.4)
        if answered:
            said.append(_Sentence(f"{asks}: {replies[i % len(replies)]}", None))
        lead = leads[i % len(leads)]
        text = lead + (_small(sentence.text) if lead.endswith((", ", "and ", ": ")) else sentence.text)
        said.append(sentence._replace(text=f"{tells}: {text}"))
    return said


def _small(text: str) -> str:
    """Begin with a small letter unless the sentence begins with a name."""
    first = _WORD.match(text)
    return text if first and first.group() in _names() else text[0].lower() + text[1:]


_WORD = re.compile("[A-Za-z]+")


@cache
def _names() -> frozenset[str]:
    return frozenset(name for name, _ in people())


def _joined(form: str, story: Story, sentences: list[_Sentence], gap: str) -> Told:
    spans: dict[int, tuple[int, int]] = {}
    times: dict[int, int | None] = {}
    parts: list[str] = []
    at = 0
    for sentence in sentences:
        if sentence.event is not None:
            spans[sentence.event] = (at, at + len(sentence.text))
            times[sentence.event] = sentence.minute
        parts.append(sentence.text)
        at += len(sentence.text) + len(gap)
    order = range(len(story.log))
    return Told(form, gap.join(parts), tuple(spans[i] for i in order), tuple(times[i] for i in order))
