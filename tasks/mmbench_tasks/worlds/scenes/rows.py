"""Rows for the tasks: questions about scenes, captions of scenes."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Literal, get_args

from mmbench.errors import UsageError, did_you_mean
from mmbench.schema import Image
from mmbench_tasks.worlds.scenes.captions import captions
from mmbench_tasks.worlds.scenes.facts import inventory, listed, scene_facts
from mmbench_tasks.worlds.scenes.kinds import KINDS, Asking, Kind, Mode, View
from mmbench_tasks.worlds.scenes.levels import LEVELS, check_level
from mmbench_tasks.worlds.scenes.model import CANVAS, Scene
from mmbench_tasks.worlds.scenes.pixels import png
from mmbench_tasks.worlds.scenes.pixels.draw import picture
from mmbench_tasks.worlds.scenes.planning import Goal, plan, plan_to_tell
from mmbench_tasks.worlds.streams import Split, Stream, check_split, sample_id, stream

VERSION = "1"
Form = Literal["open", "yes_no", "choice", "mixed"]
Holdout = Literal["auto", "never", "only"]
Row = dict[str, Any]

EVERY = 5
"""With ``holdout="auto"``, every so many scenes of the test split are held out."""
MODES: tuple[Mode, ...] = ("pair", "chain", "word")
_ASKED = 4
"""How many questions the scenes of an inventory could be asked; they decide how full they are."""


def vqa_rows(
    split: str,
    *,
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    form: Form = "mixed",
    holdout: Holdout = "auto",
    questions: int = 4,
    size: int = CANVAS,
    things: int | None = None,
    types: str = "",
) -> Iterator[Row]:
    """Yield questions about pictures without end; row ``i`` does not depend on the rows before it.

    Fields: ``id``, ``image`` (PNG), ``question``, ``answers`` (one), ``type``, ``answer_type`` ("yes/no",
    "number", "other"), ``choices`` (options in random order, or none), ``cluster`` (the scene), ``difficulty``,
    ``split_kind`` ("plain" or "holdout"), ``holdout`` ("pair", "chain", "word" or ""), ``facts`` (everything
    that is in the scene, as :func:`~.facts.listed` tells it) and ``evidence`` (which of these lines the question
    is about: one list, or one for each description that it gives, of all that fit).

    Args:
        split: "train", "validation" or "test"; no set of things is in two splits.
        start: the number of the first row.
        seed: another seed, other rows.
        difficulty: 1 to 5; None for all of them in equal parts.
        form: which questions: "open" (a word or a number), "yes_no", "mixed" (both), or "choice" (open ones
            with up to four options).
        holdout: questions that need what training never shows: "only", "never", or "auto" (in every fifth scene of
            the test split). Not every question of such a scene is held out: ``split_kind`` tells.
        questions: how many questions a scene gets, 1 to 6; they share its ``cluster``.
        size: width and height of the picture in pixels, 64 to 1024.
        things: the most things in a scene, 1 or more; questions about several may need more. None: the level's.
        types: only questions of these types, joined by "+", as in "colour+shape"; "" for all. A scene gets no more
            questions than there are types.

    Raises:
        UsageError: a parameter has no such value.
    """
    _check(difficulty, size, holdout, check_split(split), things)
    if not 1 <= questions <= 6:
        raise UsageError(f"{questions} questions a scene cannot be had. Give 1 to 6.")
    first, skip = divmod(start, min(questions, _together(_kinds(form, types))))
    for scene, rows in asked_scenes(
        split,
        start=first,
        seed=seed,
        difficulty=difficulty,
        form=form,
        holdout=holdout,
        questions=questions,
        things=things,
        types=types,
    ):
        image = Image(png.encode(picture(scene, size)), f"{rows[0]['cluster']}.png")
        for row in rows[skip:]:
            yield {"image": image, **row}
        skip = 0


def asked_scenes(
    split: str,
    *,
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    form: Form = "mixed",
    holdout: Holdout = "auto",
    questions: int = 4,
    things: int | None = None,
    types: str = "",
) -> Iterator[tuple[Scene, list[Row]]]:
    """Yield scenes, each with its rows but for the picture; ``start`` counts scenes. See :func:`vqa_rows`."""
    name = check_split(split)
    kinds = _kinds(form, types)
    able = _able(kinds, questions)
    if holdout == "only" and not able:
        raise UsageError(f"no question of type {types} can be held out. Give holdout=never, or other types.")
    for number in count(start):
        chance = stream("scenes.vqa", VERSION, name, seed, number)
        level = chance.choice(tuple(LEVELS))
        mode = _mode(holdout, name, number, able)
        scene, goals = plan(
            _chosen(kinds, mode, questions, chance), difficulty or level, name, chance, most=things
        )
        cluster = sample_id("scenes", name, seed, number)
        asked = enumerate(_questions(goals, scene, form, chance))
        yield scene, [{"id": f"{cluster}-{i}", "cluster": cluster, **row} for i, row in asked]


def caption_rows(
    split: str,
    *,
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    holdout: Holdout = "auto",
    size: int = CANVAS,
    things: int | None = None,
) -> Iterator[Row]:
    """Yield pictures with five captions each, without end; see :func:`vqa_rows` for the parameters.

    Fields: ``id``, ``image``, ``references`` (five; the first is complete), ``facts`` (what a complete caption
    says), ``difficulty``, ``split_kind`` and ``holdout`` ("pair" or "").
    """
    name = check_split(split)
    _check(difficulty, size, holdout, name, things)
    for row_id, level, mode, chance in _drawn("caption", name, start, seed, difficulty, holdout, ("pair",)):
        scene = plan_to_tell(level, name, chance, pair=mode == "pair", most=things)
        yield _told(row_id, scene, size, captions(scene, chance), mode)


def inventory_rows(
    split: str,
    *,
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    holdout: Holdout = "auto",
    size: int = CANVAS,
    things: int | None = None,
) -> Iterator[Row]:
    """Yield pictures as full as those of :func:`vqa_rows`, each with a list of all that is in it, without end.

    Fields: as those of :func:`caption_rows`, but for one reference, made by :func:`~.facts.inventory`; ``holdout``
    is "pair", "word" or "".
    """
    name = check_split(split)
    _check(difficulty, size, holdout, name, things)
    modes: tuple[Mode, ...] = ("pair", "word")
    for row_id, level, mode, chance in _drawn("inventory", name, start, seed, difficulty, holdout, modes):
        scene, _ = plan(_chosen(KINDS, mode, _ASKED, chance), level, name, chance, most=things)
        yield _told(row_id, scene, size, [inventory(scene)], mode)


def _drawn(
    what: str, split: Split, start: int, seed: int, difficulty: int | None, holdout: Holdout, modes: Sequence[Mode]
) -> Iterator[tuple[str, int, Mode, Stream]]:
    """Yield of each row to come its id, its level, how it is held out and where its chances come from."""
    for number in count(start):
        chance = stream(f"scenes.{what}", VERSION, split, seed, number)
        level = chance.choice(tuple(LEVELS))
        row_id = sample_id(f"scenes-{what}", split, seed, number)
        yield row_id, difficulty or level, _mode(holdout, split, number, modes), chance


def _told(row_id: str, scene: Scene, size: int, references: Sequence[str], mode: Mode) -> Row:
    """Return the row of a scene that is told of."""
    return {
        "id": row_id,
        "image": Image(png.encode(picture(scene, size)), f"{row_id}.png"),
        "references": list(references),
        "facts": scene_facts(scene),
        "difficulty": scene.level,
        "split_kind": "holdout" if mode else "plain",
        "holdout": mode,
    }


def _check(difficulty: int | None, size: int, holdout: str, split: Split, things: int | None) -> None:
    if difficulty is not None:
        check_level(difficulty)
    if not 64 <= size <= 1024:
        raise UsageError(f"pictures of {size} pixels cannot be drawn. Give a size from 64 to 1024.")
    if things is not None and things < 1:
        raise UsageError(f"scenes of at most {things} things cannot be had. Give 1 or more.")
    if holdout not in get_args(Holdout):
        raise UsageError(f"no holdout '{holdout}' of scenes.{did_you_mean(holdout, get_args(Holdout))}")
    if holdout == "only" and split == "train":
        raise UsageError("held-out scenes are for validation and test, never for train. Give holdout=never.")


def _kinds(form: str, types: str = "") -> tuple[Kind, ...]:
    """Return the kinds of questions that have this form and one of these types."""
    if form not in get_args(Form):
        raise UsageError(f"no form '{form}' of questions about scenes.{did_you_mean(form, get_args(Form))}")
    wanted, known = types.split("+") if types else [], [kind.type for kind in KINDS]
    for name in wanted:
        if name not in known:
            raise UsageError(f"no type '{name}' of questions about scenes.{did_you_mean(name, known)}")
    kinds = tuple(
        kind
        for kind in KINDS
        if (not wanted or kind.type in wanted)
        and (form == "mixed" or (kind.answer_type == "yes/no") == (form == "yes_no"))
    )
    if not kinds:
        raise UsageError(f"questions of type {types} do not have the form '{form}'. Give form=mixed.")
    return kinds


def _together(kinds: Sequence[Kind]) -> int:
    """Return how many of these kinds one scene can be asked: one about each thing on the wall."""
    return len({kind.uses or kind.type for kind in kinds})


def _able(kinds: Sequence[Kind], questions: int) -> list[Mode]:
    """Return the modes that questions of these kinds can be held out by; all of a scene's are, if by pair."""
    able = [mode for mode in MODES if any(mode in kind.modes for kind in kinds)]
    paired = _together([kind for kind in kinds if "pair" in kind.modes])
    return [mode for mode in able if mode != "pair" or paired >= min(questions, _together(kinds))]


