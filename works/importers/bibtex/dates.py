"""When a work appeared, from the fields of BibTeX (year, month, day) and of BibLaTeX (date, in EDTF). Pure."""

import re

from works.importers.bibtex.entries import MONTHS

YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d\d)(?!\d)")
EDTF_YEAR = re.compile(r"(\d{4})(?![\dXxu])")
EDTF_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-\d\d(?![\dXxu~?%])")


def read_dates(date: str, year: str, month: str, day: str) -> tuple[int | None, str]:
    """(year, ISO date). Of an interval, the beginning, if it has one; a date that is not certain to the day has a year alone.

    >>> read_dates("2016-07-18T20:26:06", "", "", ""), read_dates("199u", "", "", ""), read_dates("2004-06/2006-08", "", "", "")
    ((2016, '2016-07-18'), (None, ''), (2004, ''))
    >>> read_dates("", "2021", "jun", "18"), read_dates("", "{2001}", "mar", ""), read_dates("", "in press", "", "")
    ((2021, '2021-06-18'), (2001, ''), (None, ''))
    """
    date = date.strip().strip("{}")
    if date:
        found = EDTF_YEAR.match(date)
        whole = EDTF_DAY.match(date) if "/" not in date else None
        return (int(found.group(1)) if found else None), whole.group() if whole else ""
    found = YEAR.search(year)
    if not found:
        return None, ""
    month_number, day_number = number_of_month(month), day_of(month, day)
    iso = f"{found.group(1)}-{month_number:02}-{day_number:02}" if month_number and day_number else ""
    return int(found.group(1)), iso


def number_of_month(text: str) -> int:
    """
    >>> number_of_month("aug"), number_of_month("{August}"), number_of_month("08"), number_of_month("10~jan"), number_of_month("summer")
    (8, 8, 8, 1, 0)
    """
    words = re.findall(r"[A-Za-z]{3,}", text)
    if words:
        return MONTHS.index(words[0][:3].lower()) + 1 if words[0][:3].lower() in MONTHS else 0
    found = re.fullmatch(r"[\s{]*(\d{1,2})[\s}]*", text)
    return int(found.group(1)) if found and 1 <= int(found.group(1)) <= 12 else 0


def day_of(month: str, day: str) -> int:
    """The day, which some write beside the month ("10~jan", "jul 4"); 0 where there is none, or more than one."""
    found = re.findall(r"\d+", day) or (re.findall(r"\d+", month) if re.search(r"[A-Za-z]", month) else [])
    return int(found[0]) if len(found) == 1 and len(found[0]) < 3 and 1 <= int(found[0]) <= 31 else 0
