"""Reviews: labels follow from structure, words alone do not give them away, splits and hold-outs."""

import re
from collections import Counter
from itertools import islice

import pytest

from mmbench.errors import UsageError
from mmbench_tasks.worlds.reviews import opinions, phenomena, pictures, rows, sentiment_rows, wording
from mmbench_tasks.worlds.reviews.domains import NEGATIVE, POSITIVE, domains
from mmbench_tasks.worlds.reviews.phenomena import NEUTRAL, PHENOMENA, SIGNS
from mmbench_tasks.worlds.streams import stream
from mmbench_tasks.worlds.text_options import options


def take(count, split="test", **chosen):
    return list(islice(sentiment_rows(split, **chosen), count))


def test_the_domains_are_whole():
    assert len(domains()) == 10
    for domain in domains():
        assert len(domain.aspects) == 4
        assert len(domain.openers) >= 10
        for aspect in domain.aspects:
            for sign in (POSITIVE, NEGATIVE):
                assert len(aspect.gradable[sign]) >= 3
                assert len(aspect.extreme[sign]) >= 3
                assert len(aspect.remarks[sign]) == 3
            assert len(aspect.facts) == 3
            good, bad = (set(aspect.gradable[sign] + aspect.extreme[sign]) for sign in (POSITIVE, NEGATIVE))
            assert not good & bad


def test_every_duration_is_about_an_aspect_of_its_domain():
    for domain in domains():
        found = phenomena.durations(domain.id)
        assert {said.long_is_good for said in found} == {True, False}
        assert {said.aspect for said in found} <= {aspect.id for aspect in domain.aspects}


def test_rows_are_whole():
    for row in take(400):
        assert row["label"] in row["choices"] == ["negative", "neutral", "positive"]
        assert row["text"][0].isupper() or row["text"][0].isdigit()
        assert row["text"][-1] in ".?"
        assert not re.search(r"[{}]|  |\.\.|,,| \.", row["text"]), row["text"]
        assert set(row["aspects"].values()) <= set(row["choices"])
        assert row["image"] is None
        assert row["agrees"] is None


def test_sentences_begin_with_a_capital():
    for row in take(400):
        for sentence in re.split(r"(?<=[.?]) ", row["text"]):
            assert not sentence[0].islower(), row["text"]


@pytest.mark.parametrize("kind", PHENOMENA)
@pytest.mark.parametrize("sign", SIGNS)
def test_aspects_follow_from_the_label(kind, sign):
    """What decides has the sentiment of the whole; what is granted has the opposite one."""
    for index in range(60):
        chance = stream("test", "1", "test", 0, index)
        heart = PHENOMENA[kind](chance, chance.choice(domains()), sign)
        judged = Counter(heart.judged.values())
        if kind in ("contrast", "intensity"):
            assert judged == {POSITIVE: 1, NEGATIVE: 1}
        elif sign != NEUTRAL:
            assert judged == {sign: 2}
        else:  # one well and one badly, or one neither well nor badly
            assert judged in ({POSITIVE: 1, NEGATIVE: 1}, {NEUTRAL: 1})


def words_of(aspect, sign):
    return "|".join((*aspect.gradable[sign], *aspect.extreme[sign]))


def test_a_flipping_negation_has_the_opposite_adjective_and_a_standing_one_has_not():
    domain = domains()[0]
    aspect = domain.aspects[0]
    for template in wording.FLIPPING + wording.STANDING:
        text = opinions.fill(template, opinions.words(domain, aspect), "AAA", "BBB")
        assert "AAA" in text.upper()
        assert not re.search(r"[{}]", text)
    for index in range(200):
        said = opinions.negated(stream("test", "1", "test", 1, index), domain, aspect, POSITIVE)
        good, bad = (re.search(words_of(aspect, sign), said.text, re.I) for sign in (POSITIVE, NEGATIVE))
        assert bool(good) != bool(bad), said.text


def test_the_stronger_word_wins():
    strong = re.compile("|".join((*wording.STRONG, *wording.UTTERLY)))
    domain = domains()[1]
    for index in range(150):
        heart = phenomena.intensity(stream("test", "1", "test", 2, index), domain, POSITIVE)
        assert len(strong.findall(heart.text)) >= 1
        good = next(aspect for aspect in domain.aspects if heart.judged.get(aspect.phrase) == POSITIVE)
        after = heart.text[strong.search(heart.text).end() :]
        assert re.match(rf" (very )?({words_of(good, POSITIVE)})", after), heart.text


def test_in_irony_the_time_decides_and_the_exclamation_does_not():
    cries = Counter()
    for index in range(600):
        chance = stream("test", "1", "test", 3, index)
        sign = chance.choice((POSITIVE, NEGATIVE))
        heart = phenomena.irony(chance, chance.choice(domains()), sign)
        cries[sign, any(heart.text.endswith(cry) for cry in wording.PRAISE)] += 1
        for told in heart.key.split(" | "):
            said = next((one for d in domains() for one in phenomena.durations(d.id) if one.text in told), None)
            if said:
                long = any(told.endswith(time) for time in phenomena._LONG)
                assert (long == said.long_is_good) == (sign == POSITIVE), heart.text
    assert min(cries.values()) > 100


