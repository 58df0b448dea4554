"""Chinese: measure words, aspect, time and place before the verb, relative clauses before the noun.

``style``: bit 1 a bare noun for "the", and 没有 and 在 for 没 and 正在; bit 2 no 把 where the verb has a form with
it; bit 4 another word for will, and 自己的 for his and her own.
"""

from collections.abc import Callable
from typing import Any

from mmbench_tasks.worlds.phrases.lexicon import City, Mass, Name
from mmbench_tasks.worlds.phrases.meaning import (
    Both,
    Clause,
    Comparison,
    Copula,
    Fixed,
    Joined,
    Location,
    Meaning,
    Pair,
    Phrase,
    Question,
    Superlative,
)
from mmbench_tasks.worlds.phrases.numbers import chinese_count
from mmbench_tasks.worlds.phrases.style import KNOWN, PLAIN, Style

_OWN = {"1s": "我", "1p": "我们", "m": "他", "f": "她"}
_PRONOUNS = {"I": "我", "we": "我们", "he": "他", "she": "她", "it": "它"}
_SIDES = {"on": "上", "under": "下面", "behind": "后面", "beside": "旁边", "front": "前面", "in": "里"}
_RELATIVE = Style(2)
_SAYS = {"says": "说", "knows": "知道", "hopes": "希望"}


def phrase(np: Phrase, style: Style = PLAIN, negated: bool = False) -> str:
    """Write a noun phrase; ``negated``: an indefinite one is bare."""
    head = np.head
    if isinstance(head, str):
        return _PRONOUNS[head]
    if isinstance(head, Name):
        return head.zh
    adjectives = [adjective.zh[0] for adjective in np.adjectives]
    if np.article == "own":  # one 的 is enough
        adjectives = [adjective.replace("色的", "色") for adjective in adjectives]
    described = "".join(sorted(adjectives, key=_bare))
    before = relative(np, style) if np.relative else ""
    if isinstance(head, Mass):
        measure, noun = (np.holder.zh[0] if np.holder else ""), described + head.zh
    else:
        measure, noun = head.zh[0], described + head.zh[1]
    return before + _determiner(np, measure, style, negated) + noun


def _bare(adjective: str) -> bool:
    """Adjectives with 的, and colours, come before those without."""
    return not adjective.endswith(("的", "色"))


def _determiner(np: Phrase, measure: str, style: Style, negated: bool) -> str:
    article = np.article
    if article == "a":
        return "" if negated else "一" + measure
    if article == "the":
        if np.plural:
            return "那些"
        known = style & 1 or (not isinstance(np.head, str | Name | Mass) and np.head.traits & {"room", "shut"})
        return "" if known and not np.relative and not np.adjectives else "那" + measure
    if article == "this":
        return "这些" if np.plural else "这" + measure
    if article == "count":
        return chinese_count(np.amount) + measure
    if article == "own":
        return _possessive(np, style)
    return ""


def _possessive(np: Phrase, style: Style) -> str:
    """Return "my": 我 before family and colleagues, 我的 before things."""
    assert not isinstance(np.head, str | Name | Mass)
    near = np.head.traits & {"family", "spouse", "owned"} and not np.adjectives
    if style & 4 and np.owner in "mf" and not np.human:
        return "自己的"
    return _OWN[np.owner] + ("" if near else "的")


def relative(np: Phrase, style: Style) -> str:
    """Write the relative clause that stands before the noun phrase, with its 的."""
    assert np.relative is not None
    said, gap = np.relative
    if gap == "subject":
        text = predicate(said._replace(subject=np), _RELATIVE)
        # 昨天到的, not 昨天到了的; with an object 了 stays: 喝了茶的.
        return (text.replace("了", "") if said.verb.frame == "i" else text) + "的"
    if gap == "whose":
        return phrase(said.subject._replace(article="bare")) + predicate(said, style) + "的"
    # Where the noun is the object, 了 goes.
    pattern = (said.verb.zh_done if said.tense == "past" else said.verb.zh).replace("{le}", "").replace("{o}", "")
    return phrase(said.subject) + _before(said, style) + pattern + "的"


def _before(clause: Clause, style: Style) -> str:
    """Return what stands before the verb: time, frequency, negation, modal, aspect, place."""
    parts = [clause.time.zh if clause.time and not clause.front else "", clause.often.zh if clause.often else ""]
    negated = clause.negated == "not"
    if clause.negated == "never":
        parts.append("从来不" if style & 4 else "从不")
    if clause.modal:
        parts.append(("不想" if negated else "想") if clause.modal == "want" else "必须" if style & 4 else "得")
    elif clause.tense == "future":
        parts.append("不会" if negated else "要" if style & 4 else "会")
    elif negated and clause.verb.zh.startswith("有"):
        parts.append("没")
    elif negated:
        parts.append("不" if clause.tense != "past" else "没有" if style & 1 else "没")
    place = clause.place
    where = place is not None and not isinstance(place, City) and clause.verb.frame != "to"
    if clause.tense == "now":
        parts.append("正在" if where or not style & 1 else "在")
    if place is not None and not isinstance(place, City) and where:
        parts.append(place.zh[0] if clause.tense == "now" else "在" + place.zh[0])
    return "".join(parts)


