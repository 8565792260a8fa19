"""Random deals and streams, through the binary and the oracle; differences are made small and printed.

Usage: random_histories.py --seed S --count N [--bin HABENDUM] [--keep FOLDER]
Exit: 0 all the same; 1 some differ; 2 too many deals were refused to mean anything.
"""

import argparse
import copy
import os
import random
import sys
import tempfile

import compare
import gen_deal


def run_case(binary, case):
    """Differences of a case; None where the binary refuses the deal."""
    with tempfile.TemporaryDirectory() as folder:
        deal, rows = case.write(folder)
        found = compare.compare(binary, deal, rows, case.clock)
    return found


def is_refusal(found):
    return bool(found) and (found[0].startswith("only the binary refuses") or found[0].startswith("the binary does not"))


def shrink(binary, case, budget=150):
    """A smaller case that still differs."""

    def still(c):
        nonlocal budget
        budget -= 1
        found = run_case(binary, c)
        return bool(found) and not is_refusal(found)

    for part in ("rows", "amendments", "items", "rows"):
        i = len(getattr(case, part)) - 1
        step = max(1, (i + 1) // 3)
        while i >= 0 and budget > 0:
            smaller = copy.deepcopy(case)
            seq = getattr(smaller, part)
            del seq[max(0, i - step + 1) : i + 1]
            if still(smaller):
                case = smaller
                i -= step
            elif step > 1:
                step = max(1, step // 2)
            else:
                i -= 1
    for a in range(len(case.amendments)):
        for i in reversed(range(len(case.amendments[a][1]))):
            smaller = copy.deepcopy(case)
            del smaller.amendments[a][1][i]
            if budget > 0 and still(smaller):
                case = smaller
    return case


def main():
    """The command."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--bin", default=compare.habendum())
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--size", type=int, default=None, help="clauses a deal; random where absent")
    p.add_argument("--keep", help="folder for cases that differ")
    p.add_argument("--stop", type=int, default=1, help="stop after so many differences")
    p.add_argument("--refusals", action="store_true", help="print why deals are refused")
    p.add_argument("--without", help="leave out deals that have one of these words")
    p.add_argument("--quick", action="store_true", help="do not make differences small")
    a = p.parse_args()
    sys.setrecursionlimit(100_000)
    differ = refused = 0
    for i in range(a.count):
        case = gen_deal.make(random.Random(f"{a.seed}/{i}"), a.size)
        if a.without and any(w in case.text() for w in a.without.split(",")):
            continue
        found = run_case(a.bin, case)
        if not found:
            continue
        if is_refusal(found):
            refused += 1
            if a.refusals:
                print(f"seed {a.seed}/{i}: {found[0]}\n")
            continue
        differ += 1
        small = case if a.quick else shrink(a.bin, case)
        print(f"seed {a.seed}/{i} differs:")
        print(small.text().split("define net", 1)[-1].split("\n", 1)[-1])
        for r in small.rows:
            print(r)
        print(f"clock {small.clock}")
        for text in (found if a.quick else run_case(a.bin, small))[:6]:
            print("  " + text)
        print()
        if a.keep:
            folder = os.path.join(a.keep, f"{a.seed}-{i}")
            os.makedirs(folder, exist_ok=True)
            small.write(folder)
        if differ >= a.stop:
            break
    print(f"{i + 1 if a.count else 0} histories, {refused} refused, {differ} different", file=sys.stderr)
    if differ:
        return 1
    return 2 if refused * 2 > a.count else 0


if __name__ == "__main__":
    sys.exit(main())
