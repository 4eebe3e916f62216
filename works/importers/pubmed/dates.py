"""Dates as PubMed gives them: a year, a month in letters or digits, a season, or whatever the journal printed. Pure."""

import re

from lxml import etree

from works.importers.text import one_line
from works.importers.xml_records import text_of

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YEAR = re.compile(r"\b(1\d{3}|20\d{2})\b")


def read_date(date: etree._Element | None) -> tuple[int | None, str]:
    """(year, ISO date). The date only where year, month and day are given; a season or a range of months has a year alone.

    "2000 Nov-Dec" is the year 2000, "1998 Dec-1999 Jan" is 1998.
    """
    year = text_of(date, "Year")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        found = YEAR.search(text_of(date, "MedlineDate") or year)
        return (int(found.group(1)) if found else None), ""
    month, day = month_number(text_of(date, "Month")), text_of(date, "Day")
    if month and day.isascii() and day.isdigit() and len(day) < 3:
        return int(year), f"{year}-{month:02}-{int(day):02}"
    return int(year), ""


def month_number(text: str) -> int:
    """
    >>> month_number("Feb"), month_number("02"), month_number("September"), month_number("Spring"), month_number("")
    (2, 2, 9, 0, 0)
    """
    word = one_line(text).lower()
    if word.isascii() and word.isdigit() and len(word) < 3:
        return int(word) if 1 <= int(word) <= 12 else 0
    return MONTHS.index(word[:3]) + 1 if word[:3] in MONTHS else 0
