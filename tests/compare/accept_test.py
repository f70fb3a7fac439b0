#!/usr/bin/env python3
"""What our readers of DER accept beside OpenSSL's, over all fuzz seeds: no difference without a reason.

accept_judge reads each seed as each kind. Where one side accepts and the other does not, the kind, the side that
accepts and our reason must stand in accept_differences.txt with an explanation. What we accept comes out as it went in.
certtool is asked about the certificates as well. CHANCERY_COMPARE_WRITE=1 adds the groups that are not there yet.
"""

import collections
import os
import pathlib
import shutil
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = pathlib.Path(os.environ.get("CHANCERY_COMPARE_BIN") or ROOT / "build" / "dev" / "bin")
SEEDS = ROOT.parent / "shared" / "corpora" / "fuzz-seeds"
DIFFERENCES = HERE / "accept_differences.txt"
KINDS = ("certificate", "request", "crl", "ocsp-request", "ocsp-response", "spki", "pkcs8")


def read_differences():
    """(kind, who accepts, our reason) -> explanation; 'kind | who | reason | explanation' on a line."""
    rows = [line.split(" | ") for line in DIFFERENCES.read_text().splitlines() if line and not line.startswith("#")]
    return {tuple(row[:3]): row[3] for row in rows}


class AcceptTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not (PROGRAMS / "accept_judge").exists():
            raise unittest.SkipTest(f"accept_judge is not built in {PROGRAMS}")
        if not SEEDS.is_dir():
            raise unittest.SkipTest("corpus absent: fuzz-seeds")
        cls.files = sorted(path for path in SEEDS.rglob("*") if path.is_file())
        asked = [(kind, path) for kind in KINDS for path in cls.files]
        done = subprocess.run([PROGRAMS / "accept_judge"], input="".join(f"{kind} {path}\n" for kind, path in asked),
                              capture_output=True, text=True, check=True, timeout=300)
        answers = [line.split(" ", 2) for line in done.stdout.splitlines()]
        assert len(answers) == len(asked), "accept_judge left files out"
        cls.answers = [(kind, path, *answer) for (kind, path), answer in zip(asked, answers)]

    def test_what_is_accepted_comes_out_as_it_went_in(self):
        self.assertEqual([str(path) for _, path, ours, *_ in self.answers if ours == "broken"], [])
        accepted = collections.Counter(kind for kind, _, ours, *_ in self.answers if ours == "accepts")
        print("accepted and the same again:", dict(accepted))
        self.assertGreater(accepted["certificate"], 30)
        self.assertGreater(accepted["spki"], 5)
        self.assertGreater(accepted["pkcs8"], 5)

    def test_openssl(self):
        groups = collections.Counter()
        for kind, _, ours, theirs, reason in self.answers:
            if ours != theirs:
                groups[kind, "ours" if ours == "accepts" else "theirs", reason.strip()] += 1
        known = read_differences()
        if os.environ.get("CHANCERY_COMPARE_WRITE"):
            with open(DIFFERENCES, "a") as out:
                for key in sorted(set(groups) - set(known)):
                    out.write(" | ".join((*key, "no explanation given")) + "\n")
            known = read_differences()
        for key, count in groups.most_common():
            print(f"  {count:5}  {' | '.join(key)}: {known.get(key)}")
        agreed = sum(1 for *_, ours, theirs, _ in self.answers if ours == theirs)
        print(f"{len(self.answers)} readings, {agreed} agree, {sum(groups.values())} differ in {len(groups)} groups")
        self.assertEqual(sorted(set(groups) ^ set(known)), [])
        self.assertNotIn("no explanation given", known.values())

    def test_certtool_reads_what_we_accept(self):
        certtool = shutil.which("certtool")
        if not certtool:
            self.skipTest("there is no certtool")
        refused = []
        sample = [path for kind, path, ours, *_ in self.answers if kind == "certificate" and ours == "accepts"][:100]
        for path in sample:
            done = subprocess.run([certtool, "--inder", "--certificate-info", "--infile", path], capture_output=True,
                                  timeout=60, check=False)
            if done.returncode != 0:
                refused.append(path.name)
        print(f"certtool: {len(sample)} certificates, {len(refused)} refused")
        self.assertEqual(refused, sorted(CERTTOOL_REFUSES))


# Certificates of the seeds that we accept and certtool does not read.
CERTTOOL_REFUSES = {}


if __name__ == "__main__":
    unittest.main()
