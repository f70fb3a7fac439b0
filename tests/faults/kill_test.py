#!/usr/bin/env python3
"""kill -9 while certificates are issued and revoked: what a client has seen is in the store afterwards."""

import http.client
import json
import os
import pathlib
import random
import ssl
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from chancery_server import ChanceryServer, Judge  # noqa: E402

KILLS = int(os.environ.get("CHANCERY_KILLS", "50"))
CLIENTS = 6


class Client(threading.Thread):
    """Issues certificates and revokes every third, until the connection breaks; keeps what was answered."""

    def __init__(self, server, seen, enough):
        super().__init__()
        self.server, self.seen, self.enough = server, seen, enough

    def run(self):
        try:
            with Connection(self.server) as connection:
                while True:
                    self.issue_and_sometimes_revoke(connection)
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed: nothing was acknowledged

    def issue_and_sometimes_revoke(self, connection):
        answer = connection.call("POST", "/v1/pki/issue/web", {"common_name": "a.example.test"})
        serial = answer["data"]["serial_number"]
        self.seen.issued.append((serial, answer["data"]["certificate"]))
        self.enough.release()
        if len(self.seen.issued) % 3 == 0:
            connection.call("POST", "/v1/pki/revoke", {"serial_number": serial})
            self.seen.revoked.append(serial)


class Connection:
    def __init__(self, server):
        context = ssl.create_default_context(cafile=server.root_ca)
        host, port = server.https.removeprefix("https://").split(":")
        self.http = http.client.HTTPSConnection(host, int(port), context=context, timeout=30)
        self.token = server.token

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def call(self, method, path, body=None):
        self.http.request(method, path, json.dumps(body) if body else None, {"X-Vault-Token": self.token})
        answer = self.http.getresponse()
        content = answer.read()
        if answer.status not in (200, 204):
            raise AssertionError(f"{method} {path}: {answer.status} {content[:300]}")
        return json.loads(content) if content else None


class Seen:
    def __init__(self):
        self.issued, self.revoked = [], []


class KillTest(unittest.TestCase):
    def test_nothing_that_a_client_saw_is_lost(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        seen = Seen()
        with ChanceryServer() as server:
            with Connection(server) as connection:
                connection.call("POST", "/v1/pki/roles/web",
                                {"allow_any_name": True, "key_type": "ec", "ttl": "24h"})
            for _ in range(KILLS):
                self.kill_under_load(server, seen, chance.randint(1, 60))
                server.serve()
            self.check(server, seen, seed)

    def kill_under_load(self, server, seen, answers):
        """Kills the server after so many answers, in the middle of whatever it does then."""
        enough = threading.Semaphore(0)
        clients = [Client(server, seen, enough) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for _ in range(answers):
            self.assertTrue(enough.acquire(timeout=60), "the server stopped answering")
        server.process.kill()
        server.process.wait()
        for client in clients:
            client.join()

    def check(self, server, seen, seed):
        serials = [serial for serial, _ in seen.issued]
        self.assertEqual(len(serials), len(set(serials)), f"a serial number came twice (seed {seed})")
        self.assertGreater(len(serials), KILLS)
        with Connection(server) as connection:
            stored = {serial: connection.call("GET", f"/v1/pki/cert/{serial}")["data"]["certificate"]
                      for serial in serials}
        lost = [serial for serial, pem in seen.issued if stored[serial].strip() != pem.strip()]
        self.assertEqual(lost, [], f"lost or altered after a kill (seed {seed})")
        listed = {serial.replace(":", "") for serial in Judge(server).crl_serials()}
        missing = [serial for serial in seen.revoked if serial.replace(":", "") not in listed]
        self.assertEqual(missing, [], f"acknowledged revocations missing from the CRL (seed {seed})")
        print(f"{KILLS} kills, {len(serials)} certificates and {len(seen.revoked)} revocations seen: none lost")


if __name__ == "__main__":
    unittest.main()
