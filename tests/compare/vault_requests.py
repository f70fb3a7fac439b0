"""The requests of vault_test.py: the same ones each time, from a seed. ${name} is a value that an answer gave."""

import itertools
import pathlib
import random
import subprocess

from vault_peers import Step

# Fields of roles with values to try, good and bad.
BOOLEAN = [True, False, "true", "0", "maybe", 7, None, []]
LIST = [[], ["a", "b"], "a,b", "", "a", {"a": 1}]
DURATION = ["1h", 3600, "3600", "90m", "-5m", "soon", "1d", True]
ROLE_FIELDS = {
    "ttl": DURATION, "max_ttl": DURATION, "not_before_duration": DURATION,
    "allow_localhost": BOOLEAN, "allow_bare_domains": BOOLEAN, "allow_subdomains": BOOLEAN,
    "allow_glob_domains": BOOLEAN, "allow_wildcard_certificates": BOOLEAN, "allow_any_name": BOOLEAN,
    "enforce_hostnames": BOOLEAN, "allow_ip_sans": BOOLEAN, "server_flag": BOOLEAN, "client_flag": BOOLEAN,
    "code_signing_flag": BOOLEAN, "email_protection_flag": BOOLEAN, "use_csr_common_name": BOOLEAN,
    "use_csr_sans": BOOLEAN, "generate_lease": BOOLEAN, "no_store": BOOLEAN, "require_cn": BOOLEAN,
    "basic_constraints_valid_for_non_ca": BOOLEAN, "use_pss": BOOLEAN,
    "allowed_domains": LIST, "allowed_uri_sans": LIST, "allowed_serial_numbers": LIST, "allowed_user_ids": LIST,
    "ou": LIST, "organization": LIST, "country": LIST, "locality": LIST, "province": LIST, "street_address": LIST,
    "postal_code": LIST,
    "allowed_other_sans": [["1.2.3;UTF8:*"], "*", ["1.2.3;utf8:a"], ["nonsense"], []],
    "allowed_ip_sans_cidr": [["10.0.0.0/8"], ["10.0.0.1"], ["x"], "10.0.0.0/8,fe80::/10"],
    "key_type": ["rsa", "ec", "ed25519", "any", "dsa", "", 5, "mldsa"],
    "key_bits": [0, 2048, 3072, 4096, 1024, 256, "2048", "x", -1],
    "signature_bits": [0, 256, 384, 512, 128, "256"],
    "key_usage": [["DigitalSignature"], "DigitalSignature,KeyEncipherment", [], ["digitalsignature"], ["Nonsense"],
                  ["CertSign"], ["keyusagecrlsign"]],
    "ext_key_usage": [["ServerAuth"], "ClientAuth,CodeSigning", [], ["nonsense"], ["any"]],
    "ext_key_usage_oids": [["1.2.3.4"], "1.2.3.4,1.2.3.5", ["x"], []],
    "cn_validations": [["email"], ["hostname"], ["disabled"], ["disabled", "email"], ["x"], []],
    "policy_identifiers": [["1.2.3.4"], "1.2.3", ["x"], ['{"oid": "1.2.3.4", "cps": "https://a.example/cps"}'], []],
    "not_before": ["", "2030-01-01T00:00:00Z", "now", 5],
    "not_before_bound": ["permit", "duration", "forbid", "x"],
    "not_after": ["", "2030-01-01T00:00:00Z", "never"],
    "not_after_bound": ["permit", "ttl-limited", "forbid", "2030-01-01T00:00:00Z", "x"],
    "issuer_ref": ["default", "nobody", "a", "with space", ""],
    "nonsense": [1],
}

# Roles that requests for certificates are tried with.
ROLES = {
    "any": {"allow_any_name": True, "key_type": "any", "max_ttl": "72h"},
    "web": {"allowed_domains": "example.com", "allow_subdomains": True, "key_type": "ec", "ttl": "1h",
            "max_ttl": "24h"},
    "bare": {"allowed_domains": "example.com,mail.example.org", "allow_bare_domains": True, "key_type": "ec"},
    "glob": {"allowed_domains": "*.web.example.com,db-*.example.com", "allow_glob_domains": True, "key_type": "ec",
             "allow_wildcard_certificates": False},
    "mail": {"allowed_domains": "example.com", "allow_bare_domains": True, "key_type": "ec", "require_cn": False,
             "email_protection_flag": True, "server_flag": False, "enforce_hostnames": False},
    "narrow": {"allowed_domains": "example.com", "allow_subdomains": True, "key_type": "ec",
               "allowed_uri_sans": "spiffe://example.com/*", "allowed_other_sans": "1.3.6.1.4.1.311.20.2.3;UTF8:*",
               "allowed_serial_numbers": "SN-*", "allowed_user_ids": "u*", "allowed_ip_sans_cidr": "10.0.0.0/8",
               "organization": "Example", "country": "NL", "ou": "a,b", "policy_identifiers": "1.2.3.4",
               "key_usage": "DigitalSignature", "ext_key_usage_oids": "1.2.3.4.5"},
    "closed": {"key_type": "ec", "allow_localhost": False, "allow_ip_sans": False},
    "plain": {"allow_any_name": True, "key_type": "ec", "enforce_hostnames": False, "require_cn": False,
              "use_csr_common_name": False, "use_csr_sans": False, "cn_validations": "disabled"},
    "rsa": {"allow_any_name": True, "key_type": "rsa", "key_bits": 2048},
    "subject": {"allow_any_name": True, "key_type": "ec", "organization": "O", "ou": "a,b", "locality": "L",
                "province": "P", "street_address": "S", "postal_code": "1", "country": "NL"},
    "curve": {"allow_any_name": True, "key_type": "ec", "key_bits": 384, "signature_bits": 384,
              "not_before_duration": "10m", "basic_constraints_valid_for_non_ca": True},
    "edwards": {"allow_any_name": True, "key_type": "ed25519"},
    "unstored": {"allow_any_name": True, "key_type": "ec", "no_store": True},
    "bounded": {"allow_any_name": True, "key_type": "ec", "not_before_bound": "forbid",
                "not_after_bound": "ttl-limited", "ttl": "1h", "max_ttl": "2h"},
}

NAMES = ["a.example.com", "example.com", "A.Example.COM", "*.example.com", "a.*.example.com", "evil.org",
         "a.b.example.com", "localhost", "localdomain", "x.localhost", "user@example.com", "user@evil.org",
         "db-1.example.com", "x.web.example.com", "*.web.example.com", "mail.example.org", "10.0.0.1", "a b",
         "-a.example.com", "a..example.com", "a_b.example.com", "example.com.", "", "xn--bcher-kva.example.com",
         "a" * 64 + ".example.com", ("a" * 50 + ".") * 5 + "example.com", "a.example.com,b.example.com"]

EXTRAS = [
    {"alt_names": "b.example.com,c.example.com"}, {"alt_names": "evil.org"}, {"alt_names": "user@example.com"},
    {"alt_names": ["b.example.com"]}, {"alt_names": " b.example.com , c.example.com "},
    {"ip_sans": "10.0.0.1"}, {"ip_sans": "10.0.0.1,192.168.0.1"}, {"ip_sans": "fe80::1"}, {"ip_sans": "not-an-ip"},
    {"ip_sans": "10.0.0.0/8"},
    {"uri_sans": "spiffe://example.com/a"}, {"uri_sans": "https://evil.org"}, {"uri_sans": "::"},
    {"other_sans": "1.3.6.1.4.1.311.20.2.3;UTF8:a@b"}, {"other_sans": "1.2.3;UTF8:x"}, {"other_sans": "nonsense"},
    {"other_sans": "1.2.3;IA5:x"},
    {"serial_number": "SN-1"}, {"serial_number": "x"}, {"user_ids": "u1,u2"}, {"user_ids": "x"},
    {"ttl": "30m"}, {"ttl": "100h"}, {"ttl": "10000h"}, {"ttl": "-1h"}, {"ttl": "soon"}, {"ttl": 1800},
    {"ttl": "1h", "not_after": "2027-06-01T00:00:00Z"}, {"not_after": "2020-01-01T00:00:00Z"},
    {"not_after": "tomorrow"}, {"not_before": "2030-01-01T00:00:00Z"}, {"not_before": "x"},
    {"not_after": "9999-12-31T23:59:59Z"},
    {"exclude_cn_from_sans": True}, {"exclude_cn_from_sans": "perhaps"},
    {"format": "der"}, {"format": "pem_bundle"}, {"format": "PEM"}, {"format": "x"},
    {"private_key_format": "pkcs8"}, {"private_key_format": "der"}, {"private_key_format": "x"},
    {"format": "der", "private_key_format": "pkcs8"}, {"format": "pem_bundle", "private_key_format": "pkcs8"},
    {"remove_roots_from_chain": True}, {"key_type": "ec", "key_bits": 256}, {"key_type": "rsa"},
    {"key_type": "nonsense"}, {"nonsense": 1}, {"issuer_ref": "nobody"}, {"alt_names": 5}, {"alt_names": {"a": 1}},
    {"ttl": ""}, {"ip_sans": ""}, {"common_name": ["a.example.com"]}, {"common_name": 5},
]


