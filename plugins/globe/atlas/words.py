"""Numbers in words, as Kazakh and Russian say them: for the voice, which reads figures wrongly.

Checked in tests against num2words, whose package cannot be part of ours: it wants docopt, of which
there is no wheel.
"""

_KK_ONES = ("", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз")
_KK_TENS = (
    "",
    "он",
    "жиырма",
    "отыз",
    "қырық",
    "елу",
    "алпыс",
    "жетпіс",
    "сексен",
    "тоқсан",
)
_KK_POWERS = ("", "мың", "миллион", "миллиард")
_KK_ORDINAL = {
    "бір": "бірінші",
    "екі": "екінші",
    "үш": "үшінші",
    "төрт": "төртінші",
    "бес": "бесінші",
    "алты": "алтыншы",
    "жеті": "жетінші",
    "сегіз": "сегізінші",
    "тоғыз": "тоғызыншы",
    "он": "оныншы",
    "жиырма": "жиырмасыншы",
    "отыз": "отызыншы",
    "қырық": "қырқыншы",
    "елу": "елуінші",
    "алпыс": "алпысыншы",
    "жетпіс": "жетпісінші",
    "сексен": "сексенінші",
    "тоқсан": "тоқсаныншы",
    "жүз": "жүзінші",
    "мың": "мыңыншы",
}

_RU_ONES = (
    "",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
)
_RU_TENS = (
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
)
_RU_HUNDREDS = (
    "",
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
)
_RU_POWERS = (
    ("", "", ""),
    ("тысяча", "тысячи", "тысяч"),
    ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
)
_RU_ORDINAL = {
    "один": "первый",
    "два": "второй",
    "три": "третий",
    "четыре": "четвёртый",
    "пять": "пятый",
    "шесть": "шестой",
    "семь": "седьмой",
    "восемь": "восьмой",
    "девять": "девятый",
    "десять": "десятый",
    "сорок": "сороковой",
    "девяносто": "девяностый",
    "восемьдесят": "восьмидесятый",
    "сто": "сотый",
    "восемьсот": "восьмисотый",
    "двадцать": "двадцатый",
    "тридцать": "тридцатый",
}

_RU_THOUSANDS = (
    "тысячный",
    "двухтысячный",
    "трёхтысячный",
    "четырёхтысячный",
    "пятитысячный",
    "шеститысячный",
    "семитысячный",
    "восьмитысячный",
    "девятитысячный",
)

MOST = 10**12 - 1


def words(number: int, language: str) -> str:
    """Return a whole number in words; English is left in figures, which its voice reads well.

    Raises:
        ValueError: it is below zero, or larger than `MOST`.
    """
    if not 0 <= number <= MOST:
        raise ValueError(f"{number} is not between 0 and {MOST}")
    if language == "kk":
        return _kazakh(number)
    if language == "ru":
        return _russian(number)
    return f"{number:,}"


def year_words(year: int, language: str) -> str:
    """Return a year as the voice says it: an ordinal in Kazakh and Russian (nominative)."""
    if not 1 <= year <= 9999:
        raise ValueError(f"{year} is no year")
    if language == "kk":
        *before, last = _kazakh(year).split()
        if before and before[0] == "бір" and year < 2000:
            before = before[1:]  # nobody says of a year that it is of one thousand
        return " ".join([*before, _KK_ORDINAL[last]])
    if language == "ru":
        if year % 1000 == 0:
            return _RU_THOUSANDS[year // 1000 - 1]
        *before, last = _russian(year).split()
        if before and before[0] == "одна":
            before = before[1:]
        return " ".join([*before, _russian_ordinal(last)])
    return str(year)


def _groups(number: int) -> list[tuple[int, int]]:
    """Return the groups of three figures that are not zero, the highest first, with their power."""
    groups = []
    power = 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            groups.append((group, power))
        power += 1
    return groups[::-1]


def _kazakh(number: int) -> str:
    if number == 0:
        return "нөл"
    said: list[str] = []
    for group, power in _groups(number):
        hundreds, rest = divmod(group, 100)
        if hundreds:
            said += [_KK_ONES[hundreds], "жүз"] if hundreds > 1 else ["жүз"]
        said += [_KK_TENS[rest // 10], _KK_ONES[rest % 10]]
        said.append(_KK_POWERS[power])
    return " ".join(word for word in said if word)


def _russian(number: int) -> str:
    if number == 0:
        return "ноль"
    said: list[str] = []
    for group, power in _groups(number):
        said.append(_RU_HUNDREDS[group // 100])
        rest = group % 100
        if rest >= 20:
            said.append(_RU_TENS[rest // 10])
            rest %= 10
        ones = _RU_ONES[rest]
        if power == 1:
            ones = {"один": "одна", "два": "две"}.get(ones, ones)
        said += [ones, russian_form(group, _RU_POWERS[power])]
    return " ".join(word for word in said if word)


def russian_form(count: int, forms: tuple[str, str, str]) -> str:
    """Return the form of a word that a number asks for: of 1, of 2 and of 5."""
    last, two = count % 10, count % 100
    if last == 1 and two != 11:
        return forms[0]
    return forms[1] if 2 <= last <= 4 and not 12 <= two <= 14 else forms[2]


def _russian_ordinal(word: str) -> str:
    if word in _RU_ORDINAL:
        return _RU_ORDINAL[word]
    if word.endswith("десят"):  # пятьдесят
        return word.replace("ь", "и", 1) + "ый"
    if word.endswith("сти"):  # двести
        return "двухсотый"
    if word.endswith("ста"):  # триста, четыреста
        return {"триста": "трёхсотый", "четыреста": "четырёхсотый"}[word]
    if word.endswith("сот"):  # пятьсот
        return word[:-4].rstrip("ь") + "исотый"
    return word[:-1] + "ый"  # одиннадцать


def degrees(number: int, language: str) -> str:
    """Return so many degrees in words, with the form of the word that the number wants."""
    said = words(number, language)
    if language == "kk":
        return f"{said} градус"
    if language == "ru":
        return f"{said} {russian_form(number, ('градус', 'градуса', 'градусов'))}"
    return f"{said} degree" if number == 1 else f"{said} degrees"


def rounded(number: float, figures: int = 3) -> int:
    """Return a number to so many figures that count: what one can hear and keep in mind."""
    if number <= 0:
        return 0
    whole = round(number)
    spare = len(str(whole)) - figures
    return whole if spare <= 0 else round(whole, -spare)
