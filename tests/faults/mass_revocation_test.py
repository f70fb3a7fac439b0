#!/usr/bin/env python3
"""kill -9 in the middle of a mass revocation: it goes on where it was, and each certificate is revoked once."""

import json
import os
import pathlib
import random
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from chancery_server import ChanceryServer, Judge, wait_until  # noqa: E402
from kill_test import Connection  # noqa: E402

CERTIFICATES = int(os.environ.get("CHANCERY_MASS", "20000" if os.environ.get("CHANCERY_FAULTS_DEEP") else "4000"))
CLIENTS = 6


class Admin(Connection):
    def call(self, method, path, body=None):
        self.http.request(method, path, json.dumps(body) if body is not None else None,
                          {"X-Vault-Token": self.token, "Authorization": "Bearer " + self.token})
        answer = self.http.getresponse()
        content = answer.read()
        if answer.status not in (200, 202, 204):
            raise AssertionError(f"{method} {path}: {answer.status} {content[:300]}")
        return json.loads(content) if content else None


class MassRevocation(unittest.TestCase):
    def issue(self, server, count):
        serials, lock = [], threading.Lock()

        def work():
            with Admin(server) as connection:
                for _ in range(count // CLIENTS):
                    answer = connection.call("POST", "/v1/pki/issue/web", {"common_name": "a.shop.test"})
                    with lock:
                        serials.append(answer["data"]["serial_number"].replace(":", ""))

        threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return serials

    def test_it_goes_on_after_kills(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        with ChanceryServer() as server:
            with Admin(server) as connection:
                connection.call("POST", "/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec", "ttl": "24h"})
                spared = connection.call("POST", "/v1/pki/issue/web", {"common_name": "spared.test"})["data"]["serial_number"]
            serials = self.issue(server, CERTIFICATES)
            with Admin(server) as connection:
                job = connection.call("POST", "/api/v1/revocations", {"name_suffix": ".shop.test", "reason": "superseded"})
            kills = 0
            while kills < 10:
                aim = job["revoked"] + chance.randint(1, 1000)
                with Admin(server) as connection:
                    def at_aim():
                        nonlocal job
                        job = connection.call("GET", "/api/v1/revocations/" + job["id"])
                        return job["state"] != "running" or job["revoked"] >= aim
                    wait_until(at_aim)
                if job["state"] != "running":
                    break
                server.process.kill()
                server.process.wait()
                kills += 1
                server.serve()
            with Admin(server) as connection:
                wait_until(lambda: connection.call("GET", "/api/v1/revocations/" + job["id"])["state"] == "finished", 120)
                job = connection.call("GET", "/api/v1/revocations/" + job["id"])
            listed = {serial.replace(":", "") for serial in Judge(server).crl_serials()}
            self.assertEqual(listed, set(serials), f"seed {seed}")
            self.assertEqual((job["revoked"], job["already_revoked"]), (len(serials), 0), f"seed {seed}")
            self.assertNotIn(spared.replace(":", ""), listed)
            print(f"{len(serials)} certificates revoked by one job, {kills} kills: each once (seed {seed})")


if __name__ == "__main__":
    unittest.main()
