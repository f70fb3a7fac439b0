#!/usr/bin/env python3
"""What parsing costs at worst: instructions per byte, counted by callgrind, over the shapes of bench/*_cost.cc.

Each shape is parsed at three sizes. No byte may cost more than LIMIT instructions, and four times the input may not
cost more a byte than once (SLACK allows for buffers that grow). Counts are the same on every machine; no clock is read.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = pathlib.Path(os.environ.get("CHANCERY_BENCH_BIN") or ROOT / "build" / "release" / "bin")
LIMIT = 200
SLACK = 1.25
# Shapes whose number is bounded: there LIMIT counts, at the bound, and not how the cost grows up to it.
BOUNDED = {"certificate-extensions": "each of at most 64 extensions is compared with those before it"}


def count(program):
    """shape -> a row (factor, bytes, instructions, verdict) for each size."""
    costs = {}
    with tempfile.TemporaryDirectory(prefix="chancery-cost-") as work:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=parse_once", "--dump-after=parse_once",
             f"--callgrind-out-file={work}/count", program],
            capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        for number, line in enumerate(done.stdout.splitlines(), start=1):
            shape, factor, size, verdict = line.split()
            text = pathlib.Path(work, f"count.{number}").read_text()
            instructions = int(re.search(r"^totals: (\d+)", text, re.MULTILINE)[1])
            costs.setdefault(shape, []).append((int(factor), int(size), instructions, verdict))
    return costs


class CostTest(unittest.TestCase):
    def judge(self, name):
        if not shutil.which("valgrind"):
            self.skipTest("there is no valgrind")
        if not (PROGRAMS / name).exists():
            self.skipTest(f"{name} is not built in {PROGRAMS}")
        faults = []
        costs = count(PROGRAMS / name)
        self.assertGreater(len(costs), 5)
        print(f"{'shape':34} {'bytes':>8} {'instructions':>13} {'a byte':>8}")
        for shape, rows in costs.items():
            self.assertEqual([factor for factor, *_ in rows], [1, 2, 4], shape)
            for _, size, instructions, verdict in rows:
                self.assertGreater(instructions, 0, shape)
                print(f"{shape:34} {size:8} {instructions:13} {instructions / size:8.1f}  {verdict}")
                if instructions > LIMIT * size:
                    faults.append(f"{shape}: {instructions / size:.0f} instructions a byte")
            (_, small, few, _), (_, large, many, _) = rows[0], rows[-1]
            if shape not in BOUNDED and many / large > SLACK * few / small + 1:
                faults.append(f"{shape}: {few / small:.1f} instructions a byte grow to {many / large:.1f}")
        self.assertEqual(faults, [])

    def test_certificates_and_the_like(self):
        self.judge("parse_cost")

    def test_bodies_of_requests(self):
        self.judge("json_cost")


if __name__ == "__main__":
    unittest.main()
