"""The life of the film: who used it where, who licensed whom, and how the advance was recouped."""

from common import Deal, cents, money

deal = Deal("film-distribution", ["advance", "royalty", "statements"])
e = deal.event
RATE = {"Theatrical": 30, "FreeTv": 25, "PayTv": 25, "Svod": 20, "HomeVideo": 20}
advance = cents("500_000")


def use(date, by, territory, field, verdict, clause=None, asset="Feature"):
    e(date, "Use", verdict, [clause] if clause else [], by_=by, asset=asset, territory=territory, field=field)


def grant(date, by, to, territory, field, verdict, clause=None, asset="Feature", **more):
    e(date, "Grant", verdict, [clause] if clause else [], by_=by, to=to, asset=asset, territory=territory, field=field, **more)


def receipts(date, territory, field, amount):
    """Half of the royalty is kept until the advance is recouped."""
    global advance
    royalty = cents(amount) * RATE[field] // 100
    assert royalty * 100 == cents(amount) * RATE[field] and royalty % 2 == 0
    kept = min(royalty // 2, advance)
    advance -= kept
    e(date, "Receipts", accrues={"royalty": royalty - kept}, of="Parallax", territory=territory, field=field, amount=money(cents(amount)))


deal.time("advance", cents("500_000"))  # on 15 January 2026
grant("2026-02-01", "Parallax", "Kestrel", "Austria", "Theatrical", "permitted", "theatrical", sublicense=True)
grant("2026-02-10", "Kestrel", "Tern", "Austria", "Theatrical", "permitted", "theatrical", sublicense=True)
grant("2026-02-12", "Tern", "Finch", "Austria", "Theatrical", "breach", "theatrical")  # a third link
grant("2026-02-13", "Parallax", "Kestrel", "Europe", "Theatrical", "breach", "theatrical")  # wider than the head
use("2026-03-01", "Parallax", "Germany", "Theatrical", "permitted", "theatrical")
use("2026-03-02", "Tern", "Austria", "Theatrical", "permitted", "theatrical")
use("2026-03-03", "Finch", "Austria", "Theatrical", "unlicensed", "theatrical")
use("2026-03-04", "Lumen", "Austria", "Theatrical", "breach", "theatrical")
use("2026-03-05", "Lumen", "France", "Theatrical", "permitted", "producer")
use("2026-03-06", "Parallax", "France", "Theatrical", "breach")
use("2026-03-07", "Parallax", "UnitedStates", "Avod", "permitted", "trailers", asset="Trailer")
receipts("2026-03-31", "Germany", "Theatrical", "1_204_310.40")
e("2026-04-02", "QuarterClosed", quarter="2026 Q1")
e("2026-05-10", "Statement", "permitted", ["statements"], by_="Parallax")
receipts("2026-06-30", "Austria", "Theatrical", "402_000.00")
e("2026-07-02", "QuarterClosed", quarter="2026 Q2")
e("2026-08-16", "Statement", "permitted", ["statements"], by_="Parallax")  # the 45th day
use("2026-09-30", "Parallax", "Switzerland", "PayTv", "breach")
receipts("2026-09-30", "Germany", "Theatrical", "650_400.00")
use("2026-10-01", "Parallax", "Switzerland", "PayTv", "permitted", "television")
use("2026-10-01", "Lumen", "Switzerland", "FreeTv", "permitted", "producer")
e("2026-10-02", "QuarterClosed", quarter="2026 Q3")
grant("2026-10-05", "Parallax", "Rival", "France", "PayTv", "breach", "television")
grant("2026-10-06", "Parallax", "Kestrel", "France", "PayTv", "permitted", "television", through="2030-12-31")
grant("2026-10-07", "Lumen", "Rival", "Switzerland", "FreeTv", "breach", "television")
use("2026-10-08", "Kestrel", "France", "PayTv", "permitted", "television")
deal.time("statements", cents("1_000"))  # the statement for the third quarter, due on 16 November
receipts("2026-12-31", "France", "PayTv", "900_000.00")
receipts("2027-03-31", "Switzerland", "FreeTv", "310_000.40")
use("2027-04-01", "Parallax", "France", "Svod", "permitted", "streaming")
use("2027-04-02", "Lumen", "France", "Svod", "breach", "streaming")
use("2027-04-02", "Rival", "France", "Svod", "unlicensed", "streaming")
use("2027-04-03", "Lumen", "France", "Avod", "permitted", "producer")
receipts("2027-06-30", "France", "Svod", "412_000.10")
use("2028-01-02", "Parallax", "Germany", "Theatrical", "breach")
use("2028-01-02", "Lumen", "Germany", "Theatrical", "permitted", "producer")
use("2028-10-01", "Parallax", "France", "Svod", "breach")
assert advance == 0
deal.write()
