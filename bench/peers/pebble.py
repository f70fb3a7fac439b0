"""Pebble, the ACME server that client authors test with."""

import json
import shutil
import subprocess
import time

import material
from peer import Absent, Peer, free_port


class Pebble(Peer):
    name = "Pebble"
    works = ("acme", "handshake")
    settings = ("everything in memory, RSA-2048 authority of its own; no pauses, no refused nonces, no authorisation "
                "used twice")
    acme_directory = "/dir"

    @staticmethod
    def program():
        program = shutil.which("pebble")
        if not program:
            raise Absent("Pebble is not installed")
        return program

    def version(self):
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "pebble"], capture_output=True, text=True)
        return done.stdout or "unknown"

    def launch(self):
        self.https = free_port()
        authority = self.material.authorities["ec"]
        certificate, key = authority.leaf("localhost")
        (self.folder / "tls.pem").write_text(material.pem(certificate) + material.pem(authority.certificate))
        (self.folder / "tls.key").write_text(material.pem(key))
        (self.folder / "root.pem").write_text(material.pem(authority.root))
        self.ca_file = str(self.folder / "root.pem")
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.https}", "managementListenAddress": f"127.0.0.1:{free_port()}",
            "certificate": str(self.folder / "tls.pem"), "privateKey": str(self.folder / "tls.key"),
            "httpPort": self.web_port, "tlsPort": free_port()}}))
        began = time.monotonic()
        self.spawn(self.program(), "-config", str(self.folder / "pebble.json"), "-dnsserver",
                   f"127.0.0.1:{self.dns_port}",
                   environment={"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"})
        self.wait_for(lambda: self.listens(self.https))
        return time.monotonic() - began

    def port(self, work):
        return self.https
