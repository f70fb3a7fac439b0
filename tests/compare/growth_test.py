#!/usr/bin/env python3
"""What an operation on one certificate costs in a large store beside a small one, in instructions counted by callgrind.

Reads, searches by name, OCSP answers, revocations and issuances up to their write sets, outside the cryptographic
library and on the calling thread. bench/growth.cc measures the same in CPU time, commits included, and goes further.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from issue_cost_test import LIBRARIES, self_costs

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = pathlib.Path(os.environ.get("CHANCERY_BENCH_BIN") or ROOT / "build" / "release" / "bin") / "growth_bench"
SMALL, LARGE, GROWTH = 2_000, 200_000, 1.10
POINTS = ("point_read", "point_search", "point_ocsp", "point_revoke", "point_sign")


def count(directory, point, work):
    """Instructions of one call of `point`."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--toggle-collect={point}", f"--callgrind-out-file={work}/{point}",
         PROGRAM, "point", directory], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr[-2000:])
    costs = {}
    for path in pathlib.Path(work).glob(f"{point}*"):
        for name, cost in self_costs(path.read_text()).items():
            costs[name] = costs.get(name, 0) + cost
        path.unlink()
    return sum(cost for name, cost in costs.items() if not LIBRARIES.search(name)) / int(done.stdout)


class GrowthTest(unittest.TestCase):
    def test_a_large_store_costs_what_a_small_one_does(self):
        if not shutil.which("valgrind"):
            self.skipTest("there is no valgrind")
        if not PROGRAM.exists():
            self.skipTest(f"growth_bench is not built in {PROGRAM.parent}")
        with tempfile.TemporaryDirectory(prefix="chancery-growth-") as work:
            stores = {size: f"{work}/{size}" for size in (SMALL, LARGE)}
            for size, directory in stores.items():
                subprocess.run([PROGRAM, "fill", directory, str(size)], check=True, timeout=600)
            for point in POINTS:
                with self.subTest(point):
                    small, large = (count(stores[size], point, work) for size in (SMALL, LARGE))
                    print(f"{point}: {small:,.0f} instructions at {SMALL:,} certificates, {large:,.0f} at {LARGE:,}, "
                          f"{large / small:.2f} times")
                    self.assertGreater(small, 1_000)
                    self.assertLessEqual(large, small * GROWTH)


if __name__ == "__main__":
    unittest.main()
