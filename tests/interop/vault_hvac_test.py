"""hvac, the Python client of Vault, against the Vault API: the whole slice, good and bad input."""

import base64
import json
import pathlib
import unittest
import urllib.parse

try:
    import hvac
    import requests
except ImportError as missing:
    raise unittest.SkipTest(f"hvac is absent: {missing}")

from chancery_server import ChanceryServer, Judge, spoil_signature

server = judge = client = None


def setUpModule():
    global server, judge, client
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    judge = Judge(server)
    client = hvac.Client(url=server.https, token=server.token, verify=server.root_ca)


class Case(unittest.TestCase):
    def setUp(self):
        self.pki = client.secrets.pki

    def role(self, name="web", **fields):
        parameters = {"allowed_domains": "example.com", "allow_subdomains": True, "key_type": "ec",
                      "max_ttl": "72h"}
        return self.pki.create_or_update_role(name, {**parameters, **fields})

    def issue(self, name="a.example.com", role="web", **extra):
        return self.pki.generate_certificate(role, name, extra_params={"ttl": "1h", **extra})["data"]

    def refused(self, error, text, call, *arguments, **named):
        with self.assertRaises(error) as caught:
            call(*arguments, **named)
        self.assertIn(text, str(caught.exception))

    @staticmethod
    def post(path, body, token=None, content_type="application/json"):
        return requests.post(server.https + path, data=body, verify=server.root_ca, timeout=30,
                             headers={"X-Vault-Token": token or server.token,
                                      "Content-Type": content_type})


class System(Case):
    def test_health_and_seal_status(self):
        health = client.sys.read_health_status(method="GET")
        self.assertTrue(health["initialized"])
        self.assertFalse(health["sealed"])
        self.assertEqual(client.sys.read_health_status(method="HEAD").status_code, 200)
        self.assertTrue(client.sys.is_initialized())
        self.assertFalse(client.sys.is_sealed())
        self.assertRegex(client.seal_status["version"], r"^\d+\.\d+\.\d+$")

    def test_probe_codes(self):
        for code in (299, 200, 429):
            answer = requests.get(f"{server.https}/v1/sys/health?activecode={code}",
                                  verify=server.root_ca, timeout=30)
            self.assertEqual(answer.status_code, code)

    def test_token(self):
        self.assertTrue(client.is_authenticated())
        data = client.auth.token.lookup_self()["data"]
        self.assertEqual(data["id"], server.token)
        self.assertEqual(data["policies"], ["root"])

    def test_mounts(self):
        self.assertEqual(client.sys.list_mounted_secrets_engines()["data"]["pki/"]["type"], "pki")
        self.assertEqual(client.sys.read_mount_configuration("pki")["data"]["max_lease_ttl"],
                         2764800)


class Roles(Case):
    def test_life_of_a_role(self):
        made = self.role("life", ttl="30m", allowed_domains=["example.com", "example.org"])
        self.assertEqual(made["data"]["ttl"], 1800)
        read = self.pki.read_role("life")["data"]
        self.assertEqual(read["allowed_domains"], ["example.com", "example.org"])
        self.assertEqual(read["key_type"], "ec")
        self.assertEqual(read["key_bits"], 256)
        self.assertIs(read["allow_subdomains"], True)
        self.assertEqual(read["key_usage"],
                         ["DigitalSignature", "KeyAgreement", "KeyEncipherment"])
        self.assertIn("life", self.pki.list_roles()["data"]["keys"])
        self.role("life")
        self.assertEqual(self.pki.read_role("life")["data"]["ttl"], 0)
        self.assertEqual(self.pki.delete_role("life").status_code, 204)
        self.refused(hvac.exceptions.InvalidPath, "", self.pki.read_role, "life")
        self.assertEqual(self.pki.delete_role("life").status_code, 204)

    def test_strict_http_lists_by_get(self):
        self.role("web")
        strict = hvac.Client(url=server.https, token=server.token, verify=server.root_ca,
                             strict_http=True)
        self.assertIn("web", strict.secrets.pki.list_roles()["data"]["keys"])

    def test_pages(self):
        for name in ("page-1", "page-2", "page-3"):
            self.role(name)
        data = client.adapter.list("/v1/pki/roles?after=page-1&limit=1")["data"]
        self.assertEqual(data["keys"], ["page-2"])

    def test_bad_fields(self):
        bad = hvac.exceptions.InvalidRequest
        self.refused(bad, '"ttl"', self.role, "bad", ttl="soon")
        self.refused(bad, '"allow_any_name"', self.role, "bad", allow_any_name="maybe")
        self.refused(bad, "unknown key type dsa", self.role, "bad", key_type="dsa")
        self.refused(bad, '"ttl" value must be less than "max_ttl" value', self.role, "bad",
                     ttl="2h", max_ttl="1h")
        self.refused(hvac.exceptions.InvalidPath, "unsupported path", self.role, "-bad-")

    def test_unknown_fields_are_told(self):
        warnings = self.role("warned", surprise=1)["warnings"]
        self.assertEqual(warnings, ["Endpoint ignored these unrecognized parameters: [surprise]"])


