"""nginx with an answer of 250 bytes from memory: the floor of HTTP and TLS."""

import shutil
import subprocess
import time

import material
from peer import Absent, Peer, free_port

CONFIGURATION = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{http};
    listen 127.0.0.1:{https} ssl;
    ssl_certificate {folder}/tls.pem;
    ssl_certificate_key {folder}/tls.key;
    ssl_protocols TLSv1.3;
    location / {{ return 200 "{answer}"; }}
  }}
}}
"""


class Nginx(Peer):
    name = "nginx"
    works = ("floor-https", "floor-http", "handshake")
    settings = "one worker, an answer of 250 bytes from memory, no log: nothing that does more can cost less"

    @staticmethod
    def program():
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not program:
            raise Absent("nginx is not installed")
        return program

    def version(self):
        return subprocess.run([self.program(), "-v"], capture_output=True, text=True,
                              check=True).stderr.strip().split("/")[1]

    def launch(self):
        self.ports = {"https": free_port(), "http": free_port()}
        authority = self.material.authorities["ec"]
        certificate, key = authority.leaf("localhost")
        (self.folder / "tls.pem").write_text(material.pem(certificate) + material.pem(authority.certificate))
        (self.folder / "tls.key").write_text(material.pem(key))
        (self.folder / "root.pem").write_text(material.pem(authority.root))
        self.ca_file = str(self.folder / "root.pem")
        (self.folder / "nginx.conf").write_text(
            CONFIGURATION.format(folder=self.folder, answer="x" * 250, **self.ports))
        began = time.monotonic()
        self.spawn(self.program(), "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log")
        self.wait_for(lambda: self.listens(self.ports["https"]))
        return time.monotonic() - began

    def plain(self, work):
        return work == "floor-http"

    def port(self, work):
        return self.ports["http" if self.plain(work) else "https"]

    def request(self, work, index):
        return self.raw("GET", "/")
