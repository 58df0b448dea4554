"""Phrases: the grammar table of each language, references, splits, hold-outs, pictures."""

import doctest
import hashlib
import json
import re
from itertools import islice

import pytest

from mmbench.errors import UsageError
from mmbench_tasks.worlds.phrases import (
    french,
    frozen,
    german,
    icons,
    lexicon,
    numbers,
    rows,
    translation_rows,
)
from mmbench_tasks.worlds.phrases.meaning import (
    Clause,
    Comparison,
    Copula,
    Fixed,
    Joined,
    Location,
    Pair,
    Phrase,
    Question,
    Relative,
    Superlative,
)
from mmbench_tasks.worlds.phrases.rows import Draft, write_one
from mmbench_tasks.worlds.phrases.style import Style

PAIRS = (("en", "de"), ("de", "en"), ("en", "fr"), ("fr", "en"), ("en", "zh"), ("zh", "en"))


def take(count, split="test", **options):
    return list(islice(translation_rows(split, **options), count))


def noun(name, article="the", adjectives=(), **options):
    found = tuple(lexicon.adjectives()[one] for one in adjectives)
    return Phrase(lexicon.nouns()[name], article, adjectives=found, **options)


def name(one):
    return Phrase(next(found for found in lexicon.names() if found.id == one))


def when(one):
    return next(time for times in lexicon.times().values() for time in times if time.id == one)


def place(one):
    return next(found for found in lexicon.places() if found.id == one)


def city(one):
    return next(found for found in lexicon.cities() if found.id == one)


def verb(one):
    return lexicon.verbs()[one]


def adjective(one):
    return lexicon.adjectives()[one]


def said(meaning, language, style=0):
    return write_one(Draft("", meaning), language, Style(style))


def bought(thing, who="Anna", **options):
    return Clause(verb("buy"), name(who), "past", thing, **options)