def predicate(clause: Clause, style: Style) -> str:
    """Write everything after the subject."""
    verb, thing = clause.verb, clause.object
    past, negated = clause.tense == "past", bool(clause.negated)
    definite = thing is not None and thing.article in ("the", "own", "this")
    if definite and verb.zh_ba and clause.tense != "now" and not (style & 2 and "ba" not in verb.flags):
        pattern = verb.zh_ba
    else:
        pattern = verb.zh_done if past and not negated else verb.zh
    le = "了" if past and not negated else ""
    place = clause.place
    where = place.zh if isinstance(place, City) else place.zh[1] if place and verb.frame == "to" else ""
    return _before(clause, style) + pattern.format(
        le=le,
        o=phrase(thing, style, negated) if thing else "",
        i=phrase(clause.other, style) if clause.other else "",
        p=where,
    )


def clause(clause: Clause, style: Style) -> str:
    """Write a clause without its full stop."""
    front = clause.time.zh if clause.front and clause.time else ""
    return front + phrase(clause.subject, style) + predicate(clause, style)


def question(asked: Question, style: Style) -> str:
    """Write a yes-no question."""
    return clause(asked.clause, style) + "吗"


def copula(said: Copula, style: Style) -> str:
    """Write "X (很) ADJECTIVE"; 很 links without saying "very"."""
    quality = said.adjective.zh[1]
    if said.degree and quality.startswith("很"):
        quality = ("太" if said.degree == "too" else "非常") + quality[1:] + ("了" if said.degree == "too" else "")
    return phrase(said.subject, style) + quality


def comparison(said: Comparison, style: Style) -> str:
    """Write "X 比 Y ADJECTIVE" or "X 和 Y 一样 ADJECTIVE"."""
    joint, same = ("和", "一样") if said.equal else ("比", "")
    return f"{phrase(said.subject, style)}{joint}{phrase(said.other, style)}{same}{said.adjective.zh[2]}"


def superlative(said: Superlative, _: Style) -> str:
    """Write "这是 ... 最 ADJECTIVE 的 NOUN"."""
    return f"这是{said.where.zh}最{said.adjective.zh[2]}的{said.noun.zh[1]}"


def location(said: Location, style: Style) -> str:
    """Write where something is, is put, or that it exists there; known things go without a measure word."""
    where, thing = phrase(said.ground, KNOWN) + _SIDES[said.side], phrase(said.thing, KNOWN)
    if said.exists:
        return f"{where}有{thing}"
    if said.by is None:
        return f"{thing}在{where}"
    return f"{phrase(said.by, style)}把{thing}放{'到' if style & 4 else '在'}{'了' if said.past else ''}{where}"


def joined(said: Joined, style: Style) -> str:
    """Write two clauses with their conjunction."""
    first, joint, inner = said.first, said.joint, said.second
    if isinstance(first, Phrase):
        reported = _hoped(inner, style) if joint == "hopes" else sentence(inner, style)
        return phrase(first, style) + _SAYS[joint] + reported
    if isinstance(first, Fixed):
        assert isinstance(inner, Clause)
        when = inner.time.zh if inner.time else ""
        then = predicate(inner._replace(time=None), PLAIN)
        return f"如果{first.zh}，{phrase(inner.subject, style)}{when}就{then}"
    if joint == "while":
        assert isinstance(inner, Clause)
        return f"{clause(inner._replace(tense='present'), style)}的时候，{clause(first, style)}"
    return f"{clause(first, style)}，因为{sentence(inner, style)}"


def _hoped(said: Clause | Copula | Comparison, style: Style) -> str:
    """What is hoped for needs no word for the future."""
    assert isinstance(said, Clause)
    return clause(said._replace(tense="present"), style)


def pair(said: Pair, style: Style) -> str:
    """Write two sentences."""
    if isinstance(said.second, Copula):
        assert isinstance(said.first, Clause)
        return f"{clause(said.first, style)}。{copula(said.second, style)}"
    assert isinstance(said.first, Phrase)
    return f"{phrase(said.first, KNOWN)}在哪儿？{location(said.second, style)}"


def both(said: Both, style: Style) -> str:
    """Write two main clauses; "and" is a comma."""
    joint = "，但是" if said.joint == "but" else "，"
    return f"{sentence(said.first, style)}{joint}{sentence(said.second, style)}"


def sentence(said: Meaning, style: Style = PLAIN) -> str:
    """Write a sentence without its full stop."""
    return _SAY[type(said)](said, style)


_SAY: dict[type, Callable[[Any, Style], str]] = {
    Clause: clause,
    Copula: copula,
    Comparison: comparison,
    Location: location,
    Question: question,
    Superlative: superlative,
    Joined: joined,
    Pair: pair,
    Both: both,
}
