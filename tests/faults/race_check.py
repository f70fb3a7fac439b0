#!/usr/bin/env python3
"""Everything at once against a server built with the thread sanitizer, which is stopped in the middle of it. Each report
makes it end with status 66. Run by scripts/test --deep, which builds it and reads the reports."""

import base64
import collections
import os
import signal
import subprocess
import threading
import unittest

from fault_server import Client, History
from chancery_server import ChanceryServer, Judge

# How often each kind of caller does what it does.
TURNS = int(os.environ.get("CHANCERY_TURNS", "40"))


class RaceTest(unittest.TestCase):
    def setUp(self):
        self.statuses = collections.Counter()
        self.failed = []

    def call(self, client, method, path, body=None, expected=(200, 202, 204)):
        status, answer = client.call(method, path, body)
        self.statuses[status] += 1
        if status not in expected:
            self.failed.append(f"{method} {path}: {status} {answer}")
        return answer

    def fetch(self, path):
        try:
            self.server.fetch(path)
            self.statuses[200] += 1
        except OSError as error:
            self.statuses[0] += 1
            self.failed.append(f"GET {path}: {error}")

    # Each is one kind of caller; `number` is that of its turn.
    def issues(self, client, number):
        role = "rsa" if number % 8 == 0 else "web"
        answer = self.call(client, "POST", f"/v1/pki/issue/{role}", {"common_name": f"{number}.shop.test"})
        if number % 3 == 0 and answer:
            self.call(client, "POST", "/v1/pki/revoke", {"serial_number": answer["data"]["serial_number"]})

    def asks_for_status(self, client, number):
        self.fetch("/v1/pki/crl")
        self.fetch("/v1/pki/crl/delta")
        self.fetch("/v1/pki/ocsp/" + base64.b64encode(self.ocsp_request).decode().replace("/", "%2F"))

    def searches(self, client, number):
        self.call(client, "LIST", "/v1/pki/certs")
        self.call(client, "GET", "/v1/pki/certs/revoked?list=true", expected=(200, 404))
        self.call(client, "GET", "/metrics")
        self.call(client, "GET", "/readyz")

    def changes_settings(self, client, number):
        self.call(client, "POST", "/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec", "ttl": f"{number + 1}h"})
        self.call(client, "POST", "/v1/pki/config/crl", {"auto_rebuild": True, "enable_delta": True,
                                                         "expiry": f"{72 + number}h", "delta_rebuild_interval": "1m"})
        self.call(client, "POST", f"/v1/sys/mounts/pki-{number}", {"type": "pki"}, expected=(204, 400))
        self.call(client, "POST", f"/v1/pki-{number}/root/generate/internal",
                  {"common_name": f"Root {number}", "key_type": "ec", "key_bits": 256, "ttl": "720h"})
        self.call(client, "DELETE", f"/v1/sys/mounts/pki-{number}")

    def uses_tokens(self, client, number):
        self.call(client, "PUT", f"/v1/sys/policies/acl/p{number % 4}", {"policy": 'path "pki/*" { capabilities = ["read"] }'})
        answer = self.call(client, "POST", "/v1/auth/token/create", {"policies": [f"p{number % 4}"], "ttl": "1h"})
        if answer:
            self.call(client, "POST", "/v1/auth/token/revoke", {"token": answer["auth"]["client_token"]})

    def runs_jobs(self, client, number):
        if number % 10 == 0:
            self.call(client, "POST", "/v1/pki/tidy", {"tidy_revoked_certs": True, "safety_buffer": "1s"})
            self.call(client, "POST", "/api/v1/revocations", {"name_suffix": f"{number}.shop.test", "reason": "superseded"})
            self.server.process.send_signal(signal.SIGHUP)
        self.call(client, "GET", "/api/v1/revocations")

    def work(self, does, turns):
        with Client(self.server, timeout=120) as client:
            for number in range(turns):
                does(client, number)

    def everything(self, turns):
        callers = [self.issues, self.issues, self.asks_for_status, self.searches, self.changes_settings, self.uses_tokens,
                   self.runs_jobs]
        threads = [threading.Thread(target=self.work, args=[does, turns]) for does in callers]
        for thread in threads:
            thread.start()
        return threads

    def tearDown(self):
        print(f"{self._testMethodName}: {sum(self.statuses.values())} answers, {dict(self.statuses)}")

    def prepare(self):
        with Client(self.server) as client:
            self.call(client, "POST", "/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec", "ttl": "24h"})
            self.call(client, "POST", "/v1/pki/roles/rsa", {"allow_any_name": True, "key_type": "rsa", "key_bits": 2048,
                                                            "ttl": "24h"})
            self.call(client, "POST", "/v1/pki/config/crl", {"auto_rebuild": True, "enable_delta": True})
            history = History()
            self.assertEqual(history.issue(client), 200)
            self.ocsp_request = Judge(self.server).ocsp_request(next(iter(history.issued.values())))

    def test_load(self):
        with ChanceryServer() as self.server:
            self.prepare()
            for thread in self.everything(TURNS):
                thread.join()
            self.assertEqual(self.failed, [])
            self.server.process.terminate()
            self.assertEqual(self.server.process.wait(120), 0)

    def test_stop_under_load(self):
        with ChanceryServer() as self.server:
            self.prepare()
            callers = self.everything(TURNS)
            while sum(self.statuses.values()) < 3 * TURNS:
                callers[0].join(0.05)
            self.server.process.terminate()
            self.assertEqual(self.server.process.wait(120), 0)
            for thread in callers:
                thread.join()


if __name__ == "__main__":
    unittest.main()