class Certificates(Case):
    def setUp(self):
        super().setUp()
        self.role()

    def test_issue(self):
        data = self.issue(alt_names="b.example.com,c.example.com", ip_sans="10.0.0.1")
        judge.verify(data["certificate"])
        text = judge.x509(data["certificate"], "-subject", "-ext",
                          "subjectAltName,extendedKeyUsage,authorityInfoAccess,crlDistributionPoints")
        for part in ("a.example.com", "DNS:b.example.com", "DNS:c.example.com",
                     "IP Address:10.0.0.1", "TLS Web Server Authentication",
                     server.http + "/v1/pki/ocsp", server.http + "/v1/pki/crl"):
            self.assertIn(part, text)
        self.assertEqual(judge.key_of(data["private_key"]), judge.key_in(data["certificate"]))
        self.assertEqual(data["private_key_type"], "ec")
        serial = judge.x509(data["certificate"], "-serial").strip().split("=")[1].lower()
        self.assertEqual(data["serial_number"].replace(":", ""), serial.zfill(38))
        self.assertEqual(data["ca_chain"][0], data["issuing_ca"])
        self.assertEqual(data["ca_chain"][1] + "\n", pathlib.Path(server.root_ca).read_text())

    def test_key_types(self):
        for key_type, label in (("rsa", "RSA PRIVATE KEY"), ("ec", "EC PRIVATE KEY"),
                                ("ed25519", "PRIVATE KEY")):
            with self.subTest(key_type):
                self.role("kind", key_type=key_type)
                data = self.issue(role="kind")
                judge.verify(data["certificate"])
                self.assertTrue(data["private_key"].startswith(f"-----BEGIN {label}-----"))
                self.assertEqual(judge.key_of(data["private_key"]),
                                 judge.key_in(data["certificate"]))

    def test_post_quantum_key(self):
        self.role("mldsa", key_type="mldsa")
        data = self.issue(role="mldsa")
        self.assertEqual(data["private_key_type"], "mldsa")

    def test_formats(self):
        data = self.issue(format="pem_bundle")
        self.assertEqual(data["certificate"].count("-----BEGIN CERTIFICATE-----"), 3)
        self.assertTrue(data["certificate"].startswith("-----BEGIN EC PRIVATE KEY-----"))
        data = self.issue(format="der")
        der = judge.file("leaf.der", base64.b64decode(data["certificate"]))
        judge.run("x509", "-inform", "DER", "-in", der, "-noout")
        data = self.issue(private_key_format="pkcs8")
        self.assertTrue(data["private_key"].startswith("-----BEGIN PRIVATE KEY-----"))

    def test_sign(self):
        for options in ((), ("rsa:2048",), ("ed25519",)):
            with self.subTest(options):
                self.role("sign", key_type="any")
                csr = judge.make_csr("s.example.com", *options)
                data = self.pki.sign_certificate("sign", csr, "s.example.com",
                                                 extra_params={"ttl": "1h"})["data"]
                judge.verify(data["certificate"])
                self.assertNotIn("private_key", data)
                self.assertEqual(judge.run("req", "-in", judge.file("c.pem", csr), "-noout",
                                           "-pubkey"), judge.key_in(data["certificate"]))

    def test_read_and_list(self):
        data = self.issue()
        serial = data["serial_number"]
        read = self.pki.read_certificate(serial)["data"]
        self.assertEqual(read["certificate"], data["certificate"])
        self.assertEqual(read["revocation_time"], 0)
        self.assertEqual(self.pki.read_certificate(serial.upper().replace(":", "-"))["data"],
                         read)
        self.assertIn(serial, self.pki.list_certificates()["data"]["keys"])
        raw = server.https + f"/v1/pki/cert/{serial}/raw"
        answer = requests.get(raw, verify=server.root_ca, timeout=30)
        self.assertEqual(answer.headers["Content-Type"], "application/pkix-cert")
        judge.run("x509", "-inform", "DER", "-in", judge.file("raw.der", answer.content), "-noout")

    def test_pages_have_every_serial_once(self):
        wanted = {self.issue()["serial_number"] for _ in range(5)}
        seen, after = [], ""
        while True:
            try:
                page = client.adapter.list(f"/v1/pki/certs?limit=3&after={after}")["data"]["keys"]
            except hvac.exceptions.InvalidPath:
                break
            seen += page
            after = page[-1]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual(wanted, set(seen))

    def test_what_the_role_forbids(self):
        bad = hvac.exceptions.InvalidRequest
        generate = self.pki.generate_certificate
        self.refused(bad, "common name evil.org not allowed by this role", generate, "web",
                     "evil.org")
        self.refused(bad, "unknown role: nobody", generate, "nobody", "a.example.com")
        self.refused(bad, "the common_name field is required", generate, "web", "")
        self.role("no-ip", allow_ip_sans=False)
        self.refused(bad, "IP Subject Alternative Names are not allowed in this role", generate,
                     "no-ip", "a.example.com", extra_params={"ip_sans": "10.0.0.1"})
        self.refused(bad, "Either ttl or not_after", generate, "web", "a.example.com",
                     extra_params={"ttl": "1h", "not_after": "2099-01-01T00:00:00Z"})
        self.refused(bad, "beyond the expiration of the CA certificate", generate, "web",
                     "a.example.com", extra_params={"not_after": "2199-01-01T00:00:00Z"})

    def test_a_ttl_over_the_maximum_is_cut_and_told(self):
        answer = self.pki.generate_certificate("web", "a.example.com",
                                               extra_params={"ttl": "100h"})
        self.assertEqual(answer["warnings"], [
            'TTL "100h0m0s" is longer than permitted maxTTL "72h0m0s", so maxTTL is being used'])
        data = answer["data"]
        self.assertAlmostEqual(data["expiration"] - data["not_before"], 72 * 3600 + 30, delta=2)

    def test_bad_requests_to_sign(self):
        bad = hvac.exceptions.InvalidRequest
        sign = self.pki.sign_certificate
        csr = judge.make_csr("s.example.com")
        self.refused(bad, '"csr" is empty', sign, "web", "", "s.example.com")
        self.refused(bad, "csr contains no data", sign, "web", "junk", "s.example.com")
        self.refused(bad, "request signature invalid", sign, "web", spoil_signature(csr),
                     "s.example.com")
        cut = csr.replace(csr.splitlines()[2] + "\n", "")
        self.refused(bad, "certificate request could not be parsed", sign, "web", cut,
                     "s.example.com")
        self.role("rsa-only", key_type="rsa")
        self.refused(bad, "role requires keys of type rsa", sign, "rsa-only", csr,
                     "s.example.com")
        self.refused(bad, "use sign/web", client.write_data, "pki/issue/web",
                     data={"common_name": "a.example.com", "csr": csr})