# meaning, then how it is said in English, German, French and Chinese
TABLE = {
    # agreement: adjectives, participles
    "adjective, masculine": (
        bought(noun("table", "a", ("small",))),
        "Anna bought a small table.",
        "Anna hat einen kleinen Tisch gekauft.",
        "Anna a acheté une petite table.",
        "安娜买了一张小桌子。",
    ),
    "adjective, neuter": (
        bought(noun("book", "a", ("old",))),
        "Anna bought an old book.",
        "Anna hat ein altes Buch gekauft.",
        "Anna a acheté un vieux livre.",
        "安娜买了一本旧书。",
    ),
    "adjective before a vowel": (
        bought(noun("computer", "a", ("new",))),
        "Anna bought a new computer.",
        "Anna hat einen neuen Computer gekauft.",
        "Anna a acheté un nouvel ordinateur.",
        "安娜买了一台新电脑。",
    ),
    "two adjectives": (
        bought(noun("sofa", "a", ("big", "red"))),
        "Anna bought a big red sofa.",
        "Anna hat ein großes rotes Sofa gekauft.",
        "Anna a acheté un grand canapé rouge.",
        "安娜买了一张红色的大沙发。",
    ),
    "plural": (
        Copula(noun("jacket", plural=True), adjective("green")),
        "The jackets are green.",
        "Die Jacken sind grün.",
        "Les vestes sont vertes.",
        "那些夹克是绿色的。",
    ),
    "predicate in the feminine": (
        Copula(name("Anna"), adjective("happy")),
        "Anna is happy.",
        "Anna ist glücklich.",
        "Anna est heureuse.",
        "安娜很开心。",
    ),
    "participle with être": (
        Clause(verb("arrive"), name("Emma"), "past", time=when("yesterday")),
        "Emma arrived yesterday.",
        "Emma ist gestern angekommen.",
        "Emma est arrivée hier.",
        "艾玛昨天到了。",
    ),
    "reflexive": (
        Clause(verb("fall_asleep"), name("Laura"), "past"),
        "Laura fell asleep.",
        "Laura ist eingeschlafen.",
        "Laura s'est endormie.",
        "劳拉睡着了。",
    ),
    "participle after its object": (
        Copula(
            noun("letter", relative=Relative(Clause(verb("write"), name("Paul"), "past"), "object")),
            adjective("long"),
        ),
        "The letter that Paul wrote is long.",
        "Der Brief, den Paul geschrieben hat, ist lang.",
        "La lettre que Paul a écrite est longue.",
        "保罗写的那封信很长。",
    ),
    # gender: pronouns
    "it is masculine": (
        Pair(noun("key"), Location(Phrase("it", antecedent=noun("key")), "on", noun("table"))),
        "Where is the key? It is on the table.",
        "Wo ist der Schlüssel? Er liegt auf dem Tisch.",
        "Où est la clé ? Elle est sur la table.",
        "钥匙在哪儿？它在桌子上。",
    ),
    "possessives": (
        Clause(verb("forget"), name("Paul"), "past", noun("bag", "own", owner="m")),
        "Paul forgot his bag.",
        "Paul hat seine Tasche vergessen.",
        "Paul a oublié son sac.",
        "保罗忘了带他的包。",
    ),
    # case
    "dative and accusative": (
        Clause(verb("give"), name("Anna"), "past", noun("ring", "a"), noun("boy")),
        "Anna gave the boy a ring.",
        "Anna hat dem Jungen einen Ring gegeben.",
        "Anna a donné une bague au garçon.",
        "安娜给了那个男孩一枚戒指。",
    ),
    "verb with the dative": (
        Clause(verb("help"), name("Max"), "past", noun("mother", "own", owner="m")),
        "Max helped his mother.",
        "Max hat seiner Mutter geholfen.",
        "Max a aidé sa mère.",
        "马克斯帮助了他母亲。",
    ),
    "preposition with the accusative": (
        Clause(verb("wait_for"), name("Eva"), "now", noun("neighbour", "own", owner="f")),
        "Eva is waiting for her neighbour.",
        "Eva wartet gerade auf ihren Nachbarn.",
        "Eva est en train d'attendre son voisin.",
        "伊娃正在等她邻居。",
    ),
    "where": (
        Location(noun("book"), "on", noun("shelf")),
        "The book is on the shelf.",
        "Das Buch liegt auf dem Regal.",
        "Le livre est sur l'étagère.",
        "书在架子上。",
    ),
    "where to": (
        Location(noun("book"), "on", noun("shelf"), name("Lisa"), past=True),
        "Lisa put the book on the shelf.",
        "Lisa hat das Buch auf das Regal gelegt.",
        "Lisa a posé le livre sur l'étagère.",
        "丽莎把书放在了架子上。",
    ),
    "contracted article": (
        Location(noun("cup"), "in", noun("cupboard")),
        "The cup is in the cupboard.",
        "Die Tasse steht im Schrank.",
        "La tasse est dans le placard.",
        "杯子在柜子里。",
    ),
    "belonging": (
        Clause(verb("belong"), noun("car", "this"), "present", noun("father", "own", owner="1s")),
        "This car belongs to my father.",
        "Dieses Auto gehört meinem Vater.",
        "Cette voiture appartient à mon père.",
        "这辆汽车是我父亲的。",
    ),
    # separable verbs
    "prefix at the end": (
        Clause(verb("call"), name("Paul"), "present", noun("mother", "own", owner="m"), often=when("often")),
        "Paul often calls his mother.",
        "Paul ruft oft seine Mutter an.",
        "Paul appelle souvent sa mère.",
        "保罗经常给他母亲打电话。",
    ),
    "prefix joined": (
        Joined(
            "says", name("Anna"), Clause(verb("watch_tv"), name("Paul"), "present", time=when("every_evening"))
        ),
        "Anna says that Paul watches television every evening.",
        "Anna sagt, dass Paul jeden Abend fernsieht.",
        "Anna dit que Paul regarde la télévision tous les soirs.",
        "安娜说保罗每天晚上看电视。",
    ),
    "modal": (
        Clause(verb("invite"), Phrase("I"), "present", name("Emma"), modal="must", time=when("tomorrow")),
        "I have to invite Emma tomorrow.",
        "Ich muss morgen Emma einladen.",
        "Je dois inviter Emma demain.",
        "我明天得邀请艾玛。",
    ),
    # measure words
    "counted things": (
        bought(noun("newspaper", "count", plural=True, amount=2)),
        "Anna bought two newspapers.",
        "Anna hat zwei Zeitungen gekauft.",
        "Anna a acheté deux journaux.",
        "安娜买了两份报纸。",
    ),
    "measured things": (
        Clause(
            verb("drink"),
            name("Eva"),
            "past",
            Phrase(lexicon.masses()[0], "count", plural=True, amount=3, holder=lexicon.containers()["cup"]),
        ),
        "Eva drank three cups of tea.",
        "Eva hat drei Tassen Tee getrunken.",
        "Eva a bu trois tasses de thé.",
        "伊娃喝了三杯茶。",
    ),
    "there is": (
        Location(noun("bottle", "count", plural=True, amount=4), "on", noun("table"), exists=True),
        "There are four bottles on the table.",
        "Auf dem Tisch sind vier Flaschen.",
        "Il y a quatre bouteilles sur la table.",
        "桌子上有四个瓶子。",
    ),
    # word order
    "verb second": (
        Clause(verb("read"), name("Max"), "past", noun("book", "a"), time=when("yesterday"), front=True),
        "Yesterday, Max read a book.",
        "Gestern hat Max ein Buch gelesen.",
        "Hier, Max a lu un livre.",
        "昨天马克斯读了一本书。",
    ),
    "time, place, thing": (
        Clause(
            verb("write"), name("Nora"), "past", noun("letter", "a"), time=when("last_week"), place=place("garden")
        ),
        "Nora wrote a letter in the garden last week.",
        "Nora hat letzte Woche im Garten einen Brief geschrieben.",
        "Nora a écrit une lettre dans le jardin la semaine dernière.",
        "诺拉上周在花园里写了一封信。",
    ),
    "question": (
        Question(Clause(verb("sell"), name("Emma"), "past", noun("car", "own", owner="f"))),
        "Did Emma sell her car?",
        "Hat Emma ihr Auto verkauft?",
        "Est-ce qu'Emma a vendu sa voiture ?",
        "艾玛把她的汽车卖掉了吗？",
    ),
    "because": (
        Joined(
            "because",
            Clause(verb("throw_away"), name("Eva"), "past", noun("box")),
            Copula(Phrase("it", antecedent=noun("box")), adjective("small"), "too", past=True),
        ),
        "Eva threw away the box because it was too small.",
        "Eva hat die Schachtel weggeworfen, weil sie zu klein war.",
        "Eva a jeté la boîte parce qu'elle était trop petite.",
        "伊娃把那个盒子扔掉了，因为它太小了。",
    ),
    "if": (
        Joined(
            "if",
            Fixed("rain", "it rains tomorrow", "es morgen regnet", "s'il pleut demain", "明天下雨"),
            Clause(verb("go"), name("Anna"), "future", place=place("museum")),
        ),
        "If it rains tomorrow, Anna will go to the museum.",
        "Wenn es morgen regnet, wird Anna ins Museum gehen.",
        "S'il pleut demain, Anna ira au musée.",
        "如果明天下雨，安娜就会去博物馆。",
    ),
    "while": (
        Joined(
            "while",
            Clause(verb("tidy"), name("Paul"), "now", noun("kitchen")),
            Clause(verb("read"), name("Anna"), "now", noun("book", "a")),
        ),
        "Paul is tidying up the kitchen while Anna is reading a book.",
        "Paul räumt gerade die Küche auf, während Anna ein Buch liest.",
        "Paul est en train de ranger la cuisine pendant qu'Anna lit un livre.",
        "安娜读一本书的时候，保罗正在收拾厨房。",
    ),
    # negation
    "no thing": (
        Clause(verb("have"), name("Simon"), "present", noun("car", "a"), negated="not"),
        "Simon does not have a car.",
        "Simon hat kein Auto.",
        "Simon n'a pas de voiture.",
        "西蒙没有汽车。",
    ),
    "not the thing": (
        Clause(verb("open"), Phrase("we"), "past", noun("window"), negated="not"),
        "We did not open the window.",
        "Wir haben das Fenster nicht geöffnet.",
        "Nous n'avons pas ouvert la fenêtre.",
        "我们没把窗户打开。",
    ),
    "never": (
        Clause(verb("drink"), name("Lisa"), "present", Phrase(lexicon.masses()[1], "bare"), negated="never"),
        "Lisa never drinks coffee.",
        "Lisa trinkt nie Kaffee.",
        "Lisa ne boit jamais de café.",
        "丽莎从不喝咖啡。",
    ),
    # comparison
    "comparative": (
        Comparison(name("Anna"), noun("father", "own", owner="f"), adjective("tall")),
        "Anna is taller than her father.",
        "Anna ist größer als ihr Vater.",
        "Anna est plus grande que son père.",
        "安娜比她父亲高。",
    ),
    "equality": (
        Comparison(noun("chair", "this"), noun("table"), adjective("expensive"), equal=True),
        "This chair is as expensive as the table.",
        "Dieser Stuhl ist genauso teuer wie der Tisch.",
        "Cette chaise est aussi chère que la table.",
        "这把椅子和那张桌子一样贵。",
    ),
    "superlative": (
        Superlative(
            lexicon.nouns()["church"],
            adjective("ancient"),
            Fixed("town", "in the town", "der Stadt", "de la ville", "城里"),
        ),
        "This is the oldest church in the town.",
        "Das ist die älteste Kirche der Stadt.",
        "C'est la plus vieille église de la ville.",
        "这是城里最古老的教堂。",
    ),
    # relative clauses
    "who": (
        Clause(
            verb("know"),
            Phrase("I"),
            "present",
            noun("man", relative=Relative(Clause(verb("repair"), name("Paul"), "past", noun("radio")), "subject")),
        ),
        "I know the man who repaired the radio.",
        "Ich kenne den Mann, der das Radio repariert hat.",
        "Je connais l'homme qui a réparé la radio.",
        "我认识修好了那台收音机的那个男人。",
    ),
    "whom, dative": (
        Copula(
            noun("woman", relative=Relative(Clause(verb("help"), name("Max"), "past"), "object")), adjective("ill")
        ),
        "The woman whom Max helped is ill.",
        "Die Frau, der Max geholfen hat, ist krank.",
        "La femme que Max a aidée est malade.",
        "马克斯帮助的那个女人病了。",
    ),
    "whose": (
        Copula(
            noun(
                "man",
                relative=Relative(Clause(verb("live"), noun("son"), "present", place=city("vienna")), "whose"),
            ),
            adjective("tired"),
        ),
        "The man whose son lives in Vienna is tired.",
        "Der Mann, dessen Sohn in Wien wohnt, ist müde.",
        "L'homme dont le fils habite à Vienne est fatigué.",
        "儿子住在维也纳的那个男人很累。",
    ),
    "where one lives": (
        Copula(
            noun("village", relative=Relative(Clause(verb("dwell"), name("Anna"), "present"), "where")),
            adjective("small"),
        ),
        "The village where Anna lives is small.",
        "Das Dorf, in dem Anna wohnt, ist klein.",
        "Le village où Anna habite est petit.",
        "安娜住的那个村子很小。",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_grammar_table(case):
    meaning, *expected = TABLE[case]
    assert [said(meaning, language) for language in ("en", "de", "fr", "zh")] == expected


@pytest.mark.parametrize(
    ("case", "language", "switch", "expected"),
    [
        ("participle with être", "de", 1, "Emma kam gestern an."),
        ("dative and accusative", "de", 1, "Anna gab dem Jungen einen Ring."),
        ("where", "de", 2, "Das Buch ist auf dem Regal."),
        ("if", "de", 0, "Wenn es morgen regnet, wird Anna ins Museum gehen."),
        ("question", "fr", 2, "Emma a-t-elle vendu sa voiture ?"),
        ("while", "fr", 1, "Paul range la cuisine pendant qu'Anna lit un livre."),
        ("if", "fr", 1, "S'il pleut demain, Anna va aller au musée."),
        ("no thing", "en", 1, "Simon doesn't have a car."),
        ("participle after its object", "en", 2, "The letter Paul wrote is long."),
        ("modal", "en", 4, "I must invite Emma tomorrow."),
        ("not the thing", "zh", 2, "我们没打开窗户。"),
        ("because", "zh", 1, "伊娃把盒子扔掉了，因为它太小了。"),
    ],
)
def test_other_ways_to_say_it(case, language, switch, expected):
    assert said(TABLE[case][0], language, switch) == expected


ENDINGS = {
    # article, gender: nominative, accusative, dative of "old"
    ("the", "table"): ("der alte Tisch", "den alten Tisch", "dem alten Tisch"),
    ("a", "table"): ("ein alter Tisch", "einen alten Tisch", "einem alten Tisch"),
    ("the", "lamp"): ("die alte Lampe", "die alte Lampe", "der alten Lampe"),
    ("a", "lamp"): ("eine alte Lampe", "eine alte Lampe", "einer alten Lampe"),
    ("the", "bicycle"): ("das alte Fahrrad", "das alte Fahrrad", "dem alten Fahrrad"),
    ("a", "bicycle"): ("ein altes Fahrrad", "ein altes Fahrrad", "einem alten Fahrrad"),
    ("this", "lamp"): ("diese alte Lampe", "diese alte Lampe", "dieser alten Lampe"),
    ("own", "table"): ("unser alter Tisch", "unseren alten Tisch", "unserem alten Tisch"),
}


@pytest.mark.parametrize(("article", "thing"), ENDINGS)
def test_german_endings(article, thing):
    phrase = noun(thing, article, ("old",), owner="1p" if article == "own" else "")
    cases = (german.NOM, german.ACC, german.DAT)
    assert tuple(german.phrase(phrase, case) for case in cases) == ENDINGS[article, thing]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        (noun("lamp", plural=True, adjectives=("old",)), "den alten Lampen"),
        (noun("car", plural=True), "den Autos"),
        (noun("child" if "child" in lexicon.nouns() else "book", plural=True), "den Büchern"),
        (noun("neighbour", "this"), "diesem Nachbarn"),
        (noun("student", female=True), "der Studentin"),
        (noun("apple", "count", plural=True, amount=3), "drei Äpfeln"),
    ],
)
def test_german_dative(phrase, expected):
    assert german.phrase(phrase, german.DAT) == expected


