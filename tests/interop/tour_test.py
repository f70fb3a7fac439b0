#!/usr/bin/env python3
"""docs/tour.md, followed literally: its blocks are run in one bash, in order, as they stand."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from chancery_server import OPENSSL, free_port

SOURCE = pathlib.Path(os.environ.get("CHANCERY_SOURCE_DIR") or pathlib.Path(__file__).parents[2])
PROGRAM = os.environ.get("CHANCERY_BIN")


@unittest.skipUnless(PROGRAM, "CHANCERY_BIN is not set")
class TourTest(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="chancery-tour-"))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        # The tour says that chancery and openssl are in the PATH.
        tools = self.work / "bin"
        tools.mkdir()
        (tools / "chancery").symlink_to(PROGRAM)
        (tools / "openssl").symlink_to(shutil.which(OPENSSL))

    def follow(self, blocks):
        """Runs the blocks; the output of each is told apart by a line in front."""
        script = ["set -e", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
        for number, block in enumerate(blocks):
            script += [f"echo '=== {number}'", block]
        home = self.work / "home"
        home.mkdir()
        environment = {"PATH": f"{self.work / 'bin'}:{os.environ['PATH']}", "HOME": str(home), "LC_ALL": "C.UTF-8",
                       "HTTPS_PORT": str(free_port()), "HTTP_PORT": str(free_port()), "TLS_PORT": str(free_port())}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        done = subprocess.run(["bash", "-c", "\n".join(script)], cwd=home, env=environment, timeout=300,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        log = home / "server.log"
        self.assertEqual(done.returncode, 0, done.stdout + (log.read_text() if log.exists() else ""))
        return re.split(r"^=== \d+\n", done.stdout, flags=re.M)[1:]

    def test_the_tour(self):
        blocks = re.findall(r"^```sh\n(.*?)^```$", (SOURCE / "docs" / "tour.md").read_text(), re.M | re.S)
        self.assertGreater(len(blocks), 15)
        outputs = dict(zip(blocks, self.follow(blocks), strict=True))

        def said(command):
            found = [output for block, output in outputs.items() if command in block]
            self.assertEqual(len(found), 1, command)
            return found[0]
        self.assertIn(" 0 problems", said("chancery doctor"))
        self.assertIn("DNS:www.example.test", said("cert inspect www.crt"))
        self.assertIn("refused, with status 1", said("www.elsewhere.test"))
        self.assertIn("VALID: purpose server, host www.example.test", said("--host www.example.test"))
        self.assertIn("www.crt: OK", said("openssl verify"))
        self.assertIn("TLSv1.3", said("openssl s_server"))
        self.assertIn("not yet, status 7", said('|| echo "not yet'))
        self.assertIn("renewed www.crt", said("--new-key"))
        self.assertIn("api.example.test", said("cert sign"))
        self.assertIn("superseded", said("cert revoke"))
        self.assertIn("not valid, status 6", said("cert inspect issuing.crl"))
        self.assertIn("www.crt: revoked", said("openssl ocsp"))


if __name__ == "__main__":
    unittest.main()
