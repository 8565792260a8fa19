"""Days, lengths and periods, by section 1 of the semantics.

Invariant: pure functions of their arguments; a day that cannot be reckoned is a Fault, never a guess.
"""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction

from tree import Fault

DAY = timedelta(days=1)


class Reckoning:
    """What date arithmetic hangs on beyond the dates."""

    def __init__(self, months=None, fiscal=(1, 1), effective=date(2000, 1, 1), business=None):
        self.months = months  # "Up", "Down" or None
        self.fiscal = fiscal
        self.effective = effective
        self.business = business  # (weekend numbers, holidays, covers) or None


def month_length(y, m):
    return monthrange(y, m)[1]


def shift_months(d, n, rounding):
    """The same day `n` months on."""
    months = d.year * 12 + d.month - 1 + n
    y, m = divmod(months, 12)
    m += 1
    if not 1 <= y <= 9999:
        raise Fault("date out of range")
    if d.day <= month_length(y, m):
        return date(y, m, d.day)
    if rounding == "Down":
        return date(y, m, month_length(y, m))
    if rounding == "Up":
        return date(y, m, month_length(y, m)) + DAY
    raise Fault(f"{d} and {n} months has no such day")


def is_open(d, reck):
    if reck.business is None:
        raise Fault(f"no calendar for {d}")
    weekend, holidays, covers = reck.business
    if covers is None or not covers[0] <= d <= covers[1]:
        raise Fault(f"no calendar for {d}")
    return d.isoweekday() not in weekend and d not in holidays


def add(d, length, reck, rounding=None, sign=1):
    """A day plus (or with sign -1 minus) a length: (count, unit)."""
    n, unit = length
    rounding = rounding or reck.months
    if unit == "Days":
        return d + timedelta(days=sign * n)
    if unit == "Weeks":
        return d + timedelta(days=sign * 7 * n)
    if unit == "BusinessDays":
        while n > 0:
            d += sign * DAY
            if is_open(d, reck):
                n -= 1
        return d
    if unit in ("Months", "Quarters", "Years"):
        return shift_months(d, sign * n * {"Months": 1, "Quarters": 3, "Years": 12}[unit], rounding)
    raise Fault(f"a length in {unit} after a day")


def anniversary(y, month, day):
    return date(y, month, day) if day <= month_length(y, month) else date(y, month, month_length(y, month)) + DAY


def period_of(d, period, reck):
    """First and last day of the period that holds a day; None where it has no calendar bounds."""
    if isinstance(period, dict) or period in ("Event", "InTotal"):
        return None
    if period == "Day":
        return d, d
    if period == "Week":
        first = d - timedelta(days=d.weekday())
        return first, first + timedelta(days=6)
    if period == "Month":
        return d.replace(day=1), d.replace(day=month_length(d.year, d.month))
    if period == "Quarter":
        m = (d.month - 1) // 3 * 3 + 1
        return date(d.year, m, 1), date(d.year, m + 2, month_length(d.year, m + 2))
    if period == "Year":
        return date(d.year, 1, 1), date(d.year, 12, 31)
    month, day = reck.fiscal if period == "FiscalYear" else (reck.effective.month, reck.effective.day)
    y = d.year
    if d < anniversary(y, month, day):
        y -= 1
    return anniversary(y, month, day), anniversary(y + 1, month, day) - DAY


def previous_period(d, period, reck):
    bounds = period_of(d, period, reck)
    return None if bounds is None else period_of(bounds[0] - DAY, period, reck)


def units_between(a, b, unit, started, reck):
    """Units begun after `a` up to `b`, or full by `b`; zero where `b` is not after `a`."""
    if b <= a:
        return 0
    if unit == "BusinessDays":
        return sum(1 for i in range(1, (b - a).days + 1) if is_open(a + timedelta(days=i), reck))
    n = 0
    # Count full units one by one: the most naive reading of the book.
    while unit_end(a, n + 1, unit) <= b:
        n += 1
    return n + 1 if started and unit_end(a, n, unit) < b else n


def unit_end(a, n, unit):
    if unit == "Days":
        return a + timedelta(days=n)
    if unit == "Weeks":
        return a + timedelta(days=7 * n)
    return shift_months(a, n * {"Months": 1, "Quarters": 3, "Years": 12}[unit], "Down")


def year_fraction(a, b, count):
    """The fraction of a year from `a` (included) to `b` (excluded)."""
    if b <= a:
        return Fraction(0)
    if count == "Actual360":
        return Fraction((b - a).days, 360)
    if count == "Actual365":
        return Fraction((b - a).days, 365)
    if count == "ActualActual":
        return sum(
            (
                Fraction((min(b, date(y + 1, 1, 1)) - max(a, date(y, 1, 1))).days, 366 if month_length(y, 2) == 29 else 365)
                for y in range(a.year, b.year + 1)
            ),
            Fraction(0),
        )
    d1 = min(a.day, 30)
    d2 = min(b.day, 30) if d1 == 30 else b.day
    return Fraction(360 * (b.year - a.year) + 30 * (b.month - a.month) + d2 - d1, 360)


def round_fraction(x, mode):
    """The nearest whole number by a named mode."""
    whole = abs(x.numerator) // x.denominator
    rest = abs(x) - whole
    half = Fraction(1, 2)
    up = {
        "Up": rest > 0,
        "Down": False,
        "HalfUp": rest >= half,
        "HalfDown": rest > half,
        "HalfEven": rest > half or (rest == half and whole % 2 == 1),
    }[mode]
    n = whole + (1 if up else 0)
    return -n if x < 0 else n