@pytest.mark.parametrize(
    ("phrase", "after", "expected"),
    [
        (noun("boy"), "à", "au garçon"),
        (noun("man"), "à", "à l'homme"),
        (noun("boy", plural=True), "à", "aux garçons"),
        (noun("table"), "de", "de la table"),
        (noun("mirror"), "de", "du miroir"),
        (noun("computer"), "de", "de l'ordinateur"),
        (noun("colleague", "own", owner="f", female=True), "à", "à sa collègue"),
        (noun("shelf", "own", owner="m"), "", "son étagère"),
        (noun("apartment", "this"), "", "cet appartement"),
        (noun("house", "bare", ("big",), plural=True), "", "de grandes maisons"),
        (noun("house", "bare", plural=True), "", "des maisons"),
        (noun("apple", "count", plural=True, amount=21), "", "vingt et une pommes"),
    ],
)
def test_french_articles(phrase, after, expected):
    assert french.phrase(phrase, after=after) == expected


@pytest.mark.parametrize("module", [numbers, french])
def test_examples_in_the_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_numbers_from_0_to_9999_are_all_different():
    for say in (numbers.english, numbers.german, numbers.french, numbers.chinese):
        assert len({say(number) for number in range(10_000)}) == 10_000


def test_the_lexicon_is_whole():
    nouns = lexicon.nouns().values()
    traits = {trait for one in nouns for trait in one.traits} | {one.id for one in nouns}
    traits |= {trait for mass in lexicon.masses() for trait in mass.traits} | {"sense"}
    for one in (*lexicon.verbs().values(),):
        assert one.objects <= traits, one.id
        assert len(one.fr) == 8, one.id
    for one in lexicon.adjectives().values():
        assert one.nouns <= traits, one.id
        assert len(one.en) == len(one.de) == (3 if one.graded or one.id == "new" else 1), one.id
    for one in nouns:
        assert len(one.de) == len(one.fr), one.id


