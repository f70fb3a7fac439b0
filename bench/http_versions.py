#!/usr/bin/env python3
"""CPU time of the server per request, HTTP/1.1 and HTTP/2 in alternation at equal load.

    bench/http_versions.py build/release/bin/chancery [ROUNDS]

Needs h2load (Debian: nghttp2-client). Each round drives both versions with as many requests under way; the least of the
rounds counts, since neighbours can only add to it.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

# name, path, requests of a round, connections, streams each
LOADS = [
    ("GET /healthz, 64 connections, 1 at a time", "/healthz", 40_000, 64, 1),
    ("GET /healthz, 8 connections, 8 at a time (HTTP/1.1: 64 connections)", "/healthz", 40_000, 8, 8),
    ("POST sign (P-256), 64 connections, 1 at a time", "/v1/pki/sign/web", 4_000, 64, 1),
    ("POST sign (P-256), 8 connections, 8 at a time (HTTP/1.1: 64 connections)", "/v1/pki/sign/web", 4_000, 8, 8),
]


def cpu_microseconds(pid):
    """Of all threads; finer than the clock ticks of /proc/PID/stat."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1000


class Server:
    def __init__(self, program, folder):
        self.data = pathlib.Path(folder) / "pki"
        subprocess.run([program, "init", "--data", str(self.data), "--dev", "--key-type", "ec-p256", "--https-address",
                        "127.0.0.1:0", "--http-address", "127.0.0.1:0"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen([program, "serve", "--config", str(self.data / "chancery.yaml")],
                                        stderr=subprocess.DEVNULL)
        listeners = self.data / "run" / "listeners.json"
        while not listeners.exists():
            time.sleep(0.02)
        self.url = "https://" + json.loads(listeners.read_text())["https"]
        self.token = (self.data / "root-token").read_text().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def post(self, path, body):
        subprocess.run(["curl", "-sSf", "--cacert", str(self.data / "root-ca.pem"), "-H",
                        f"X-Vault-Token: {self.token}", "-d", json.dumps(body), self.url + path], check=True,
                       stdout=subprocess.DEVNULL)


def request_file(folder):
    """One certificate request, signed again and again: the server checks it each time."""
    key, csr = f"{folder}/key.pem", f"{folder}/csr.pem"
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    key, "-out", csr, "-subj", "/CN=host.example.test"], check=True, stderr=subprocess.DEVNULL)
    body = pathlib.Path(folder) / "body.json"
    body.write_text(json.dumps({"csr": pathlib.Path(csr).read_text()}))
    return str(body)


def measure(server, version, path, count, connections, streams, body):
    if version == "h1":
        connections, streams = connections * streams, 1
    words = ["h2load", "-t1", f"-c{connections}", f"-m{streams}"]
    if version == "h1":
        words.append("--h1")
    if path.startswith("/v1"):
        words += ["-d", body, "-H", f"X-Vault-Token: {server.token}", "-H", "Content-Type: application/json"]
    words.append(server.url + path)

    def spend(number):
        before = cpu_microseconds(server.process.pid)
        result = subprocess.run(words + [f"-n{number}"], capture_output=True, text=True, check=True)
        good = re.search(r"status codes: (\d+) 2xx", result.stdout)
        if not good or int(good.group(1)) != number:
            sys.exit(result.stdout)
        return cpu_microseconds(server.process.pid) - before

    # The handshakes are the same for both versions and no part of a request: taken away.
    least = connections * streams
    return (spend(count + least) - spend(least)) / count


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory(prefix="chancery-bench-") as folder:
        server = Server(program, folder)
        try:
            server.post("/v1/pki/roles/web", {"allow_any_name": True, "key_type": "any", "ttl": "24h"})
            body = request_file(folder)
            for name, *load in LOADS:
                times = {"h1": [], "h2": []}
                for _ in range(rounds):
                    for version, seen in times.items():
                        seen.append(measure(server, version, *load, body))
                h1, h2 = min(times["h1"]), min(times["h2"])
                print(f"{name}\n    HTTP/1.1 {h1:7.1f} us   HTTP/2 {h2:7.1f} us   ratio {h2 / h1:.2f}", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
