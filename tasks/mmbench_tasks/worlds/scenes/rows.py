"""Rows for the tasks: questions about scenes, captions of scenes."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Literal, get_args

from mmbench.errors import UsageError, did_you_mean
from mmbench.schema import Image
from mmbench_tasks.worlds.scenes import png
from mmbench_tasks.worlds.scenes.captions import captions
from mmbench_tasks.worlds.scenes.draw import picture
from mmbench_tasks.worlds.scenes.facts import scene_facts
from mmbench_tasks.worlds.scenes.kinds import KINDS, Kind
from mmbench_tasks.worlds.scenes.levels import LEVELS, check_level
from mmbench_tasks.worlds.scenes.model import CANVAS, Scene
from mmbench_tasks.worlds.scenes.planning import Goal, askings, plan, set_goals
from mmbench_tasks.worlds.streams import Stream, check_split, sample_id, split_of, stream

VERSION = "0"
Form = Literal["open", "yes_no", "choice", "mixed"]
Row = dict[str, Any]


def vqa_rows(
    split: str,
    *,
    start: int = 0,
    seed: int = 0,
    difficulty: int | None = None,
    form: Form = "mixed",
    questions: int = 4,
    size: int = CANVAS,
) -> Iterator[Row]:
    """Yield questions about pictures without end; row ``i`` does not depend on the rows before it.

    Args:
        split: "train", "validation" or "test"; no set of things is in two splits.
        start: the number of the first row.
        seed: another seed, other rows.
        difficulty: 1 to 5; None for all of them in equal parts.
        form: which questions: "open" (a word or a number), "yes_no", "mixed" (both), or "choice" (open ones
            with options).
        questions: how many questions a scene gets; they share its ``cluster``.
        size: width and height of the picture in pixels.

    Raises:
        UsageError: a parameter has no such value.
    """
    split = check_split(split)
    kinds = _kinds(form)
    if difficulty is not None:
        check_level(difficulty)
    for number in count(start // questions):
        chance = stream("scenes.vqa", VERSION, split, seed, number)
        level = difficulty or chance.choice(tuple(LEVELS))
        goals = set_goals(chance.sample(kinds, questions), chance)
        scene = plan(goals, level, chance, _in(split))
        cluster = sample_id("scenes", split, seed, number)
        image = Image(png.encode(picture(scene, size)), f"{cluster}.png")
        for i, goal in enumerate(goals):
            row = _question(goal, scene, form, chance)
            if number * questions + i >= start:
                yield {"id": f"{cluster}-{i}", "image": image, **row, "cluster": cluster}


def caption_rows(
    split: str, *, start: int = 0, seed: int = 0, difficulty: int | None = None, size: int = CANVAS
) -> Iterator[Row]:
    """Yield pictures with five captions each, without end; see :func:`vqa_rows` for the parameters."""
    split = check_split(split)
    if difficulty is not None:
        check_level(difficulty)
    for number in count(start):
        chance = stream("scenes.caption", VERSION, split, seed, number)
        level = difficulty or chance.choice(tuple(LEVELS))
        scene = plan([], level, chance, _in(split))
        name = sample_id("scenes-caption", split, seed, number)
        yield {
            "id": name,
            "image": Image(png.encode(picture(scene, size)), f"{name}.png"),
            "references": captions(scene, chance),
            "facts": scene_facts(scene),
            "difficulty": level,
            "split_kind": "plain",
        }


def _in(split: str) -> Callable[[Scene], bool]:
    return lambda scene: split_of(scene.key) == split


def _kinds(form: str) -> list[Kind]:
    if form not in get_args(Form):
        raise UsageError(f"no form '{form}' of questions about scenes.{did_you_mean(form, get_args(Form))}")
    if form == "mixed":
        return list(KINDS)
    return [kind for kind in KINDS if (kind.answer_type == "yes/no") == (form == "yes_no")]


def _question(goal: Goal, scene: Scene, form: str, chance: Stream) -> Row:
    asking = chance.choice(askings(goal, scene))
    kind = goal.kind
    return {
        "question": kind.text(goal.structure, asking, chance),
        "answers": [goal.answer],
        "type": kind.type,
        "answer_type": kind.answer_type,
        "choices": _options(goal, chance) if form == "choice" else (),
        "difficulty": scene.level,
        "split_kind": "plain",
    }


def _options(goal: Goal, chance: Stream) -> tuple[str, ...]:
    others = [answer for answer in goal.kind.answers if answer != goal.answer]
    return tuple(chance.shuffled([goal.answer, *chance.sample(others, min(3, len(others)))]))