def test_frozen_sentences_have_the_same_gaps_in_all_languages():
    gaps = {"{S}", "{N}", "{n}", "{O}"}
    for entry in (*frozen.idioms(), *frozen.figures()):
        for texts in entry.texts.values():
            for text in texts:
                there = {gap for gap in gaps if gap in text.replace("{of}", "{S}")}
                expected = {gap for gap in gaps if gap in entry.texts["en"][0]}
                assert {g.replace("O", "S") for g in there} == {g.replace("O", "S") for g in expected}, text


@pytest.mark.parametrize(("src", "tgt"), PAIRS)
def test_rows_are_whole(src, tgt):
    for row in take(300, src=src, tgt=tgt):
        assert row["source"]
        assert row["source"] == row["source"].strip()
        assert len(row["references"]) == len(set(row["references"])) >= 1
        for text in (row["source"], *row["references"]):
            assert text[-1] in '.?!。？”“»"', text
            assert ",," not in text, text
            assert "  " not in text, text
            assert ",." not in text, text
            assert "{" not in text, text
        assert row["type"] in rows.TYPES
        assert row["image"] is None
        assert row["facts"]


def test_the_same_index_means_the_same_in_all_pairs():
    german_rows, chinese_rows = take(50), take(50, tgt="zh")
    assert [row["facts"] for row in german_rows] == [row["facts"] for row in chinese_rows]
    assert [row["type"] for row in german_rows] == [row["type"] for row in chinese_rows]