class Revocation(Case):
    def test_every_status_follows(self):
        self.role()
        data = self.issue("r.example.com")
        serial, certificate = data["serial_number"], data["certificate"]
        judge.verify_with_crls(certificate)
        self.assertEqual(judge.ocsp(certificate), "good")
        self.assertNotIn(serial.replace(":", ""), judge.crl_serials())

        revoked = self.pki.revoke_certificate(serial)["data"]
        self.assertEqual(revoked["state"], "revoked")
        again = self.pki.revoke_certificate(serial)["data"]
        self.assertEqual(again["revocation_time"], revoked["revocation_time"])

        self.assertEqual(judge.ocsp(certificate), "revoked")
        self.assertIn(serial.replace(":", ""), judge.crl_serials())
        self.assertIn("certificate revoked", judge.verify_with_crls(certificate, status=2))
        read = self.pki.read_certificate(serial)["data"]
        self.assertEqual(read["revocation_time"], revoked["revocation_time"])
        self.assertEqual(read["revocation_time_rfc3339"], revoked["revocation_time_rfc3339"])

    def test_by_certificate(self):
        self.role()
        certificate = self.issue()["certificate"]
        answer = client.write_data("pki/revoke", data={"certificate": certificate})
        self.assertEqual(answer["data"]["state"], "revoked")

    def test_refusals(self):
        bad = hvac.exceptions.InvalidRequest
        revoke = self.pki.revoke_certificate
        self.refused(bad, "certificate with serial 11:22 not found.", revoke, "11:22")
        self.refused(bad, "certificate with serial zz not found.", revoke, "zz")
        self.refused(bad, "The serial number must be provided", revoke, "")
        issuer = judge.file("ca.pem", server.fetch("/v1/pki/ca/pem"))
        own = judge.run("x509", "-in", issuer, "-noout", "-serial").strip().split("=")[1]
        self.refused(bad, "to its own CRL is not allowed", revoke, own)


