"""Keys, certificates, requests and tokens for every server under measurement, made alike for all of them."""

import base64
import datetime
import functools
import hashlib
import ipaddress
import json
import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256 = hashes.SHA256()
NOW = datetime.datetime.now(datetime.timezone.utc)


def new_key(kind):
    return ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)


def pem(thing):
    if hasattr(thing, "private_bytes"):
        return thing.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                   serialization.NoEncryption()).decode()
    return thing.public_bytes(serialization.Encoding.PEM).decode()


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_requests(kind, count):
    """`count` different certificate requests as (host, PEM). RSA keys are slow to make: 16 of them serve all."""
    keys = [new_key(kind) for _ in range(count if kind == "ec" else 16)]
    made = []
    for i in range(count):
        host = f"host-{i}.example.test"
        request = x509.CertificateSigningRequestBuilder().subject_name(name(host)).add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host)]), False).sign(keys[i % len(keys)], SHA256)
        made.append((host, pem(request)))
    return made


class Authority:
    """A root and an issuing authority of one kind of key."""

    def __init__(self, kind):
        self.root_key, self.key = new_key(kind), new_key(kind)
        self.root = self._certificate("Bench root", self.root_key, self.root_key, "Bench root")
        self.certificate = self._certificate("Bench issuing CA", self.key, self.root_key, "Bench root", path_length=0)

    @staticmethod
    def _certificate(subject, key, issuer_key, issuer, path_length=1):
        public = key.public_key()
        return (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
                .public_key(public).serial_number(x509.random_serial_number())
                .not_valid_before(NOW - datetime.timedelta(hours=1))
                .not_valid_after(NOW + datetime.timedelta(days=3650))
                .add_extension(x509.BasicConstraints(True, path_length), True)
                .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
                .sign(issuer_key, SHA256))

    def leaf(self, host):
        """A certificate and its key, for a server's own TLS or for what an OCSP responder knows."""
        key = new_key("ec")
        names = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = (x509.CertificateBuilder().subject_name(name(host)).issuer_name(self.certificate.subject)
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(NOW - datetime.timedelta(hours=1))
                .not_valid_after(NOW + datetime.timedelta(days=90))
                .add_extension(x509.SubjectAlternativeName(names), False)
                .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
                .sign(self.key, SHA256))
        return made, key


class Materials:
    """What all servers share: the authorities, and as many different requests of each kind."""

    def __init__(self, count):
        self.count = count
        self.authorities = {kind: Authority(kind) for kind in ("ec", "rsa")}
        self.requests = functools.cache(lambda kind: make_requests(kind, count))


def ocsp_request(certificate, issuer):
    """DER of a question about one certificate, with a SHA-1 CertID: what every responder understands."""
    return ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build().public_bytes(
        serialization.Encoding.DER)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenSigner:
    """One-time tokens of step-ca's JWK provisioner."""

    def __init__(self):
        self.key = new_key("ec")
        numbers = self.key.public_key().public_numbers()
        self.jwk = {"crv": "P-256", "kty": "EC", "x": base64url(numbers.x.to_bytes(32)),
                    "y": base64url(numbers.y.to_bytes(32))}
        self.kid = base64url(hashlib.sha256(json.dumps(self.jwk, separators=(",", ":")).encode()).digest())

    def token(self, issuer, audience, subject, names):
        now = int(datetime.datetime.now().timestamp())
        claims = {"aud": audience, "exp": now + 3600, "iat": now, "iss": issuer, "jti": secrets.token_hex(32),
                  "nbf": now - 60, "sans": names, "sub": subject}
        head = {"alg": "ES256", "kid": self.kid, "typ": "JWT"}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256)))
        return f"{text}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"