def test_both_sexes_are_accepted_where_english_does_not_tell():
    english_rows = [row for row in take(400) if "the baker" in row["source"].lower()]
    assert english_rows
    for row in english_rows:
        joined = " ".join(row["references"])
        assert "Bäckerin" in joined
        assert re.search(r"\bBäckern?\b", joined)
    back = [row for row in take(400, src="de", tgt="en") if re.search(r"\bBäcker", row["source"])]
    assert back
    assert all("baker" in text for row in back for text in row["references"])


def test_random_access_and_determinism():
    assert take(5, start=100) == take(105)[100:]
    assert take(5, seed=1) != take(5)
    assert [row["id"] for row in take(2, seed=3, src="fr", tgt="en")] == [
        "phrases-fr-en-test-s3-0",
        "phrases-fr-en-test-s3-1",
    ]


def test_no_sentence_is_in_two_splits():
    for src, tgt in (("en", "de"), ("fr", "en"), ("zh", "en")):
        texts = [
            {text for row in take(800, split, src=src, tgt=tgt) for text in (row["source"], *row["references"])}
            for split in ("train", "validation", "test")
        ]
        assert sum(map(len, texts)) == len(set.union(*texts))


def test_training_never_shows_what_is_held_out():
    from mmbench_tasks.worlds.phrases.rows import held_out
    from mmbench_tasks.worlds.streams import stream
    from mmbench_tasks.worlds.text_options import options

    for split, holdout in (("train", "auto"), ("validation", "auto"), ("test", "never"), ("test", "only")):
        chosen = options(split, None, holdout, rows._ABLE)
        for index in range(150):
            chance = stream(rows.WORLD, rows.VERSION, split, 0, index)
            plan = chosen.plan(chance, index)
            found = held_out(rows._draft(chance, split, plan, "en", "de", "none"))
            assert plan.kind in found if holdout == "only" else not found