def _mode(holdout: str, split: Split, number: int, able: Sequence[Mode]) -> Mode:
    """Return how the scene of this number is held out, "" if it is not."""
    if not able or holdout == "never" or (holdout == "auto" and (split != "test" or number % EVERY != EVERY - 1)):
        return ""
    return able[(number if holdout == "only" else number // EVERY) % len(able)]


def _chosen(kinds: Sequence[Kind], mode: Mode, questions: int, chance: Stream) -> list[tuple[Kind, Mode]]:
    """Draw different kinds, no two about the same thing on the wall; those that can be held out come first."""
    chosen: list[tuple[Kind, Mode]] = []
    able = [kind for kind in kinds if mode in kind.modes] if mode else []
    for kind, as_mode in [(kind, mode) for kind in chance.shuffled(able)] + [
        (k, "") for k in chance.shuffled(kinds)
    ]:
        taken = {kind.type for kind, _ in chosen} | {kind.uses for kind, _ in chosen if kind.uses}
        if kind.type not in taken and kind.uses not in taken and (mode != "pair" or as_mode):
            chosen.append((kind, as_mode))
    return chosen[:questions]


def _questions(goals: Sequence[Goal], scene: Scene, form: str, chance: Stream) -> Iterator[Row]:
    view, known = View(scene), listed(scene)
    for goal in goals:
        kind = goal.kind
        asking = chance.choice(list(goal.askings(view)))
        yield {
            "question": kind.text(goal.structure, asking, chance),
            "answers": [goal.answer],
            "type": kind.type,
            "answer_type": kind.answer_type,
            "choices": _options(goal, chance) if form == "choice" else [],
            "difficulty": scene.level,
            "split_kind": "holdout" if goal.mode else "plain",
            "holdout": goal.mode,
            "facts": known,
            "evidence": _evidence(kind, asking, scene, known),
        }


def _evidence(kind: Kind, asking: Asking, scene: Scene, known: Sequence[str]) -> list[list[int]]:
    """Return which lines of ``known`` the question is about: the wall's, its things', or those of all that fit."""
    if kind.uses:
        wall = [i for i in range(len(scene.things), len(known)) if kind.uses in known[i].partition(":")[0]]
        return [wall]
    if asking.about:
        return [list(asking.about)]
    return [[i for i, thing in enumerate(scene.things) if thing.matches(named)] for named in asking.named]


def _options(goal: Goal, chance: Stream) -> list[str]:
    others = [answer for answer in goal.kind.answers if answer != goal.answer]
    return chance.shuffled([goal.answer, *chance.sample(others, min(3, len(others)))])
