#!/usr/bin/env python3
"""The rules of x509/lint against zlint on its own test certificates: no difference without a reason.

lint_rules.txt says which rule and which lints look for the same fault. zlint judges by the date of a certificate and
says NE where a lint came later; those are not compared. Differences stand in lint_differences.txt, each rule and side
with its reason and every file. CHANCERY_COMPARE_WRITE=1 writes that file anew, with the reasons that are known.
"""

import collections
import json
import os
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = pathlib.Path(os.environ.get("CHANCERY_COMPARE_BIN") or ROOT / "build" / "dev" / "bin")
CORPUS = ROOT.parent / "shared" / "corpora" / "zlint-testdata"
DIFFERENCES = HERE / "lint_differences.txt"
FAULTS = {"info", "notice", "warn", "error", "fatal"}
NO_REASON = "no reason given"


def words(path):
    return [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]


def read_differences():
    """(rule, side) -> (reason, files); a heading 'rule side: reason', then a file on each indented line."""
    known, files = {}, []
    for line in DIFFERENCES.read_text().splitlines():
        if line.startswith("#") or not line:
            continue
        if line.startswith("  "):
            files.append(line.strip())
            continue
        heading, reason = line.split(": ", 1)
        files = []
        known[tuple(heading.split())] = (reason, files)
    return known


def write_differences(differences):
    reasons = {key: reason for key, (reason, _) in read_differences().items()}
    lines = ["# Differences between x509/lint and zlint on zlint's test certificates: the rule, who alone finds a",
             "# fault (ours, theirs), the reason, and the files. lint_test.py writes and checks it.", ""]
    for key in sorted(differences):
        lines.append(f"{key[0]} {key[1]}: {reasons.get(key, NO_REASON)}")
        lines += [f"  {name}" for name in sorted(differences[key])]
    DIFFERENCES.write_text("\n".join(lines) + "\n")


def run_zlint(binary, files):
    """A list of what zlint says to each file: lint -> result, or None where it cannot parse it."""
    said = []
    while len(said) < len(files):
        batch = files[len(said):len(said) + 400]
        done = subprocess.run([binary, *batch], capture_output=True, text=True, timeout=300)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        said += [{lint: result["result"] for lint, result in one.items()} for one in results]
        if len(results) < len(batch):  # it ends at a file that it cannot parse
            assert done.returncode != 0 and "unable to parse" in done.stderr, done.stderr
            said.append(None)
    return said


class LintTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        zlint = os.environ.get("ZLINT_BIN")
        if not zlint:
            raise unittest.SkipTest("there is no zlint")
        if not CORPUS.is_dir():
            raise unittest.SkipTest("corpus absent: zlint-testdata")
        if not (PROGRAMS / "lint_chancery").exists():
            raise unittest.SkipTest(f"lint_chancery is not built in {PROGRAMS}")
        cls.files = sorted(path for path in CORPUS.rglob("*") if path.is_file())
        cls.known_rules = subprocess.run([PROGRAMS / "lint_chancery", "--rules"], capture_output=True, text=True,
                                         check=True, timeout=60).stdout.split()
        done = subprocess.run([PROGRAMS / "lint_chancery"], input="".join(f"{path}\n" for path in cls.files),
                              capture_output=True, text=True, check=True, timeout=300)
        cls.ours = [line.split() for line in done.stdout.splitlines()]
        cls.theirs = run_zlint(zlint, [str(path) for path in cls.files])
        cls.rules = {line[0]: line[1:] for line in words(HERE / "lint_rules.txt")}

    def test_rules_and_lints_exist(self):
        lints = set().union(*(said for said in self.theirs if said))
        self.assertEqual(sorted(set(self.rules) - set(self.known_rules)), [])
        self.assertEqual(sorted(set().union(*map(set, self.rules.values())) - lints), [])

    def test_every_file_is_answered(self):
        self.assertEqual(len(self.ours), len(self.files))
        self.assertEqual(len(self.theirs), len(self.files))
        self.assertTrue(all(line[0] in ("judged", "refused", "other") for line in self.ours))

    @staticmethod
    def verdict(said, lints):
        """Whether zlint finds a fault; None where it does not judge by the date of the certificate."""
        results = {said.get(lint, "NA") for lint in lints}
        if results & FAULTS:
            return True
        return None if "NE" in results else False

    def test_agreement(self):
        agreed = collections.Counter()
        differences = collections.defaultdict(set)
        table = collections.defaultdict(collections.Counter)
        for path, line, said in zip(self.files, self.ours, self.theirs):
            if line[0] != "judged" or said is None:
                continue
            for rule, lints in self.rules.items():
                theirs, ours = self.verdict(said, lints), rule in line[1:]
                if theirs is None:
                    table[rule]["not judged"] += 1
                elif theirs == ours:
                    table[rule]["fault" if ours else "sound"] += 1
                    agreed[ours] += 1
                else:
                    side = "ours" if ours else "theirs"
                    table[rule][side] += 1
                    differences[rule, side].add(str(path.relative_to(CORPUS)))
        print(f"{'rule':32} {'both fault':>10} {'both sound':>10} {'ours':>6} {'theirs':>6} {'undated':>7}")
        for rule in self.rules:
            row = table[rule]
            print(f"{rule:32} {row['fault']:10} {row['sound']:10} {row['ours']:6} {row['theirs']:6} "
                  f"{row['not judged']:7}")
        print(f"{len(self.rules)} rules, {agreed[True]} faults and {agreed[False]} sound agreed, "
              f"{sum(map(len, differences.values()))} differ")
        if os.environ.get("CHANCERY_COMPARE_WRITE"):
            write_differences(differences)
        known = read_differences()
        self.assertEqual([key for key, (reason, _) in known.items() if reason == NO_REASON], [])
        self.assertEqual({key: sorted(names) for key, names in differences.items()},
                         {key: sorted(names) for key, (_, names) in known.items()})


if __name__ == "__main__":
    unittest.main()
