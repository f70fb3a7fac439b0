"""What a certificate, a request or a CRL says, without what is different in every one of them: numbers, keys, times."""

import base64
import datetime
import re

TIME = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}
KEY_IDS = {"2.5.29.14", "2.5.29.35"}  # subject and authority key identifier
CRL_NUMBERS = {"2.5.29.20", "2.5.29.27"}


def elements(der):
    """(tag, content) of each element."""
    at = 0
    while at < len(der):
        tag, length = der[at], der[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(der[at:at + octets], "big")
            at += octets
        yield tag, der[at:at + length]
        at += length


def oid(content):
    numbers, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def value_of(tag, content):
    """An element as lists, texts and numbers."""
    if tag in TIME:
        moment = datetime.datetime.strptime(content.decode(), TIME[tag]).replace(tzinfo=datetime.timezone.utc)
        return int(moment.timestamp())
    if tag == 0x06:
        return oid(content)
    if tag == 0x01:
        return content != b"\x00"
    if tag == 0x02:
        return int.from_bytes(content, "big") if len(content) < 8 else f"number of {len(content)} octets"
    if tag & 0x20:
        return [value_of(*element) for element in elements(content)]
    if tag in (0x0C, 0x13, 0x16):
        return f"{ {0x0C: 'utf8', 0x13: 'printable', 0x16: 'ia5'}[tag] } {content.decode()}"
    if tag & 0xC0 == 0x80 and content.isascii():
        return f"[{tag & 0x1F}] {content.decode()}"
    return content.hex()


def extension(parts):
    name, rest = oid(parts[0][1]), parts[1:]
    critical = len(rest) == 2
    content = rest[-1][1]
    if name in KEY_IDS or name in CRL_NUMBERS:
        said = "present"
    else:
        said = [value_of(*element) for element in elements(content)]
    return name, {"critical": critical, "value": said}


def extensions(content):
    ((_, inner),) = elements(content)
    return dict(sorted(extension(list(elements(one))) for _, one in elements(inner)))


def public_key(content):
    (_, algorithm), (_, bits) = elements(content)
    return {"algorithm": [value_of(*element) for element in elements(algorithm)], "bits": len(bits) // 8 * 64}


def certificate(der):
    ((_, whole),) = elements(der)
    (_, tbs), (_, algorithm), _ = elements(whole)
    version, _, inner_algorithm, issuer, validity, subject, spki, *rest = elements(tbs)
    not_before, not_after = (value_of(*element) for element in elements(validity[1]))
    return {"version": value_of(*version), "algorithm": value_of(*inner_algorithm), "issuer": value_of(*issuer),
            "not_before": not_before, "not_after": not_after, "subject": value_of(*subject),
            "key": public_key(spki[1]), "algorithms agree": algorithm == inner_algorithm[1],
            "extensions": next((extensions(content) for tag, content in rest if tag == 0xA3), {})}


def request(der):
    ((_, whole),) = elements(der)
    (_, info), (_, algorithm), _ = elements(whole)
    _, subject, spki, attributes = elements(info)
    return {"subject": value_of(*subject), "key": public_key(spki[1]), "algorithm": value_of(0x30, algorithm),
            "attributes": [value_of(*attribute) for attribute in elements(attributes[1])]}


def crl(der):
    ((_, whole),) = elements(der)
    (_, tbs), (_, algorithm), _ = elements(whole)
    version, _, issuer, this_update, next_update, *rest = elements(tbs)
    entries = [list(elements(one)) for tag, content in rest if tag == 0x30 for _, one in elements(content)]
    return {"version": value_of(*version), "issuer": value_of(*issuer), "algorithm": value_of(0x30, algorithm),
            "this_update": value_of(*this_update), "next_update": value_of(*next_update), "entries": len(entries),
            "extensions": next((extensions(content) for tag, content in rest if tag == 0xA0), {})}


READERS = {"CERTIFICATE": certificate, "CERTIFICATE REQUEST": request, "X509 CRL": crl}
PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n(.+?)\n-----END \1-----", re.DOTALL)


def read_pem(text):
    """Each object of a PEM text: its label, and what it says where it is public."""
    objects = []
    for label, body in PEM.findall(text):
        reader = READERS.get(label)
        objects.append({"label": label} | (reader(base64.b64decode(body)) if reader else {}))
    return objects