class PublicData(Case):
    def test_certificates_of_the_authorities(self):
        chain = self.pki.read_ca_certificate_chain()
        self.assertEqual(chain.encode(), server.fetch("/v1/pki/ca_chain"))
        self.assertEqual(self.pki.read_ca_certificate().encode(), server.fetch("/v1/pki/ca/pem"))
        der = judge.file("ca.der", server.fetch("/v1/pki/ca"))
        self.assertEqual(judge.run("x509", "-inform", "DER", "-in", der).strip(),
                         self.pki.read_ca_certificate().strip())
        root = judge.file("root.der", server.fetch("/v1/pki/issuer/root/der"))
        self.assertEqual(judge.run("x509", "-inform", "DER", "-in", root),
                         pathlib.Path(server.root_ca).read_text())

    def test_crls(self):
        pem = judge.file("crl.pem", self.pki.read_crl())
        der = judge.file("crl.der", server.fetch("/v1/pki/crl"))
        self.assertEqual(judge.run("crl", "-in", pem), judge.run("crl", "-inform", "DER", "-in", der))
        root = judge.file("root.der", server.fetch("/v1/pki/issuer/root/crl/der"))
        self.assertIn("verify OK", judge.run("crl", "-inform", "DER", "-in", root, "-CAfile",
                                             server.root_ca, "-noout"))

    def test_ocsp_by_get(self):
        self.role()
        for safe in ("/+=", ""):  # as it is, and with everything encoded
            for _ in range(6):
                request = judge.ocsp_request(self.issue()["certificate"])
                path = urllib.parse.quote(base64.b64encode(request).decode(), safe=safe)
                answer = server.fetch("/v1/pki/ocsp/" + path)
                text = judge.run("ocsp", "-respin", judge.file("r.der", answer), "-noverify",
                                 "-resp_text")
                self.assertIn("Cert Status: good", text)

    def test_malformed_ocsp(self):
        for body in (b"", b"xx", b"0" * 5000):
            answer = requests.post(server.http + "/v1/pki/ocsp", data=body, timeout=30,
                                   headers={"Content-Type": "application/ocsp-request"})
            self.assertEqual(answer.status_code, 400)
            self.assertEqual(answer.headers["Content-Type"], "application/ocsp-response")
            self.assertEqual(answer.content.hex(), "30030a0101")

    def test_the_plain_listener_serves_nothing_else(self):
        for method, path in (("GET", "/v1/sys/seal-status"), ("LIST", "/v1/pki/certs"),
                             ("POST", "/v1/pki/issue/web"), ("GET", "/v1/pki/roles/web"),
                             ("GET", "/v1/auth/token/lookup-self"), ("GET", "/v1/nope")):
            with self.subTest(path):
                answer = requests.request(method, server.http + path, timeout=30,
                                          headers={"X-Vault-Token": server.token})
                self.assertEqual(answer.status_code, 404)
                self.assertIn("public data only", answer.json()["errors"][0])


class Refusals(Case):
    def test_tokens(self):
        for token in ("", "chs.wrong", server.token + "x", "é".encode().decode("latin-1")):
            stranger = hvac.Client(url=server.https, token=token, verify=server.root_ca)
            self.assertFalse(stranger.is_authenticated())
            self.refused(hvac.exceptions.Forbidden, "permission denied",
                         stranger.secrets.pki.list_roles)

    def test_routes_and_methods_that_nobody_listed(self):
        self.refused(hvac.exceptions.InvalidPath, "unsupported path", client.adapter.get,
                     "/v1/pki/nope")
        self.refused(hvac.exceptions.InvalidPath, 'no handler for route "nomount/x"',
                     client.adapter.get, "/v1/nomount/x")
        self.refused(hvac.exceptions.VaultError, "unsupported operation",
                     client.adapter.delete, "/v1/pki/issue/web")

    def test_bodies(self):
        self.role()
        duplicate = self.post("/v1/pki/issue/web", '{"common_name":"a.example.com","ttl":1,"ttl":2}')
        self.assertEqual(duplicate.status_code, 400)
        self.assertIn('the name "ttl" stands twice', duplicate.json()["errors"][0])
        self.assertEqual(duplicate.json()["chancery"]["field"], "ttl")
        for body in ("{", "[]", '"x"', '{"a":1}x', "[" * 100000, '{"a":' * 100000):
            answer = self.post("/v1/pki/issue/web", body)
            self.assertIn(answer.status_code, (400, 413))
            self.assertIn("failed to decode JSON input", answer.json()["errors"][0])
        huge = self.post("/v1/pki/issue/web", "x" * (4 << 20))
        self.assertEqual(huge.status_code, 413)
        self.assertTrue(huge.json()["errors"])

    def test_refusals_explain_themselves(self):
        self.role()
        answer = self.post("/v1/pki/issue/web", json.dumps({"common_name": "evil.org"}))
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertTrue(answer.text.endswith("\n"))
        why = answer.json()["chancery"]
        self.assertEqual(why["code"], "refused")
        self.assertEqual(why["field"], "common_name")
        self.assertTrue(why["rule"])
        self.assertTrue(why["request_id"])


if __name__ == "__main__":
    unittest.main()
