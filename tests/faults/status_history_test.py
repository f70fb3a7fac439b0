#!/usr/bin/env python3
"""Clients issue, hold, release, revoke and ask by OCSP and CRL, all at once, while the server is killed: what each was
told must be explained by one order of all operations on each certificate."""

import collections
import http.client
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "interop"))
from chancery_server import OPENSSL, ChanceryServer, Judge  # noqa: E402
from history import Checker, anomaly  # noqa: E402
from kill_test import Connection  # noqa: E402

DEEP = bool(os.environ.get("CHANCERY_FAULTS_DEEP"))
OPERATIONS = int(os.environ.get("CHANCERY_HISTORY_OPERATIONS", "1000000" if DEEP else "4000"))
SEEDS = int(os.environ.get("CHANCERY_HISTORY_SEEDS", "50" if DEEP else "2"))
KILLS = int(os.environ.get("CHANCERY_HISTORY_KILLS", "200" if DEEP else "2"))
CLIENTS = 6
KEPT = 40
CERTIFICATES = 4  # few, so that clients meet; a new one comes for each that is revoked


# ---------------------------------------------------------------- DER, as little as it takes

def elements(der):
    """(tag, content) of what stands in `der`, one behind the other."""
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at:at + size], "big"), at + size
        yield tag, der[at:at + length]
        at += length


def inside(der, *path):
    for index in path:
        der = list(elements(der))[index][1]
    return der


def ocsp_state(response):
    """good, hold or revoked, of an OCSP response about one certificate."""
    top = list(elements(inside(response, 0)))
    if top[0] != (0x0A, b"\0"):
        raise AssertionError(f"OCSP status {top[0][1].hex()}")
    basic = inside(top[1][1], 0, 1)
    data = list(elements(inside(basic, 0, 0)))
    single = list(elements(inside(next(content for tag, content in data if tag == 0x30), 0)))
    tag, content = single[1]
    if tag == 0x80:
        return "good"
    if tag != 0xA1:
        raise AssertionError("OCSP says unknown of a certificate that was issued")
    reasons = [inner for inner_tag, inner in elements(content) if inner_tag == 0xA0]
    return "hold" if reasons and inside(reasons[0], 0) == b"\6" else "revoked"


def crl_states(der):
    """serial → hold or revoked, of all that a CRL lists."""
    tbs = list(elements(inside(der, 0, 0)))
    lists = [content for tag, content in tbs[4:] if tag == 0x30]
    states = {}
    for _, entry in elements(lists[0] if lists else b""):
        parts = list(elements(entry))
        reason = b""
        for _, extension in elements(parts[2][1] if len(parts) > 2 else b""):
            fields = list(elements(extension))
            if fields[0][1] == bytes([0x55, 0x1D, 21]):
                reason = inside(fields[-1][1], 0)
        states[parts[0][1].hex()] = "hold" if reason == b"\6" else "revoked"
    return states


# ---------------------------------------------------------------- clients

class World:
    """What all clients of a history share."""

    def __init__(self, server, seed):
        self.server, self.random = server, random.Random(seed)
        self.clock = itertools.count()
        self.lock = threading.Lock()
        self.operations = []
        self.live = []       # certificates that clients change: (serial, OCSP request)
        self.known = {}      # serial → when it was there for all
        self.judge = Judge(server)
        self.issuer = self.judge.file("issuer.pem", server.fetch("/v1/pki/ca/pem"))
        self.done = threading.Semaphore(0)

    def request_for(self, serial):
        out = self.judge.folder / f"{serial}.req"
        subprocess.run([OPENSSL, "ocsp", "-no_nonce", "-issuer", self.issuer, "-serial", f"0x{serial}", "-reqout", out],
                       check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        return out.read_bytes()

    def add(self, connection):
        answer = connection.call("POST", "/v1/pki/issue/web", {"common_name": "a.example.test"})
        serial = answer["data"]["serial_number"].replace(":", "")
        request = self.request_for(serial)
        with self.lock:
            self.live.append((serial, request))
            self.known[serial] = next(self.clock)


    def forget(self):
        """CRLs are compared for certificates that are still changed, and a few that are not: their number must not
        grow with the history."""
        kept = [serial for serial, _ in self.live] + self.random.sample(list(self.known), min(len(self.known), KEPT))
        self.known = {serial: self.known[serial] for serial in kept}


class Client(threading.Thread):
    def __init__(self, world, seed):
        super().__init__()
        self.world, self.random = world, random.Random(seed)
        self.failure = self.plain = None

    def run(self):
        try:
            with Connection(self.world.server) as connection:
                host, port = self.world.server.http.removeprefix("http://").split(":")
                self.plain = http.client.HTTPConnection(host, int(port), timeout=30)
                while True:
                    self.one(connection)
                    self.world.done.release()
        except (OSError, http.client.HTTPException):
            pass  # killed
        except Exception as error:  # noqa: BLE001: told by the test
            self.failure = error
            self.world.done.release()
        finally:
            if self.plain:
                self.plain.close()

    def one(self, connection):
        kind = self.random.choices(["read", "hold", "release", "revoke", "crl"], [8, 6, 6, 1, 2])[0]
        with self.world.lock:
            serial, request = self.random.choice(self.world.live)
        if kind == "crl":
            return self.read_crl()
        operation = {"key": serial, "kind": kind, "outcome": None, "begin": next(self.world.clock)}
        try:
            if kind == "read":
                operation["outcome"] = ocsp_state(self.fetch("POST", "/ocsp", request))
            else:
                operation["outcome"] = self.change(connection, kind, serial)
        finally:
            operation["end"] = next(self.world.clock)
            with self.world.lock:
                self.world.operations.append(operation)
        if kind == "revoke" and operation["outcome"] == "done":
            self.world.add(connection)
            with self.world.lock:  # it stays for reading for a while
                self.world.live = self.world.live[-2 * CERTIFICATES:]

    def fetch(self, method, path, body=None):
        self.plain.request(method, path, body)
        answer = self.plain.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status} {content[:200]}")
        return content

    def read_crl(self):
        with self.world.lock:
            keys = list(self.world.known)
        begin = next(self.world.clock)
        states = crl_states(self.fetch("GET", "/v1/pki/crl"))
        end = next(self.world.clock)
        with self.world.lock:
            self.world.operations += [{"key": key, "kind": "read", "outcome": states.get(key, "good"), "begin": begin,
                                       "end": end} for key in keys]

    @staticmethod
    def change(connection, kind, serial):
        path = f"/api/v1/certificates/{serial}/" + ("release" if kind == "release" else "revoke")
        body = {} if kind == "release" else {"reason": "certificateHold" if kind == "hold" else "superseded"}
        connection.http.request("POST", path, json.dumps(body), {"Authorization": "Bearer " + connection.token})
        answer = connection.http.getresponse()
        content = json.loads(answer.read())
        if answer.status == 200:
            return "already" if content.get("already_revoked") else "done"
        if answer.status == 409:
            return "conflict"
        if answer.status in (400, 403, 422) and content.get("rule") == "not_on_hold":
            return "refused"
        raise AssertionError(f"{path}: {answer.status} {content}")


