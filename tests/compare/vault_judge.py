"""Where two answers to one request differ."""

import base64
import binascii
import re

import vault_der

# A difference between moments, or lifetimes that count down, says only that one request came later.
SECONDS = 300
FIRST_MOMENT = 1_000_000_000
COUNTING = {"ttl", "lease_duration", "creation_ttl", "last_renewal_time"}
# Of these only presence and type are compared: they say which server it is, or are random.
OWN = {"accessor", "client_token", "uuid", "cluster_id", "cluster_name", "version", "build_date",
       "commit_date", "running_plugin_version", "server_time_utc", "secret_id", "secret_id_accessor", "role_id",
       "wrapped_accessor", "mount_accessor", "migration_id"}
# Lists of names and ids, whose order is that of what is random, or none.
NAMES = {"keys", "policies", "imported_keys", "imported_issuers", "existing_keys", "existing_issuers"}
MASKS = [
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(?:[0-9a-f]{2}[:-]){15,}[0-9a-f]{2}\b"), "<octets>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[-+]\d\d:?\d\d( UTC)?|Z| UTC)?( m=[-+.\d]+)?"), "<time>"),
    (re.compile(r"\b(pki|auth_\w+|token|approle|userpass|cert|auth_cert)_[0-9a-f]{8}\b"), r"\1_<id>"),
    (re.compile(r"request_id [0-9a-zA-Z-]+"), "<request>"),
]


class Sides:
    """Both answers, with the values that each server gave masked by their names."""

    def __init__(self, ours, theirs):
        self.known = [{value: f"${{{name}}}" for name, value in peer.values.items()
                       if isinstance(value, str) and 8 <= len(value) < 400} for peer in (ours, theirs)]

    def mask(self, side, text):
        for value, name in self.known[side].items():
            if value in text:
                text = text.replace(value, name)
        for pattern, name in MASKS:
            text = pattern.sub(name, text)
        return text


def opened(text):
    """What a text holds: PEM objects, or a certificate, CRL or request in base64; else nothing."""
    if "-----BEGIN " in text:
        return vault_der.read_pem(text)
    if len(text) < 80 or not re.fullmatch(r"[A-Za-z0-9+/]+=*", text):
        return None
    try:
        der = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return opened_der(der) or [{"label": "octets"}]


def opened_der(der):
    for reader in vault_der.READERS.values():
        try:
            return [{"label": "DER"} | reader(der)]
        except (ValueError, IndexError, UnicodeDecodeError):
            continue
    return None


def kind(value):
    return {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}.get(
        type(value), "null")


def any_serial(name):
    return "<octets>" if isinstance(name, str) and name.startswith("${serial-") else name


def compare(sides, ours, theirs, where=""):
    """(pointer, ours, theirs) of each difference."""
    if kind(ours) != kind(theirs):
        yield where, ours, theirs
    elif isinstance(ours, dict):
        yield from compare_objects(sides, ours, theirs, where)
    elif isinstance(ours, list):
        if len(ours) != len(theirs):
            yield where, ours, theirs
            return
        if where.rsplit("/", 1)[-1] in NAMES:
            ours = sorted((sides.mask(0, one) if isinstance(one, str) else one for one in ours), key=str)
            theirs = sorted((sides.mask(1, one) if isinstance(one, str) else one for one in theirs), key=str)
            if ours != theirs:  # serial numbers are random: a page that does not hold all holds others
                ours, theirs = (sorted(map(any_serial, names), key=str) for names in (ours, theirs))
        for index, pair in enumerate(zip(ours, theirs)):
            yield from compare(sides, *pair, f"{where}/{index}")
    elif isinstance(ours, str):
        yield from compare_texts(sides, ours, theirs, where)
    elif isinstance(ours, (int, float)) and not isinstance(ours, bool):
        key = where.rsplit("/", 1)[-1]
        tolerance = SECONDS if key in COUNTING or ours > FIRST_MOMENT and theirs > FIRST_MOMENT else 0
        if abs(ours - theirs) > tolerance:
            yield where, ours, theirs
    elif ours != theirs:
        yield where, ours, theirs


def compare_objects(sides, ours, theirs, where):
    mine = {sides.mask(0, key): value for key, value in ours.items()}
    others = {sides.mask(1, key): value for key, value in theirs.items()}
    for key in sorted(mine.keys() | others.keys()):
        if key in ("chancery", "request_id") and not where:
            continue
        if key not in others:
            yield f"{where}/{key}", mine[key], "(absent)"
        elif key not in mine:
            yield f"{where}/{key}", "(absent)", others[key]
        elif key in OWN and kind(mine[key]) == kind(others[key]) and bool(mine[key]) == bool(others[key]):
            continue
        else:
            yield from compare(sides, mine[key], others[key], f"{where}/{key}")


def compare_texts(sides, ours, theirs, where):
    if ours == theirs:
        return
    held, others = opened(ours), opened(theirs)
    if held is not None and others is not None:
        yield from compare(sides, held, others, where)
        return
    mine, other = sides.mask(0, ours), sides.mask(1, theirs)
    if mine != other:
        yield where, mine, other


def differences(sides, ours, theirs):
    """All differences of two answers; what follows from another status is not told besides."""
    if ours.status != theirs.status:
        yield "status", f"{ours.status} {sides.mask(0, text_of(ours))}", f"{theirs.status} {sides.mask(1, text_of(theirs))}"
        return
    if (ours.body or theirs.body) and ours.content_type.split(";")[0] != theirs.content_type.split(";")[0]:
        yield "content-type", ours.content_type, theirs.content_type
    if (ours.json is None) != (theirs.json is None):
        yield "body", text_of(ours), text_of(theirs)
    elif ours.json is not None:
        yield from compare(sides, ours.json, theirs.json)
    elif ours.body != theirs.body:
        yield from compare_bodies(sides, ours.body, theirs.body)


def compare_bodies(sides, ours, theirs):
    held, others = opened_der(ours), opened_der(theirs)
    if held and others:
        yield from compare(sides, held, others, "body")
    elif ours.isascii() and theirs.isascii():
        yield from compare_texts(sides, ours.decode(), theirs.decode(), "body")
    elif bool(ours) != bool(theirs):
        yield "body", len(ours), len(theirs)


def text_of(answer):
    """What an answer says, for people: its errors where it has some."""
    errors = answer.at("errors") if answer.json else None
    return str(errors) if errors is not None else answer.body[:200].decode(errors="replace")
