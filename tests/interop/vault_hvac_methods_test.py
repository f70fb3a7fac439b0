"""Every method of hvac's classes for PKI, logins, tokens and the system: each is called, or it is said why not.

The lists are held against the classes by reflection: a method of a later hvac that is in neither fails the test.
"""

import inspect
import pathlib
import subprocess
import unittest

try:
    import hvac
    from hvac.api import auth_methods, system_backend
    from hvac.api.secrets_engines.pki import Pki
except ImportError as missing:
    raise unittest.SkipTest(f"hvac is absent: {missing}")

from chancery_server import OPENSSL, ChanceryServer

# Why a method is called nowhere.
ONE_NODE = "there is one node, and nobody to step down for"
SEALED = "keys are opened when the server starts, by a passphrase or a file: it runs unsealed or not at all"
SENTINEL = "Sentinel's policies are HashiCorp's alone; OpenBao has none either"
SENTINELS = {f"{verb}_{kind}_{'policies' if verb == 'list' else 'policy'}": SENTINEL
             for verb in ("create_or_update", "delete", "list", "read") for kind in ("egp", "rgp")}

server = client = None


def setUpModule():
    global server, client
    server = ChanceryServer()
    unittest.addModuleCleanup(server.stop)
    server.start()
    client = hvac.Client(url=server.https, token=server.token, verify=server.root_ca)


def methods(*classes):
    return {name for one in classes for name, _ in inspect.getmembers(one, inspect.isfunction)
            if not name.startswith("_")}


def openssl(*arguments):
    return subprocess.run([OPENSSL, *arguments], check=True, capture_output=True, timeout=60, text=True).stdout


def request_for(name, *extensions):
    folder = pathlib.Path(server.folder)
    options = [part for one in extensions for part in ("-addext", one)]
    return openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                   "-keyout", str(folder / "request.key"), *options)


class Reflected(unittest.TestCase):
    # In a subclass: the classes, and the methods that are called nowhere with the reason.
    CLASSES = ()
    ABSENT = {}

    def check(self, target, steps):
        """Calls each of `steps`, a list of method names with what calls them, and holds the names against the classes."""
        called = set()
        for name, call in steps:
            with self.subTest(name):
                self.assertTrue(hasattr(target, name))
                call()
                called.add(name)
        self.assertEqual(methods(*self.CLASSES) - called, set(self.ABSENT))
        self.assertEqual(called & set(self.ABSENT), set())

    def refused(self, call, *arguments, **named):
        with self.assertRaises((hvac.exceptions.InvalidRequest, hvac.exceptions.InvalidPath,
                                hvac.exceptions.UnsupportedOperation, hvac.exceptions.Forbidden)):
            call(*arguments, **named)

    def no_content(self, answer):
        self.assertEqual(answer.status_code, 204)


