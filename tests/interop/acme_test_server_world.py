"""`chancery acme test-server` with a configuration file of Pebble, in place of the server of acme_world."""

import base64
import json
import os
import pathlib
import secrets
import shutil
import ssl
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from acme_world import AcmeWorld, NameServer
from chancery_server import free_port, wait_until

# What nobody's test should depend on: chance, and waiting.
CALM = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}
# The texts of openssl for reasons of RFC 5280.
REASONS = {0: None, 1: "Key Compromise", 3: "Affiliation Changed", 4: "Superseded", 5: "Cessation Of Operation"}


class TestServer:
    """A test server of its own: start(), stop(). `pebble` are keys of the configuration file."""

    def __init__(self, folder, environment=None, arguments=(), program=None, address="127.0.0.1", **pebble):
        self.program = program or [os.environ["CHANCERY_BIN"], "acme", "test-server"]
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self.management_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}/dir"
        self.management = f"https://localhost:{self.management_port}"
        self.environment = CALM | (environment or {})
        self.arguments = arguments
        self.root_file = folder / "root.pem"
        self.log = folder / "log"
        self.config = folder / "pebble.json"
        self.config.write_text(json.dumps({"pebble": {
            "listenAddress": f"{address}:{self.port}", "managementListenAddress": f"{address}:{self.management_port}",
            "keyAlgorithm": "ecdsa", "retryAfter": {"authz": 1, "order": 1},
            "profiles": {"default": {"description": "the usual one", "validityPeriod": 7776000},
                         "shortlived": {"description": "a brief one", "validityPeriod": 518400}}, **pebble}}))
        self.process = None

    def start(self):
        root = [] if self.program[0] == "pebble" else ["--root-file", str(self.root_file)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*self.program, "-config", str(self.config), *root, *self.arguments], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env={"PATH": os.environ["PATH"], **self.environment})
        wait_until(self._answers)
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the test server ended: {self.log.read_text()}")
        try:
            return self.fetch(self.url)[0] == 200 and self.fetch(self.management + "/roots/0")[0] == 200
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def fetch(self, url, data=None, method=None):
        """Status, headers and body of an answer of the server, whoever signed its certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        request = urllib.request.Request(url, data=data.encode() if data else None, method=method)
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def manage(self, path):
        status, _, body = self.fetch(self.management + path)
        assert status == 200, f"{path}: {status} {body}"
        return body

    def faults(self, **wanted):
        """Sets what goes wrong, or tells what does."""
        if not wanted:
            return json.loads(self.manage("/faults"))
        status, _, body = self.fetch(self.management + "/faults", json.dumps(wanted), "PUT")
        assert status == 200, body
        return json.loads(body)


class TestServerWorld(AcmeWorld):
    """What tests of clients need, on test servers: one with a directory, one whose accounts need a binding."""

    def __init__(self):
        if not os.environ.get("CHANCERY_BIN"):
            raise unittest.SkipTest("CHANCERY_BIN is not set")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-interop-"))
        self.http_port, self.tls_port = free_port(), free_port()
        self.mac_key = base64.urlsafe_b64encode(secrets.token_bytes(48)).decode().rstrip("=")
        self.root_ca = str(self.folder / "roots.pem")
        self.dns = None
        self.servers = {}

    def start(self):
        self.dns = NameServer(self.folder / "dns")
        ports = {"httpPort": self.http_port, "tlsPort": self.tls_port}
        bound = {"externalAccountBindingRequired": True, "externalAccountMACKeys": {"kid-1": self.mac_key}}
        for name, more in {"default": {}, "bound": bound}.items():
            server = TestServer(self.folder / name, arguments=("-dnsserver", f"127.0.0.1:{self.dns.port}", "-strict"),
                                **ports, **more)
            self.servers[name] = server.start()
        pathlib.Path(self.root_ca).write_text("".join(one.root_file.read_text() for one in self.servers.values()))
        return self

    def stop(self):
        for server in self.servers.values():
            server.stop()
        if self.dns:
            self.dns.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def directory(self, name, *_):
        return self.servers[name].url

    def binding(self, *_):
        return "kid-1", self.mac_key

    def _status_of(self, chain):
        leaf = ssl.PEM_cert_to_DER_cert(chain[:chain.index("-----END CERTIFICATE-----") + 26])
        told = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-serial"], input=leaf, check=True,
                              capture_output=True).stdout.decode()
        return json.loads(self.servers["default"].manage(f"/cert-status-by-serial/{told.strip().split('=')[1]}"))

    def status(self, chain):
        return {"Valid": "good", "Revoked": "revoked"}[self._status_of(chain)["Status"]]

    def reason(self, chain):
        return REASONS[self._status_of(chain)["Reason"]]
