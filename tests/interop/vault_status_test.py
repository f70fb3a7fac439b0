"""Certificate status by bao, hvac, curl's kind of client, openssl and keytool: CRLs, OCSP, tidy, formats."""

import base64
import json
import os
import shutil
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import hvac

from chancery_server import OPENSSL, ChanceryServer, wait_until

BAO = os.environ.get("BAO_BIN")
if not BAO:
    raise unittest.SkipTest("bao is absent (BAO_BIN)")

server = None
vault = None


def setUpModule():
    global server, vault
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    vault = hvac.Client(url=server.https, token=server.token, verify=server.root_ca)
    bao("write", "pki/roles/web", "allow_any_name=true", "key_type=ec", "max_ttl=24h")


def bao(*arguments, **options):
    return server.bao(*arguments, **options)


def data(*arguments):
    return json.loads(bao(*arguments, "-format=json"))["data"]


def fetch(path, **headers):
    """Status, headers and body of a GET over plain HTTP."""
    request = urllib.request.Request(f"{server.http}/v1/{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def openssl(*arguments, status=0, stdin=b""):
    done = subprocess.run([OPENSSL, *arguments], input=stdin, capture_output=True, timeout=60)
    if status is not None and done.returncode != status:
        raise AssertionError(f"openssl {' '.join(map(str, arguments))}: {done.returncode}\n"
                             f"{done.stdout.decode()}{done.stderr.decode()}")
    return (done.stdout + done.stderr).decode()


def write(name, content):
    path = server.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def issue(name="www.example.test", **fields):
    return vault.write("pki/issue/web", common_name=name, **fields)["data"]


class Lists(unittest.TestCase):
    def tearDown(self):
        bao("write", "pki/config/crl", "auto_rebuild=false", "enable_delta=false", "expiry=72h")

    def test_openssl_verifies_with_complete_and_delta_lists(self):
        settings = data("write", "pki/config/crl", "auto_rebuild=true", "enable_delta=true", "expiry=48h")
        self.assertEqual(settings["expiry"], "48h")
        before, after, good = issue("before.test"), issue("after.test"), issue("good.test")
        vault.secrets.pki.revoke_certificate(before["serial_number"])
        self.assertTrue(data("read", "pki/crl/rotate")["success"])
        vault.secrets.pki.revoke_certificate(after["serial_number"])

        complete_pem, delta_pem = (fetch(f"pki/crl{kind}/pem")[2] + b"\n" for kind in ("", "/delta"))
        complete, delta = write("complete.pem", complete_pem), write("delta.pem", delta_pem)
        shown = openssl("crl", "-in", delta, "-noout", "-text")
        self.assertIn("X509v3 Delta CRL Indicator: critical", shown)
        self.assertIn(after["serial_number"].replace(":", "").upper(), shown)
        self.assertNotIn(before["serial_number"].replace(":", "").upper(), shown)

        issuing = write("issuing.pem", before["issuing_ca"] + "\n")
        lists = write("lists.pem", complete_pem + delta_pem)

        def verify(certificate, crls, *options, status):
            leaf = write("leaf.pem", certificate["certificate"] + "\n")
            return openssl("verify", "-partial_chain", "-trusted", issuing, "-CRLfile", crls, "-crl_check",
                           *options, leaf, status=status)
        self.assertIn("revoked", verify(before, complete, status=2))
        verify(after, complete, status=0)
        self.assertIn("revoked", verify(before, lists, "-extended_crl", "-use_deltas", status=2))
        verify(good, lists, "-extended_crl", "-use_deltas", status=0)
        # OCSP does not wait for any list.
        self.assertIn("revoked", self.ocsp(after, issuing))
        self.assertIn("good", self.ocsp(good, issuing))

    @staticmethod
    def ocsp(certificate, issuing):
        leaf = write("ocsp.pem", certificate["certificate"] + "\n")
        return openssl("ocsp", "-issuer", issuing, "-cert", leaf, "-url", f"{server.http}/v1/pki/ocsp",
                       "-CAfile", server.root_ca, "-verify_other", issuing, "-partial_chain")

    def test_numbers_rise_over_both_kinds(self):
        bao("write", "pki/config/crl", "auto_rebuild=true", "enable_delta=true")

        def number(path):
            text = openssl("crl", "-inform", "DER", "-noout", "-crlnumber", stdin=fetch(path)[2])
            return int(text.strip().split("=")[1], 16)
        first = number("pki/crl")
        deltas = []
        for _ in range(3):
            bao("read", "pki/crl/rotate-delta")
            deltas.append(number("pki/crl/delta"))
        bao("read", "pki/crl/rotate")
        self.assertEqual(sorted({first, *deltas, number("pki/crl")}), [first, *deltas, number("pki/crl")])

    def test_disabled(self):
        revoked = issue()
        vault.secrets.pki.revoke_certificate(revoked["serial_number"])
        bao("write", "pki/config/crl", "disable=true", "ocsp_disable=true")
        try:
            self.assertIn("No Revoked Certificates",
                          openssl("crl", "-inform", "DER", "-noout", "-text", stdin=fetch("pki/crl")[2]))
            issuing = write("issuing.pem", revoked["issuing_ca"] + "\n")
            leaf = write("ocsp.pem", revoked["certificate"] + "\n")
            self.assertIn("unauthorized (6)", openssl("ocsp", "-issuer", issuing, "-cert", leaf, "-url",
                                                      f"{server.http}/v1/pki/ocsp", status=None))
        finally:
            bao("write", "pki/config/crl", "disable=false", "ocsp_disable=false")
        self.assertIn(revoked["serial_number"].replace(":", "").upper(),
                      openssl("crl", "-inform", "DER", "-noout", "-text", stdin=fetch("pki/crl")[2]))

    def test_conditional_requests(self):
        time.sleep(1.1)  # of two CRLs in one second the second has no Last-Modified
        bao("read", "pki/crl/rotate")
        for path in ("pki/crl", "pki/crl/pem", "pki/crl/delta", "pki/ca", "pki/ca_chain"):
            with self.subTest(path):
                status, headers, body = fetch(path)
                self.assertEqual(status, 200)
                status, again, empty = fetch(path, **{"If-None-Match": headers["ETag"]})
                self.assertEqual((status, empty), (304, b""))
                self.assertEqual(again["ETag"], headers["ETag"])
                if "crl" in path:
                    self.assertEqual(fetch(path, **{"If-Modified-Since": headers["Last-Modified"]})[0], 304)
                    part = fetch(path, Range="bytes=0-9", **{"If-Range": headers["ETag"]})
                    self.assertIn(part[0], (200, 206))
                    self.assertEqual(body[:10], part[2][:10])


class Revocation(unittest.TestCase):
    def test_by_certificate_that_was_not_stored(self):
        bao("write", "pki/roles/unkept", "allow_any_name=true", "key_type=ec", "no_store=true")
        made = vault.write("pki/issue/unkept", common_name="unkept.test")["data"]
        with self.assertRaises(hvac.exceptions.InvalidRequest):
            vault.secrets.pki.revoke_certificate(made["serial_number"])
        answer = vault.write("pki/revoke", certificate=made["certificate"])["data"]
        self.assertEqual(answer["state"], "revoked")
        self.assertIn(made["serial_number"], vault.list("pki/certs/revoked")["data"]["keys"])

    def test_with_key(self):
        mine, other = issue(), issue()
        with self.assertRaisesRegex(hvac.exceptions.InvalidRequest, "does not match certificate's public key"):
            vault.write("pki/revoke-with-key", certificate=mine["certificate"], private_key=other["private_key"])
        answer = vault.write("pki/revoke-with-key", serial_number=mine["serial_number"],
                             private_key=mine["private_key"])
        self.assertEqual(answer["data"]["state"], "revoked")

    def test_detailed_list(self):
        made = issue("detailed.test", alt_names="other.test")
        details = vault.list("pki/certs/detailed")["data"]["key_info"][made["serial_number"]]
        self.assertEqual(details["common_name"], "detailed.test")
        self.assertEqual(sorted(details["dns_names"]), ["detailed.test", "other.test"])
        self.assertEqual((details["key_type"], details["key_bits"]), ("ec", 256))


class Signing(unittest.TestCase):
    def test_lists_from_elsewhere(self):
        signed = data("write", "pki/issuer/default/sign-revocation-list", "crl_number=7",
                      'revoked_certs=[]')["crl"]
        self.assertIn("No Revoked Certificates", openssl("crl", "-noout", "-text", stdin=signed.encode()))
        made = vault.write("pki/issuer/default/sign-revocation-list", crl_number=8, revoked_certs=[
            {"serial_number": "11:22", "revocation_time": "2026-01-01T00:00:00Z"}])["data"]["crl"]
        joined = vault.write("pki/issuer/default/resign-crls", crl_number=9, crls=[signed, made])["data"]["crl"]
        shown = openssl("crl", "-noout", "-text", stdin=joined.encode())
        self.assertIn("Serial Number: 1122", shown)
        issuing = write("issuing.pem", issue()["issuing_ca"] + "\n")
        self.assertIn("verify OK", openssl("crl", "-noout", "-CAfile", issuing, stdin=joined.encode()))


class Tidy(unittest.TestCase):
    def test_tidy(self):
        started = json.loads(bao("write", "-format=json", "pki/tidy", "tidy_cert_store=true",
                                 "tidy_revoked_certs=true", "safety_buffer=1h"))
        self.assertIn("successfully started", started["warnings"][0])
        wait_until(lambda: data("read", "pki/tidy-status")["state"] == "Finished")
        status = vault.read("pki/tidy-status")["data"]
        self.assertEqual(status["error"], None)
        self.assertTrue(status["tidy_revoked_certs"])
        self.assertIn("cannot be cancelled", vault.write("pki/tidy-cancel")["warnings"][0])
        vault.secrets.pki.tidy()

    def test_automatic(self):
        written = data("write", "pki/config/auto-tidy", "enabled=true", "tidy_cert_store=true",
                       "interval_duration=12h")
        self.assertEqual(written["interval_duration"], 43200)
        self.assertTrue(data("read", "pki/config/auto-tidy")["enabled"])
        bao("write", "pki/config/auto-tidy", "enabled=false")


class CommandLine(unittest.TestCase):
    @staticmethod
    def chancery(*arguments, status=0):
        environment = {"PATH": os.environ["PATH"], "CHANCERY_ADDR": server.https, "CHANCERY_CACERT": server.root_ca,
                       "CHANCERY_TOKEN_FILE": str(server.data / "root-token")}
        done = subprocess.run([server.program, *arguments], env=environment, capture_output=True, text=True,
                              timeout=60)
        if done.returncode != status:
            raise AssertionError(f"chancery {' '.join(arguments)}: status {done.returncode}\n{done.stderr}")
        return done.stdout if status == 0 else done.stderr

    def test_settings_and_rotation(self):
        shown = self.chancery("crl", "set", "expiry=5d", "auto_rebuild=true")
        self.assertIn("expiry: 5d\n", shown)
        self.assertEqual(data("read", "pki/config/crl")["expiry"], "5d")
        settings = json.loads(self.chancery("crl", "settings", "--output", "json"))
        self.assertTrue(settings["auto_rebuild"])
        rotated = json.loads(self.chancery("crl", "rotate", "--output", "json"))["crls"]
        shown = openssl("crl", "-inform", "DER", "-noout", "-crlnumber", stdin=fetch("pki/crl")[2])
        self.assertEqual(int(shown.strip().split("=")[1], 16), rotated[0]["number"])
        self.assertIn("number", self.chancery("crl", "rotate", "--delta"))
        self.assertIn("there is no setting", self.chancery("crl", "set", "expiri=5d", status=1))
        self.chancery("crl", "set", "expiry=72h", "auto_rebuild=false")


class Formats(unittest.TestCase):
    def test_pkcs12(self):
        for encoder in ("modern2026", "modern2023"):
            with self.subTest(encoder):
                made = issue("pkcs12.test", format="pkcs12_bundle", pkcs12_password="secret",
                             pkcs12_encoder=encoder)
                path = write("bundle.p12", base64.b64decode(made["certificate"]))
                shown = openssl("pkcs12", "-in", path, "-passin", "pass:secret", "-nodes")
                self.assertIn("BEGIN PRIVATE KEY", shown)
                self.assertEqual(shown.count("BEGIN CERTIFICATE"), 3)

    @unittest.skipUnless(shutil.which("keytool"), "keytool is absent")
    def test_java_reads_both(self):
        for name, fields, kind in (("a.jks", {"format": "jks_bundle", "jks_private_key_alias": "app"}, "JKS"),
                                   ("a.p12", {"format": "pkcs12_bundle", "pkcs12_encoder": "modern2023"}, "PKCS12")):
            with self.subTest(kind):
                path = write(name, base64.b64decode(issue("java.test", **fields)["certificate"]))
                done = subprocess.run(["keytool", "-list", "-v", "-keystore", path, "-storetype", kind,
                                       "-storepass", "changeit"], capture_output=True, text=True, timeout=120)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn("PrivateKeyEntry", done.stdout)
                self.assertIn("Certificate chain length: 3", done.stdout)

    def test_patched_role(self):
        bao("write", "pki/roles/patched", "allowed_domains=a.test", "ttl=1h")
        bao("patch", "pki/roles/patched", "ttl=2h")
        role = data("read", "pki/roles/patched")
        self.assertEqual((role["ttl"], role["allowed_domains"]), (7200, ["a.test"]))


if __name__ == "__main__":
    unittest.main()