class PkiMethods(Reflected):
    CLASSES = (Pki,)

    def test_all(self):
        pki, at = client.secrets.pki, {"mount_point": "hv"}
        client.sys.enable_secrets_engine("pki", path="hv")
        kept = {}

        def generate_root():
            made = pki.generate_root("internal", "hvac root", {"key_type": "ec", "issuer_name": "one"}, **at)["data"]
            self.assertIn("BEGIN CERTIFICATE", made["certificate"])
            kept["root"] = made

        def generate_intermediate():
            made = pki.generate_intermediate("internal", "hvac issuing", {"key_type": "ec"}, **at)["data"]
            kept["csr"] = made["csr"]

        def sign_intermediate():
            kept["intermediate"] = pki.sign_intermediate(kept["csr"], "hvac issuing", **at)["data"]["certificate"]

        def set_signed_intermediate():
            done = pki.set_signed_intermediate(kept["intermediate"], **at)["data"]
            kept["issuer"] = done["imported_issuers"][0]

        def generate_certificate():
            made = pki.generate_certificate("web", "a.example.com", **at)["data"]
            kept["serial"] = made["serial_number"]
            self.assertIn("PRIVATE KEY", made["private_key"])

        def read_certificate():
            self.assertIn("BEGIN", pki.read_certificate(kept["serial"], **at)["data"]["certificate"])

        def sign_certificate():
            csr = request_for("b.example.com")
            self.assertIn("BEGIN", pki.sign_certificate("web", csr, "b.example.com", **at)["data"]["certificate"])

        def sign_verbatim():
            self.assertIn("BEGIN", pki.sign_verbatim(request_for("c.example.com"), **at)["data"]["certificate"])

        def sign_self_issued():
            root = openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                           "2", "-subj", "/CN=other root", "-keyout", str(pathlib.Path(server.folder) / "other.key"),
                           "-addext", "basicConstraints=critical,CA:true",
                           "-addext", "keyUsage=critical,keyCertSign,cRLSign")
            self.assertIn("BEGIN", pki.sign_self_issued(root, **at)["data"]["certificate"])

        def submit_ca_information():
            key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
            path = pathlib.Path(server.folder) / "bundle.key"
            path.write_text(key)
            root = openssl("req", "-x509", "-key", str(path), "-days", "2", "-subj", "/CN=imported root", "-addext",
                           "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
            pki.submit_ca_information(key + root, **at)
            self.assertEqual(len(pki.list_issuers(**at)["data"]["keys"]), 2)

        steps = [
            ("set_urls", lambda: pki.set_urls({"ocsp_servers": ["http://ocsp.example.com"]}, **at)),
            ("read_urls", lambda: self.assertEqual(pki.read_urls(**at)["data"]["ocsp_servers"],
                                                   ["http://ocsp.example.com"])),
            ("generate_root", generate_root),
            ("generate_intermediate", generate_intermediate),
            ("sign_intermediate", sign_intermediate),
            ("set_signed_intermediate", set_signed_intermediate),
            ("list_issuers", lambda: self.assertEqual(len(pki.list_issuers(**at)["data"]["keys"]), 2)),
            ("read_issuer", lambda: self.assertEqual(pki.read_issuer(kept["issuer"], **at)["data"]["issuer_id"],
                                                     kept["issuer"])),
            ("update_issuer", lambda: self.assertEqual(
                pki.update_issuer(kept["issuer"], {"issuer_name": "two"}, **at)["data"]["issuer_name"], "two")),
            ("create_or_update_role", lambda: pki.create_or_update_role(
                "web", {"allow_any_name": True, "key_type": "ec", "ttl": "1h"}, **at)),
            ("read_role", lambda: self.assertEqual(pki.read_role("web", **at)["data"]["ttl"], 3600)),
            ("list_roles", lambda: self.assertEqual(pki.list_roles(**at)["data"]["keys"], ["web"])),
            ("generate_certificate", generate_certificate),
            ("read_certificate", read_certificate),
            ("list_certificates", lambda: self.assertIn(kept["serial"], pki.list_certificates(**at)["data"]["keys"])),
            ("sign_certificate", sign_certificate),
            ("sign_verbatim", sign_verbatim),
            ("sign_self_issued", sign_self_issued),
            ("revoke_certificate", lambda: self.assertGreater(
                pki.revoke_certificate(kept["serial"], **at)["data"]["revocation_time"], 0)),
            ("read_ca_certificate", lambda: self.assertIn("BEGIN", pki.read_ca_certificate(**at))),
            ("read_ca_certificate_chain", lambda: self.assertIn("BEGIN", pki.read_ca_certificate_chain(**at))),
            ("set_crl_configuration", lambda: pki.set_crl_configuration(expiry="48h", disable=False, **at)),
            ("read_crl_configuration", lambda: self.assertEqual(
                pki.read_crl_configuration(**at)["data"]["expiry"], "48h")),
            ("rotate_crl", lambda: self.assertTrue(pki.rotate_crl(**at)["data"]["success"])),
            ("read_crl", lambda: self.assertIn("BEGIN X509 CRL", pki.read_crl(**at))),
            ("tidy", lambda: pki.tidy({"tidy_revoked_certs": True}, **at)),
            ("revoke_issuer", lambda: self.assertTrue(
                pki.revoke_issuer("two", **at)["data"]["revoked"])),
            ("delete_issuer", lambda: pki.delete_issuer("two", **at)),
            ("submit_ca_information", submit_ca_information),
            ("delete_role", lambda: self.no_content(pki.delete_role("web", **at))),
            ("delete_root", lambda: pki.delete_root(**at)),
        ]
        self.check(pki, steps)


class TokenMethods(Reflected):
    CLASSES = (auth_methods.Token,)

    def test_all(self):
        token, kept = client.auth.token, {}

        def make(call):
            return lambda: kept.update(auth=call()["auth"])

        def own(call):
            """`call` with a client that has a token of its own."""
            secret = token.create(policies=["default"], ttl="1h")["auth"]["client_token"]
            user = hvac.Client(url=server.https, token=secret, verify=server.root_ca)
            call(user.auth.token)
            return user

        def revoke_self():
            self.assertFalse(own(lambda mine: mine.revoke_self()).is_authenticated())

        def orphaned():
            parent = token.create(policies=["root"], ttl="1h")["auth"]["client_token"]
            user = hvac.Client(url=server.https, token=parent, verify=server.root_ca)
            child = user.auth.token.create(policies=["default"], ttl="1h")["auth"]["client_token"]
            token.revoke_and_orphan_children(parent)
            self.assertFalse(user.is_authenticated())
            self.assertTrue(token.lookup(child)["data"]["orphan"])

        self.check(token, [
            ("create", make(lambda: token.create(policies=["default"], ttl="1h", num_uses=9))),
            ("lookup", lambda: self.assertEqual(token.lookup(kept["auth"]["client_token"])["data"]["num_uses"], 9)),
            ("lookup_accessor", lambda: self.assertEqual(
                token.lookup_accessor(kept["auth"]["accessor"])["data"]["policies"], ["default"])),
            ("list_accessors", lambda: self.assertIn(kept["auth"]["accessor"], token.list_accessors()["data"]["keys"])),
            ("renew", lambda: token.renew(kept["auth"]["client_token"], increment="30m")),
            ("renew_accessor", lambda: token.renew_accessor(kept["auth"]["accessor"], increment="30m")),
            ("revoke", lambda: self.no_content(token.revoke(kept["auth"]["client_token"]))),
            ("create_orphan", make(lambda: token.create_orphan(policies=["default"], ttl="1h"))),
            ("revoke_accessor", lambda: self.no_content(token.revoke_accessor(kept["auth"]["accessor"]))),
            ("lookup_self", lambda: self.assertEqual(token.lookup_self()["data"]["policies"], ["root"])),
            ("renew_self", lambda: own(lambda mine: mine.renew_self(increment="10m"))),
            ("revoke_self", revoke_self),
            ("revoke_and_orphan_children", orphaned),
            ("create_or_update_role", lambda: token.create_or_update_role("ci", allowed_policies=["default"])),
            ("read_role", lambda: self.assertEqual(token.read_role("ci")["data"]["allowed_policies"], ["default"])),
            ("list_roles", lambda: self.assertEqual(token.list_roles()["data"]["keys"], ["ci"])),
            ("delete_role", lambda: self.no_content(token.delete_role("ci"))),
            ("tidy", lambda: self.assertIn("successfully started", token.tidy().json()["warnings"][0])),
        ])


class AppRoleMethods(Reflected):
    CLASSES = (auth_methods.AppRole,)

    def test_all(self):
        client.sys.enable_auth_method("approle")
        self.addCleanup(client.sys.disable_auth_method, "approle")
        approle, kept = client.auth.approle, {}

        def generate():
            kept["secret"] = approle.generate_secret_id("ci", metadata={"a": "b"})["data"]

        def login():
            role_id = approle.read_role_id("ci")["data"]["role_id"]
            made = approle.login(role_id, kept["secret"]["secret_id"], use_token=False)
            self.assertEqual(made["auth"]["policies"], ["default"])

        self.check(approle, [
            ("create_or_update_approle", lambda: approle.create_or_update_approle("ci", token_ttl="20m")),
            ("list_roles", lambda: self.assertEqual(approle.list_roles()["data"]["keys"], ["ci"])),
            ("read_role", lambda: self.assertEqual(approle.read_role("ci")["data"]["token_ttl"], 1200)),
            ("update_role_id", lambda: self.no_content(approle.update_role_id("ci", "a-role-id"))),
            ("read_role_id", lambda: self.assertEqual(approle.read_role_id("ci")["data"]["role_id"], "a-role-id")),
            ("generate_secret_id", generate),
            ("login", login),
            ("read_secret_id", lambda: self.assertEqual(
                approle.read_secret_id("ci", kept["secret"]["secret_id"])["data"]["metadata"], {"a": "b"})),
            ("read_secret_id_accessor", lambda: approle.read_secret_id_accessor(
                "ci", kept["secret"]["secret_id_accessor"])),
            ("list_secret_id_accessors", lambda: self.assertEqual(
                approle.list_secret_id_accessors("ci")["data"]["keys"], [kept["secret"]["secret_id_accessor"]])),
            ("destroy_secret_id", lambda: self.no_content(
                approle.destroy_secret_id("ci", kept["secret"]["secret_id"]))),
            ("create_custom_secret_id", lambda: kept.update(
                own=approle.create_custom_secret_id("ci", "a-secret-of-my-own")["data"])),
            ("destroy_secret_id_accessor", lambda: self.no_content(
                approle.destroy_secret_id_accessor("ci", kept["own"]["secret_id_accessor"]))),
            ("delete_role", lambda: self.no_content(approle.delete_role("ci"))),
        ])


class UserpassMethods(Reflected):
    CLASSES = (auth_methods.Userpass,)

    def test_all(self):
        client.sys.enable_auth_method("userpass")
        self.addCleanup(client.sys.disable_auth_method, "userpass")
        userpass = client.auth.userpass
        self.check(userpass, [
            ("create_or_update_user", lambda: self.no_content(
                userpass.create_or_update_user("bob", password="one", policies="default"))),
            ("list_user", lambda: self.assertEqual(userpass.list_user()["data"]["keys"], ["bob"])),
            ("read_user", lambda: self.assertEqual(userpass.read_user("bob")["data"]["token_policies"], ["default"])),
            ("update_password_on_user", lambda: self.no_content(userpass.update_password_on_user("bob", "two"))),
            ("login", lambda: self.assertEqual(
                userpass.login("bob", "two", use_token=False)["auth"]["metadata"]["username"], "bob")),
            ("delete_user", lambda: self.no_content(userpass.delete_user("bob"))),
        ])


class CertMethods(Reflected):
    CLASSES = (auth_methods.Cert,)

    def test_all(self):
        client.sys.enable_auth_method("cert")
        self.addCleanup(client.sys.disable_auth_method, "cert")
        folder, cert = pathlib.Path(server.folder), client.auth.cert
        pem, key = folder / "hvac-client.pem", folder / "hvac-client.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=hvac", "-keyout", str(key), "-out", str(pem), "-addext", "extendedKeyUsage=clientAuth")
        self.check(cert, [
            ("configure_tls_certificate", lambda: self.no_content(cert.configure_tls_certificate())),
            ("create_ca_certificate_role", lambda: self.no_content(cert.create_ca_certificate_role(
                "ops", certificate_file=str(pem), allowed_common_names="hv*", token_policies=["default"]))),
            ("list_certificate_roles", lambda: self.assertEqual(cert.list_certificate_roles()["data"]["keys"], ["ops"])),
            ("read_ca_certificate_role", lambda: self.assertEqual(
                cert.read_ca_certificate_role("ops")["data"]["allowed_common_names"], ["hv*"])),
            ("login", lambda: self.assertEqual(
                cert.login("ops", cert_pem=str(pem), key_pem=str(key), use_token=False)["auth"]["policies"],
                ["default"])),
            ("delete_certificate_role", lambda: self.no_content(cert.delete_certificate_role("ops"))),
        ])


