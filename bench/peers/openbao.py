"""OpenBao, as its documentation tells one to run it: integrated storage (raft) on disk, TLS."""

import os
import subprocess
import time

import material
from peer import Absent, free_port
from vault_api import VaultApi

CONFIGURATION = """
storage "raft" {{ path = "{folder}/raft" node_id = "one" }}
listener "tcp" {{ address = "127.0.0.1:{https}" tls_cert_file = "{folder}/tls.pem" tls_key_file = "{folder}/tls.key" }}
listener "tcp" {{ address = "127.0.0.1:{http}" tls_disable = true }}
api_addr = "https://127.0.0.1:{https}"
cluster_addr = "https://127.0.0.1:{cluster}"
"""


class OpenBao(VaultApi):
    name = "OpenBao"
    settings = ("raft on disk as its documentation recommends (one node), no audit device, leases off (default), "
                "auto_rebuild on so that a revocation does not build the CRL")

    def version(self):
        text = subprocess.run([self.program(), "version"], capture_output=True, text=True, check=True).stdout
        return text.split()[1].strip(",")

    @staticmethod
    def program():
        program = os.environ.get("BAO_BIN", "")
        if not os.access(program, os.X_OK):
            raise Absent("bao is not installed")
        return program

    def launch(self):
        self.ports = {name: free_port() for name in ("https", "http", "cluster")}
        (self.folder / "raft").mkdir()
        certificate, key = self.material.authorities["ec"].leaf("localhost")
        (self.folder / "tls.pem").write_text(
            material.pem(certificate) + material.pem(self.material.authorities["ec"].certificate))
        (self.folder / "tls.key").write_text(material.pem(key))
        self.ca_file = str(self.folder / "root.pem")
        (self.folder / "root.pem").write_text(material.pem(self.material.authorities["ec"].root))
        (self.folder / "bao.hcl").write_text(CONFIGURATION.format(folder=self.folder, **self.ports))
        began = time.monotonic()
        self.spawn(self.program(), "server", f"-config={self.folder}/bao.hcl")
        self.wait_for(lambda: self.listens(self.ports["https"]))
        made = self.ask("POST", "/v1/sys/init", {"secret_shares": 1, "secret_threshold": 1})
        self.ask("POST", "/v1/sys/unseal", {"key": made["keys"][0]})
        self.token = made["root_token"]
        self.wait_for(self.active)
        took = time.monotonic() - began
        self.set_up(made["root_token"])
        return took

    def active(self):
        try:
            return self.ask("GET", "/v1/sys/health")["sealed"] is False
        except RuntimeError:
            return False

    def port(self, work):
        return self.ports["http" if self.plain(work) else "https"]
