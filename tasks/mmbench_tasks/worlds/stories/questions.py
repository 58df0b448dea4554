"""Questions on a story: five kinds, each with an answer that follows from the log and the text."""

from collections.abc import Callable
from typing import NamedTuple

from mmbench_tasks.worlds.phrases.numbers import english as number_words
from mmbench_tasks.worlds.stories.plots import Event, Plot
from mmbench_tasks.worlds.stories.story import Happening, Story, clock, result
from mmbench_tasks.worlds.stories.telling import Told
from mmbench_tasks.worlds.streams import Stream


class Question(NamedTuple):
    """A question, its answers (none: the text does not say) and the log entries that one needs to answer it."""

    text: str
    answers: tuple[str, ...]
    evidence: tuple[int, ...] = ()


def _ask(template: str, slots: dict[str, str], who: str = "") -> str:
    return template.format(S=who, **slots)


def _answers(value: str) -> tuple[str, ...]:
    """Return the ways to write an answer: figures and words for numbers."""
    return (value, number_words(int(value))) if value.isdigit() else (value,)


def _number(value: int) -> tuple[str, ...]:
    return str(value), number_words(value)


def extractive(chance: Stream, story: Story, told: Told) -> Question:
    """Ask for something that one sentence says."""
    index = chance.below(len(story.log))
    happening = story.log[index]
    slot = chance.choice(tuple(happening.event.questions))
    text = _ask(chance.choice(happening.event.questions[slot]), happening.slots, happening.person)
    value = happening.slots[slot]
    if value in text or not _stated(value, told, index):
        return extractive(chance, story, told)
    return Question(text, _answers(value), (index,))


def _stated(value: str, told: Told, index: int) -> bool:
    """Whether the sentence of the event gives the value: not every way to tell it does."""
    start, end = told.events[index]
    sentence = told.text[start:end].lower()
    if value.isdigit():
        return value in sentence or number_words(int(value)) in sentence
    return value.lower() in sentence


def multi_hop(chance: Stream, story: Story, told: Told) -> Question:
    """Ask for something that takes two sentences: somebody or something is named by what happened elsewhere."""
    if chance.chance(0.5):
        return _bridge(chance, story, told)
    doers = [(i, j) for i, one in enumerate(story.log) for j, other in enumerate(story.log) if _linked(one, other)]
    if not doers:
        return _bridge(chance, story, told)
    first, second = chance.choice(doers)
    one, other = story.log[first], story.log[second]
    who = f"the person who {one.event.did.format(**one.slots)}"
    slots = [slot for slot, asked in other.event.questions.items() if "{S}" in asked[0]]
    slot = chance.choice(slots)
    text = _ask(
        chance.choice([asked for asked in other.event.questions[slot] if "{S}" in asked]), other.slots, who
    )
    value = other.slots[slot]
    if value in text or not _stated(value, told, second):
        return _bridge(chance, story, told)
    return Question(text, _answers(value), (first, second))


def _linked(one: Happening, other: Happening) -> bool:
    """Whether both were done by one person, and the other has something to ask of that person."""
    return one is not other and one.person == other.person and bool(_asking(other.event))


def _asking(event: Event) -> list[str]:
    """Return the slots whose questions name the one who acts."""
    return [slot for slot, asked in event.questions.items() if all("{S}" in text for text in asked)]


def _bridge(chance: Stream, story: Story, told: Told) -> Question:
    plot = chance.below(len(story.plots))
    asked = story.plots[plot].bridges
    slot = chance.choice(tuple(asked))
    slots = story.slots[plot]
    text = _ask(chance.choice(asked[slot]), slots)
    value = slots[slot]
    if value in text or value not in told.text:
        return _bridge(chance, story, told)
    return Question(text, _answers(value), _of_plot(story, plot))


def _of_plot(story: Story, plot: int) -> tuple[int, ...]:
    return tuple(i for i, happening in enumerate(story.log) if happening.plot == plot)


def temporal(chance: Stream, story: Story, told: Told) -> Question:
    """Ask when, who was first, or where a thing was at a time."""
    kinds = (_when, _when, _where, lambda *_: None)
    found = chance.choice(kinds)(chance, story, told)
    return found or _first(chance, story)


def _timed(told: Told) -> list[int]:
    return [i for i, minute in enumerate(told.times) if minute is not None]


def _when(chance: Stream, story: Story, told: Told) -> Question | None:
    options = _timed(told)
    if not options:
        return None
    index = chance.choice(options)
    happening = story.log[index]
    template = chance.choice(
        ("At what time did {S} {do}?", "When did {S} {do}?", "What time was it when {S} {did}?")
    )
    do, did = (text.format(**happening.slots) for text in (happening.event.do, happening.event.did))
    text = template.format(S=happening.person, do=do, did=did)
    return Question(text, (clock(happening.minute),), (index,))


_WHEN = ("At what time did {S} {do}?", "When did {S} {do}?", "What time was it when {S} {did}?")


def _first(chance: Stream, story: Story) -> Question:
    """Ask which of two people was first; what they did is said, so that one need not guess which deed is meant."""
    pairs = [
        (i, j)
        for i, one in enumerate(story.log)
        for j, other in enumerate(story.log)
        if i < j and one.person != other.person
    ]
    first, second = chance.choice(pairs)
    shown = [first, second] if chance.chance(0.5) else [second, first]
    (x, did_x), (y, did_y) = (
        (story.log[i].person, story.log[i].event.did.format(**story.log[i].slots)) for i in shown
    )
    early = chance.chance(0.5)
    order = chance.choice(("first", "earlier")) if early else chance.choice(("last", "later"))
    text = chance.choice(_ORDER).format(x=x, y=y, did_x=did_x, did_y=did_y, order=order)
    return Question(text, (story.log[first if early else second].person,), (first, second))