class Material:
    """Requests and certificates from outside, made by openssl."""

    def __init__(self, openssl, folder):
        self.openssl, self.folder = openssl, pathlib.Path(folder)
        ec, rsa = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], ["rsa:2048"]
        self.requests = {
            "ec": self.request("ec", ec, "/CN=a.example.com"),
            "rsa": self.request("rsa", rsa, "/CN=a.example.com"),
            "weak": self.request("weak", ["rsa:1024"], "/CN=a.example.com"),
            "p384": self.request("p384", ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], "/CN=a.example.com"),
            "edwards": self.request("edwards", ["ed25519"], "/CN=a.example.com"),
            "names": self.request("names", ec, "/CN=b.example.com",
                                  "subjectAltName=DNS:c.example.com,IP:10.0.0.9,email:user@example.com"),
            "subject": self.request("subject", ec, "/C=NL/O=Someone/OU=x/serialNumber=SN-9/CN=d.example.com"),
            "nameless": self.request("nameless", ec, "/O=Someone"),
            "uri": self.request("uri", ec, "/CN=e.example.com", "subjectAltName=URI:spiffe://example.com/e"),
            "ca": self.request("ca", ec, "/CN=f.example.com", "basicConstraints=critical,CA:true"),
        }
        good = self.requests["ec"]
        self.requests |= {"empty": "", "text": "nonsense",
                          "broken": good.replace(good[100], "A" if good[100] != "A" else "B", 1),
                          "label": good.replace("CERTIFICATE REQUEST", "CERTIFICATE"),
                          "twice": good + "\n" + good, "blank": "\n\n" + good + "\n\n"}
        self.root = self.self_signed("root", "/CN=Outside Root", "basicConstraints=critical,CA:true",
                                     "keyUsage=critical,keyCertSign,cRLSign")
        self.leaf = self.self_signed("leaf", "/CN=Outside Leaf", "basicConstraints=critical,CA:false")

    def run(self, *arguments):
        done = subprocess.run([self.openssl, *arguments], capture_output=True, text=True, timeout=60, check=True,
                              cwd=self.folder, stdin=subprocess.DEVNULL)
        return done.stdout

    def request(self, name, key, subject, *extensions):
        return self.run("req", "-newkey", *key, "-nodes", "-keyout", f"{name}.key", "-subj", subject,
                        *itertools.chain.from_iterable(("-addext", one) for one in extensions)).strip()

    def revocations(self):
        """A CRL of the root outside with one entry."""
        (self.folder / "index.txt").write_text("R\t300101000000Z\t260101000000Z\t0A\tunknown\t/CN=x\n")
        (self.folder / "crlnumber").write_text("01\n")
        (self.folder / "crl.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\n"
                                             "default_md=sha256\ndefault_crl_days=7\n")
        return self.run("ca", "-config", "crl.cnf", "-gencrl", "-keyfile", "root.key", "-cert", "root.pem")

    def self_signed(self, name, subject, *extensions):
        text = self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        f"{name}.key", "-subj", subject, "-days", "30",
                        *itertools.chain.from_iterable(("-addext", one) for one in extensions))
        (self.folder / f"{name}.pem").write_text(text)
        return text.strip(), (self.folder / f"{name}.key").read_text().strip()

    def client(self):
        """A certificate that a client shows: paths of it and its key."""
        self.self_signed("client", "/OU=ops/CN=client.example.com", "subjectAltName=DNS:client.example.com",
                         "extendedKeyUsage=clientAuth")
        return str(self.folder / "client.pem"), str(self.folder / "client.key")


def numbered(group, steps):
    for step in steps:
        step.group = group
        yield step


def requests(material, seed):
    """All of them, in order."""
    groups = [mounts, hierarchy, role_fields, certificates, requests_to_sign, verbatim, intermediates, issuers, keys,
              imports, settings, status, policies, tokens, approles, users, client_certificates, system, paths]
    for group in groups:
        yield from numbered(group.__name__, group(material, random.Random(f"{seed} {group.__name__}")))


def mounts(material, draw):
    yield Step("POST", "sys/mounts/cmp", {"type": "pki", "config": {"max_lease_ttl": "87600h"}})
    yield Step("POST", "sys/mounts/cmp", {"type": "pki"})
    yield Step("GET", "sys/mounts/cmp")
    yield Step("GET", "sys/mounts/cmp/tune")
    for body in ({"default_lease_ttl": "1h"}, {"max_lease_ttl": "87601h"}, {"default_lease_ttl": "90000h"},
                 {"description": "compared"}, {"listing_visibility": "unauth"}, {"listing_visibility": "x"},
                 {"default_lease_ttl": "x"}, {"max_lease_ttl": "-1"}, {"audit_non_hmac_request_keys": "a,b"},
                 {"passthrough_request_headers": ["a"]}, {"allowed_response_headers": "Location"},
                 {"default_lease_ttl": ""}, {}, {"token_type": "service"}, {"options": {"a": "b"}}):
        yield Step("POST", "sys/mounts/cmp/tune", body)
        yield Step("GET", "sys/mounts/cmp/tune")
    yield Step("POST", "sys/mounts/cmp/tune", {"default_lease_ttl": "768h", "max_lease_ttl": "87600h"})
    for path, body in (("other", {"type": "pki", "description": "d", "config": {"default_lease_ttl": "1h"}}),
                       ("a/b", {"type": "pki"}), ("other", {}), ("bad", {"type": "nonsense"}), ("none", {}),
                       ("sys", {"type": "pki"}), ("auth/x", {"type": "pki"}), ("cmp/below", {"type": "pki"}),
                       ("long", {"type": "pki", "config": {"max_lease_ttl": "1h", "default_lease_ttl": "2h"}}),
                       ("odd", {"type": "pki", "config": "x"}), ("token", {"type": "token"})):
        yield Step("POST", f"sys/mounts/{path}", body)
    yield Step("GET", "sys/mounts/none")
    yield Step("GET", "sys/mounts/none/tune")
    yield Step("POST", "sys/mounts/none/tune", {"default_lease_ttl": "1h"})
    for body in ({"from": "other", "to": "moved"}, {"from": "none", "to": "x"}, {"from": "moved"}, {},
                 {"from": "moved", "to": "cmp"}, {"from": "sys", "to": "x"}, {"from": "moved", "to": "sys/x"}):
        yield Step("POST", "sys/remount", body, save={"migration": "data/migration_id"})
    yield Step("GET", "sys/remount/status/nobody")
    yield Step("GET", "sys/internal/ui/mounts/cmp")
    yield Step("GET", "sys/internal/ui/mounts/none")
    yield Step("GET", "sys/internal/ui/mounts/cmp", token="")
    for path in ("moved", "a/b", "none", "sys", "long", "odd"):
        yield Step("DELETE", f"sys/mounts/{path}")
    yield Step("GET", "sys/mounts")


def hierarchy(material, draw):
    yield Step("GET", "cmp/ca")
    yield Step("GET", "cmp/ca/pem")
    yield Step("GET", "cmp/ca_chain")
    yield Step("GET", "cmp/crl")
    yield Step("GET", "cmp/cert/ca")
    yield Step("GET", "cmp/cert/ca_chain")
    yield Step("GET", "cmp/issuer/default")
    yield Step("LIST", "cmp/issuers")
    yield Step("LIST", "cmp/keys")
    yield Step("POST", "cmp/issue/web", {"common_name": "a"})
    yield Step("POST", "cmp/sign-verbatim", {"csr": material.requests["ec"]})
    root = {"common_name": "Compared Root", "issuer_name": "root-a", "key_name": "key-a", "key_type": "ec",
            "ttl": "80000h"}
    yield Step("POST", "cmp/root/generate/internal", root, save={"issuer-a": "data/issuer_id", "key-a": "data/key_id",
                                                                 "cert-a": "data/certificate"})
    for change in ({}, {"issuer_name": "default"}, {"issuer_name": "a b"}, {"issuer_name": "root-b", "key_name": "key-a"},
                   {"key_type": "x"}, {"key_bits": 5}, {"ttl": "x"}, {"format": "x"}, {"max_path_length": -2},
                   {"max_path_length": "x"}, {"not_after": "x"}, {"key_ref": "key-a"}, {"ttl": "100000h"},
                   {"not_after": "2030-01-01T00:00:00Z"}, {"ttl": "1h", "not_after": "2030-01-01T00:00:00Z"}):
        yield Step("POST", "cmp/root/generate/internal", {"common_name": "Tried Root", "key_type": "ec"}
                   | ({} if "not_after" in change else {"ttl": "1000h"}) | change)
    yield Step("POST", "cmp/root/generate/nonsense", root)
    yield Step("POST", "cmp/root/generate/existing", {"common_name": "Again", "key_ref": "nobody"})
    yield Step("POST", "cmp/root/generate/existing", {"common_name": "Same Key", "key_ref": "key-a", "ttl": "70000h",
                                                      "issuer_name": "root-again"}, save={"again": "data/issuer_id"})
    for change in ({"max_path_length": 2}, {"permitted_dns_domains": "example.com,.example.org"}, {"key_type": "rsa"},
                   {"key_type": "ed25519"}, {"key_bits": 384}, {"format": "der"}, {"format": "pem_bundle"},
                   {"private_key_format": "pkcs8"}, {"organization": "O", "country": "NL", "ou": ["a", "b"],
                                                     "locality": "L", "province": "P", "street_address": "S",
                                                     "postal_code": "1", "serial_number": "9"},
                   {"alt_names": "a.example.com,u@example.com"}, {"ip_sans": "10.0.0.1"}, {"uri_sans": "https://a.b"},
                   {"other_sans": "1.2.3;UTF8:x"}, {"exclude_cn_from_sans": True}, {"signature_bits": 384},
                   {"not_before_duration": "1h"}, {"key_type": "rsa", "use_pss": True}, {"key_type": "mldsa"},
                   {"skid": "0102"}, {"alt_names": "a b"}, {"ip_sans": "x"}):
        yield Step("POST", "cmp/root/generate/exported", {"common_name": "Other Root", "key_type": "ec", "ttl": "60000h"}
                   | change)
    yield Step("POST", "cmp/config/issuers", {"default": "root-a"})
    yield Step("GET", "cmp/issuer/root-a")
    yield Step("GET", "cmp/issuer/root-a/json")
    yield Step("GET", "cmp/issuer/root-a/pem")
    yield Step("GET", "cmp/issuer/root-a/der")
    yield Step("GET", "cmp/ca")
    yield Step("GET", "cmp/ca/pem")
    yield Step("GET", "cmp/ca_chain")
    yield Step("GET", "cmp/cert/ca")
    yield Step("GET", "cmp/cert/ca_chain")
    yield Step("GET", "cmp/cert/ca/raw")
    yield Step("GET", "cmp/cert/ca/raw/pem")
    yield Step("GET", "cmp/crl")
    yield Step("GET", "cmp/crl/pem")
    yield Step("GET", "cmp/cert/crl")


