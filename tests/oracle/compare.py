"""Runs the binary and the oracle on a deal and a stream, and prints what they say differently.

Usage: compare.py [--bin HABENDUM] [--clock DATE] [--reading CLAUSE=NAME]... [--known-as-of DATE] DEAL EVENTS
Exit: 0 the same; 1 different; 2 one of them refuses what the other accepts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import date

import events
import normal
import run as engine
from deal import Deal
from readings import combinations, merge
from tree import Fault, strip


def habendum():
    """The binary to judge: `HABENDUM`, or the debug build of this workspace."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target"))
    return os.environ.get("HABENDUM", os.path.join(target, "debug", "habendum"))


class Refused(Exception):
    """The binary refuses a deal or a stream."""


def dump(binary, deal):
    """The parsed trees of a deal, and the values that its configuration binds."""
    done = subprocess.run([binary, "dump", deal], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(done.stderr or done.stdout)
    return json.loads(done.stdout)


def by_binary(binary, deal, rows, flags):
    """The binary's outcomes in normal form."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.ndjson")
        done = subprocess.run([binary, "eval", deal, rows, "--out", out, *flags], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Refused(done.stderr or done.stdout)
        return normal.of_binary(out)


def by_oracle(dumped, rows_path, clock=None, readings=None, known=None):
    """The oracle's outcomes in normal form."""
    deal = Deal(dumped["files"])
    values = {}
    for name in dumped.get("schedules", []):
        values.update(dict(deal.schedules[name]["values"]))
    values.update(dict(strip(dumped.get("sets", []))))
    probe = engine.Run(deal, values, {}, known)
    rows = events.read_rows(deal, rows_path, probe.currency_of)
    found = []
    for choice in combinations(deal, readings or {}):
        outcomes, dated, _ = engine.play_all(deal, values, choice, rows, clock, known)
        found.append(normal.of_oracle(outcomes, dated))
    return merge(found)


def compare(binary, deal, rows, clock=None, readings=None, known=None):
    """The differences, or one line where only one side refuses. Both refusing is agreement."""
    flags = []
    if clock:
        flags += ["--clock", clock]
    if known:
        flags += ["--known-as-of", known]
    for c, r in (readings or {}).items():
        flags += ["--reading", f"{c}={r}"]
    refused = fault = theirs = ours = None
    try:
        dumped = dump(binary, deal)
        theirs = by_binary(binary, deal, rows, flags)
    except Refused as e:
        refused = str(e)
        if theirs is None and "dumped" not in locals():
            return [f"the binary does not parse: {refused}"]
    day = lambda text: date.fromisoformat(text) if text else None
    try:
        ours = by_oracle(dumped, rows, day(clock), readings, day(known))
    except Fault as e:
        fault = str(e)
    if refused and fault:
        return []
    if refused:
        return [f"only the binary refuses: {refused}"]
    if fault:
        return [f"only the oracle refuses: {fault}"]
    return normal.differences(ours, theirs)


def main():
    """The command."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bin", default=habendum())
    p.add_argument("--clock")
    p.add_argument("--known-as-of")
    p.add_argument("--reading", action="append", default=[])
    p.add_argument("--all", action="store_true", help="print every difference, not the first alone")
    p.add_argument("deal")
    p.add_argument("events")
    a = p.parse_args()
    sys.setrecursionlimit(100_000)
    readings = dict(r.split("=", 1) for r in a.reading)
    found = compare(a.bin, a.deal, a.events, a.clock, readings, a.known_as_of)
    for text in found if a.all else found[:1]:
        print(text)
    if not found:
        return 0
    return 2 if "refuses" in found[0] or "parse" in found[0] else 1


if __name__ == "__main__":
    sys.exit(main())
