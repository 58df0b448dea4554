"""How questions are put: a few lines here stand for thousands of sentences.

``[a|b|]`` picks one alternative and ``<name>`` is filled in; see the module ``surface``.
Every form asks the same, so that an answer that is right for one is right for all of them.
"""

from itertools import permutations

from mmbench_tasks.worlds.scenes.model import TEXTURES

_HERE = "[in the picture|in this picture|in the image|in the scene|in this room|in the room|here|on the floor|]"
_SHOWN = "[the picture|this picture|the image|the scene|the photo]"
_LOOK = (
    "[||||Look closely: |Looking at the picture, |In this picture, |Quick question: |Tell me, |As you see it, ]"
)

_ASK = "[||||Look closely: |Quick question: |Tell me, |As you see it, ]"


def _yes_no(direct: str, statement: str) -> tuple[str, ...]:
    """Return a question asked directly, twice as often as through "is it true that"."""
    through = "[Is it true that|Is it right that|Would you say that|Is it correct to say that|Can one say that]"
    check = (
        f"{statement}[: true or not? Answer yes or no.|. Yes or no?|, yes or no?|. Is that so?|. Is this right?]"
    )
    return (direct, direct, f"{through} {statement}?", check)


RELATIONS: dict[str, tuple[str, ...]] = {
    "left": ("to the left of", "left of", "on the left of", "on the left-hand side of", "further left than"),
    "right": ("to the right of", "right of", "on the right of", "on the right-hand side of", "further right than"),
    "front": ("in front of", "nearer than", "closer to us than", "closer to the camera than", "nearer to us than"),
    "behind": (
        "behind",
        "further back than",
        "farther away than",
        "further from the camera than",
        "further away than",
    ),
}

EDGES: dict[str, tuple[str, ...]] = {
    "left": ("the leftmost <target>", "the <target> furthest to the left", "the <target> on the far left"),
    "right": ("the rightmost <target>", "the <target> furthest to the right", "the <target> on the far right"),
    "front": ("the nearest <target>", "the <target> closest to us", "the frontmost <target>"),
    "behind": ("the farthest <target>", "the <target> furthest back", "the <target> that is farthest away"),
}

PATTERN_LIST = tuple(f"{', '.join(order[:3])} or {order[3]}" for order in permutations(TEXTURES))

_COLOUR = (
    f"{_LOOK}[what|which] colour is <a>?",
    f"{_LOOK}what is the colour of <a>?",
    "[Tell me|Name|Give|Say|State] the colour of <a>.",
    "<a>: [what|which] colour is it?",
    "[What|Which] colour [has <a> been painted|does <a> have|would you call <a>|did they paint <a>]?",
    "In [what|which] colour is <a> painted?",
    "Someone painted <a>. [What|Which] colour did they [use|choose|pick]?",
    "If you wanted paint to touch up <a>, [what|which] colour would you buy?",
    "I [see|notice|found] <a>. [What|Which] colour is it?",
    "[Find|Look at|Look for|Consider|Take] <a>. [What|Which] colour [is it|does it have]?",
    "[Can you tell me|Could you say|Please tell me|I would like to know] [what|which] colour <a> is[.|, please.]",
)
_SHAPE = (
    f"{_LOOK}[what|which] shape is <a>?",
    f"{_LOOK}what is the shape of <a>?",
    f"{_LOOK}what [kind of|sort of] [object|solid|thing|shape] is <a>?",
    "What is <a>[: which shape|, by shape|]?",
    "[Tell me|Name|Give|Say|State] the shape of <a>.",
    "<a>: [what|which] shape is it?",
    "[What|Which] shape does <a> have?",
    "If you closed your eyes and felt <a>, what shape would [it be|you feel]?",
    "[Find|Look at|Look for|Consider|Take] <a>. [What|Which] shape [is it|does it have]?",
    "[Can you tell me|Could you say|Please tell me|I would like to know] [what|which] shape <a> is[.|, please.]",
)