def role_fields(material, draw):
    for field, values in ROLE_FIELDS.items():
        for value in values:
            yield Step("POST", "cmp/roles/tried", {field: value})
    yield Step("POST", "cmp/roles/tried", {})
    for body in ({"ttl": "2h", "max_ttl": "1h"}, {"ttl": "90000h"}, {"key_type": "ec", "key_bits": 2048},
                 {"key_type": "rsa", "key_bits": 256}, {"key_type": "ed25519", "key_bits": 256},
                 {"key_type": "any", "key_bits": 2048}, {"key_type": "ec", "signature_bits": 512},
                 {"key_type": "rsa", "signature_bits": 512}, {"no_store": True, "generate_lease": True}):
        yield Step("POST", "cmp/roles/tried", body)
    yield Step("GET", "cmp/roles/tried")
    yield Step("GET", "cmp/roles/absent")
    yield Step("DELETE", "cmp/roles/absent")
    patch = {"Content-Type": "application/merge-patch+json"}
    for body in ({"ttl": "5m"}, {"key_type": "x"}, {"allowed_domains": ["a"]}, {}, {"max_ttl": "1m"}, {"nonsense": 1}):
        yield Step("PATCH", "cmp/roles/tried", body, headers=patch)
    yield Step("PATCH", "cmp/roles/absent", {"ttl": "5m"}, headers=patch)
    yield Step("PATCH", "cmp/roles/tried", {"ttl": "5m"}, headers={"Content-Type": "application/json"})
    yield Step("LIST", "cmp/roles")
    yield Step("GET", "cmp/roles?list=true")
    yield Step("DELETE", "cmp/roles/tried")
    yield Step("LIST", "cmp/roles")
    for name, fields in ROLES.items():
        yield Step("POST", f"cmp/roles/{name}", fields)
    yield Step("LIST", "cmp/roles")
    yield Step("GET", "cmp/roles?list=true&after=edwards&limit=3")


def certificates(material, draw):
    for role, name in itertools.product(("web", "bare", "glob", "mail", "narrow", "closed", "any", "plain"), NAMES):
        body = {"common_name": name}
        if role == "any":
            body["key_type"] = "ec"
        yield Step("POST", f"cmp/issue/{role}", body)
    for role, extra in itertools.product(("web", "narrow", "any", "plain", "bounded"), EXTRAS):
        if role in ("any", "bounded", "plain") and draw.random() < 0.5:
            continue
        body = {"common_name": "a.example.com"} | extra
        if role == "any":
            body.setdefault("key_type", "ec")
        yield Step("POST", f"cmp/issue/{role}", body)
    for role in ROLES:
        yield Step("POST", f"cmp/issue/{role}", {"common_name": "a.example.com"})
        yield Step("POST", f"cmp/issuer/root-a/issue/{role}", {"common_name": "b.example.com", "key_type": "ec"})
    yield Step("POST", "cmp/issue/absent", {"common_name": "a"})
    yield Step("POST", "cmp/issuer/nobody/issue/web", {"common_name": "a.example.com"})
    yield Step("POST", "cmp/issue/web", {})
    yield Step("POST", "cmp/issue/web", None)
    yield Step("POST", "cmp/issue/web", b"not json")
    yield Step("POST", "cmp/issue/web", b"[1]")
    yield Step("POST", "cmp/issue/web", b'"x"')
    for body in ({"key_type": "rsa", "key_bits": 1024}, {"key_type": "ec", "key_bits": 111}, {"key_type": "ed25519"},
                 {"key_type": "ec", "key_bits": 521}, {}, {"key_type": "any"}):
        yield Step("POST", "cmp/issue/any", {"common_name": "a.example.com"} | body)
    for number in range(60):
        body = {"common_name": draw.choice(NAMES)}
        for extra in draw.sample(EXTRAS, draw.randint(1, 3)):
            body |= extra
        role = draw.choice(["web", "bare", "glob", "mail", "narrow", "closed", "plain", "curve"])
        if body.get("key_type") == "rsa":
            del body["key_type"]
        yield Step("POST", f"cmp/issue/{role}", body)


def requests_to_sign(material, draw):
    for role, (name, csr) in itertools.product(("web", "any", "narrow", "plain", "rsa", "mail"),
                                               material.requests.items()):
        yield Step("POST", f"cmp/sign/{role}", {"csr": csr, "common_name": "a.example.com"})
        if draw.random() < 0.4:
            yield Step("POST", f"cmp/sign/{role}", {"csr": csr})
    for extra in EXTRAS:
        csr = draw.choice(["ec", "names", "subject"])
        role = draw.choice(["web", "any", "plain"])
        yield Step("POST", f"cmp/sign/{role}", {"csr": material.requests[csr], "common_name": "a.example.com"} | extra)
    yield Step("POST", "cmp/sign/web", {})
    yield Step("POST", "cmp/sign/absent", {"csr": material.requests["ec"]})
    yield Step("POST", "cmp/issuer/root-a/sign/web", {"csr": material.requests["ec"]})
    yield Step("POST", "cmp/issuer/${issuer-a}/sign/web", {"csr": material.requests["ec"]})
    yield Step("POST", "cmp/sign/unstored", {"csr": material.requests["ec"]})
    # As cert-manager asks: all texts.
    yield Step("POST", "cmp/sign/web", {"common_name": "a.example.com", "alt_names": "b.example.com", "ip_sans": "",
                                        "uri_sans": "", "ttl": "2160h0m0s", "csr": material.requests["ec"],
                                        "exclude_cn_from_sans": "true"})


def verbatim(material, draw):
    for csr in material.requests.values():
        yield Step("POST", "cmp/sign-verbatim", {"csr": csr})
    for extra in ({"ttl": "1h"}, {"key_usage": "DigitalSignature"}, {"ext_key_usage": "ServerAuth,ClientAuth"},
                  {"ext_key_usage_oids": "1.2.3.4"}, {"format": "der"}, {"format": "pem_bundle"}, {"not_after": "x"},
                  {"signature_bits": 384}, {"signature_bits": 5}, {"basic_constraints_valid_for_non_ca": True},
                  {"remove_roots_from_chain": True}, {"not_after": "2027-02-01T00:00:00Z"}, {"ttl": "100000h"},
                  {"use_pss": True}, {"common_name": "other"}, {"key_usage": "Nonsense"}, {"nonsense": 1}):
        yield Step("POST", "cmp/sign-verbatim", {"csr": material.requests["names"]} | extra)
    for role in ("web", "curve", "unstored", "absent", "bounded"):
        yield Step("POST", f"cmp/sign-verbatim/{role}", {"csr": material.requests["subject"]})
    yield Step("POST", "cmp/issuer/root-a/sign-verbatim", {"csr": material.requests["uri"]})
    yield Step("POST", "cmp/issuer/root-a/sign-verbatim/web", {"csr": material.requests["uri"]})
    yield Step("POST", "cmp/issuer/nobody/sign-verbatim", {"csr": material.requests["uri"]})
    yield Step("POST", "cmp/sign-verbatim", {})


