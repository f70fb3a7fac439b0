#!/usr/bin/env python3
"""What one issuance costs outside the cryptographic library, in instructions counted by callgrind.

docs/performance.md keeps the count: a line for every change that was found worth its price. The path may not grow by
more than GROWTH over the last line without a new one that says why, nor the last line by more than ALL over the first.
Counts depend on the compiler, so another one than the line's own gets OTHER_COMPILER.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = pathlib.Path(os.environ.get("CHANCERY_BENCH_BIN") or ROOT / "build" / "release" / "bin") / "issue_cost"
GROWTH, ALL, OTHER_COMPILER = 1.05, 1.20, 1.20
LIBRARIES = re.compile(r"/(libcrypto|libssl|ossl-modules/)")
LINE = re.compile(r"^\| (\d{4}-\d\d-\d\d) \| (\S+ [\d.]+) \| ([\d,]+) \|", re.MULTILINE)


def self_costs(text):
    """Object -> instructions spent in it by itself, of a callgrind file ("Callgrind Format Specification")."""
    names, costs, current, callee = {}, {}, "", False
    for line in text.splitlines():
        if match := re.match(r"ob=\((\d+)\)(?: (.*))?$", line):
            number, name = match.groups()
            current = names.setdefault(number, name)
        elif match := re.match(r"cob=\((\d+)\) (.*)$", line):
            names.setdefault(*match.groups())
        elif line.startswith("calls="):
            callee = True  # the next line is what the callee cost, which is told again where it stands itself
        elif match := re.match(r"(?:[+-]?\d+|\*) (\d+)$", line):
            if not callee:
                costs[current] = costs.get(current, 0) + int(match[1])
            callee = False
    return costs


def compiler():
    text = subprocess.run(["readelf", "-p", ".comment", PROGRAM], capture_output=True, text=True, check=True).stdout
    return re.search(r"(GCC|clang)[^\n]*?(\d+)\.\d+\.\d+", text).expand(r"\1 \2")


class IssueCostTest(unittest.TestCase):
    def test_the_path_of_an_issuance_stays_as_cheap_as_it_was(self):
        if not shutil.which("valgrind"):
            self.skipTest("there is no valgrind")
        if not PROGRAM.exists():
            self.skipTest(f"issue_cost is not built in {PROGRAM.parent}")
        with tempfile.TemporaryDirectory(prefix="chancery-cost-") as work:
            done = subprocess.run(
                ["valgrind", "--tool=callgrind", "--toggle-collect=issue_once",
                 f"--callgrind-out-file={work}/count", PROGRAM],
                capture_output=True, text=True, timeout=600, check=False)
            self.assertEqual(done.returncode, 0, done.stderr[-2000:])
            costs = self_costs("".join(path.read_text() for path in pathlib.Path(work).glob("count*")))
        issued = int(done.stdout)
        self.assertEqual(issued, 200)
        library = sum(cost for name, cost in costs.items() if LIBRARIES.search(name)) // issued
        count = sum(costs.values()) // issued - library
        for name, cost in sorted(costs.items(), key=lambda item: -item[1]):
            print(f"{cost // issued:10,} {name}")
        print(f"{count:,} instructions an issuance outside the library, {library:,} in it")
        self.assertGreater(library, 100_000)  # the signature and its check really ran

        lines = LINE.findall((ROOT / "docs" / "performance.md").read_text())
        self.assertTrue(lines, "docs/performance.md has no line of an issuance's instructions")
        first, last = (int(line[2].replace(",", "")) for line in (lines[0], lines[-1]))
        self.assertLessEqual(last, first * ALL, "the lines of docs/performance.md grow by over a fifth in all")
        allowed = GROWTH if compiler() == lines[-1][1] else OTHER_COMPILER
        self.assertLessEqual(
            count, last * allowed,
            "the path of an issuance has become dearer: find what it was, or add a line to docs/performance.md, "
            f"'Instructions of one issuance', with {count:,} and the reason")


if __name__ == "__main__":
    unittest.main()