def test_neutral_reviews_praise_as_strongly_as_they_blame():
    """One of the two must not outweigh the other."""
    for index in range(200):
        domain = domains()[index % len(domains())]
        chance = stream("test", "1", "test", 4, index)
        said = phenomena.paired(chance, domain, NEUTRAL, opinions.negated)
        assert set(said.judged.values()) == {POSITIVE, NEGATIVE}
        words = dict(part.split(" ", 1) for part in said.key.split(" | "))
        extreme = [
            words[one.id] in (*one.extreme[POSITIVE], *one.extreme[NEGATIVE])
            for one in domain.aspects
            if one.id in words
        ]
        assert len(set(extreme)) == 1, said.text


def test_other_people_do_not_count():
    for row in take(200, difficulty=5):
        assert sum(1 for end in wording.DISCLAIMERS if end in row["text"]) >= 1
        assert len(row["aspects"]) <= 2


def test_labels_are_balanced_in_every_type():
    for level in (1, 5):
        drawn = take(2700, "train", difficulty=level)
        types = Counter(row["type"] for row in drawn)
        counts = Counter((row["type"], row["label"]) for row in drawn)
        assert len(counts) == 18
        assert all(abs(count - types[kind] / 3) < 4 * types[kind] ** 0.5 for (kind, _), count in counts.items())


def test_random_access_and_determinism():
    assert take(5, start=50) == take(55)[50:]
    assert take(5, seed=1) != take(5)


def test_no_review_is_in_two_splits():
    texts = [{row["text"] for row in take(2500, split)} for split in ("train", "validation", "test")]
    assert sum(map(len, texts)) == len(set.union(*texts)) > 7400


def test_training_never_shows_what_is_held_out():
    for split, holdout in (("train", "auto"), ("validation", "auto"), ("test", "never"), ("test", "only")):
        chosen = options(split, None, holdout, rows._ABLE)
        for index in range(200):
            chance = stream(rows.WORLD, rows.VERSION, split, 0, index)
            plan = chosen.plan(chance, index)
            draft, text, _ = rows._review(chance, split, plan)
            found = rows.held_out(draft, text)
            assert plan.kind in found if holdout == "only" else not found


def test_some_of_everything_is_held_out():
    drawn = take(150, holdout="only")
    assert {row["holdout"] for row in drawn} == {"pair", "structure", "length"}
    assert {row["split_kind"] for row in drawn} == {"holdout"}


def bag_of_words(train, test):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = CountVectorizer(min_df=2)
    learner = LogisticRegression(max_iter=300, C=0.5)
    learner.fit(vectors.fit_transform([row["text"] for row in train]), [row["label"] for row in train])
    guesses = learner.predict(vectors.transform([row["text"] for row in test]))
    return [guess == row["label"] for guess, row in zip(guesses, test, strict=True)]


def test_a_bag_of_words_stays_ten_points_under_the_oracle():
    right = bag_of_words(take(3000, "train"), take(1000))
    assert sum(right) / len(right) < 0.88


def test_pictures_agree_with_half_of_the_texts():
    drawn = take(300, pictures="mixed")
    assert 0.4 < sum(row["agrees"] for row in drawn) / len(drawn) < 0.6
    assert {row["image"].open().size for row in drawn[:30]} == {(224, 56), (112, 112)}
    for row in drawn:
        count = re.match(r"(\d) of 5", row["image"].name)
        if count:
            shown = ("negative", "negative", "neutral", "positive", "positive")[int(count.group(1)) - 1]
        else:
            shown = rows.LABELS[int(row["image"].name[5])]
        assert (shown == row["label"]) == row["agrees"]


def test_the_picture_can_be_what_is_asked():
    for row in take(40, pictures="stars", ask="agreement"):
        assert row["label"] == ("agrees" if row["agrees"] else "disagrees")
        assert row["choices"] == ["agrees", "disagrees"]


def test_all_ratings_look_different():
    faces = [
        pictures._face(mood, style, colour).digest
        for mood in range(3)
        for style in range(3)
        for colour in range(5)
    ]
    stars = [pictures._stars(count, 0).digest for count in range(1, 6)]
    assert len(set(faces)) == len(faces)
    assert len(set(stars)) == len(stars)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"difficulty": 0}, "levels go from 1 to 5"),
        ({"holdout": "all"}, "no holdout 'all'"),
        ({"pictures": "star"}, "no pictures 'star'"),
        ({"ask": "what"}, "ask is 'what'"),
        ({"ask": "agreement"}, "needs pictures"),
        ({"split": "train", "holdout": "only"}, "never for train"),
    ],
)
def test_wrong_options(chosen, message):
    with pytest.raises(UsageError, match=message):
        take(1, **chosen)