def intermediates(material, draw):
    wanted = {"common_name": "Compared Issuing", "key_type": "ec"}
    yield Step("POST", "cmp/intermediate/generate/internal", wanted | {"key_name": "key-i"},
               save={"csr-i": "data/csr", "key-i": "data/key_id"})
    for change in ({"key_type": "x"}, {"key_bits": 3}, {"key_name": "key-i"}, {"format": "der"}, {"add_basic_constraints":
                   True}, {"alt_names": "a.example.com"}, {"organization": "O"}, {"ip_sans": "x"}, {"common_name": ""},
                   {"key_type": "rsa"}, {"key_type": "ed25519"}, {"format": "x"}, {"nonsense": 1}):
        yield Step("POST", "cmp/intermediate/generate/internal", wanted | change)
        yield Step("POST", "cmp/issuers/generate/intermediate/exported", wanted | change)
    yield Step("POST", "cmp/intermediate/generate/existing", {"common_name": "x", "key_ref": "key-i"})
    yield Step("POST", "cmp/intermediate/generate/existing", {"common_name": "x", "key_ref": "nobody"})
    yield Step("POST", "cmp/intermediate/generate/nonsense", wanted)
    yield Step("POST", "cmp/root/sign-intermediate", {"csr": "${csr-i}", "common_name": "Compared Issuing",
                                                      "ttl": "40000h"}, save={"cert-i": "data/certificate",
                                                                              "serial-i": "data/serial_number"})
    for change in ({"ttl": "1h"}, {"max_path_length": 0}, {"max_path_length": 3}, {"use_csr_values": True},
                   {"permitted_dns_domains": "example.com"}, {"format": "der"}, {"format": "pem_bundle"},
                   {"organization": "O", "ou": "U"}, {"alt_names": "a.example.com"}, {"exclude_cn_from_sans": True},
                   {"not_after": "2030-01-01T00:00:00Z"}, {"not_after": "2099-01-01T00:00:00Z"}, {"ttl": "x"},
                   {"signature_bits": 384}, {"skid": "0102"}, {"skid": "xyz"}, {"common_name": ""}, {"csr": ""},
                   {"csr": "x"}, {"csr": material.requests["broken"]}, {"csr": material.requests["weak"]},
                   {"csr": material.requests["subject"], "use_csr_values": True}, {"serial_number": "5"},
                   {"other_sans": "1.2.3;UTF8:x"}, {"uri_sans": "https://a.b"}, {"ip_sans": "10.1.1.1"},
                   {"nonsense": 1}, {"country": ["NL", "DE"], "postal_code": "1"}, {"format": "x"}):
        yield Step("POST", "cmp/root/sign-intermediate", {"csr": "${csr-i}", "common_name": "Between", "ttl": "30000h"}
                   | change)
    yield Step("POST", "cmp/issuer/root-a/sign-intermediate", {"csr": "${csr-i}", "common_name": "Between"})
    yield Step("POST", "cmp/issuer/nobody/sign-intermediate", {"csr": "${csr-i}", "common_name": "Between"})
    yield Step("POST", "cmp/intermediate/set-signed", {"certificate": "${cert-i}"},
               save={"issuer-i": "data/imported_issuers/0"})
    yield Step("POST", "cmp/intermediate/set-signed", {"certificate": "${cert-i}"})
    for certificate in ("", "x", material.leaf[0], material.root[0] + "\n" + material.root[1]):
        yield Step("POST", "cmp/intermediate/set-signed", {"certificate": certificate})
    yield Step("GET", "cmp/issuer/${issuer-i}")
    yield Step("GET", "cmp/issuer/${issuer-i}/json")
    yield Step("POST", "cmp/issuer/${issuer-i}", {"issuer_name": "issuing"})
    yield Step("POST", "cmp/issuer/issuing/issue/web", {"common_name": "below.example.com"},
               save={"serial-leaf": "data/serial_number", "cert-leaf": "data/certificate",
                     "key-leaf": "data/private_key"})
    yield Step("POST", "cmp/issuer/issuing/issue/web", {"common_name": "below.example.com", "format": "pem_bundle"})
    yield Step("POST", "cmp/issuer/issuing/issue/web", {"common_name": "below.example.com",
                                                        "remove_roots_from_chain": True})
    for certificate in (material.root[0], material.leaf[0], "", "x", "${cert-i}"):
        yield Step("POST", "cmp/root/sign-self-issued", {"certificate": certificate})
    yield Step("POST", "cmp/root/sign-self-issued", {"certificate": "${cert-a}"})
    yield Step("POST", "cmp/root/sign-self-issued", {"certificate": "${cert-a}",
                                                     "require_matching_certificate_algorithms": True})
    for body in ({"common_name": "Cross", "key_ref": "key-a"}, {"common_name": "Cross", "key_ref": "nobody"},
                 {"common_name": "Cross"}, {}):
        yield Step("POST", "cmp/intermediate/cross-sign", body)
    yield Step("POST", "cmp/root/rotate/internal", {"common_name": "Next Root", "key_type": "ec", "ttl": "1000h"})
    yield Step("POST", "cmp/root/rotate/internal", {"common_name": "Next Root", "key_type": "ec", "ttl": "1000h"})
    yield Step("POST", "cmp/root/replace", {"default": "next"})
    yield Step("POST", "cmp/root/replace", {"default": "nobody"})
    yield Step("POST", "cmp/root/replace", {})
    yield Step("POST", "cmp/root/replace", {"default": "root-a"})


def issuers(material, draw):
    yield Step("LIST", "cmp/issuers")
    yield Step("GET", "cmp/config/issuers")
    for body in ({"default": "root-a"}, {"default": "nobody"}, {}, {"default": "root-a", "default_follows_latest_issuer":
                 True}, {"default": "root-a", "default_follows_latest_issuer": "x"}, {"default": ""},
                 {"default": "default"}, {"default": "root-a", "default_follows_latest_issuer": False}):
        yield Step("POST", "cmp/config/issuers", body)
    yield Step("GET", "cmp/config/issuers")
    for body in ({}, {"issuer_name": "issuing"}, {"issuer_name": "root-a"}, {"issuer_name": "default"},
                 {"issuer_name": "a b"}, {"leaf_not_after_behavior": "truncate"}, {"leaf_not_after_behavior": "err"},
                 {"leaf_not_after_behavior": "x"}, {"usage": "read-only"}, {"usage": "x"},
                 {"usage": ["read-only", "issuing-certificates", "crl-signing", "ocsp-signing"]},
                 {"usage": "issuing-certificates,crl-signing"}, {"usage": ""},
                 {"revocation_signature_algorithm": "ECDSAWithSHA384"}, {"revocation_signature_algorithm": "x"},
                 {"revocation_signature_algorithm": "SHA256WithRSA"}, {"issuing_certificates": "https://a.example/ca"},
                 {"issuing_certificates": "x y"}, {"crl_distribution_points": ["http://a.example/crl"]},
                 {"ocsp_servers": "http://a.example/ocsp"}, {"ocsp_servers": "nonsense"},
                 {"delta_crl_distribution_points": "http://a.example/delta"}, {"enable_aia_url_templating": True},
                 {"enable_aia_url_templating": True, "issuing_certificates": "{{cluster_path}}/x"},
                 {"manual_chain": ["self", "root-a"]}, {"manual_chain": "self"}, {"manual_chain": "nobody"},
                 {"manual_chain": "root-a"}, {"nonsense": 1}):
        yield Step("POST", "cmp/issuer/issuing", {"issuer_name": "issuing"} | body)
        yield Step("GET", "cmp/issuer/${issuer-i}")
    yield Step("POST", "cmp/issuer/${issuer-i}", {"issuer_name": "issuing"})
    patch = {"Content-Type": "application/merge-patch+json"}
    for body in ({"leaf_not_after_behavior": "truncate"}, {"usage": "read-only,issuing-certificates"}, {},
                 {"issuer_name": "root-a"}, {"usage": "x"}, {"issuer_name": "issuing"}, {"manual_chain": "nobody"},
                 {"usage": "read-only,issuing-certificates,crl-signing,ocsp-signing"}):
        yield Step("PATCH", "cmp/issuer/issuing", body, headers=patch)
    yield Step("PATCH", "cmp/issuer/nobody", {}, headers=patch)
    for ref in ("issuing", "${issuer-i}", "default", "nobody", "00000000-0000-4000-8000-000000000000"):
        for form in ("", "/json", "/pem", "/der", "/crl", "/crl/pem", "/crl/der", "/crl/delta", "/crl/delta/pem"):
            yield Step("GET", f"cmp/issuer/{ref}{form}", token="" if form and form != "/" else "${root}")
    yield Step("POST", "cmp/issuer/nobody", {"issuer_name": "x"})
    yield Step("DELETE", "cmp/issuer/nobody")
    yield Step("POST", "cmp/issuer/nobody/revoke", {})
    yield Step("POST", "cmp/root/generate/internal", {"common_name": "Short Root", "issuer_name": "short",
                                                      "key_type": "ec", "ttl": "100h"})
    yield Step("POST", "cmp/issuer/short/issue/any", {"common_name": "a.example.com", "key_type": "ec", "ttl": "71h"})
    yield Step("POST", "cmp/issuer/short/issue/rsa", {"common_name": "a.example.com", "ttl": "200h"})
    yield Step("POST", "cmp/issuer/short", {"issuer_name": "short", "leaf_not_after_behavior": "truncate"})
    yield Step("POST", "cmp/issuer/short/issue/plain", {"common_name": "a.example.com", "ttl": "200h"})
    yield Step("POST", "cmp/issuer/short", {"issuer_name": "short", "usage": "read-only"})
    yield Step("POST", "cmp/issuer/short/issue/plain", {"common_name": "a.example.com"})
    yield Step("POST", "cmp/issuer/short/revoke", {})
    yield Step("POST", "cmp/issuer/short/revoke", {})
    yield Step("GET", "cmp/issuer/short")
    yield Step("DELETE", "cmp/issuer/short")
    yield Step("DELETE", "cmp/issuer/${again}")


