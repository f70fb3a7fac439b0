#!/usr/bin/env python3
"""A burst of requests for RSA-2048 keys made by the server, once it has made some ahead.

    bench/rsa_burst.py build/release/bin [REQUESTS]

Prints the server's CPU time for one request of the burst, and for as many requests with a key of the client's under the
same authority: what the burst costs beyond signing.
"""

import pathlib
import sys
import tempfile
import time

import soak
from http_versions import Server, request_file

IDLE = 0.02  # seconds of CPU in a second: the server has made all the keys that it keeps


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def wait_until_idle(pid):
    while True:
        before = cpu_seconds(pid)
        time.sleep(5)
        if cpu_seconds(pid) - before < 5 * IDLE:
            return


def burst(programs, server, requests, count):
    before = cpu_seconds(server.process.pid)
    load = soak.load(server, programs, requests, count)
    return (cpu_seconds(server.process.pid) - before) / count * 1e6, load["answered"] / load["seconds"]


def main():
    programs, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory(prefix="chancery-burst-") as folder:
        server = Server(programs / "chancery", folder)
        try:
            for role, kind in (("web", {"key_type": "any"}), ("made", {"key_type": "rsa", "key_bits": 2048})):
                server.post("/v1/pki/roles/" + role, {"allow_any_name": True, "ttl": "24h", **kind})
            made, own = pathlib.Path(folder) / "made", pathlib.Path(folder) / "own"
            made.write_bytes(soak.http_request(server, "issue/made", b'{"common_name":"host.example.test"}'))
            own.write_bytes(soak.http_request(server, "sign/web", pathlib.Path(request_file(folder)).read_bytes()))
            burst(programs, server, made, 1)  # from which it learns the kind
            began = time.monotonic()
            wait_until_idle(server.process.pid)
            print(f"keys made ahead in {time.monotonic() - began:.0f} s")
            cost, rate = burst(programs, server, made, count)
            print(f"burst of {count}: {cost:.0f} µs, {rate:.0f}/s")
            wait_until_idle(server.process.pid)
            cost, rate = burst(programs, server, own, count)
            print(f"as many requests with keys of their own: {cost:.0f} µs, {rate:.0f}/s")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
