"""The two servers of vault_test.py, and one request to both."""

import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))
from chancery_server import ChanceryServer, free_port  # noqa: E402

PLACE = re.compile(r"\$\{([^}]+)\}")


class Peer:
    """A server, a connection to it that is kept, and the values that its answers gave."""

    def __init__(self, name, address, token, client=None):
        self.name, self.address = name, address
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.plain = context
        self.client = ssl.create_default_context()
        self.client.check_hostname = False
        self.client.verify_mode = ssl.CERT_NONE
        if client:
            self.client.load_cert_chain(*client)
        self.connections = {}
        self.values = {"root": token}

    def fill(self, what):
        """Puts this server's values in the places of a request."""
        if isinstance(what, str):
            return PLACE.sub(lambda place: str(self.values.get(place[1], "unknown-" + place[1])), what)
        if isinstance(what, list):
            return [self.fill(one) for one in what]
        if isinstance(what, dict):
            return {self.fill(key): self.fill(value) for key, value in what.items()}
        return what

    def close(self):
        for connection in self.connections.values():
            connection.close()

    def send(self, step):
        path = urllib.parse.quote(self.fill(step.path), safe="/?=&%+:")
        headers = {"X-Vault-Request": "true"} | step.headers
        token = self.fill(step.token)
        if token:
            headers["X-Vault-Token"] = token
        if isinstance(step.body, bytes) or step.body is None:
            body = step.body
        else:
            body = json.dumps(self.fill(step.body)).encode()
        for attempt in (1, 2):
            connection = self.connections.get(step.client)
            if connection is None:
                connection = http.client.HTTPSConnection(self.address, timeout=60,
                                                         context=self.client if step.client else self.plain)
                self.connections[step.client] = connection
            try:
                connection.request(step.method, "/v1/" + path, body=body, headers=headers)
                answer = connection.getresponse()
                return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read())
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                connection.close()
                del self.connections[step.client]
                if attempt == 2:
                    raise


class Answer:
    def __init__(self, status, content_type, body):
        self.status, self.content_type, self.body = status, content_type, body
        try:
            self.json = json.loads(body)
        except ValueError:
            self.json = None

    def at(self, pointer):
        """The value at "data/issuer_id"; a number counts the members of an object as well."""
        value = self.json
        for part in pointer.split("/"):
            if isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            elif isinstance(value, dict) and part in value:
                value = value[part]
            else:
                return None
        return value


class Bao:
    """OpenBao in memory, over TLS, on a port of its own."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="compare-bao-")
        address = f"127.0.0.1:{free_port()}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("VAULT_", "BAO_"))}
        self.process = subprocess.Popen(
            [program, "server", "-dev-tls", f"-dev-tls-cert-dir={self.folder.name}", "-dev-no-store-token",
             "-dev-root-token-id=root", f"-dev-listen-address={address}", "-log-level=error"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment | {"HOME": self.folder.name})
        self.address = address
        self.wait()

    def wait(self):
        host, port = self.address.split(":")
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection((host, int(port)), 1).close()
                peer = Peer("bao", self.address, "root")
                ready = peer.send(Step("GET", "sys/mounts")).status == 200
                peer.close()
                if ready:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("bao did not start")
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()


class Step:
    """One request to both. `save` names values of its answer that later steps use as ${name}."""

    def __init__(self, method, path, body=None, token="${root}", save=None, headers=None, client=False, group=""):
        self.method, self.path, self.body, self.token = method, path, body, token
        self.save, self.headers, self.client, self.group = save or {}, headers or {}, client, group

    def __str__(self):
        body = "" if self.body is None else " " + (str(self.body) if isinstance(self.body, bytes)
                                                   else json.dumps(self.body))
        return f"{self.method} {self.path}{body}"


def start_chancery():
    return ChanceryServer().start()