def keys(material, draw):
    yield Step("POST", "cmp/keys/generate/internal", {"key_type": "ec", "key_name": "made"}, save={"made": "data/key_id"})
    for body in ({"key_type": "ec", "key_name": "made"}, {"key_type": "x"}, {"key_type": "rsa", "key_bits": 7},
                 {"key_type": "ec", "key_bits": 384}, {"key_type": "ed25519"}, {"key_name": "default"},
                 {"key_type": "ec", "key_name": "a b"}, {"key_type": "ec", "nonsense": 1}, {"key_type": "mldsa"}):
        yield Step("POST", "cmp/keys/generate/internal", body)
        yield Step("POST", "cmp/keys/generate/exported", body)
    for ref in ("made", "${made}", "default", "nobody", "key-a"):
        yield Step("GET", f"cmp/key/{ref}")
    for body in ({"key_name": "renamed"}, {"key_name": "key-a"}, {"key_name": "default"}, {"key_name": "a b"},
                 {"key_name": ""}, {}):
        yield Step("POST", "cmp/key/${made}", body)
    yield Step("POST", "cmp/key/nobody", {"key_name": "x"})
    yield Step("DELETE", "cmp/key/key-a")
    yield Step("DELETE", "cmp/key/${made}")
    yield Step("DELETE", "cmp/key/${made}")
    yield Step("DELETE", "cmp/key/nobody")
    yield Step("GET", "cmp/config/keys")
    for body in ({"default": "key-a"}, {"default": "nobody"}, {}, {"default": ""}):
        yield Step("POST", "cmp/config/keys", body)
    key = material.leaf[1]
    for body in ({"pem_bundle": key, "key_name": "imported"}, {"pem_bundle": key}, {"pem_bundle": "x"}, {},
                 {"pem_bundle": material.leaf[0]}, {"pem_bundle": key + "\n" + key},
                 {"pem_bundle": key, "key_name": "default"}):
        yield Step("POST", "cmp/keys/import", body)
    yield Step("GET", "cmp/key/imported")
    yield Step("DELETE", "cmp/key/imported")


def imports(material, draw):
    certificate, key = material.root
    for path in ("issuers/import/bundle", "config/ca"):
        for bundle in ("", "x", key, certificate, certificate + "\n" + key, key + "\n" + certificate,
                       material.leaf[0], material.leaf[0] + "\n" + material.leaf[1]):
            yield Step("POST", f"cmp/{path}", {"pem_bundle": bundle})
    for bundle in ("", "x", certificate, certificate + "\n" + key, key):
        yield Step("POST", "cmp/issuers/import/cert", {"pem_bundle": bundle})
    yield Step("POST", "cmp/issuers/import/cert", {})


def settings(material, draw):
    yield Step("GET", "cmp/config/urls")
    for body in ({"issuing_certificates": "http://a.example/ca,http://b.example/ca"}, {"ocsp_servers": ["x"]},
                 {"crl_distribution_points": "http://a.example/crl"}, {"enable_templating": True},
                 {"issuing_certificates": "{{cluster_aia_path}}/ca"}, {"enable_templating": "x"}, {},
                 {"delta_crl_distribution_points": "http://a.example/delta"}, {"nonsense": 1},
                 {"ocsp_servers": "http://a.example/{{issuer_id}}", "enable_templating": True},
                 {"ocsp_servers": "http://a.example/{{nonsense}}", "enable_templating": True}):
        yield Step("POST", "cmp/config/urls", body)
        yield Step("GET", "cmp/config/urls")
    yield Step("POST", "cmp/issue/web", {"common_name": "urls.example.com"})
    yield Step("POST", "cmp/config/urls", {"issuing_certificates": "", "crl_distribution_points": "", "ocsp_servers": "",
                                           "delta_crl_distribution_points": "", "enable_templating": False})
    yield Step("GET", "cmp/config/cluster")
    for body in ({"path": "https://a.example/v1/cmp"}, {"path": "x"}, {"aia_path": "http://a.example/v1/cmp"},
                 {"aia_path": "x y"}, {}, {"path": "", "aia_path": ""}):
        yield Step("POST", "cmp/config/cluster", body)
        yield Step("GET", "cmp/config/cluster")
    yield Step("GET", "cmp/config/crl")
    usual = {"expiry": "72h", "disable": False, "ocsp_disable": False, "ocsp_expiry": "12h", "auto_rebuild": False,
             "auto_rebuild_grace_period": "12h", "enable_delta": False, "delta_rebuild_interval": "15m",
             "allow_expired_cert_revocation": False}
    for body in ({"expiry": "48h"}, {"expiry": "x"}, {"expiry": "-1h"}, {"disable": True}, {"disable": "x"},
                 {"disable": False}, {"ocsp_disable": True}, {"ocsp_disable": False}, {"ocsp_expiry": "1h"},
                 {"ocsp_expiry": "x"}, {"ocsp_expiry": "-1h"}, {"auto_rebuild": True},
                 {"auto_rebuild": True, "auto_rebuild_grace_period": "100h"}, {"auto_rebuild_grace_period": "1h"},
                 {"auto_rebuild_grace_period": "x"}, {"enable_delta": True}, {"delta_rebuild_interval": "30m"},
                 {"delta_rebuild_interval": "100h"}, {"delta_rebuild_interval": "x"},
                 {"auto_rebuild": False, "enable_delta": False}, {"enable_delta": True},
                 {"allow_expired_cert_revocation": True}, {"cross_cluster_revocation": True}, {"unified_crl": True},
                 {"nonsense": 1}, {}, {"expiry": 72}):
        yield Step("POST", "cmp/config/crl", body)
        yield Step("GET", "cmp/config/crl")
        yield Step("POST", "cmp/config/crl", usual)
    yield Step("GET", "cmp/config/auto-tidy")
    for body in ({"enabled": True, "tidy_cert_store": True}, {"enabled": True, "tidy_cert_store": False},
                 {"interval_duration": "1h"}, {"interval_duration": "x"}, {"safety_buffer": "1h"}, {"safety_buffer": 0},
                 {"pause_duration": "1s"}, {"pause_duration": "x"}, {"pause_duration": "-1s"}, {"page_size": 10},
                 {"page_size": -1}, {"issuer_safety_buffer": "1h"}, {"issuer_safety_buffer": 0}, {"enabled": "x"},
                 {"tidy_revoked_certs": True}, {"tidy_expired_issuers": True}, {"nonsense": 1}, {},
                 {"maintain_stored_certificate_counts": True}, {"publish_stored_certificate_count_metrics": True},
                 {"acme_account_safety_buffer": "1h"}, {"revoked_safety_buffer": "1h"},
                 {"enabled": False, "publish_stored_certificate_count_metrics": False,
                  "maintain_stored_certificate_counts": False}):
        yield Step("POST", "cmp/config/auto-tidy", body)
        yield Step("GET", "cmp/config/auto-tidy")


def status(material, draw):
    for serial in ("${serial-leaf}", "${serial-i}", "00:11:22", "xyz", "00-11-22", "ca", "crl"):
        yield Step("GET", f"cmp/cert/{serial}", token="")
        yield Step("GET", f"cmp/cert/{serial}/raw", token="")
        yield Step("GET", f"cmp/cert/{serial}/raw/pem", token="")
    yield Step("POST", "cmp/issue/plain", {"common_name": "one"}, save={"serial-1": "data/serial_number",
                                                                        "cert-1": "data/certificate",
                                                                        "pkey-1": "data/private_key"})
    yield Step("POST", "cmp/issue/plain", {"common_name": "two"}, save={"serial-2": "data/serial_number",
                                                                        "cert-2": "data/certificate",
                                                                        "pkey-2": "data/private_key"})
    yield Step("POST", "cmp/issue/unstored", {"common_name": "three.example.com"},
               save={"cert-3": "data/certificate", "pkey-3": "data/private_key", "serial-3": "data/serial_number"})
    yield Step("GET", "cmp/cert/${serial-3}")
    for body in ({}, {"serial_number": "${serial-1}", "certificate": "${cert-1}"}, {"serial_number": "00:11"},
                 {"serial_number": "aa:bb"}, {"serial_number": "AA-BB"}, {"serial_number": "zz"}, {"certificate": "x"}, {"certificate": material.leaf[0]}, {"serial_number": ""},
                 {"certificate": ""}, {"serial_number": "${serial-1}"}, {"serial_number": "${serial-1}"},
                 {"certificate": "${cert-3}"}, {"certificate": "${cert-a}"}, {"certificate": "${cert-i}"},
                 {"serial_number": "${serial-1}", "nonsense": 1}):
        yield Step("POST", "cmp/revoke", body)
    for body in ({}, {"serial_number": "${serial-2}"}, {"serial_number": "${serial-2}", "private_key": "x"},
                 {"serial_number": "${serial-2}", "private_key": "${pkey-1}"},
                 {"serial_number": "${serial-2}", "private_key": "${pkey-2}"}, {"private_key": "${pkey-2}"},
                 {"certificate": "${cert-2}", "private_key": "${pkey-2}"},
                 {"serial_number": "00:11", "private_key": "${pkey-2}"}):
        yield Step("POST", "cmp/revoke-with-key", body)
    yield Step("GET", "cmp/cert/${serial-1}")
    yield Step("LIST", "cmp/certs/revoked")
    yield Step("GET", "cmp/certs?list=true&limit=2")
    yield Step("GET", "cmp/certs/detailed?list=true&limit=1")
    for path in ("crl/rotate", "crl/rotate-delta"):
        yield Step("GET", f"cmp/{path}")
        yield Step("POST", f"cmp/{path}", {})
    for path in ("crl", "crl/pem", "cert/crl", "cert/crl/raw", "cert/crl/raw/pem", "issuer/root-a/crl", "crl/delta",
                 "crl/delta/pem", "issuer/root-a/crl/delta", "issuer/root-a/crl/der", "cert/delta-crl"):
        yield Step("GET", f"cmp/{path}", token="")
    yield Step("GET", "cmp/issuer/root-a/crl", save={"crl-a": "data/crl"})
    for body in ({"crls": ["${crl-a}"], "crl_number": 5}, {}, {"crls": ["${crl-a}"]}, {"crls": ["x"], "crl_number": 5},
                 {"crls": ["${crl-a}"], "crl_number": 5, "format": "der"},
                 {"crls": ["${crl-a}"], "crl_number": 5, "format": "x"},
                 {"crls": ["${crl-a}"], "crl_number": 5, "next_update": "x"},
                 {"crls": ["${crl-a}"], "crl_number": 5, "delta_crl_base_number": 4},
                 {"crls": ["${crl-a}"], "crl_number": 3, "delta_crl_base_number": 4},
                 {"crls": ["${crl-a}", "${crl-a}"], "crl_number": 5}):
        yield Step("POST", "cmp/issuer/root-a/resign-crls", body)
    number = "11:22:33"
    for body in ({"crl_number": 7, "revoked_certs": []}, {}, {"crl_number": -1}, {"crl_number": 7, "next_update": "1h"},
                 {"crl_number": 7, "revoked_certs": [{"serial_number": number}]},
                 {"crl_number": 7, "revoked_certs": [{"serial_number": number,
                                                      "revocation_time": "2026-01-01T00:00:00Z"}]},
                 {"crl_number": 7, "revoked_certs": [{"serial_number": "x"}]}, {"crl_number": 7, "revoked_certs": "x"},
                 {"crl_number": 7, "revoked_certs": [{}]},
                 {"crl_number": 7, "extensions": [{"id": "1.2.3", "critical": False, "value": "BQA="}]},
                 {"crl_number": 7, "extensions": [{"id": "x", "value": "BQA="}]},
                 {"crl_number": 7, "delta_crl_base_number": 6}, {"crl_number": 7, "format": "der"}):
        yield Step("POST", "cmp/issuer/root-a/sign-revocation-list", body)
    yield Step("POST", "cmp/issuer/nobody/sign-revocation-list", {"crl_number": 7})
    yield Step("GET", "cmp/tidy-status")
    for body in ({"safety_buffer": 0, "tidy_cert_store": True}, {"issuer_safety_buffer": 0, "tidy_expired_issuers": True},
                 {"pause_duration": "x"}, {"tidy_revoked_certs": "x"}, {"page_size": -1}):
        yield Step("POST", "cmp/tidy", body)
    yield Step("POST", "cmp/tidy-cancel", {})
    yield Step("POST", "cmp/ocsp", b"x", headers={"Content-Type": "application/ocsp-request"}, token="")
    yield Step("POST", "cmp/ocsp", b"", headers={"Content-Type": "application/ocsp-request"}, token="")
    yield Step("GET", "cmp/ocsp/MAA=", token="")