_ORDER = (
    "{x} {did_x}, and {y} {did_y}. Who of the two did so {order}?",
    "Who was {order}: {x}, who {did_x}, or {y}, who {did_y}?",
    "Of {x}, who {did_x}, and {y}, who {did_y}, who was {order}?",
)


def _where(chance: Stream, story: Story, told: Told) -> Question | None:
    """Ask where a thing was at a time between two moves that the text dates."""
    plot = chance.below(len(story.plots))
    moves = [i for i in _of_plot(story, plot) if story.log[i].event.state]
    if not moves or any(told.times[i] is None for i in moves):
        return None
    at = chance.below(len(moves))
    start = story.log[moves[at]].minute
    end = story.log[moves[at + 1]].minute if at + 1 < len(moves) else start + 60
    if end - start < 10:
        return None
    minute = start + 5 * chance.between(1, (end - start) // 5 - 1)
    slots = story.slots[plot]
    template = chance.choice(("Where was the {o} at {time}?", "In which place was the {o} at {time}?"))
    text = template.format(o=slots["o"], time=clock(minute))
    return Question(text, (slots[story.log[moves[at]].event.state],), tuple(moves))


def numerical(chance: Stream, story: Story, told: Told) -> Question:
    """Ask for a number that has to be calculated."""
    plots = [i for i, plot in enumerate(story.plots) if plot.sums]
    if plots and chance.chance(0.6):
        return _sum(chance, story, chance.choice(plots))
    timed = _timed(told)
    if len(timed) < 2:
        return _sum(chance, story, chance.choice(plots)) if plots else _people(chance, story)
    first, second = sorted(chance.sample(timed, 2))
    one, other = story.log[first], story.log[second]
    text = chance.choice(_SPANS).format(
        x=one.person,
        y=other.person,
        did_x=one.event.did.format(**one.slots),
        did_y=other.event.did.format(**other.slots),
    )
    return Question(text, _number(other.minute - one.minute), (first, second))


_SPANS = (
    "How many minutes passed between the moment when {x} {did_x} and the moment when {y} {did_y}?",
    "{x} {did_x}. How many minutes later was it that {y} {did_y}?",
    "How many minutes before {y} {did_y} was it that {x} {did_x}?",
)


def _sum(chance: Stream, story: Story, plot: int) -> Question:
    name = chance.choice(tuple(story.plots[plot].sums))
    slots = story.slots[plot]
    text = _ask(chance.choice(story.plots[plot].sums[name]), slots)
    return Question(text, _number(result(name, slots)), _of_plot(story, plot))


def _people(chance: Stream, story: Story) -> Question:
    """Ask how many people had a part in a plot."""
    plot = chance.below(len(story.plots))
    happenings = [happening for happening in story.log if happening.plot == plot]
    thing = story.slots[plot]["o"]
    names = {happening.person for happening in happenings}
    text = f"How many different people did something in the matter of the {thing}?"
    return Question(text, _number(len(names)), _of_plot(story, plot))


def unanswerable(chance: Stream, story: Story, told: Told) -> Question:
    """Ask what the text does not say: something untold, or a question with a false assumption."""
    draw = chance.random()
    if draw < 0.4:
        plot = chance.below(len(story.plots))
        return Question(_ask(chance.choice(story.plots[plot].open), story.slots[plot]), ())
    if draw < 0.7:
        return _wrong_person(chance, story, told)
    return _wrong_thing(chance, story, told)


def _wrong_person(chance: Stream, story: Story, told: Told) -> Question:
    """Ask somebody's doing of a person who did not do it."""
    happening = chance.choice(story.log)
    slots = [slot for slot, asked in happening.event.questions.items() if "{S}" in asked[0]]
    did = {other.person for other in story.log if other.event is happening.event}
    others = [name for name, _ in story.cast if name not in did and name not in happening.slots.values()]
    if not others:
        return _wrong_thing(chance, story, told)
    who = chance.choice(others)
    if slots and chance.chance(0.6):
        asked = [text for text in happening.event.questions[chance.choice(slots)] if "{S}" in text]
        return Question(_ask(chance.choice(asked), happening.slots, who), ())
    return Question(f"At what time did {who} {happening.event.do.format(**happening.slots)}?", ())


def _wrong_thing(chance: Stream, story: Story, told: Told) -> Question:
    """Ask of another thing what the text tells of one."""
    options = [happening for happening in story.log if any("{o}" in text for text in _all(happening.event))]
    things = [thing for thing in story.setting.objects if thing not in told.text]
    if not options:
        plot = chance.below(len(story.plots))
        return Question(_ask(chance.choice(story.plots[plot].open), story.slots[plot]), ())
    happening = chance.choice(options)
    used = [slots["o"] for plot, slots in zip(story.plots, story.slots, strict=True) if _uses_object(plot)]
    rivals = [thing for thing in used if thing != happening.slots["o"]]
    thing = chance.choice(rivals) if rivals and chance.chance(0.6) else chance.choice(things)
    asked = [text for text in _all(happening.event) if "{o}" in text]
    return Question(_ask(chance.choice(asked), {**happening.slots, "o": thing}, happening.person), ())


def _all(event: Event) -> list[str]:
    return [text for asked in event.questions.values() for text in asked]


def _uses_object(plot: Plot) -> bool:
    return any("{o}" in text for event in plot.events for text in event.tellings)


KINDS: dict[str, Callable[[Stream, Story, Told], Question]] = {
    "extractive": extractive,
    "multi_hop": multi_hop,
    "temporal": temporal,
    "numerical": numerical,
    "unanswerable": unanswerable,
}
