"""Numbers in words (0 to 9,999) and figures, in English, German, French and Chinese."""

_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_DE = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
]
_DE_TENS = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
_FR = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_FR_TENS = ["vingt", "trente", "quarante", "cinquante", "soixante"]
_ZH = "零一二三四五六七八九"


def english(number: int) -> str:
    """Write a number in words.

    >>> english(121), english(3040)
    ('one hundred and twenty-one', 'three thousand and forty')
    """
    if number < 20:
        return _EN[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _EN_TENS[tens - 2] + (f"-{_EN[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    high, rest = divmod(number, size)
    joint = " and " if rest < 100 else " "
    return f"{english(high)} {name}" + (joint + english(rest) if rest else "")


def german(number: int, one: str = "eins") -> str:
    """Write a number in words; ``one`` is the form of a final 1 ("eins" alone, "ein" inside a word).

    >>> german(21), german(101), german(1776)
    ('einundzwanzig', 'hunderteins', 'tausendsiebenhundertsechsundsiebzig')
    """
    if number == 1:
        return one
    if number < 20:
        return _DE[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return (german(ones, "ein") + "und" if ones else "") + _DE_TENS[tens - 2]
    size, name = (1000, "tausend") if number >= 1000 else (100, "hundert")
    high, rest = divmod(number, size)
    return (german(high, "ein") if high > 1 else "") + name + (german(rest, one) if rest else "")


def french(number: int, feminine: bool = False) -> str:
    """Write a number in words, spelt the traditional way.

    >>> french(21, feminine=True), french(71), french(80), french(91), french(1080)
    ('vingt et une', 'soixante et onze', 'quatre-vingts', 'quatre-vingt-onze', 'mille quatre-vingts')
    """
    if number < 20:
        return "une" if number == 1 and feminine else _FR[number]
    if number < 100:
        return _french_tens(number, feminine)
    size, name = (1000, "mille") if number >= 1000 else (100, "cent")
    high, rest = divmod(number, size)
    head = name if high == 1 else f"{french(high)} {name}"
    if rest:
        return f"{head} {french(rest, feminine)}"
    return head + "s" if size == 100 and high > 1 else head


def _french_tens(number: int, feminine: bool) -> str:
    if number >= 80:
        return "quatre-vingts" if number == 80 else "quatre-vingt-" + french(number - 80, feminine)
    tens = min(number // 10, 6)
    rest = number - 10 * tens
    if not rest:
        return _FR_TENS[tens - 2]
    joint = " et " if rest in (1, 11) else "-"
    return _FR_TENS[tens - 2] + joint + french(rest, feminine)


def chinese(number: int) -> str:
    """Write a number in words.

    >>> chinese(2), chinese(15), chinese(102), chinese(110), chinese(2050)
    ('二', '十五', '一百零二', '一百一十', '二千零五十')
    """
    if number < 10:
        return _ZH[number]
    if number < 20:
        return "十" + (_ZH[number - 10] if number > 10 else "")
    text, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if gap and text else "") + _ZH[digit] + name
            gap = False
        else:
            gap = True
    return text


def chinese_count(number: int) -> str:
    """Write a number before a measure word: 2 is 两.

    >>> chinese_count(2), chinese_count(12), chinese_count(20)
    ('两', '十二', '二十')
    """
    return "两" if number == 2 else chinese(number)


def figures(text: str, language: str) -> str:
    """Rewrite English figures ("1,250.5") the way another language does.

    >>> figures("1,250.5", "de"), figures("1,250.5", "fr"), figures("1,250.5", "zh")
    ('1.250,5', '1\\u202f250,5', '1250.5')
    """
    if language == "de":
        return text.translate(str.maketrans(",.", ".,"))
    if language == "fr":
        return text.replace(",", "\u202f").replace(".", ",")
    return text.replace(",", "") if language == "zh" else text


def capital(text: str) -> str:
    """Return the text with its first letter capitalised and nothing else changed."""
    return text[:1].upper() + text[1:]
