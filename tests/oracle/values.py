"""Values that fields, parameters and expressions take.

Numbers are exact fractions; money is a fraction of minor units; an absent value is None.
"""

from fractions import Fraction
from typing import NamedTuple, Optional


class Money(NamedTuple):
    """Minor units of a currency; a price where it is per a unit."""

    minor: Fraction
    currency: str
    per: Optional[str] = None


class Term(NamedTuple):
    """A term of a vocabulary."""

    vocabulary: str
    name: str


class Person(NamedTuple):
    """A party or another person."""

    name: str


class ClauseRef(NamedTuple):
    """A clause by its id."""

    id: str


class Length(NamedTuple):
    """A length of time."""

    count: int
    unit: str


# Minor-unit decimals (ISO 4217) where they are not two.
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


def decimals(currency):
    """Decimals of a currency's minor unit."""
    return _DECIMALS.get(currency, 2)


def in_minor(number, currency):
    """Major units as minor units."""
    return Fraction(number) * 10 ** decimals(currency)


def plain(minor, currency):
    """Whole minor units as a decimal string of major units."""
    places = decimals(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(int(minor)))
    if places == 0:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def show(value):
    """A value as it stands in a key of an outcome."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return str(value.numerator)
        for places in range(1, 19):
            if (value * 10**places).denominator == 1:
                digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
                return ("-" if value < 0 else "") + digits[:-places] + "." + digits[-places:]
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Money):
        return plain(value.minor, value.currency)
    if isinstance(value, Term):
        return value.name
    if isinstance(value, Person):
        return value.name
    if isinstance(value, ClauseRef):
        return value.id
    return str(value)
