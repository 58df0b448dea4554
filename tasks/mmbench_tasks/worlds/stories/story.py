"""Stories: a setting, a cast, one to three plots, and the log of what happened when."""

from functools import cache
from typing import NamedTuple

from mmbench_tasks.worlds.stories.plots import Event, Plot, Setting, people, plots, settings
from mmbench_tasks.worlds.streams import Stream

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")
_MEETING_DAYS = ("Friday", "Saturday", "Sunday")
_TREATS = ("biscuits", "sandwiches", "badges", "apples", "postcards", "glasses of juice", "paper hats", "pancakes")
_FORGOTTEN = (
    "umbrella",
    "scarf",
    "backpack",
    "lunch box",
    "straw hat",
    "notebook",
    "walking stick",
    "sun glasses case",
)
_PRIZES = (
    "a jar of honey",
    "a box of chocolates",
    "a silver whistle",
    "a pot plant",
    "a cinema ticket",
    "a woollen hat",
)
_PLOTS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 3}
"""How many plots a story of each level has."""


class Happening(NamedTuple):
    """An event in the log: whose plot, which event, with what in its slots, and when (minutes since midnight)."""

    plot: int
    event: Event
    slots: dict[str, str]
    minute: int

    @property
    def person(self) -> str:
        """The one who acts."""
        return self.slots[self.event.person]


class Story(NamedTuple):
    """What happened. ``log`` is in order of time; ``slots`` has one entry a plot."""

    setting: Setting
    weekday: str
    cast: tuple[tuple[str, bool], ...]
    plots: tuple[Plot, ...]
    slots: tuple[dict[str, str], ...]
    log: tuple[Happening, ...]


class Scene(NamedTuple):
    """Where a story is set, and what happens there."""

    setting: Setting
    plots: tuple[Plot, ...]


class Core(NamedTuple):
    """What decides the split of a story: its setting, and who has the main parts in its first plot."""

    scene: Scene
    main: tuple[tuple[str, bool], ...]

    @property
    def key(self) -> str:
        """The words of the core, all of which every telling of the story has."""
        setting, chosen = self.scene
        return f"{setting.id} {chosen[0].id} {' '.join(name for name, _ in self.main)}"


def scene(chance: Stream, level: int) -> Scene:
    """Draw a setting and its plots."""
    setting = chance.choice(settings())
    chosen = sorted(chance.sample(_possible(setting), _PLOTS[level]), key=lambda plot: plot.id)
    return Scene(setting, tuple(chosen))


def core(chance: Stream, where: Scene) -> Core:
    """Draw the main people of a scene."""
    return Core(where, tuple(_people(chance, 3, ())))


def _people(chance: Stream, count: int, known: tuple[tuple[str, bool], ...]) -> list[tuple[str, bool]]:
    """Draw people who are not known yet; there are many more than one needs."""
    found: list[tuple[str, bool]] = []
    while len(found) < count:
        person = chance.choice(people())
        if person not in found and person not in known:
            found.append(person)
    return found


@cache
def _possible(setting: Setting) -> tuple[Plot, ...]:
    return tuple(plot for plot in plots() if plot.id not in setting.without)


def story(chance: Stream, made: Core) -> Story:
    """Make up the rest of a story, and let its events happen."""
    (setting, chosen), main = made
    absent, *others = _people(chance, 2 + len(chosen), main)
    cast = [*main, *others]
    # Who goes home ill does nothing else that day.
    busy = cast[1:] if chosen[0].id == "shift" else cast
    objects, items = chance.sample(setting.objects, len(chosen)), chance.sample(setting.items, len(chosen))
    slots = []
    for i, (plot, thing, item) in enumerate(zip(chosen, objects, items, strict=True)):
        filled = _slots(
            chance, plot, setting, chance.choice(setting.fragile) if plot.id == "broken" else thing, item
        )
        roles = [*main, chance.choice(cast[3:])] if i == 0 else chance.sample(busy, 4)
        if plot.id == "shift" and i > 0:
            roles[0] = absent
        slots.append(filled | {role: name for role, (name, _) in zip("pqrs", roles, strict=True)})
    weekday = chance.choice(WEEKDAYS)
    return Story(setting, weekday, (*cast, absent), chosen, tuple(slots), _log(chance, chosen, tuple(slots)))


def _slots(chance: Stream, plot: Plot, setting: Setting, thing: str, item: str) -> dict[str, str]:
    """Fill the slots of a plot, people apart; numbers are figures here."""
    slots = dict(zip("abc", chance.sample(setting.places, 3), strict=True))
    low = chance.between(4, 40)
    high = low + chance.between(2, 20)
    slots |= {"o": thing, "items": item, "group": chance.choice(setting.groups), "f": chance.choice(_FORGOTTEN)}
    slots |= {"n": str(high), "k": str(low), "total": str(low + high), "margin": str(high - low)}
    if plot.id == "visit":
        slots |= {"n": str(low), "k": str(high), "items": chance.choice(_TREATS)}
    money = 10 * chance.between(4, 30)
    slots |= {"m": str(money), "change": str(chance.between(2, money // 2)), "treat": chance.choice(_PRIZES)}
    hour = f"{chance.between(1, 7)} pm" if chance.chance(0.6) else f"{chance.between(8, 11)} am"
    return slots | {"day": chance.choice(_MEETING_DAYS), "hour": hour}


def clock(minute: int) -> str:
    """Write a time of day.

    >>> clock(545)
    '9:05'
    """
    return f"{minute // 60}:{minute % 60:02}"


def _log(chance: Stream, chosen: tuple[Plot, ...], slots: tuple[dict[str, str], ...]) -> tuple[Happening, ...]:
    """Weave the plots into one day; within a plot the order stands."""
    queue = [i for i, plot in enumerate(chosen) for _ in plot.events]
    queue = chance.shuffled(queue)
    steps = [iter(plot.events) for plot in chosen]
    minute, log = 5 * chance.between(84, 108), []
    for i in queue:
        log.append(Happening(i, next(steps[i]), slots[i], minute))
        minute += 5 * chance.between(1, 12)
    return tuple(log)


def result(name: str, slots: dict[str, str]) -> int:
    """Return the answer to a question that needs a calculation."""
    number = {key: int(slots[key]) for key in ("n", "k", "m", "change")}
    return {
        "total": number["n"] + number["k"],
        "margin": number["n"] - number["k"],
        "more": number["n"] - number["k"],
        "holders": 3,
        "left": number["k"] - number["n"],
        "spent": number["m"] - number["change"],
    }[name]
