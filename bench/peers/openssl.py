"""`openssl ca`, the tool that everybody has. `openssl ocsp` is not here: it listens on all addresses."""

import datetime
import os
import pathlib
import resource
import subprocess
import time

import material

CA_CONFIGURATION = """
[ca]
default_ca = bench
[bench]
database = {folder}/index.txt
rand_serial = yes
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_days = 1
policy = any
copy_extensions = copy
[any]
commonName = optional
"""


def openssl():
    return os.environ.get("OPENSSL_BIN") or "openssl"


def measure_ca(folder, materials, count):
    """CPU seconds that `openssl ca` takes for one P-256 certificate; each is a process of its own."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    authority = materials.authorities["ec"]
    (folder / "index.txt").touch()
    (folder / "ca.pem").write_text(material.pem(authority.certificate))
    (folder / "ca.key").write_text(material.pem(authority.key))
    (folder / "ca.cnf").write_text(CA_CONFIGURATION.format(folder=folder))
    requests = materials.requests("ec")[:count]
    for i, (_, text) in enumerate(requests):
        (folder / f"{i}.csr").write_text(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    for i in range(len(requests)):
        subprocess.run([openssl(), "ca", "-batch", "-notext", "-config", "ca.cnf", "-in", f"{i}.csr", "-out",
                        os.devnull], cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used / len(requests), len(requests) / (time.monotonic() - began)


def measure_crl(folder, materials, entries):
    """CPU and elapsed seconds that `openssl ca -gencrl` takes for a CRL of so many entries."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    authority = materials.authorities["ec"]
    (folder / "ca.pem").write_text(material.pem(authority.certificate))
    (folder / "ca.key").write_text(material.pem(authority.key))
    (folder / "ca.cnf").write_text(CA_CONFIGURATION.format(folder=folder))
    now = datetime.datetime.now(datetime.timezone.utc)
    until = (now + datetime.timedelta(days=90)).strftime("%y%m%d%H%M%SZ")
    revoked = now.strftime("%y%m%d%H%M%SZ")
    with open(folder / "index.txt", "w", encoding="ascii") as index:
        for i in range(entries):
            index.write(f"R\t{until}\t{revoked}\t{(1 << 124) + i * 7919:X}\tunknown\t/CN=host-{i}\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    subprocess.run([openssl(), "ca", "-gencrl", "-config", "ca.cnf", "-crldays", "1", "-out", "crl.pem"], cwd=folder,
                   check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - began