def policies(material, draw):
    good = 'path "cmp/issue/web" { capabilities = ["update"] }'
    for path in ("sys/policies/acl", "sys/policy"):
        for text in (good, "", "x", 'path "a" {', 'path "a" { capabilities = ["nonsense"] }', 'path "a" {}',
                     'path "a" { policy = "read" }', 'path "a" { policy = "x" }', "{}", 'path "a" { unknown = 1 }',
                     'path "+/b" { capabilities = ["read"] }', 'path "a*b" { capabilities = ["read"] }',
                     'path "/a" { capabilities = ["read"] }', 'path "a/+*" { capabilities = ["read"] }',
                     '{"path": {"a": {"capabilities": ["read"]}}}', '{"path": {"a": {"capabilities": "read"}}}',
                     'path "a" { capabilities = ["read"] min_wrapping_ttl = "1h" max_wrapping_ttl = "1m" }',
                     'path "a" { capabilities = ["deny", "read"] }', 'name = "x"\npath "a" { capabilities = ["list"] }',
                     'nonsense "a" { }', 'path "a" { capabilities = ["read"] } # note\n// note\n/* note */',
                     'path "a" { capabilities = ["read"] allowed_parameters = { "a" = ["x"] } }',
                     'path "a" { capabilities = ["read"] required_parameters = ["a"] }',
                     'path "a" { capabilities = ["read"] allowed_parameters = "x" }',
                     "cGF0aCAiYSIgeyBjYXBhYmlsaXRpZXMgPSBbInJlYWQiXSB9"):
            yield Step("POST", f"{path}/tried", {"policy": text})
            yield Step("GET", f"{path}/tried")
        for name in ("root", "default", "TRIED", "response-wrapping", "a/b"):
            yield Step("POST", f"{path}/{name}", {"policy": good if name != "default" else "x"})
            if name != "default":
                yield Step("GET", f"{path}/{name}")
        yield Step("LIST", path)
        yield Step("POST", f"{path}/empty", {})
        for name in ("absent", "tried", "root", "default", "a/b"):
            yield Step("DELETE", f"{path}/{name}")
    yield Step("POST", "sys/policies/acl/issuer", {"policy": good})
    yield Step("POST", "sys/policies/acl/limited", {"policy":
               'path "cmp/issue/web" { capabilities = ["update"] allowed_parameters = { "common_name" = ["*.example.com"] '
               '"ttl" = [] } denied_parameters = { "ttl" = ["9h"] } }\n'
               'path "cmp/roles/*" { capabilities = ["read", "list"] }\npath "cmp/+/plain" { capabilities = ["update"] '
               'required_parameters = ["common_name"] }\npath "cmp/roles/secret" { capabilities = ["deny"] }\n'
               'path "auth/token/create" { capabilities = ["update", "sudo"] }'})
    yield Step("POST", "auth/token/create", {"policies": "limited", "ttl": "1h"}, save={"limited": "auth/client_token",
                                                                                       "accessor": "auth/accessor"})
    for method, path, body in (("POST", "cmp/issue/web", {"common_name": "a.example.com"}),
                               ("POST", "cmp/issue/web", {"common_name": "a.example.com", "ttl": "1h"}),
                               ("POST", "cmp/issue/web", {"common_name": "a.example.com", "ttl": "9h"}),
                               ("POST", "cmp/issue/web", {"common_name": "a.evil.org"}),
                               ("POST", "cmp/issue/web", {"common_name": "a.example.com", "ip_sans": "10.0.0.1"}),
                               ("POST", "cmp/issue/plain", {"common_name": "a"}), ("POST", "cmp/issue/plain", {}),
                               ("POST", "cmp/sign/plain", {"common_name": "a"}), ("GET", "cmp/roles/web", None),
                               ("GET", "cmp/roles/secret", None), ("LIST", "cmp/roles", None),
                               ("DELETE", "cmp/roles/web", None), ("POST", "cmp/roles/web", {}),
                               ("GET", "cmp/config/urls", None), ("GET", "nowhere/x", None), ("GET", "sys/mounts", None),
                               ("DELETE", "cmp/root", None), ("LIST", "auth/token/accessors", None),
                               ("GET", "auth/token/lookup-self", None), ("PATCH", "cmp/roles/web", {}),
                               ("POST", "sys/capabilities-self", {"paths": ["cmp/issue/web", "cmp/roles/web",
                                                                            "cmp/roles/secret", "x"]})):
        headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        yield Step(method, path, body, token="${limited}", headers=headers)
        yield Step(method, path, body, token="nonsense", headers=headers)
        yield Step(method, path, body, token="", headers=headers)
    for path, body in (("capabilities", {"token": "${limited}", "paths": "cmp/issue/web"}),
                       ("capabilities", {"token": "x", "paths": "a"}), ("capabilities", {"paths": "a"}),
                       ("capabilities", {"token": "${limited}"}), ("capabilities-self", {"path": "a"}),
                       ("capabilities-self", {}), ("capabilities-self", {"paths": []}),
                       ("capabilities-accessor", {"accessor": "${accessor}", "paths": "cmp/roles/web"}),
                       ("capabilities-accessor", {"accessor": "x", "paths": "a"}), ("capabilities-accessor", {})):
        yield Step("POST", f"sys/{path}", body)


