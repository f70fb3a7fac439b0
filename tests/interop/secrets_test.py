#!/usr/bin/env python3
"""A private key that the server made and handed over is in its memory no longer: neither as text nor as bytes."""

import base64
import json
import os
import re
import subprocess
import unittest
import urllib.request

from chancery_server import ChanceryServer, wait_until

KEYS = 20


def memory_of(pid):
    """The writable memory of a process, a piece a region."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            region = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not region:
                continue
            start, end = (int(part, 16) for part in region.groups())
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except OSError:
                continue  # mapped, but not there


class SecretsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ChanceryServer().start()
        cls.addClassCleanup(cls.server.stop)
        try:
            next(memory_of(cls.server.process.pid))
        except PermissionError:
            raise unittest.SkipTest("only root reads another process's memory here") from None
        cls.curl("PUT", "/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec"})

    @classmethod
    def curl(cls, method, path, body, *options):
        done = subprocess.run(
            ["curl", "-sSf", "--cacert", cls.server.root_ca, "-X", method, "-H", "@-", "-d", json.dumps(body),
             *options, cls.server.https + path],
            input=f"X-Vault-Token: {cls.server.token}\n", capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def found(self, secrets):
        """Which of the secrets (name -> bytes) the server's memory holds."""
        pieces = list(memory_of(self.server.process.pid))
        return sorted(name for name, secret in secrets.items() if any(secret in piece for piece in pieces))

    def key_parts(self, number, pem):
        lines = pem.strip().splitlines()
        der = base64.b64decode("".join(lines[1:-1]))
        # SEC 1: SEQUENCE { version, OCTET STRING of 32 bytes, ...
        at = der.index(b"\x02\x01\x01\x04\x20") + 5
        return {f"text {number}": lines[2].encode(), f"number {number}": der[at:at + 32]}

    def issue_and_look(self, *options):
        secrets = {}
        for number in range(KEYS):
            data = self.curl("POST", "/v1/pki/issue/web", {"common_name": f"n{number}.example.test"}, *options)["data"]
            secrets.update(self.key_parts(number, data["private_key"]))
        # What was sent is freed after the client has it.
        found = []

        def gone():
            found[:] = self.found(secrets)
            return not found
        try:
            wait_until(gone, patience=5)
        except AssertionError:
            self.fail(f"still in memory: {found}")

    def test_the_search_finds_what_is_there(self):
        certificate = urllib.request.urlopen(self.server.http + "/v1/pki/ca", timeout=30).read()
        self.assertEqual(self.found({"certificate": certificate[:64]}), ["certificate"])

    def test_http1(self):
        self.issue_and_look("--http1.1")

    def test_http2(self):
        self.issue_and_look("--http2")


if __name__ == "__main__":
    unittest.main()
