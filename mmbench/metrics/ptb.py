r"""Penn Treebank tokens as the COCO caption scorer has them, without Java.

The scorer gives all captions to Stanford's PTBTokenizer (CoreNLP 3.4.1) with lower-casing, and drops seventeen
punctuation tokens. This module does the same for one caption. It was written from what the program does, not from
its source: each rule below is a kind of token; at each place the longest match wins, counted with what must follow
it, and of equal ones the first. Quirks kept on purpose:

- round brackets are dropped from the scorer's list in capitals only, so ``(`` stays as the token ``-lrb-``;
- a mixed fraction or a telephone number with spaces is one token with no-break spaces inside;
- a word keeps its period before a comma, colon or semicolon ("etc.,", but also "end.,");
- characters outside its tables (emoji, new letters) are dropped and part the words around them.

One thing cannot be kept: the program reads all captions as one text, so a caption that ends in "B." or "No." comes
out differently if the *next* caption begins with "The" or a digit. Here each caption stands alone.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from mmbench.metrics.ptb_chars import DIGITS, LETTERS, MARKS, SYMBOLS, char_class

_LETTER = f"[{char_class(LETTERS)}{char_class(MARKS)}]"
_ALPHA = f"[{char_class(LETTERS)}]"
_DIGIT = f"[{char_class(DIGITS)}]"
_ALNUM = f"[{char_class(LETTERS)}{char_class(DIGITS)}]"
_LETTER_DIGIT = f"[{char_class(LETTERS)}{char_class(MARKS)}{char_class(DIGITS)}]"
_APOS = "['\u0092\u2019]"
_APOS_ANY = "['\u0092\u2019`\u0091\u2018\u201b]"
_NUMBER = f"(?:{_DIGIT}*(?:[.:,\u066b\u066c]{_DIGIT}+)+|{_DIGIT}+)"
_CLITIC = rf"{_APOS}(?:[msdMSD]|[rRvV][eE]|[lL][lL])"
_PART = f"(?:[dDoOlL]{_APOS_ANY}{_ALNUM})?{_ALNUM}+"  # d'Artagnan, o'clock, l'amour
_COMPOUND = f"{_PART}(?:[-_\u058a\u2010\u2011]{_PART})*"
_ACRONYM = r"[A-Za-z](?:\.[A-Za-z])+"
_DOTTED = f"{_LETTER}{_LETTER_DIGIT}*(?:[.!?]{_LETTER}{_LETTER_DIGIT}*)*"
_LISTED = rf"[A-Za-z0-9][A-Za-z0-9.,]*(?:-(?:{_ACRONYM}\.|[A-Za-z0-9]+))+"
_PHRASE = "[A-Za-z0-9]+(?:-[A-Za-z]+){0,2}"


def _any_case(words: str) -> str:
    """Alternatives in any mixture of capitals.

    >>> _any_case("al no")
    '(?:[aA][lL]|[nN][oO])'
    """
    spelled = ("".join(f"[{letter}{letter.upper()}]" for letter in word) for word in words.split())
    return f"(?:{'|'.join(spelled)})"


def _capital_first(words: str) -> str:
    """Alternatives whose first letter is a capital and whose other letters are of either case."""
    return f"(?:{'|'.join(word[0].upper() + _any_case(word[1:])[3:-1] for word in words.split())})"


# Abbreviations whose period stays: months, days, states, companies; titles; those that need a number behind them.
_ENDING = _any_case(
    "al ala apr ariz assn aug bhd bldg blvd bros calif co colo conn corp cos ct dak dec esq est etc ext"
    " feb fla fri ga inc ind intl jan jr jul jun kan kans ky ltd mar md mich minn mo mon mont neb nev nov"
    " oct okla penn plc rd rt sep sept seq sq sr sys tel tenn thu thurs tue tues univ va vt wed wis wisc"
    " wyo"
)
_STATE = _capital_first("ark az del ill la mass miss ore pa tex wash")
_TITLE = _any_case(
    "adj adm adv alex assoc asst atty attys ave brig capt cf cie cmdr col comdr cpl dept det dr drs elec"
    " ens ft gen gov govs hon insp invt jos lieut lt maj messrs mlle mme mr mrs ms msgr mt natl pfc ph"
    " pres prof profs pvt rep reps rev sen sens sfc sgt spc st ste supt supts treas vs wm"
)
_COMPANY = "[pP]p?t(?:es?|ys?)"
_WORKS = "[mM][ft]g"
_NUMBERED = _any_case("art ca fig figs no nos op pp prop")
_STARTERS = _capital_first(
    "about according additionally after an as at but earlier he her here however if in it last many more"
    " now once one other our she since so some such that the their then there these they this we what when"
    " while yet you"
)
_EXTENSION = (
    "(?i:bat|bmp|cgi|class|cpp|c|dll|docx|doc|exe|gif|gz|html|htm|h|jar|java|jpeg|jpg|mov|mp3|pdf|php|pl|png|ppt|ps|py"
    "|sql|tar|txt|wav|xml|x|zip)"
)
_WEB = r"[^\s\"<>|()]"
_WEB_END = r"[^\s\"<>|.!?(){},-]"
_HOST = r"[^\s\"<>|.!?(){},]"
_BARE_HOST = r"[^\s!\"$'(),./0-9:;<=>?@A-Z\[\\\]^_`{|}-]"
_ATTRIBUTE = r"[A-Za-z][A-Za-z0-9:.-]*(?: *= *(?:'[^']*'|\"[^\"]*\"))?"
_TAG = rf"<(?:[!?][A-Za-z-][^>]*|/?[A-Za-z][A-Za-z0-9:.-]*(?: +{_ATTRIBUTE})* */?) *>"

# The token is the first group where something must follow it, and the whole match otherwise.
_CLITICS_AND_CONTRACTIONS = (
    rf"([A-Za-z]*[A-MO-Za-mo-z])[nN]{_APOS_ANY}[tT]",
    rf"[nN]{_APOS_ANY}[tT]",
    rf"({_LETTER}+){_CLITIC}[^A-Za-z]",
    rf"({_CLITIC})[^A-Za-z]",
    r"('[tT])(?:is|was|IS|WAS)",
    rf"([yY]{_APOS}){_LETTER}",
    rf"({_any_case('can')}){_any_case('not')}",
    rf"({_any_case('gon wan')}){_any_case('na')}",
    rf"({_any_case('gim lem')}){_any_case('me')}",
    rf"({_any_case('got')}){_any_case('ta')}",
)
_ABBREVIATIONS = (
    rf"((?:{_ENDING}|{_STATE}|{_COMPANY}|[pP][hH]\.[dD])\.)(?s:..)",
    rf"(?:{_TITLE}|{_WORKS})\.",
    rf"({_NUMBERED}\.)\s?{_DIGIT}",
    rf"{_ACRONYM}\.",
    rf"([A-Za-z])\.\s+(?:{_STARTERS}|A|M[rRsS]\.|{_TAG})\s",
    r"[A-Za-z]\.",
)
_WORDS = (
    _LISTED,
    rf"((?:{_DOTTED}|{_COMPOUND}|{_LISTED})\.)[,:;\u3001]",
    rf"{_PHRASE}(?:\\?/{_PHRASE}){{1,2}}",
    r"[A-Z]+(?:[+&\ue002][A-Z]+)+|[cC]\+\+|[cCfF]#",
    rf"{_ALNUM}+(?:\.{_ALNUM}+)*\.{_EXTENSION}(?![A-Za-z0-9])",
)
_NUMBERS = (
    rf"[-+]?{_NUMBER}",
    "[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207a\u207b\u2080-\u2089]+",
    rf"(?:{_DIGIT}{{1,4}}[- \u00a0])?{_DIGIT}{{1,4}}(?:\\?/|\u2044){_DIGIT}{{1,4}}",
    rf"{_DIGIT}{{1,2}}[-/]{_DIGIT}{{1,2}}[-/]{_DIGIT}{{2,4}}",
    "(?:\\([0-9]{2,3}\\)[ \u00a0]?|(?:\\+\\+?)?(?:[0-9]{2,4}[- \u00a0])?[0-9]{2,4}[- \u00a0])"
    "[0-9]{3,4}[- \u00a0]?[0-9]{3,5}",
    r"(?:(?:\+\+?)?[0-9]{2,4}\.)?[0-9]{2,4}\.[0-9]{3,4}\.[0-9]{3,5}",
)
_WEB_ADDRESSES = (
    _TAG,
    r"[hH][tT][tT][pP][sS]?://[^\s\"<>|(){}]+" + _WEB_END,
    rf"www\.(?:{_HOST}+\.)+[a-zA-Z]{{2,4}}(?:/{_WEB}+{_WEB_END})?",
    rf"(?:{_BARE_HOST}+\.)+(?:com|net|org|edu)(?:/{_WEB}+{_WEB_END})?",
    r"<?[a-zA-Z0-9][^\s\"<>|(){}]*@(?:[^\s\"<>|(){}.]+\.)*[^\s\"<>|(){}.]+>?",
    r"@[A-Za-z_][A-Za-z_0-9]*",
    f"#{_LETTER}+",
)
_WITH_APOSTROPHE = (
    rf"{_APOS}[nN]{_APOS}?|[lLdDjJ]{_APOS}|{_APOS}(?:[eE][mM]|till?|cause|[2-9]0s)",
    rf"({_APOS}[0-9]{{2}})\s",
    rf"(?:[Dd]unkin|somethin|ol){_APOS}|[cC]{_APOS}mon|e{_APOS}er|[sS]{_APOS}mores",
    rf"ev{_APOS}ry|li{_APOS}l|nat{_APOS}l|nor{_APOS}easter|O{_APOS}o",
    rf"[A-HJ-XZn]{_APOS_ANY}{_ALPHA}{{2,}}",
    rf"{_ALPHA}+[aeiouyAEIOUY]{_APOS_ANY}[aeiouA-Z]{_ALPHA}*",
)
_MARKS = (
    r"(')[A-Za-z]\S",
    _CLITIC,
    r"[A-Z]*\$",
    "-{2,}|\\.{3,5}|(?:\\.[ \u00a0]){2,4}\\.|[?!]+|_+|\\*+|(?:\\\\\\*)+|#+|@@+|<<|>>",
    "''|[`\u2018-\u201f\u2039\u203a\u00ab\u00bb\u0091-\u0094]{1,2}",
    r"[<>]?[:;=][-o*']?[()DPdpO\\{@|\[\]](?![A-Za-z0-9])",
    r"\([-^x=~<>'](?:[_.]?)[-^x=~<>']\)|[-^x=~<>']_[-^x=~<>']|\([\^x=~<>']-[\^x=~<>'`]\)",
)
# Words between spaces, before a comma or before the last period, that no other rule could want: most of a caption.
_ABBREVIATED = rf"(?:{_ENDING}|{_STATE}|{_COMPANY}|{_TITLE}|{_WORKS})\."
_PLAIN = re.compile(rf"(?:([A-Za-z]+),?|((?!{_ABBREVIATED})[A-Za-z]{{2,}})\.(?=\n))[ \n]|[ \n]|,(?= )")
_SPLIT = {"cannot", "gonna", "gotta", "gimme", "lemme", "wanna"}
_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos|nbsp|mdash|ndash|md);", re.IGNORECASE)
_ENTITIES = {
    "amp": "\ue002",  # stays as it is within an address; these three are free, for the program would drop them
    "quot": '"',
    "apos": "'",
    "nbsp": " ",
    "mdash": "\u2014",
    "ndash": "\u2013",
    "md": "\u2014",
    "lt": "\ue000",  # an escaped bracket opens no tag
    "gt": "\ue001",
}
_CLEANED = str.maketrans({"\n": " ", "\u00ad": None, **dict.fromkeys("\ue000\ue001\ue002", "\u200b")})
_QUOTES = {
    **dict.fromkeys("\u2018\u201b\u2039\u0091`", "`"),
    **dict.fromkeys("\u2019\u203a\u0092'", "'"),
    **dict.fromkeys("\u201c\u00ab\u0093", "``"),
    **dict.fromkeys("\u201d\u00bb\u0094", "''"),
    **{mark: mark for mark in "\u201a\u201e\u201f"},
}
_RENAMED = {
    **_QUOTES,
    **dict.fromkeys("\u0080\u00a4\u20a0\u20ac", "$"),
    **dict.fromkeys("\u2013\u2014\u2015\u0096\u0097", "--"),
    "(": "-lrb-",
    ")": "-rrb-",
    "[": "-lsb-",
    "]": "-rsb-",
    "{": "-lcb-",
    "}": "-rcb-",
    '"': "''",
    "\u2026": "...",
    "\u00a2": "cents",
    "\u00a3": "#",
    "\u00bc": "1/4",
    "\u00bd": "1/2",
    "\u00be": "3/4",
    "\u2153": "1/3",
    "\u2154": "2/3",
    "\ue000": "<",
    "\ue001": ">",
    "\ue002": "&",
}
_INSIDE = str.maketrans(
    {"(": "-lrb-", ")": "-rrb-", " ": "\u00a0", "\ue000": "&lt;", "\ue001": "&gt;", "\ue002": "&amp;"}
)
_CLITIC_TOKENS = {"'s", "'m", "'d", "'re", "'ve", "'ll", "n't", "n`t"}
_DROPPED = re.compile(r"[.?!,:;-]|-{2,4}|''?|``?|[. \u00a0]+")
_CHARACTER = f"[{char_class(SYMBOLS)}/?!.,@_#-]|[{re.escape(''.join(_RENAMED))}]"
_RULES = [
    re.compile(rule)
    for rule in (
        *_CLITICS_AND_CONTRACTIONS,
        _DOTTED,
        _COMPOUND,
        *_ABBREVIATIONS,
        *_WORDS,
        *_NUMBERS,
        *_WEB_ADDRESSES,
        *_WITH_APOSTROPHE,
        *_MARKS,
        _CHARACTER,
    )
]


def _next_token(text: str, start: int) -> tuple[str, int]:
    """Return the token that begins at ``start`` and where it ends; an empty one where a character is dropped."""
    end, token = start, ""
    for rule in _RULES:
        found = rule.match(text, start)
        if found and found.end() > end:
            end, token = found.end(), found[1] if rule.groups else found[0]
    return token, start + max(len(token), 1)


def _written(token: str) -> str:
    """Return a token as the program writes it: brackets, quotes, currencies and fractions renamed, lower case."""
    if len(token) < 2:
        return _RENAMED.get(token, token).lower()
    if all(mark in _QUOTES for mark in token):
        return "".join(_QUOTES[mark] for mark in token)
    if token.isupper():
        token = token.replace("\ue002", "&")  # AT&amp;T
    lower = token.translate(_INSIDE).lower()
    clitic = "".join(_QUOTES.get(mark, mark) for mark in lower)
    return clitic if clitic in _CLITIC_TOKENS else lower


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        plain = _PLAIN.match(text, position)
        word = plain and (plain[1] or plain[2] or "").lower()
        if plain and word not in _SPLIT:
            position = plain.end()
            yield word or ""
        else:
            token, position = _next_token(text, position)
            yield _written(token)


@lru_cache(maxsize=2**16)
def ptb_tokenize(caption: str) -> str:
    """Return the tokens of a caption as the COCO scorer compares them: lower case, joined by single spaces.

    >>> ptb_tokenize("A man's dog can't sit (it's 7:30), etc.")
    "a man 's dog ca n't sit -lrb- it 's 7:30 -rrb- etc."
    """
    text = _ENTITY.sub(lambda found: _ENTITIES[found[1].lower()], caption.translate(_CLEANED)) + "\n\n"
    return " ".join(token for token in _tokens(text) if token and not _DROPPED.fullmatch(token))
