"""Sentences with a word that has two translations: only the picture says which one is meant."""

from functools import cache
from typing import NamedTuple

from mmbench_tasks.worlds.phrases import clauses, lexicon
from mmbench_tasks.worlds.phrases.hearts import Heart, verbs_for
from mmbench_tasks.worlds.phrases.lexicon import Noun, Sense, Verb
from mmbench_tasks.worlds.phrases.meaning import Copula, Phrase
from mmbench_tasks.worlds.streams import Stream


class Pictured(NamedTuple):
    """A sentence, what its ambiguous word means here, and what else it could mean."""

    heart: Heart
    right: Sense
    wrong: Sense

    @property
    def key(self) -> str:
        """The words that decide the split; both senses are in the same one."""
        return self.heart.key


@cache
def _pairs(src: str, tgt: str) -> tuple[tuple[Sense, Sense], ...]:
    """Return the words of ``src`` with two translations in ``tgt``."""
    pairs = (pair for pair in lexicon.senses() if pair[0].language == src)
    return tuple(pair for pair in pairs if all(forms(sense.noun, tgt) for sense in pair))


def forms(noun: Noun, language: str) -> list[str]:
    """Return the forms of a noun in a language; none if the table leaves it out."""
    if language == "en":
        return list(dict.fromkeys(noun.en))
    if language == "zh":
        return [noun.zh[1]] if noun.zh[1] else []
    found = noun.de if language == "de" else noun.fr
    return list(dict.fromkeys(form for one in found for form in (one.singular, one.plural)))


def _neutral(verb: Verb) -> bool:
    """What one may do to a bat of either kind."""
    return verb.id in ("see", "draw", "find", "photograph", "look_for")


def draw_pictured(chance: Stream, src: str, tgt: str) -> Pictured:
    """Draw a sentence whose word is ambiguous in ``src`` and not in ``tgt``."""
    right, wrong = chance.shuffled(chance.choice(_pairs(src, tgt)))
    return Pictured(_copula(chance, right) if chance.chance(0.25) else _event(chance, right), right, wrong)


def _copula(chance: Stream, sense: Sense) -> Heart:
    quality = lexicon.adjectives()[chance.choice(("big", "small", "beautiful"))]
    subject = Phrase(sense.noun, chance.choice(("this", "the")))
    return Heart(Copula(subject, quality, chance.choice(("", "very"))), f"{quality.id} {sense.word}")


def _event(chance: Stream, sense: Sense) -> Heart:
    made = clauses.core(chance, verbs_for(_neutral))
    thing = Phrase(sense.noun, chance.choice(("a", "the")))
    clause = clauses.clause(chance, made._replace(object=thing), clauses.tense_of(chance, made.verb))
    return Heart(clause, f"{made.verb.id} {clauses.head_id(made.subject)} {sense.word}")
