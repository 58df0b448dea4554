"""How captions are put; the two entries of a pair are for one thing and for several."""

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_PLACE = "[in a room|on the floor|on a wide floor|in an empty room|in a tidy room|in front of a wall|]"

_ONE = {"<be>": "[is|stands|is]", "<there>": "there is", "<put>": "has been placed"}
_MANY = {"<be>": "[are|stand|are]", "<there>": "there are", "<put>": "have been placed"}


def _both(*forms: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the forms for one thing ("there is") and for several ("there are")."""

    def agreeing(form: str, verbs: dict[str, str]) -> str:
        for slot, verb in verbs.items():
            form = form.replace(slot, verb)
        return form

    return tuple(agreeing(form, _ONE) for form in forms), tuple(agreeing(form, _MANY) for form in forms)


LISTS = _both(
    f"[<there>|We see|You can see|The picture shows|This scene shows|Here we have|The image shows] <all> {_PLACE}",
    "<all> [<be> on the floor|<be> in a room|<put> in a room|<put> on the floor]",
    "[A room with|A picture of|A scene with|A view of|An image of] <all>",
    "On the floor <be> <all>",
    "[Someone has put|Somebody has placed] <all> on the floor",
)
LEFT = _both("[on the left|on the left-hand side|to the left] [<be>|<there>|we see] <some>")
MIDDLE = _both("[in the middle|in the centre] [<be>|<there>] <some>")
RIGHT = _both("[on the right|on the right-hand side|to the right] [<be>|<there>|we see] <some>")
FRONT = _both("[in front|in the foreground|close to us|nearest to us] [<be>|<there>|we see] <some>")
BACK = _both("[behind|further back|in the background|farther away] [<be>|<there>|we see] <some>")

PAIRS = {
    "left": ("<a> [stands|is|is placed] [to the left|on the left] of <b>", "to the left of <b> [is|stands] <a>"),
    "right": (
        "<a> [stands|is|is placed] [to the right|on the right] of <b>",
        "to the right of <b> [is|stands] <a>",
    ),
    "front": ("<a> [stands|is|is placed] [in front of|nearer to us than] <b>", "in front of <b> [is|stands] <a>"),
    "behind": ("<a> [stands|is|is placed] [behind|further back than] <b>", "behind <b> [is|stands] <a>"),
}
REST = _both("[<there> also|besides, <there>|elsewhere we see|the room also holds|nearby <be>] <rest>")
SUMMARIES = (
    "[There are|We see|The picture shows] <n> [things|objects|items|toys|solids] [here|in a room|on "
    "the floor], [among "
    "them|including] <a> and <b>",
    "[A room with|A group of|A set of] <n> [things|objects|items|toys|solids], <a> and <b> among them",
    "<n> [things|objects|items|toys|solids] [stand in a room|are on the floor]; [two of them "
    "are|they include] <a> and <b>",
)
WALL = {
    "sign": (
        '[A sign|The sign] on the wall [says|reads] ["<word>"|<word>]',
        'On the wall hangs a sign [that says|that reads|saying|reading] ["<word>"|<word>]',
        'There is a sign [that says|saying|reading] ["<word>"|<word>] [on the wall|above them|in the background]',
    ),
    "clock": (
        "[A clock|The clock] on the wall [shows|says] <time>",
        "It is <time> by the clock on the wall",
        "There is a clock [on the wall|in the background] that shows <time>",
        "On the wall hangs a clock [showing|that shows] <time>",
    ),
    "chart": (
        "A <style> [chart|graph] hangs on the wall",
        "On the wall [is|hangs|there is] a <style> [chart|graph]",
        "There is a <style> [chart|graph] [on the wall|in the background]",
    ),
}
ASIDE = (
    "The floor is [clear|bare] otherwise",
    "[Soft shadows fall|Their shadows fall] on the floor",
    "The [light comes|lighting is] from [the side|one side]",
    "Behind [them|it all] is a [pale|light|soft-coloured] wall",
)