def tokens(material, draw):
    for body in ({}, {"ttl": "1h"}, {"ttl": "x"}, {"ttl": "-1h"}, {"policies": ["issuer", "absent"]}, {"policies": "root"},
                 {"policies": 5}, {"num_uses": 2}, {"num_uses": -1}, {"num_uses": "x"}, {"meta": {"a": "b"}},
                 {"meta": "x"}, {"display_name": "C I/x"}, {"no_parent": True}, {"no_default_policy": True},
                 {"renewable": False}, {"explicit_max_ttl": "2h", "ttl": "1h"}, {"explicit_max_ttl": "1h", "ttl": "2h"},
                 {"period": "1h"}, {"period": "x"}, {"type": "service"}, {"type": "x"}, {"lease": "1h"},
                 {"entity_alias": "x"}, {"nonsense": 1}, {"ttl": "100000h"}):
        yield Step("POST", "auth/token/create", body, save={"t": "auth/client_token"})
        yield Step("GET", "auth/token/lookup-self", token="${t}")
    yield Step("POST", "auth/token/create", {"policies": "issuer", "ttl": "2h"}, save={"life": "auth/client_token",
                                                                                       "life-accessor": "auth/accessor"})
    yield Step("POST", "auth/token/create-orphan", {"policies": "issuer"}, save={"orphan": "auth/client_token"})
    yield Step("POST", "auth/token/create", {"policies": "root", "ttl": "1h"}, save={"maker": "auth/client_token"})
    yield Step("POST", "auth/token/create", {"policies": "issuer", "ttl": "1h"}, token="${maker}",
               save={"left": "auth/client_token"})
    yield Step("GET", "auth/token/lookup-self", token="${left}")
    yield Step("POST", "auth/token/revoke-orphan", {"token": "${maker}"})
    yield Step("GET", "auth/token/lookup-self", token="${left}")
    yield Step("POST", "auth/token/lookup", {"token": "${life}"})
    yield Step("GET", "auth/token/lookup")
    for path in ("lookup", "renew", "revoke", "revoke-orphan"):
        for body in ({}, {"token": "x"}, {"token": ""}):
            yield Step("POST", f"auth/token/{path}", body)
    for path in ("lookup-accessor", "renew-accessor", "revoke-accessor"):
        for body in ({}, {"accessor": "x"}, {"accessor": ""}):
            yield Step("POST", f"auth/token/{path}", body)
    yield Step("POST", "auth/token/lookup-accessor", {"accessor": "${life-accessor}"})
    for body in ({}, {"increment": "1h"}, {"increment": "x"}, {"increment": 60}):
        yield Step("POST", "auth/token/renew-self", body, token="${life}")
        yield Step("POST", "auth/token/renew", {"token": "${life}"} | body)
        yield Step("POST", "auth/token/renew-accessor", {"accessor": "${life-accessor}"} | body)
    yield Step("POST", "auth/token/renew-self", {}, token="${root}")
    yield Step("POST", "auth/token/create", {}, token="${life}")
    yield Step("POST", "auth/token/revoke", {"token": "${orphan}"})
    yield Step("GET", "auth/token/lookup-self", token="${orphan}")
    yield Step("POST", "auth/token/revoke-accessor", {"accessor": "${life-accessor}"})
    yield Step("GET", "auth/token/lookup-self", token="${life}")
    yield Step("POST", "auth/token/create", {"num_uses": 2, "policies": "issuer"}, save={"few": "auth/client_token"})
    for _ in range(3):
        yield Step("GET", "auth/token/lookup-self", token="${few}")
    yield Step("POST", "auth/token/create", {"policies": "issuer"}, save={"gone": "auth/client_token"})
    yield Step("POST", "auth/token/revoke-self", {}, token="${gone}")
    yield Step("GET", "auth/token/lookup-self", token="${gone}")
    yield Step("LIST", "auth/token/roles")
    for body in ({}, {"allowed_policies": "issuer", "orphan": True, "renewable": False}, {"token_period": "1h"},
                 {"period": "1h"}, {"disallowed_policies": "x"}, {"path_suffix": "sfx"}, {"path_suffix": "a b"},
                 {"token_explicit_max_ttl": "1h"}, {"explicit_max_ttl": "1h"}, {"token_bound_cidrs": "10.0.0.0/8"},
                 {"token_bound_cidrs": "x"}, {"token_num_uses": 5}, {"token_num_uses": -1}, {"token_type": "service"},
                 {"token_type": "x"}, {"token_no_default_policy": True}, {"allowed_policies_glob": "iss*"},
                 {"allowed_entity_aliases": "x"}, {"nonsense": 1}, {"token_ttl": "1h"}, {"bound_cidrs": "10.0.0.0/8"}):
        yield Step("POST", "auth/token/roles/tried", body)
        yield Step("GET", "auth/token/roles/tried")
        yield Step("DELETE", "auth/token/roles/tried")
    yield Step("POST", "auth/token/roles/ci", {"allowed_policies": "issuer,limited", "disallowed_policies": "limited",
                                               "token_explicit_max_ttl": "2h", "path_suffix": "ci"})
    for body in ({}, {"policies": "issuer"}, {"policies": "limited"}, {"policies": "other"}, {"ttl": "5h"},
                 {"no_parent": True}, {"period": "1h"}, {"entity_alias": "x"}):
        yield Step("POST", "auth/token/create/ci", body, save={"t": "auth/client_token"})
        yield Step("GET", "auth/token/lookup-self", token="${t}")
    yield Step("POST", "auth/token/create/absent", {})
    yield Step("GET", "auth/token/roles/absent")
    yield Step("DELETE", "auth/token/roles/absent")
    yield Step("LIST", "auth/token/roles")


def approles(material, draw):
    yield Step("POST", "sys/auth/approle", {"type": "approle"})
    yield Step("POST", "sys/auth/approle", {"type": "approle"})
    yield Step("LIST", "auth/approle/role")
    for body in ({}, {"token_policies": "issuer", "token_ttl": "20m", "token_max_ttl": "1h"}, {"bind_secret_id": False},
                 {"secret_id_ttl": "x"}, {"secret_id_num_uses": -1}, {"secret_id_num_uses": 3, "secret_id_ttl": "1h"},
                 {"token_ttl": "2h", "token_max_ttl": "1h"}, {"token_period": "1h"}, {"period": "1h"},
                 {"policies": "issuer"}, {"secret_id_bound_cidrs": "10.0.0.0/8"}, {"secret_id_bound_cidrs": "x"},
                 {"token_bound_cidrs": "10.0.0.0/8"}, {"token_num_uses": 2}, {"token_num_uses": -1},
                 {"token_type": "service"}, {"token_type": "x"}, {"local_secret_ids": True}, {"nonsense": 1},
                 {"token_no_default_policy": True}, {"token_explicit_max_ttl": "1h"}, {"bound_cidr_list": "10.0.0.0/8"}):
        yield Step("POST", "auth/approle/role/tried", body)
        yield Step("GET", "auth/approle/role/tried")
        yield Step("DELETE", "auth/approle/role/tried")
    yield Step("POST", "auth/approle/role/ci", {"token_policies": "issuer", "token_ttl": "20m", "secret_id_num_uses": 2})
    yield Step("GET", "auth/approle/role/ci/role-id", save={"role-id": "data/role_id"})
    yield Step("POST", "auth/approle/role/ci/secret-id", {"metadata": '{"a": "b"}'},
               save={"secret": "data/secret_id", "secret-accessor": "data/secret_id_accessor"})
    for body in ({"metadata": "x"}, {"cidr_list": "10.0.0.0/8"}, {"cidr_list": "x"}, {"num_uses": -1}, {"num_uses": 9},
                 {"ttl": "1h"}, {"ttl": "x"}, {"token_bound_cidrs": "10.0.0.0/8"}, {"nonsense": 1}):
        yield Step("POST", "auth/approle/role/ci/secret-id", body)
    for body in ({}, {"secret_id": "chosen-by-us"}, {"secret_id": "chosen-by-us"}):
        yield Step("POST", "auth/approle/role/ci/custom-secret-id", body)
    yield Step("POST", "auth/approle/role/ci/secret-id/lookup", {"secret_id": "${secret}"})
    yield Step("POST", "auth/approle/role/ci/secret-id/lookup", {"secret_id": "x"})
    yield Step("POST", "auth/approle/role/ci/secret-id/lookup", {})
    yield Step("POST", "auth/approle/role/ci/secret-id-accessor/lookup", {"secret_id_accessor": "${secret-accessor}"})
    yield Step("POST", "auth/approle/role/ci/secret-id-accessor/lookup", {"secret_id_accessor": "x"})
    for body in ({}, {"role_id": "${role-id}"}, {"role_id": "x", "secret_id": "y"},
                 {"role_id": "${role-id}", "secret_id": "y"}, {"secret_id": "${secret}"},
                 {"role_id": "${role-id}", "secret_id": "${secret}"}, {"role_id": "${role-id}", "secret_id": "${secret}"},
                 {"role_id": "${role-id}", "secret_id": "${secret}"}):
        yield Step("POST", "auth/approle/login", body, token="", save={"login": "auth/client_token"})
    yield Step("GET", "auth/token/lookup-self", token="${login}")
    yield Step("POST", "auth/token/renew-self", {}, token="${login}")
    for field, value in (("policies", "issuer"), ("period", "1h"), ("secret-id-num-uses", 5), ("secret-id-ttl", "1h"),
                         ("secret-id-bound-cidrs", "10.0.0.0/8"), ("bound-cidr-list", "10.0.0.0/8"),
                         ("token-ttl", "1h"), ("token-max-ttl", "2h"), ("token-num-uses", 5),
                         ("token-bound-cidrs", "10.0.0.0/8")):
        name = field.replace("-", "_") if field != "policies" else "token_policies"
        yield Step("GET", f"auth/approle/role/ci/{field}")
        yield Step("POST", f"auth/approle/role/ci/{field}", {name: value})
        yield Step("GET", f"auth/approle/role/ci/{field}")
        yield Step("POST", f"auth/approle/role/ci/{field}", {})
        yield Step("POST", f"auth/approle/role/ci/{field}", {name: {"x": 1}})
        yield Step("DELETE", f"auth/approle/role/ci/{field}")
        yield Step("GET", f"auth/approle/role/absent/{field}")
    yield Step("GET", "auth/approle/role/ci/local-secret-ids")
    yield Step("POST", "auth/approle/role/ci/role-id", {"role_id": "chosen"})
    yield Step("POST", "auth/approle/role/ci/role-id", {})
    yield Step("GET", "auth/approle/role/absent/role-id")
    yield Step("POST", "auth/approle/role/absent/secret-id", {})
    yield Step("GET", "auth/approle/role/absent")
    yield Step("DELETE", "auth/approle/role/absent")
    yield Step("POST", "auth/approle/role/ci/secret-id-accessor/destroy", {"secret_id_accessor": "x"})
    yield Step("POST", "auth/approle/role/ci/secret-id/destroy", {"secret_id": "chosen-by-us"})
    yield Step("POST", "auth/approle/role/ci/secret-id/destroy", {"secret_id": "x"})
    yield Step("LIST", "auth/approle/role/ci/secret-id")
    yield Step("LIST", "auth/approle/role")
    yield Step("POST", "auth/approle/tidy/secret-id", {})


