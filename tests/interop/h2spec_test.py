"""h2spec against the server's HTTP/2. It tests RFC 7540; where RFC 9113 or the library decides otherwise, KNOWN says so."""

import os
import subprocess
import unittest
import urllib.parse
import xml.etree.ElementTree

from chancery_server import ChanceryServer

CLOSED = "frames on a stream that is closed are passed over: they may have been under way (RFC 9113, 5.1)"
PRIORITY = "the priorities of RFC 7540 are passed over (RFC 9113, 5.3.2)"

# What h2spec calls a failure: the test's name and why it is none here.
KNOWN = {
    "closed: Sends a DATA frame after sending RST_STREAM frame": CLOSED,
    "closed: Sends a HEADERS frame after sending RST_STREAM frame": CLOSED,
    "closed: Sends a DATA frame": CLOSED,
    "closed: Sends a HEADERS frame": CLOSED,
    "Sends stream identifier that is numerically smaller than previous": CLOSED,
    "Sends PRIORITY frame that depend on itself": PRIORITY,
    "Sends a PRIORITY frame with 0x0 stream identifier": PRIORITY,
}

# A frame after the end of a request is a fault only while the answer is under way: who is faster decides what h2spec sees.
def depends_on_speed(case):
    return case.get("classname") not in KNOWN and "STREAM_CLOSED" in "".join(case.itertext())


class H2SpecTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = os.environ.get("H2SPEC_BIN")
        if not cls.program:
            raise unittest.SkipTest("there is no h2spec")
        cls.server = ChanceryServer().start()
        cls.addClassCleanup(cls.server.stop)

    def test_only_the_known_differ(self):
        report = self.server.data / "h2spec.xml"
        where = urllib.parse.urlsplit(self.server.https)
        # -o is how long silence counts as an answer; the known ones wait for it.
        done = subprocess.run([self.program, "-h", where.hostname, "-p", str(where.port), "-t", "-k", "-P", "/healthz",
                               "-o", "5", "-j", str(report)], capture_output=True, text=True, timeout=500, check=False)
        self.assertTrue(report.exists(), done.stdout + done.stderr)
        cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
        self.assertGreater(len(cases), 140)
        failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
        print(f"h2spec: {len(cases)} tests, {len(failed)} differ")
        self.assertEqual({case.get("classname") for case in failed if not depends_on_speed(case)}, set(KNOWN),
                         done.stdout)
        # The server is as well as before.
        self.assertTrue(self.server.fetch("/v1/pki/ca"))


if __name__ == "__main__":
    unittest.main()