class StatusHistory(unittest.TestCase):
    def test_the_checker_finds_what_is_wrong(self):
        def operation(kind, outcome, begin, end):
            return {"key": "k", "kind": kind, "outcome": outcome, "begin": begin, "end": end}

        good = [operation("hold", "done", 0, 3), operation("read", "hold", 1, 2), operation("release", "done", 4, 5),
                operation("read", "good", 6, 7), operation("revoke", None, 8, 11), operation("read", "good", 9, 10)]
        self.assertIsNone(anomaly(good))
        self.assertIsNone(anomaly([*good, operation("read", "revoked", 12, 13)]))
        forgets = [operation("revoke", "done", 0, 1), operation("read", "good", 2, 3)]
        self.assertEqual(anomaly(forgets), forgets[1])
        flickers = [operation("hold", None, 0, 3), operation("read", "hold", 1, 2), operation("read", "good", 4, 5)]
        self.assertEqual(anomaly(flickers), flickers[2])
        late = [operation("hold", None, 0, 1), operation("read", "good", 2, 3), operation("read", "hold", 4, 5)]
        self.assertEqual(anomaly(late), late[2])
        twice = [operation("hold", "done", 0, 2), operation("hold", "done", 1, 3)]
        self.assertIsNotNone(anomaly(twice))

    def test_every_answer_has_its_place(self):
        base = int(os.environ.get("CHANCERY_HISTORY_SEED", random.randrange(1 << 30)))
        for seed in range(base, base + SEEDS):
            checker = self.record(seed)
            for needed in ("hold done", "release done", "revoke done", "read hold", "read revoked", "read good"):
                self.assertGreater(checker.kinds.get(needed, 0), 0, f"seed {seed}: {checker.kinds}")
            print(f"{checker.operations} operations on {len(checker.states)} certificates, {KILLS} kills, seed {seed}: "
                  "all explained", flush=True)

    def record(self, seed):
        """Runs one history and has it checked after each kill."""
        checker = Checker()
        with ChanceryServer() as server:
            with Connection(server) as connection:
                connection.call("POST", "/v1/pki/roles/web", {"allow_any_name": True, "key_type": "ec", "ttl": "24h"})
                world = World(server, seed)
                for _ in range(CERTIFICATES):
                    world.add(connection)
            for part in range(KILLS + 1):
                clients = [Client(world, f"{seed}-{part}-{number}") for number in range(CLIENTS)]
                for client in clients:
                    client.start()
                for _ in range(OPERATIONS // (KILLS + 1)):
                    self.assertTrue(world.done.acquire(timeout=120), "the server stopped answering")
                    if any(client.failure for client in clients):
                        break
                server.process.kill()
                server.process.wait()
                for client in clients:
                    client.join()
                for client in clients:
                    if client.failure:
                        raise client.failure
                self.assertEqual(checker.take(world.operations), [], f"seed {seed}")
                world.operations = []
                world.forget()
                if part < KILLS:
                    server.serve()
            return checker


if __name__ == "__main__":
    unittest.main()
