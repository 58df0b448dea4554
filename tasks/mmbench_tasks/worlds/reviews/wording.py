"""The ways to say it.

{A} is an aspect with its verb ("the room was"), {a} without it, {v} the verb, {p} it or they; {x} and {y} are
adjectives of one polarity, {good} and {bad} one of each.
"""

PLAIN = (
    "{A} {x}.",
    "{A} {x} and {y}.",
    "I {find} {a} {x}.",
    "{a}? {x}.",
    "As for {a}, {p} {v} {x}.",
    "{A} {x}, and {y} at that.",
    "To me {a} {seem} {x}.",
    "{A} {x} in my eyes.",
    "{x} is the word for {a}.",
    "If I had to describe {a}: {x}, {y}.",
)
FLIPPING = (
    "{A} not {x} at all.",
    "{A} anything but {x}.",
    "Nobody could call {a} {x}.",
    "I would never call {a} {x}.",
    "There {is} nothing {x} about {a}.",
    "{A} far from {x}.",
    "Do not let anybody tell you that {A} {x}.",
    "Whoever calls {a} {x} must have been somewhere else.",
    "I expected {a} to be {x}. Not a bit of it.",
    "By no stretch of the imagination {v} {a} {x}.",
    "{x}? {a}? Certainly not.",
    "It would be a lie to say that {A} {x}.",
)
STANDING = (
    "{A} not just {x} but {y}.",
    "Nobody can deny that {A} {x}.",
    "There is no denying that {A} {x}.",
    "I do not exaggerate when I say that {A} {x}.",
    "It is no lie to call {a} {x}.",
    "I have yet to meet anybody who would not call {a} {x}.",
    "{A} never anything but {x}.",
    "You cannot say that {A} not {x}.",
    "{A} {x}, no doubt about it.",
    "Not only {v} {a} {x}, {p} {v} also {y}.",
)
NEITHER = (
    "{A} neither {good} nor {bad}.",
    "I would not call {a} {good}, but not {bad} either.",
    "{A} not {good} and not {bad}.",
    "I cannot say that {A} {bad}, nor that {p} {v} {good}.",
    "{A} not {bad}, though nobody would say {good}.",
    "{good}? No. {bad}? Not that either.",
)
# The clause in {main} is what decides; {side} is granted.
DECIDING = (
    "Although {side}, {main}, and that is what decides it for me.",
    "{main}, and that is what decides it for me, although {side}.",
    "{side}, but {main}, and my mind is made up.",
    "My mind is made up: {main}, even if {side}.",
    "Never mind that {side}: {main}.",
    "{main}. That {side} does not change my mind.",
    "{main}, which matters far more to me than that {side}.",
    "{side}. What I shall remember, though, is that {main}.",
    "What I shall remember is that {main}, not that {side}.",
    "You may hear that {side}. True, but {main}, and that is what counts.",
    "{main}. Set against that, it hardly matters that {side}.",
    "It hardly matters that {side} when {main}.",
    "{side}, yes. And yet {main}, and that weighs more.",
    "The fact that {main} outweighs the fact that {side}.",
    "What weighs more with me is that {main}; that {side} is by the way.",
    "That {side} I can live with. What settles the matter is that {main}.",
    "I was in two minds, because {side}. But {main}, and that weighs more.",
    "It does not even out: {side}, but {main}, and that is what counts.",
    "It is no draw. {side}, but {main}, and that decides it.",
    "Both count: {side}, and {main}. Only the second of the two decides it for me.",
    "Both count: {main}, and {side}. Only the first of the two decides it for me.",
    "The scales are not level: {side}, but {main}, which weighs more.",
    "That {main} matters no less to me because {side}. It outweighs the other.",
)
UNDECIDED = (
    "Although {one}, {other}, and I cannot say which of the two decides it for me.",
    "My mind is not made up: {one}, but {other}.",
    "{one}, but {other}, and that evens out.",
    "{one}. Set against that, it matters as much that {other}.",
    "What I shall remember is that {one}, and no less that {other}.",
    "The fact that {one} weighs no more than the fact that {other}.",
    "You may hear that {one}. True, but {other}, and both count.",
    "{one}, which matters no more and no less to me than that {other}.",
    "{one}. And yet {other}. Neither outweighs the other.",
    "That {one} I can live with, but then {other}. It is a draw.",
    "{one}, {other}, and I am in two minds.",
    "It hardly matters that {one} when {other}, you may say. For me the scales are level.",
)
STRONG = ("extremely", "remarkably", "incredibly", "exceptionally", "really very", "extraordinarily", "so very")
UTTERLY = ("absolutely", "simply", "quite simply", "utterly")
SLIGHTLY = (
    "somewhat {x}",
    "moderately {x}",
    "{x} to some extent",
    "{x} up to a point",
    "{x} in a way",
    "more or less {x}",
    "{x} in parts",
)
LINKS = ("{one}, and {other}.", "{one}; {other}.", "{one}. {other}.", "{one}, {other}.", "{one}. Also, {other}.")
OPPOSITE = (
    "{At} {rival}, {a} {was} {x}. Here it is just the other way round.",
    "After {rival}, whose {noun} {was} {x}, I expected the same. I was wrong.",
    "{rival} had taught me that {a} must always be {x}. Not here.",
    "{a} {was} {x} {at} {rival}; this time I can report the reverse.",
    "Those who found {a} {x} {at} {rival} are in for the exact opposite.",
    "{At} {rival}, {a} {was} {x}. This could not be more different.",
)
LIKEWISE = (
    "{At} {rival}, {a} {was} {x}. Here it is just the same.",
    "After {rival}, whose {noun} {was} {x}, I expected the same, and so it was.",
    "{rival} had taught me that {a} must always be {x}. I was not wrong.",
    "{a} {was} {x} {at} {rival}; this time there is no change to report.",
    "Those who found {a} {x} {at} {rival} are in for exactly the same.",
    "Not even {at} {rival} {was} {a} as {x} as here.",
)
PRAISE = (
    "How lovely.",
    "Bravo.",
    "Wonderful, just what one wishes for.",
    "Now that is what I call quality.",
    "Hats off.",
    "What a treat.",
    "They have thought of everything.",
    "I could not have asked for more.",
    "Full marks.",
    "Truly a class of its own.",
)
BLAME = (
    "Shocking, really.",
    "What a nightmare.",
    "How dare they.",
    "A scandal.",
    "I shall write to my lawyer.",
    "Poor me.",
    "Somebody ought to be sacked.",
    "How will I ever get over it.",
    "Unforgivable.",
    "What is the world coming to.",
)
HEARSAY = (
    "{who} {says} that {A} {x}.",
    "{who} {finds} {a} {x}.",
    "If you believe {who}, {A} {x}.",
    "According to {who}, {A} {x}.",
    "{who} {calls} {a} {x}.",
    "{A} {x}, or so {who} {says}.",
    "Ask {who} and you will hear that {A} {x}.",
    "In the opinion of {who}, {A} {x}.",
)
WHO = (
    "a friend", "my neighbour", "a colleague", "my aunt", "my brother-in-law", "somebody online", "a magazine",
    "the man next to me", "my dentist", "another reviewer", "my sister", "my hairdresser", "a cousin", "my boss",
    "an old schoolmate", "my landlady", "the local paper", "my uncle in Leeds", "a woman on the bus", "my doctor",
)  # fmt: skip
REPORTS = {
    "says": ("says", "claims", "insists", "swears", "maintains", "keeps telling everybody"),
    "finds": ("finds", "considers", "thinks"),
    "calls": ("calls", "is known to call", "once called"),
}
DISCLAIMERS = (
    "I would not know.",
    "I cannot judge that.",
    "I did not look into it.",
    "I have no view on that.",
    "That is for others to decide.",
    "I paid no attention to it myself.",
    "It may or may not be so.",
    "I neither agree nor disagree.",
    "I keep out of that.",
    "No comment from me.",
    "I have not checked.",
    "Tastes differ.",
    "I leave it at that.",
    "That did not concern me.",
    "I will not take sides there.",
)
