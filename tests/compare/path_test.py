#!/usr/bin/env python3
"""Path validation against OpenSSL, GnuTLS and Go on generated chains: no difference without an explanation.

The programs beside this file are built with the unit tests. path_cases writes the chains; each judge reads them and
says valid or invalid and why. Differences are grouped by cause and looked up in path_differences.txt; what is not
there fails the test. Prints the table of groups.
"""

import collections
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = pathlib.Path(os.environ.get("CHANCERY_COMPARE_BIN") or ROOT / "build" / "dev" / "bin")
SEED = os.environ.get("CHANCERY_COMPARE_SEED", "1")
COUNT = os.environ.get("CHANCERY_COMPARE_COUNT", "10000")

Row = collections.namedtuple("Row", "judge mutation stricter reason explanation")


def read_rows():
    lines = (line.split("#", 1)[0].split() for line in (HERE / "path_differences.txt").read_text().splitlines())
    return [Row(*words) for words in lines if words]


def find_go():
    """As scripts/setup finds it: the system's, or the one in its virtual environment."""
    cache = pathlib.Path(os.environ.get("CHANCERY_CACHE") or
                         pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "chancery")
    for go in (shutil.which("go"), cache / "clients" / "venv" / "bin" / "go"):
        if go and pathlib.Path(go).exists():
            return str(go)
    return None


class PathTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not (PROGRAMS / "path_cases").exists():
            raise unittest.SkipTest(f"the programs are not built in {PROGRAMS}")
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="chancery-compare-"))
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.cases = cls.work / "cases"
        with open(cls.cases, "wb") as out:
            subprocess.run([PROGRAMS / "path_cases", SEED, COUNT], stdout=out, check=True, timeout=300)
        cls.mutations = {}
        for line in cls.cases.read_text().splitlines():
            number, mutations, _ = line.split(" ", 2)
            cls.mutations[number] = mutations.split(",")
        cls.ours = cls.judge(PROGRAMS / "path_chancery")

    @classmethod
    def judge(cls, program):
        """What a program says: number -> (verdict, why)."""
        with open(cls.cases, "rb") as cases:
            done = subprocess.run([program], stdin=cases, capture_output=True, text=True, check=True, timeout=300)
        said = {}
        for line in done.stdout.splitlines():
            number, verdict, why = line.split(None, 2)
            said[number] = (verdict, why)
        assert said.keys() == cls.mutations.keys(), f"{program} left cases out"
        return said

    def compare(self, name, program):
        theirs = self.judge(program)
        rows = [row for row in read_rows() if row.judge == name]
        groups = collections.Counter()
        unexplained = collections.defaultdict(list)
        for number, (verdict, why) in self.ours.items():
            if verdict == theirs[number][0]:
                continue
            explanation = self.explain(rows, self.mutations[number], verdict, why)
            if explanation:
                groups[explanation] += 1
            else:
                unexplained[(",".join(self.mutations[number]), verdict, why, *theirs[number])].append(number)
        print(f"{name}: {sum(groups.values())} differences in {len(theirs)} cases")
        for explanation, count in groups.most_common():
            print(f"  {count:5}  {explanation}")
        report = [f"{name}: {len(cases)} cases, e.g. {cases[0]}: {cause}" for cause, cases in unexplained.items()]
        self.assertEqual(report, [], f"seed {SEED}")

    @staticmethod
    def explain(rows, mutations, verdict, why):
        """The explanations that cover every cause of one difference; None when one is not covered."""
        stricter = "ours" if verdict == "invalid" else "theirs"
        known = [row for row in rows if row.mutation in mutations and row.stricter == stricter]
        causes = [why] if why.startswith("parse:") else why.split(",")
        found = set()
        for cause in causes:
            covering = [row for row in known if any(fnmatch.fnmatch(cause, part) for part in row.reason.split(","))]
            if not covering:
                return None
            found.update(row.explanation for row in covering)
        return " + ".join(sorted(found))

    def test_good_chains_are_valid(self):
        good = [number for number, mutations in self.mutations.items() if mutations == ["good"]]
        self.assertGreater(len(good), int(COUNT) // 20)
        self.assertEqual([n for n in good if self.ours[n][0] != "valid"], [])

    def test_openssl(self):
        self.compare("openssl", PROGRAMS / "path_openssl")

    def test_gnutls(self):
        if not (PROGRAMS / "path_gnutls").exists():
            raise unittest.SkipTest("there is no libgnutls28-dev")
        self.compare("gnutls", PROGRAMS / "path_gnutls")

    def test_go(self):
        go = find_go()
        if not go:
            raise unittest.SkipTest("there is no go")
        program = self.work / "path_go"
        environment = {**os.environ, "GOCACHE": str(self.work / "go-build"), "GOPATH": str(self.work / "go"),
                       "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
        subprocess.run([go, "build", "-o", program, "."], cwd=HERE / "path_go", env=environment, check=True,
                       timeout=600, stdin=subprocess.DEVNULL)
        self.compare("go", program)

    def test_every_explanation_is_written(self):
        text = (ROOT / "docs" / "protocols" / "path-validation.md").read_text()
        written = set(re.findall(r"^\*\*([a-z0-9-]+)\*\*", text, re.MULTILINE))
        self.assertEqual({row.explanation for row in read_rows()} - written, set())


if __name__ == "__main__":
    unittest.main()