FORMS: dict[str, tuple[str, ...]] = {
    "existence": (
        f"{_ASK}is there <a> {_HERE}?",
        f"[Can|Do] you see <a> {_HERE}?",
        f"Can you [find|spot|make out] <a> {_HERE}?",
        f"Does {_SHOWN} [show|contain|include] <a>?",
        f"{_ASK}are there any <some> {_HERE}?",
        f"Do you [notice|see] any <some> {_HERE}?",
        "Is <a> [visible|to be seen|shown|present] [here|in the picture|anywhere]?",
        f"I am looking for <a>. Is there one {_HERE}?",
        "Someone says there is <a> [here|in this room|in the picture]. [Is that right|Is it true|Are they right]?",
        "Has anyone [put|left] <a> [on the floor|in this room]?",
        "[Could|Would] I find <a> [here|in this room|if I looked around this room]?",
        "There is <a> [in this picture|here|in the room]: yes or no?",
        "Does <a> [appear|show up] [in the picture|in this scene|anywhere]?",
    ),
    "counting": (
        f"{_ASK}how many <some> are there {_HERE}?",
        "How many <some> [can you see|do you see|can you find|can you count|are visible|are shown]?",
        f"How many <some> does {_SHOWN} [show|contain]?",
        f"What is the number of <some> {_HERE}?",
        f"[Please count|Count|Count up] the <some> {_HERE}.",
        "[Tell me|Say|Give me|I need to know] the number of <some>.",
        "[Tell me|Work out|Say|I wonder] how many <some> there are.",
        "If all the <some> were taken away, how many things would be gone?",
        "If you [picked up|collected] all the <some>, how many would you have?",
        "Counting only <some>, what number do you [get|reach|arrive at]?",
        "The number of <some> [here|in this picture|in the room] is what?",
        "Exactly how many <some> [are there|do you see|are in the room]?",
    ),
    "colour": _COLOUR,
    "shape": _SHAPE,
    "texture": (
        "Is <a> <patterns>?",
        "[What|Which] pattern does <a> have: <patterns>?",
        f"{_LOOK}is <a> <patterns>?",
        "<a>: is it <patterns>?",
        "[How would you describe|What describes] the surface of <a>: <patterns>?",
        "[Look at|Find|Consider|Take] <a>. Is it <patterns>?",
        "Would you call <a> <patterns>?",
        "[Choose|Pick] the word that [fits|describes] <a>: <patterns>.",
        "Which of these is <a>: <patterns>?",
        "[Tell me|Say] whether <a> is <patterns>.",
        "If you had to [describe|name] the pattern on <a>, would it be <patterns>?",
    ),
    "size": (
        f"{_LOOK}is <a> [small or large|large or small]?",
        "What size is <a>[, small or large|, large or small|: small or large|: large or small]?",
        "<a>: [is it |][small or large|large or small]?",
        "Would you call <a> [small or large|large or small]?",
        "How big is <a>, [small or large|large or small]?",
        "[Look at|Find|Consider|Take] <a>. Is it [small or large|large or small]?",
        "[Tell me|Say] whether <a> is [small or large|large or small].",
        "Of the two sizes, small and large, which does <a> have?",
        "Does <a> count as [small or large|large or small]?",
        "[Which word fits|Which word describes] <a>: [small or large|large or small]?",
        "Things here come in two sizes. Is <a> [small or large|a small one or a large one]?",
    ),
    "label": (
        f"{_LOOK}[what|which] letter is on <a>?",
        "[What|Which] letter does <a> [have|bear|carry|show]?",
        "What does the sticker on <a> say?",
        "[What|Which] letter is [written|printed] on <a>?",
        "Read the [letter|sticker|label] on <a>.",
        "<a> has a sticker. [What|Which] letter is on it?",
        "[Look at|Find|Go to] <a>. [What|Which] letter do you [read|see] on it?",
        "[Tell me|Name|Give] the letter on <a>.",
        "How is <a> labelled?",
    ),
    "comparison more": _yes_no(
        f"[Are there more <a> than <b> {_HERE}|Do <a> outnumber <b>|Do you see more <a> than <b>]?",
        "there are more <a> than <b>",
    ),
    "comparison fewer": _yes_no(
        f"[Are there fewer <a> than <b> {_HERE}|Do <b> outnumber <a>|Do you see fewer <a> than <b>]?",
        "there are fewer <a> than <b>",
    ),
    "comparison equal": _yes_no(
        f"[Are there as many <a> as <b> {_HERE}|Is the number of <a> equal to that of <b>|Are <a> "
        "and <b> equal in "
        "number|Are there equally many <a> and <b>]?",
        "there are exactly as many <a> as <b>",
    ),
    "bigger": _yes_no(
        "[Is <a> [bigger|larger] than <b>|Is <b> smaller than <a>]?", "<a> is [bigger|larger] than <b>"
    ),
    "smaller": _yes_no("[Is <a> smaller than <b>|Is <b> [bigger|larger] than <a>]?", "<a> is smaller than <b>"),
    "same": _yes_no(
        "[Do <a> and <b> have the same <what>|Is the <what> of <a> the same as that of <b>|Do <a> "
        "and <b> match in "
        "<what>|Does <a> have the same <what> as <b>|Do <a> and <b> share the same <what>]?",
        "<a> and <b> have the same <what>",
    ),
    "differ": _yes_no(
        "[Do <a> and <b> differ in <what>|Is the <what> of <a> different from that of <b>|Do <a> and <b> have "
        "different <what>s|Does <a> have another <what> than <b>]?",
        "<a> and <b> differ in <what>",
    ),
    "spatial": _yes_no(
        "[Is <a> <so> <b>|Is <a> [standing|placed] <so> <b>|Does <a> stand <so> <b>]?", "<a> is <so> <b>"
    ),
    "hidden": _yes_no(
        "[Is <a> partly [hidden|covered] [by something|by another thing|]|Is part of <a> hidden|Does something "
        "[hide|cover] part of <a>|Does anything stand in the way of seeing all of <a>|Is something "
        "in front of <a> so "
        "that we cannot see all of it]?",
        "<a> is partly hidden",
    ),
    "whole": _yes_no(
        "[Can you see all of <a>|Is all of <a> in [view|sight]|Is <a> in full view|Is <a> [fully|completely] "
        "[visible|in view]|Do we see the whole of <a>]?",
        "<a> is in full view",
    ),
    "negation other": _yes_no(
        "[Is there <a> that is not <so>|Are there any <some> that are not <so>|Are any of the "
        "<some> not <so>|Do you "
        "see <a> that is not <so>|Is at least one of the <some> not <so>]?",
        "there is <a> that is not <so>",
    ),
    "negation all": _yes_no(
        "[Are all the <some> <so>|Are all of the <some> <so>|Are the <some> all <so>|Are the <some> "
        "without exception "
        "<so>]?",
        "[all the <some> are <so>|none of the <some> is anything but <so>|no <some> are here that are not <so>]",
    ),
    "negation none": _yes_no(
        "[Are none of the <some> <so>|Is none of the <some> <so>|Do the <some> include none that is <so>]?",
        "[none of the <some> is <so>|not one of the <some> is <so>|there are no <some> that are <so>]",
    ),
    "multi_hop colour": tuple(form.replace("<a>", "<target>") for form in _COLOUR),
    "multi_hop shape": tuple(form.replace("<a>", "<target>") for form in _SHAPE),
    "reading": (
        "What does the sign say?",
        f"{_LOOK}what is written on the sign?",
        "[What|Which] word is [on|written on|printed on|shown on] the sign?",
        "[Read|Please read] the sign [on the wall|].",
        "[What|Which] word do you [read|see] on the [sign|sign on the wall]?",
        "There is a sign on the wall. What does it [say|read]?",
        "[Can you read the sign|Can you make out the sign]? What does it say?",
        "[Tell me|Copy|Give|Type] the word on the sign.",
        "What [text|word] does the sign [bear|show|carry|have on it]?",
        "How does the sign read?",
    ),
    "reading_check": (
        "Does the sign [say|read] <word>?",
        f"{_LOOK}does the sign say <word>?",
        "Is the word [on|written on] the sign <word>?",
        "[Is it true|Is it right|Would you say] that the sign [says|reads] <word>?",
        "Is <word> [written|what is written] on the sign?",
        "Can you read <word> on the sign?",
        "The sign [says|reads] <word>[, yes or no|. Is that right|. Is that so]?",
        "I think the sign says <word>. Am I right?",
        "Is there a sign on the wall that says <word>?",
    ),
    "clock": (
        "What time is it?",
        f"{_LOOK}what time does the clock show?",
        "What is the time [on|by|according to] the clock?",
        "[Read|Please read] the clock.",
        "There is a clock on the wall. [What time does it show|What does it say|What time is it]?",
        "[Tell me|Give|State] the time [on the clock|shown on the clock|that the clock shows].",
        "[What|Which] time do the hands [of the clock|] [show|point to]?",
        "What would a digital clock show [instead of this one|at this time]?",
        "When was this picture taken, [going|if we go] by the clock?",
        "At what time [do the hands of the clock stand|does the clock stand]?",
    ),
    "clock_check": (
        "Does the clock [show|say] <time>?",
        f"{_LOOK}is it <time>?",
        "Is it <time> [by|according to] the clock?",
        "[Is it true|Is it right|Would you say] that the clock shows <time>?",
        "The clock [shows|says] <time>[, yes or no|. Is that right|. Is that so]?",
        "Is the time [on the clock|shown on the wall] <time>?",
        "Do the hands [of the clock|] [show|point to] <time>?",
        "I think it is <time>. Am I right?",
    ),
    "chart_value bar": (
        "[What|Which] value does bar <label> have?",
        f"{_LOOK}what is the value of bar <label>?",
        "How [high|tall] is [bar <label>|the bar for <label>|the bar labelled <label>] in the chart?",
        "[Read|Give|Tell me] the value of bar <label>.",
        "In the [bar chart|chart], what is the value [for|of|at] <label>?",
        "What number does the bar [for|labelled|marked] <label> reach?",
        "Up to [what|which] number does bar <label> [go|reach]?",
    ),
    "chart_value line": (
        "[What|Which] value does the line have at <label>?",
        f"{_LOOK}what is the value at <label>?",
        "How high is the line at <label>?",
        "[Read|Give|Tell me] the value at <label> in the chart.",
        "In the [line chart|chart|graph], what is the value [for|at] <label>?",
        "What number does the [line|graph|curve] reach at <label>?",
        "[At|For] <label>, what does the [line chart|graph] show?",
    ),
    "chart_extreme bar highest": (
        "[What|Which] bar is the [highest|tallest]?",
        "[What|Which] letter has the [highest|tallest] bar?",
        "Which bar [of|in] the chart has the [largest|highest|greatest] value?",
        "The [tallest|highest] bar [stands for|belongs to|is labelled with] [what|which] letter?",
        "[Name|Give|Tell me] the letter of the [tallest|highest] bar.",
    ),
    "chart_extreme bar lowest": (
        "[What|Which] bar is the [lowest|shortest]?",
        "[What|Which] letter has the [lowest|shortest] bar?",
        "Which bar [of|in] the chart has the [smallest|lowest] value?",
        "The [shortest|lowest] bar [stands for|belongs to|is labelled with] [what|which] letter?",
        "[Name|Give|Tell me] the letter of the [shortest|lowest] bar.",
    ),
    "chart_extreme line highest": (
        "At [what|which] letter is the line highest?",
        "Where does the [line|graph] [peak|reach its highest point|have its maximum]?",
        "[What|Which] letter has the [highest|largest|greatest] value in the [line chart|graph]?",
        "[Name|Give|Tell me] the letter at which the line is highest.",
        "The highest point of the [line|graph] is at [what|which] letter?",
    ),
    "chart_extreme line lowest": (
        "At [what|which] letter is the line lowest?",
        "Where does the [line|graph] [reach its lowest point|have its minimum]?",
        "[What|Which] letter has the [lowest|smallest] value in the [line chart|graph]?",
        "[Name|Give|Tell me] the letter at which the line is lowest.",
        "The lowest point of the [line|graph] is at [what|which] letter?",
    ),
    "chart_extreme pie highest": (
        "[What|Which] slice [of the pie chart|of the pie|] is the [largest|biggest]?",
        "[What|Which] letter has the [largest|biggest] slice?",
        "[What|Which] letter takes up most of the pie [chart|]?",
        "[Name|Give|Tell me] the letter of the [largest|biggest] slice.",
        "The [largest|biggest] share of the pie goes to [what|which] letter?",
    ),
    "chart_extreme pie lowest": (
        "[What|Which] slice [of the pie chart|of the pie|] is the [smallest|thinnest]?",
        "[What|Which] letter has the [smallest|thinnest] slice?",
        "[What|Which] letter takes up least of the pie [chart|]?",
        "[Name|Give|Tell me] the letter of the smallest slice.",
        "The smallest share of the pie goes to [what|which] letter?",
    ),
    "chart_check bar more": _yes_no(
        "[Is bar <a> [higher|taller] than bar <b>|Does bar <a> reach higher than bar <b>|Is <a> "
        "above <b> in the bar "
        "chart|Is the value of bar <a> larger than that of bar <b>]?",
        "bar <a> is [higher|taller] than bar <b>",
    ),
    "chart_check bar less": _yes_no(
        "[Is bar <a> [lower|shorter] than bar <b>|Is <a> below <b> in the bar chart|Is the value of "
        "bar <a> smaller "
        "than that of bar <b>]?",
        "bar <a> is [lower|shorter] than bar <b>",
    ),
    "chart_check line more": _yes_no(
        "[Is the line higher at <a> than at <b>|Is the value at <a> larger than at <b>|Does the "
        "graph stand higher at "
        "<a> than at <b>]?",
        "the line is higher at <a> than at <b>",
    ),
    "chart_check line less": _yes_no(
        "[Is the line lower at <a> than at <b>|Is the value at <a> smaller than at <b>|Does the "
        "graph stand lower at "
        "<a> than at <b>]?",
        "the line is lower at <a> than at <b>",
    ),
    "chart_check pie more": _yes_no(
        "[Is slice <a> [larger|bigger] than slice <b>|Does <a> have a [larger|bigger] share than "
        "<b>|Is there more of "
        "<a> than of <b> in the pie chart]?",
        "slice <a> is [larger|bigger] than slice <b>",
    ),
    "chart_check pie less": _yes_no(
        "[Is slice <a> [smaller|thinner] than slice <b>|Does <a> have a smaller share than <b>|Is "
        "there less of <a> "
        "than of <b> in the pie chart]?",
        "slice <a> is smaller than slice <b>",
    ),
}
