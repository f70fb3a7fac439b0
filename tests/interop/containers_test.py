#!/usr/bin/env python3
"""PKCS#12, PKCS#7, JKS and PKCS#8 files, exchanged with OpenSSL, GnuTLS, NSS and Java in both directions."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

OPENSSL = os.environ.get("OPENSSL_BIN", "openssl")
PASSWORD = "pässwort"  # not ASCII on purpose: it goes through UTF-16 in PKCS#12 and JKS


def tool():
    binaries = os.environ.get("CHANCERY_TOOLS")
    folder = pathlib.Path(binaries) if binaries else pathlib.Path(
        __file__).resolve().parents[2] / "build" / "dev" / "bin"
    program = folder / "container_convert"
    if not program.exists():
        raise unittest.SkipTest("there is no container_convert")
    return str(program)


def run(*command, data=None, environment=None):
    done = subprocess.run(command, input=data, capture_output=True, timeout=120,
                          env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})})
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr.decode(errors='replace')}{done.stdout.decode(errors='replace')}")
    return done.stdout, done.stderr.decode(errors="replace")


def need(program):
    if not shutil.which(program):
        raise unittest.SkipTest(f"there is no {program}")
    return program


class ContainerTest(unittest.TestCase):
    def setUp(self):
        self.tool = tool()
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        run(OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", "/CN=interop.example.test", "-keyout", self.path("key.pem"), "-out", self.path("cert.pem"))

    def path(self, name):
        return str(self.folder / name)

    def read(self, name):
        return (self.folder / name).read_bytes()

    def write(self, name, content):
        (self.folder / name).write_bytes(content)
        return self.path(name)

    def convert(self, source, source_password, target, target_password, data):
        """The new file, and the lines that describe what was read."""
        return run(self.tool, source, source_password, target, target_password, data=data)

    def same_key(self, pem):
        def public(key):
            return run(OPENSSL, "pkey", "-pubout", data=key)[0]
        self.assertEqual(public(pem), public(self.read("key.pem")))

    def openssl_p12(self, *options, password=PASSWORD):
        return run(OPENSSL, "pkcs12", "-export", "-inkey", self.path("key.pem"), "-in", self.path("cert.pem"),
                   "-name", "Schlüssel", "-passout", f"pass:{password}", *options, "-out", self.path("in.p12"))

    def ours(self, kind="p12", password=PASSWORD):
        self.openssl_p12()
        return self.write("out.p12", self.convert("p12", PASSWORD, kind, password, self.read("in.p12"))[0])


class OpensslTest(ContainerTest):
    def test_reads_what_openssl_writes(self):
        for options in ([], ["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC"],
                        ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
                        ["-keypbe", "NONE", "-certpbe", "NONE"], ["-macalg", "sha512", "-iter", "5000"], ["-nomac"]):
            with self.subTest(options):
                self.openssl_p12(*options)
                key, said = self.convert("p12", PASSWORD, "pkcs8-pem", "-", self.read("in.p12"))
                self.same_key(key)
                self.assertIn('certificate CN=interop.example.test "Schlüssel"', said)

    def test_reads_pbmac1(self):
        done = subprocess.run([OPENSSL, "pkcs12", "-help"], capture_output=True)
        if b"pbmac1" not in done.stderr + done.stdout:
            self.skipTest("this openssl knows no PBMAC1")
        self.openssl_p12("-pbmac1_pbkdf2")
        self.same_key(self.convert("p12", PASSWORD, "pkcs8-pem", "-", self.read("in.p12"))[0])
        written = self.ours("p12-pbmac1")
        self.same_key(run(OPENSSL, "pkcs12", "-in", written, "-passin", f"pass:{PASSWORD}", "-nodes", "-nocerts")[0])

    def test_rc2_is_refused_with_advice(self):
        done = subprocess.run([OPENSSL, "pkcs12", "-export", "-legacy", "-inkey", self.path("key.pem"), "-in",
                               self.path("cert.pem"), "-passout", "pass:x", "-out", self.path("old.p12")],
                              capture_output=True)
        if done.returncode != 0:
            self.skipTest("this openssl has no legacy provider")
        with self.assertRaisesRegex(AssertionError, "RC2.*openssl pkcs12 -legacy"):
            self.convert("p12", "x", "pkcs8-pem", "-", self.read("old.p12"))

    def test_empty_password(self):
        self.openssl_p12(password="")
        for password in ("", "-"):
            self.same_key(self.convert("p12", password, "pkcs8-pem", "-", self.read("in.p12"))[0])

    def test_openssl_reads_what_we_write(self):
        for password in (PASSWORD, ""):
            written = self.ours(password=password)
            text = run(OPENSSL, "pkcs12", "-in", written, "-passin", f"pass:{password}", "-nodes")[0]
            self.same_key(text)
            self.assertIn(b"friendlyName: Schl", text)
            self.assertIn("localKeyID".encode(), text)

    def test_pkcs7(self):
        run(OPENSSL, "crl2pkcs7", "-nocrl", "-certfile", self.path("cert.pem"), "-outform", "DER", "-out",
            self.path("in.p7b"))
        pem, said = self.convert("p7", "-", "p7-pem", "-", self.read("in.p7b"))
        self.assertIn("CN=interop.example.test", said)
        self.assertIn(b"interop.example.test", run(OPENSSL, "pkcs7", "-print_certs", data=pem)[0])
        self.assertEqual(self.convert("p7-pem", "-", "p7", "-", pem)[0], self.read("in.p7b"))

    def test_private_keys_of_every_family(self):
        families = [["EC", "-pkeyopt", "ec_paramgen_curve:P-521"], ["ED448"], ["X25519"], ["X448"],
                    ["SLH-DSA-SHA2-128f"], ["SLH-DSA-SHAKE-256f"], ["ML-KEM-512"], ["ML-KEM-768"], ["ML-KEM-1024"],
                    ["ML-DSA-65"]]
        seen = 0
        for family in families:
            made = subprocess.run([OPENSSL, "genpkey", "-algorithm", *family], capture_output=True)
            if made.returncode != 0:
                continue  # an openssl before 3.5
            seen += 1
            with self.subTest(family):
                ours = self.convert("pkcs8-pem", "-", "pkcs8-pem", "-", made.stdout)[0]
                public = [run(OPENSSL, "pkey", "-pubout", data=pem)[0] for pem in (made.stdout, ours)]
                self.assertEqual(*public)
        self.assertGreaterEqual(seen, 4)


class GnutlsTest(ContainerTest):
    def test_both_ways(self):
        certtool = need("certtool")
        text = run(certtool, "--p12-info", "--inder", "--infile", self.ours(), "--password", PASSWORD)
        self.assertIn("BEGIN CERTIFICATE", "".join([text[0].decode(), text[1]]))
        run(certtool, "--to-p12", "--load-privkey", self.path("key.pem"), "--load-certificate", self.path("cert.pem"),
            "--p12-name", "gnutls", "--password", PASSWORD, "--outder", "--outfile", self.path("gnutls.p12"))
        self.same_key(self.convert("p12", PASSWORD, "pkcs8-pem", "-", self.read("gnutls.p12"))[0])


class NssTest(ContainerTest):
    def test_both_ways(self):
        pk12util, certutil = need("pk12util"), need("certutil")
        store = self.folder / "nss"
        store.mkdir()
        run(certutil, "-N", "-d", f"sql:{store}", "--empty-password")
        run(pk12util, "-i", self.ours(), "-d", f"sql:{store}", "-W", PASSWORD)
        run(pk12util, "-o", self.path("nss.p12"), "-n", "Schlüssel", "-d", f"sql:{store}", "-W", PASSWORD)
        self.same_key(self.convert("p12", PASSWORD, "pkcs8-pem", "-", self.read("nss.p12"))[0])


class JavaTest(ContainerTest):
    JAVA = {"JAVA_TOOL_OPTIONS": "-Dfile.encoding=UTF-8 -Dsun.jnu.encoding=UTF-8"}
    PASSWORD = "changeit"  # keytool wants six characters and ASCII

    def keytool(self, *arguments):
        return run(need("keytool"), *arguments, environment=self.JAVA)

    def test_pkcs12_both_ways(self):
        self.openssl_p12(password=self.PASSWORD)
        written = self.write("out.p12", self.convert("p12", self.PASSWORD, "p12", self.PASSWORD, self.read("in.p12"))[0])
        said = self.keytool("-list", "-keystore", written, "-storetype", "PKCS12", "-storepass", self.PASSWORD)[0]
        self.assertIn(b"PrivateKeyEntry", said)
        self.keytool("-importkeystore", "-srckeystore", written, "-srcstoretype", "PKCS12", "-srcstorepass",
                     self.PASSWORD, "-destkeystore", self.path("java.p12"), "-deststoretype", "PKCS12",
                     "-deststorepass", self.PASSWORD)
        self.same_key(self.convert("p12", self.PASSWORD, "pkcs8-pem", "-", self.read("java.p12"))[0])

    def test_trust_store_both_ways(self):
        self.keytool("-importcert", "-noprompt", "-alias", "anchor", "-file", self.path("cert.pem"), "-keystore",
                     self.path("trust.p12"), "-storetype", "PKCS12", "-storepass", self.PASSWORD)
        ours, said = self.convert("p12", self.PASSWORD, "p12", self.PASSWORD, self.read("trust.p12"))
        self.assertIn('"anchor" trusted', said)
        listed = self.keytool("-list", "-keystore", self.write("trust2.p12", ours), "-storetype", "PKCS12",
                              "-storepass", self.PASSWORD)[0]
        self.assertIn(b"trustedCertEntry", listed)

    def test_jks_both_ways(self):
        self.keytool("-genkeypair", "-alias", "Server", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=java.test",
                     "-keystore", self.path("in.jks"), "-storetype", "JKS", "-storepass", self.PASSWORD, "-keypass",
                     self.PASSWORD)
        self.keytool("-importcert", "-noprompt", "-alias", "anchor", "-file", self.path("cert.pem"), "-keystore",
                     self.path("in.jks"), "-storepass", self.PASSWORD)
        ours, said = self.convert("jks", self.PASSWORD, "jks", self.PASSWORD, self.read("in.jks"))
        self.assertIn('key RSA-2048 "server"', said)
        written = self.write("out.jks", ours)
        listed = self.keytool("-list", "-keystore", written, "-storetype", "JKS", "-storepass", self.PASSWORD)[0]
        self.assertIn(b"PrivateKeyEntry", listed)
        self.assertIn(b"trustedCertEntry", listed)
        # That Java opens the key shows only when it has to.
        self.keytool("-importkeystore", "-srckeystore", written, "-srcstoretype", "JKS", "-srcstorepass", self.PASSWORD,
                     "-destkeystore", self.path("again.p12"), "-deststoretype", "PKCS12", "-deststorepass",
                     self.PASSWORD)
        with self.assertRaisesRegex(AssertionError, "password is wrong"):
            self.convert("jks", "changeme", "jks", "changeme", self.read("in.jks"))


if __name__ == "__main__":
    unittest.main()