def users(material, draw):
    yield Step("POST", "sys/auth/people", {"type": "userpass", "description": "people"})
    yield Step("LIST", "auth/people/users")
    for body in ({"password": "pw", "token_policies": "issuer"}, {"token_policies": "issuer"}, {"password": ""},
                 {"password": "pw", "token_ttl": "2h", "token_max_ttl": "1h"}, {"password": "pw", "policies": "issuer"},
                 {"password": "pw", "token_type": "x"}, {"password": "pw", "token_bound_cidrs": "x"},
                 {"password": "pw", "nonsense": 1}, {"password": "pw", "token_num_uses": 3, "ttl": "1h"}):
        yield Step("POST", "auth/people/users/tried", body)
        yield Step("GET", "auth/people/users/tried")
        yield Step("DELETE", "auth/people/users/tried")
    yield Step("POST", "auth/people/users/Bob", {"password": "pw", "token_policies": "issuer", "token_ttl": "1h"})
    for user, body in (("bob", {"password": "pw"}), ("BOB", {"password": "pw"}), ("bob", {"password": "x"}),
                       ("nobody", {"password": "x"}), ("bob", {}), ("bob", {"password": ""})):
        yield Step("POST", f"auth/people/login/{user}", body, token="", save={"bob": "auth/client_token"})
    yield Step("GET", "auth/token/lookup-self", token="${bob}")
    yield Step("POST", "auth/people/users/bob/password", {"password": "new"})
    yield Step("POST", "auth/people/users/bob/password", {})
    yield Step("POST", "auth/people/users/nobody/password", {"password": "new"})
    yield Step("POST", "auth/people/users/bob/policies", {"token_policies": "limited"})
    yield Step("POST", "auth/people/users/bob/policies", {"policies": "limited"})
    yield Step("POST", "auth/people/users/bob/policies", {})
    yield Step("GET", "auth/people/users/bob")
    yield Step("POST", "auth/people/login/bob", {"password": "new"}, token="")
    yield Step("GET", "auth/people/users/nobody")
    yield Step("DELETE", "auth/people/users/nobody")
    yield Step("LIST", "auth/people/users")


def client_certificates(material, draw):
    yield Step("POST", "sys/auth/cert", {"type": "cert"})
    certificate = (material.folder / "client.pem").read_text()
    yield Step("LIST", "auth/cert/certs")
    yield Step("POST", "auth/cert/login", {"name": "ops"}, token="", client=True)
    for body in ({"certificate": certificate, "token_policies": "issuer"}, {}, {"certificate": "x"},
                 {"certificate": certificate, "allowed_common_names": "a,b"},
                 {"certificate": certificate, "allowed_dns_sans": "*.example.com", "display_name": "d"},
                 {"certificate": certificate, "required_extensions": "1.2.3:*"},
                 {"certificate": certificate, "token_ttl": "2h", "token_max_ttl": "1h"},
                 {"certificate": certificate, "token_bound_cidrs": "x"}, {"certificate": certificate, "nonsense": 1},
                 {"certificate": certificate, "allowed_metadata_extensions": "1.2.3"},
                 {"certificate": certificate, "policies": "issuer", "ttl": "1h"},
                 {"certificate": certificate, "ocsp_enabled": True, "ocsp_fail_open": "true",
                  "ocsp_servers_override": "http://a.example/,http://b.example/", "ocsp_query_all_servers": True},
                 {"certificate": certificate, "ocsp_ca_certificates": certificate},
                 {"certificate": certificate, "ocsp_enabled": "maybe"}):
        yield Step("POST", "auth/cert/certs/tried", body)
        yield Step("GET", "auth/cert/certs/tried")
        yield Step("DELETE", "auth/cert/certs/tried")
    yield Step("POST", "auth/cert/certs/ops", {"certificate": certificate, "token_policies": "issuer",
                                               "token_ttl": "1h", "allowed_organizational_units": "ops"})
    yield Step("POST", "auth/cert/certs/never", {"certificate": certificate, "allowed_common_names": "x"})
    for body in ({"name": "ops"}, {}, {"name": "never"}, {"name": "absent"}):
        yield Step("POST", "auth/cert/login", body, token="", client=True, save={"ops": "auth/client_token"})
        yield Step("POST", "auth/cert/login", body, token="")
    yield Step("GET", "auth/token/lookup-self", token="${ops}")
    yield Step("POST", "auth/token/renew-self", {}, token="${ops}", client=True)
    yield Step("POST", "auth/token/renew-self", {}, token="${ops}")
    yield Step("GET", "auth/cert/config")
    for body in ({"disable_binding": True}, {"disable_binding": "x"}, {}):
        yield Step("POST", "auth/cert/config", body)
        yield Step("GET", "auth/cert/config")
    yield Step("LIST", "auth/cert/certs")
    yield Step("GET", "auth/cert/certs/absent")
    yield Step("DELETE", "auth/cert/certs/absent")
    crl = material.revocations()
    for name in ("lists", "Lists"):
        yield Step("LIST", "auth/cert/crls")
        yield Step("GET", f"auth/cert/crls/{name}")
        yield Step("DELETE", f"auth/cert/crls/{name}")
        for body in ({}, {"crl": "nonsense"}, {"crl": certificate}, {"crl": crl}, {"url": "nonsense"}):
            yield Step("POST", f"auth/cert/crls/{name}", body)
            yield Step("GET", f"auth/cert/crls/{name}")
        yield Step("LIST", "auth/cert/crls")
        yield Step("GET", "auth/cert/crls/lists")
        yield Step("DELETE", f"auth/cert/crls/{name}")


def system(material, draw):
    for path in ("sys/health", "sys/seal-status", "sys/leader", "sys/init", "sys/internal/ui/mounts"):
        yield Step("GET", path, token="")
    yield Step("HEAD", "sys/health", token="")
    yield Step("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1}, token="")
    yield Step("POST", "auth/token/tidy")
    yield Step("GET", "auth/token/tidy")
    yield Step("GET", "sys/health?activecode=299", token="")
    yield Step("GET", "sys/auth")
    yield Step("GET", "sys/auth/approle")
    yield Step("GET", "sys/auth/absent")
    yield Step("GET", "sys/auth/approle/tune")
    for body in ({"default_lease_ttl": "1h"}, {"token_type": "service"}, {"token_type": "default-service"},
                 {"token_type": "x"}, {"description": "x"}, {"max_lease_ttl": "x"}, {"listing_visibility": "unauth"}):
        yield Step("POST", "sys/auth/approle/tune", body)
        yield Step("GET", "sys/auth/approle/tune")
    for path, body in (("bad", {"type": "nonsense"}), ("bad", {}), ("token", {"type": "token"}),
                       ("below/it", {"type": "userpass"})):
        yield Step("POST", f"sys/auth/{path}", body)
    for path in ("below/it", "absent", "token"):
        yield Step("DELETE", f"sys/auth/{path}")
    for method, path, body in (("POST", "sys/leases/lookup", {"lease_id": "x"}), ("POST", "sys/leases/lookup", {}),
                               ("POST", "sys/leases/renew", {"lease_id": "x"}), ("POST", "sys/leases/renew", {}),
                               ("POST", "sys/leases/revoke", {"lease_id": "x"}), ("POST", "sys/leases/revoke", {}),
                               ("POST", "sys/leases/revoke-prefix/cmp/nothing", {}),
                               ("LIST", "sys/leases/lookup/cmp/nothing", None)):
        yield Step(method, path, body)
    yield Step("DELETE", "cmp/root")
    yield Step("LIST", "cmp/issuers")
    yield Step("LIST", "cmp/keys")
    yield Step("DELETE", "sys/mounts/cmp")
    yield Step("GET", "cmp/roles/web")


def paths(material, draw):
    yield Step("POST", "sys/mounts/last", {"type": "pki"})
    known = ["last", "last/", "last/nope", "last/roles/a b", "last/roles/-a", "last/roles/a/b", "last/issue", "last/issue/",
             "last/sign", "last/cert", "last/certs", "last/cert/ca/x", "last/issuer", "last/issuer/a/b", "last/config",
             "last/config/nope", "last/keys/generate/nope", "last/root", "last/crl/nope", "sys", "sys/nope",
             "sys/mounts/", "sys/policies", "sys/policies/acl/", "auth", "auth/token", "auth/token/nope", "auth/nope",
             "nowhere", "nowhere/x", "", "last/issue/web", "last/roles", "last/revoke", "last/tidy", "last/ca",
             "sys/health", "sys/mounts", "auth/token/create", "auth/token/lookup-self", "last/ocsp", "last/issuers"]
    for path, method in itertools.product(known, ("GET", "LIST", "POST", "DELETE", "PATCH")):
        headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        body = {} if method in ("POST", "PATCH") else None
        yield Step(method, path, body, headers=headers)
        if draw.random() < 0.3:
            yield Step(method, path, body, headers=headers, token="")
    yield Step("POST", "last/roles/web", {"key_type": "ec"}, headers={"X-Vault-Namespace": "a"})
    yield Step("DELETE", "sys/mounts/last")
