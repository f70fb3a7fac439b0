#!/usr/bin/env python3
"""Many times what a slow signer can do, from one caller: the signer works for nobody in vain, the rest is told to come
back, whoever wants a new CRL gets it meanwhile, and memory stays within a bound.

The signer takes 20 ms longer for each signature, so that a few requests are too many. Time is counted in signatures."""

import json
import re
import shutil
import subprocess
import unittest

from fault_server import Client, FaultyServer, History, Judge, wait_until

DELAY = 20_000  # microseconds
THREADS = 4     # that sign
QUEUE = 1024    # requests that may wait for them
FLOOD = 16_000
POLITE = 12
MEMORY = 64     # MiB that the flood may cost


class OverloadTest(unittest.TestCase):
    def test_flood(self):
        if not shutil.which("h2load"):
            raise unittest.SkipTest("there is no h2load")
        with FaultyServer("--key-type", "ec-p384") as server:
            server.kill()
            config = server.data / "chancery.yaml"
            config.write_text(config.read_text().replace("  cpu: 0\n", f"  cpu: {THREADS}\n"))
            server.serve()
            self.prepare(server)
            memory = self.peak_memory(server)
            server.shim["signing_delay"] = DELAY
            before = server.shim["signatures"]
            flood = self.begin_flood(server)
            try:
                passed_by = self.be_polite(server)
                output, _ = flood.communicate(timeout=300)
            finally:
                flood.kill()
            signatures = server.shim["signatures"] - before
            server.shim["signing_delay"] = 0
            self.judge(output, signatures, passed_by, self.peak_memory(server) - memory)

    def prepare(self, server):
        self.csr = Judge(server).make_csr("a.example.test")
        self.history = History()
        with Client(server) as client:
            for _ in range(POLITE):
                self.assertEqual(self.history.issue(client), 200)

    def begin_flood(self, server):
        body = server.folder / "request.json"
        body.write_text(json.dumps({"csr": self.csr, "common_name": "a.example.test"}))
        return subprocess.Popen(
            ["h2load", "-t1", f"-n{FLOOD}", "-c32", "-m90",  # a few less than the streams of a connection
             "-H", f"X-Vault-Token: {server.token}", "-H",
             "Content-Type: application/json", "-d", body, server.https + "/v1/pki/sign/web"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def be_polite(self, server):
        """Fetches new CRLs, without a token: how many signatures were made while each one's had to wait."""
        passed_by = []
        begin = server.shim["signatures"]
        wait_until(lambda: server.shim["signatures"] >= begin + 50)  # the flood is there
        with Client(server) as client:
            for _ in range(POLITE):
                self.assertEqual(self.history.revoke(client, self.history.not_revoked()), 200)
                before = server.shim["signatures"]
                server.fetch("/v1/pki/crl")
                passed_by.append(server.shim["signatures"] - before - 1)
        return passed_by

    def judge(self, output, signatures, passed_by, memory):
        codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
        self.assertTrue(codes, output)
        done, moved, wrong, refused = map(int, codes.groups())
        self.assertEqual((moved, wrong), (0, 0), output)
        self.assertEqual(done + refused, FLOOD, output)
        # Whatever was signed was given to somebody who waited for it.
        self.assertGreaterEqual(done + POLITE, 0.9 * signatures)
        # How much of an overload it is depends on the machine; src/http/overload_test.cc has ten times as much.
        self.assertGreater(refused, done)
        # In turns; it would be the whole queue without.
        self.assertLess(sorted(passed_by)[POLITE // 2], QUEUE / 8, passed_by)
        self.assertLess(memory, MEMORY)
        print(f"{FLOOD} requests of one caller: {done} done, {refused} refused, {signatures} signatures; a "
              f"CRL waited for {passed_by} others; {memory:.0f} MiB")

    @staticmethod
    def peak_memory(server):
        """MiB."""
        with open(f"/proc/{server.process.pid}/status", encoding="utf-8") as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) / 1024


if __name__ == "__main__":
    unittest.main()
