#!/usr/bin/env python3
"""What 100,000 roles and 100,000 tokens cost: the time to the first answer after a start, and CPU time of the server for
operations on one of them, each beside a server with a thousand. CHANCERY_BIN names the program.

    CHANCERY_BIN=build/release/bin/chancery bench/many_rows.py [MANY [REQUESTS]]

Both servers run, and blocks of requests alternate between them; every request is about a row chosen at random.
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import ssl
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "interop"))
from chancery_server import ChanceryServer  # noqa: E402

FEW = 1000
ROUNDS = 7
WRITERS = 16
ROLE = json.dumps({"allowed_domains": "example.com", "allow_subdomains": True, "key_type": "ec", "max_ttl": "72h"})
TOKEN = json.dumps({"policies": ["default"], "ttl": "100h"})


class Client:
    def __init__(self, server):
        context = ssl.create_default_context(cafile=server.root_ca)
        self.connection = http.client.HTTPSConnection(server.https.removeprefix("https://"), context=context, timeout=60)

    def call(self, method, path, token, body=None):
        self.connection.request(method, "/v1/" + path, body=body, headers={"X-Vault-Token": token})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]}")
        return content


class Address:
    """What a process that writes has to know of a server."""

    def __init__(self, server):
        self.https, self.root_ca, self.token = server.https, server.root_ca, server.token


def write_share(address, first, many):
    client, tokens = Client(address), {}
    for i in range(first, many, WRITERS):
        client.call("POST", f"pki/roles/role-{i}", address.token, ROLE)
        made = client.call("POST", "auth/token/create", address.token, TOKEN)
        tokens[i] = json.loads(made)["auth"]["client_token"]
    return tokens


def fill(server, many):
    """Writes roles and tokens; the tokens, in the order of their numbers."""
    with concurrent.futures.ProcessPoolExecutor(WRITERS) as pool:
        shares = pool.map(write_share, *zip(*((Address(server), first, many) for first in range(WRITERS))))
    merged = {number: token for one in shares for number, token in one.items()}
    return [merged[i] for i in range(many)]


class Place:
    """A server with that many roles and tokens."""

    def __init__(self, many):
        self.many, self.server = many, ChanceryServer()
        self.server.start()
        began = time.monotonic()
        self.tokens = fill(self.server, many)
        print(f"{many} roles and tokens written in {time.monotonic() - began:.0f} s", flush=True)
        self.restart()

    def warm(self):
        """Uses every token once, so that neither server is asked for what it never saw."""
        self.client = Client(self.server)
        for i in range(self.many):
            look_up(self, i)

    def restart(self):
        """Ends the server and starts it again: how long until it answers."""
        self.server.process.terminate()
        self.server.process.wait(60)
        began = time.monotonic()
        self.server.serve()
        self.client = Client(self.server)
        self.client.call("GET", "auth/token/lookup-self", self.tokens[-1])
        self.ready = time.monotonic() - began

    def cpu(self):
        """Seconds of CPU that the server has used."""
        fields = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        for line in pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024

    def run(self, operation, requests, chance):
        self.client = Client(self.server)  # the server ends one that waited for the other server's turn
        before = self.cpu()
        for _ in range(requests):
            operation(self, chance.randrange(self.many))
        return (self.cpu() - before) / requests * 1e6


def read_role(place, i):
    place.client.call("GET", f"pki/roles/role-{i}", place.server.token)


def write_role(place, i):
    place.client.call("POST", f"pki/roles/role-{i}", place.server.token, ROLE)


def look_up(place, i):
    place.client.call("GET", "auth/token/lookup-self", place.tokens[i])


def renew(place, i):
    place.client.call("POST", "auth/token/renew-self", place.tokens[i], "{}")


def main():
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    places = []
    try:
        for count in (FEW, many):
            places.append(Place(count))
        for place in places:
            print(f"{place.many}: first answer {place.ready * 1000:.0f} ms after the start", flush=True)
            place.warm()
        for name, operation in (("read a role", read_role), ("write a role", write_role),
                                ("look a token up", look_up), ("renew a token", renew)):
            took, chance = [[], []], random.Random(1)
            for _ in range(ROUNDS):
                for place, figures in zip(places, took):
                    figures.append(place.run(operation, requests, chance))
            few, lot = (statistics.median(figures) for figures in took)
            print(f"{name}: {few:.1f} µs with {FEW}, {lot:.1f} µs with {many}, ratio {lot / few:.2f}", flush=True)
        for place in places:
            print(f"{place.many}: {place.memory()} MB resident", flush=True)
    finally:
        for place in places:
            place.server.stop()


if __name__ == "__main__":
    main()