class SystemMethods(Reflected):
    CLASSES = (system_backend.Health, system_backend.Seal, system_backend.Init, system_backend.Leader,
               system_backend.Mount, system_backend.Auth, system_backend.Policy, system_backend.Policies,
               system_backend.Capabilities)
    ABSENT = {"step_down": ONE_NODE, "seal": SEALED, "submit_unseal_key": SEALED,
              "submit_unseal_keys": SEALED} | SENTINELS

    def test_what_is_absent_is_refused(self):
        for call, arguments in ((client.sys.seal, ()), (client.sys.submit_unseal_key, ("00",)),
                                (client.sys.step_down, ()), (client.sys.list_egp_policies, ()),
                                (client.sys.read_rgp_policy, ("x",))):
            with self.subTest(call.__name__):
                self.refused(call, *arguments)

    def test_all(self):
        sys = client.sys
        policy = 'path "pki/issue/web" {\n  capabilities = ["update"]\n}\n'
        self.check(sys, [
            ("read_health_status", lambda: self.assertTrue(sys.read_health_status(method="GET")["initialized"])),
            ("is_sealed", lambda: self.assertFalse(sys.is_sealed())),
            ("read_seal_status", lambda: self.assertFalse(sys.read_seal_status()["sealed"])),
            ("is_initialized", lambda: self.assertTrue(sys.is_initialized())),
            ("read_init_status", lambda: self.assertTrue(sys.read_init_status()["initialized"])),
            ("initialize", lambda: self.refused(sys.initialize)),
            ("read_leader_status", lambda: self.assertFalse(sys.read_leader_status()["ha_enabled"])),
            ("enable_secrets_engine", lambda: self.no_content(sys.enable_secrets_engine("pki", path="one"))),
            ("list_mounted_secrets_engines", lambda: self.assertIn("one/", sys.list_mounted_secrets_engines()["data"])),
            ("tune_mount_configuration", lambda: self.no_content(
                sys.tune_mount_configuration("one", max_lease_ttl="100h"))),
            ("read_mount_configuration", lambda: self.assertEqual(
                sys.read_mount_configuration("one")["data"]["max_lease_ttl"], 360000)),
            ("retrieve_mount_option", lambda: self.assertIsNone(sys.retrieve_mount_option("one", "version"))),
            ("move_backend", lambda: sys.move_backend("one", "two")),
            ("disable_secrets_engine", lambda: self.no_content(sys.disable_secrets_engine("two"))),
            ("enable_auth_method", lambda: self.no_content(sys.enable_auth_method("approle", path="robots"))),
            ("list_auth_methods", lambda: self.assertIn("robots/", sys.list_auth_methods()["data"])),
            ("tune_auth_method", lambda: self.no_content(sys.tune_auth_method("robots", default_lease_ttl="2h"))),
            ("read_auth_method_tuning", lambda: self.assertEqual(
                sys.read_auth_method_tuning("robots")["data"]["default_lease_ttl"], 7200)),
            ("disable_auth_method", lambda: self.no_content(sys.disable_auth_method("robots"))),
            ("create_or_update_policy", lambda: self.no_content(sys.create_or_update_policy("web", policy))),
            ("read_policy", lambda: self.assertEqual(sys.read_policy("web")["data"]["rules"], policy)),
            ("list_policies", lambda: self.assertIn("web", sys.list_policies()["data"]["policies"])),
            ("delete_policy", lambda: self.no_content(sys.delete_policy("web"))),
            ("create_or_update_acl_policy", lambda: self.no_content(sys.create_or_update_acl_policy("web", policy))),
            ("read_acl_policy", lambda: self.assertEqual(sys.read_acl_policy("web")["data"]["policy"], policy)),
            ("list_acl_policies", lambda: self.assertIn("web", sys.list_acl_policies()["data"]["keys"])),
            ("delete_acl_policy", lambda: self.no_content(sys.delete_acl_policy("web"))),
            ("get_capabilities", lambda: self.assertEqual(
                sys.get_capabilities(["pki/issue/web"])["data"]["capabilities"], ["root"])),
        ])


if __name__ == "__main__":
    unittest.main()