def test_every_fifth_row_of_test_is_held_out():
    kinds = [row["split_kind"] for row in take(50)]
    assert kinds == (["plain"] * 4 + ["holdout"]) * 10
    assert {row["holdout"] for row in take(75)} == {"", "pair", "structure", "length"}
    assert {row["split_kind"] for row in take(50, "train")} == {"plain"}


def test_harder_sentences_are_longer():
    lengths = [
        sum(len(row["source"].split()) for row in take(300, difficulty=level, holdout="never"))
        for level in range(1, 6)
    ]
    assert lengths == sorted(lengths)


def test_types_and_levels_are_balanced():
    drawn = take(2200, "train")
    for column, options in (("type", rows.TYPES), ("difficulty", range(1, 6))):
        counts = [sum(row[column] == one for row in drawn) for one in options]
        expected = len(drawn) / len(counts)
        assert max(abs(count - expected) for count in counts) < 0.25 * expected, column


@pytest.mark.parametrize(("src", "tgt"), PAIRS)
def test_pictures_decide_between_two_translations(src, tgt):
    for row in take(25, src=src, tgt=tgt, pictures="only"):
        assert row["type"] == "ambiguous"
        assert row["image"].open().size == (icons.SIZE, icons.SIZE)
        right, wrong = row["senses"]["right"], row["senses"]["wrong"]
        assert not set(right) & set(wrong)
        for text in row["references"]:
            assert any(form.lower() in text.lower() for form in right), row
            assert not any(f" {form} " in text for form in wrong if form not in right), row


def test_without_the_picture_the_word_is_a_coin_toss():
    drawn = take(200, pictures="only")
    first = [min(row["senses"]["right"], row["senses"]["wrong"]) == row["senses"]["right"] for row in drawn]
    assert 0.38 < sum(first) / len(first) < 0.62


def test_pictures_may_be_mixed_in():
    types = [row["type"] for row in take(200, pictures="mixed")]
    assert 4 <= types.count("ambiguous") <= 40


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"src": "de", "tgt": "fr"}, "one side is en"),
        ({"tgt": "en"}, "one side is en"),
        ({"tgt": "es"}, "one side is en"),
        ({"difficulty": 6}, "levels go from 1 to 5"),
        ({"holdout": "pairs"}, "no holdout 'pairs'"),
        ({"pictures": "yes"}, "no pictures 'yes'"),
        ({"difficulty": 1, "holdout": "only"}, "nothing can be held out at difficulty 1"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(UsageError, match=message):
        take(1, **options)


def test_wrong_split():
    with pytest.raises(UsageError, match="no split 'dev'"):
        take(1, "dev")


def digest(drawn):
    text = json.dumps([{**row, "image": row["image"] and row["image"].digest} for row in drawn], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
