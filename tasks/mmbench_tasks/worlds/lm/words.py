"""The words of the grammar. What may stand in one place is never part of something else that may."""

WOMEN = (
    "Ada", "Bela", "Cora", "Dora", "Edda", "Flora", "Gwen", "Hanna", "Ida", "June", "Kate", "Lena",
    "Mona", "Nina", "Olga", "Paula", "Rita", "Sara", "Tina", "Uma",
)  # fmt: skip
MEN = (
    "Adam", "Bruno", "Carl", "Dan", "Ernst", "Frank", "Georg", "Henri", "Igor", "Jan", "Karim", "Lars",
    "Max", "Noah", "Omar", "Pete", "Rolf", "Sven", "Tom", "Udo",
)  # fmt: skip
TOWNS = (
    "Oslo", "Lima", "Cairo", "Quito", "Osaka", "Turin", "Accra", "Delhi", "Leeds", "Porto", "Basel", "Nice",
    "Ghent", "Riga", "Minsk", "Split", "Bergen", "Tunis", "Lagos", "Miami", "Seoul", "Hanoi", "Perth", "Dakar",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# noun -> adjectives that suit it; the first ones are the commonest (see ZIPF).
NOUNS = {
    "lamp": ("green", "tall", "cheap", "broken", "old", "brass"),
    "clock": ("wooden", "old", "loud", "broken", "heavy", "round"),
    "boat": ("small", "white", "wooden", "fast", "leaky", "blue"),
    "piano": ("black", "heavy", "old", "fine", "loud", "cheap"),
    "bicycle": ("red", "fast", "rusty", "blue", "cheap", "light"),
    "mirror": ("round", "tall", "cracked", "heavy", "fine", "small"),
    "radio": ("old", "small", "loud", "cheap", "broken", "wooden"),
    "table": ("round", "wooden", "heavy", "long", "white", "old"),
    "coat": ("warm", "grey", "long", "heavy", "fine", "red"),
    "kettle": ("blue", "small", "leaky", "brass", "cheap", "round"),
    "carpet": ("soft", "red", "long", "fine", "grey", "old"),
    "camera": ("small", "light", "fine", "black", "broken", "cheap"),
    "guitar": ("loud", "black", "light", "cracked", "fine", "brown"),
    "suitcase": ("heavy", "brown", "old", "grey", "small", "light"),
    "painting": ("fine", "strange", "small", "cheap", "old", "long"),
    "tent": ("light", "leaky", "grey", "small", "cheap", "green"),
}
ZIPF = (12, 6, 4, 3, 2, 2)
ROOMS = ("kitchen", "hall", "garden", "attic", "cellar", "bedroom", "garage", "office")
MOODS = ("happy", "tired", "busy", "hungry", "cold", "ill", "proud", "bored")
WEATHER = (
    "raining",
    "snowing",
    "getting dark",
    "very hot",
    "cold and windy",
    "sunny again",
    "foggy",
    "the first day of spring",
)
JOBS = ("baker", "teacher", "doctor", "painter", "sailor", "lawyer", "farmer", "nurse", "pilot", "cook")
# How one gets a thing: the verb, its past, and where that may be.
WAYS = (
    (
        "buys",
        "bought",
        ("at the market", "in a small shop", "from a friend", "by telephone", "at an auction", "on a trip"),
    ),
    ("finds", "found", ("on the beach", "in the street", "behind the house", "under a bridge", "on a bench")),
    ("borrows", "borrowed", ("from a neighbour", "from the school", "from a cousin", "from the library")),
    ("wins", "won", ("at a fair", "in a quiz", "at cards", "in a race")),
)
WAY_WEIGHTS = (6, 2, 2, 1)
MOVES = (("puts", "in"), ("carries", "to"), ("takes", "to"), ("hides", "in"))
STANDS = ("is in", "never left", "stands in", "looks good in", "was forgotten in")
STATES = ("is", "feels", "looks")
MEETINGS = ("meets", "has a visit from", "gets to know", "runs into")
COUNTS = (
    "nothing", "one thing", "two things", "three things", "four things", "five things", "six things",
    "seven things", "eight things", "nine things", "ten things", "eleven things",
    "twelve things", "thirteen things", "fourteen things", "fifteen things", "sixteen things",
)  # fmt: skip
