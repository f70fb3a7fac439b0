"""How Chancery's answers differ from OpenBao's on purpose: each rule with what it covers.

A rule's name is the heading of its reason in docs/protocols/vault.md. A difference that no rule covers fails the test,
and so does a rule that covers none. Found(step, where, ours, theirs): `where` is "status", "content-type", "body" or a
JSON pointer; of a status the two sides are "404 ['text']".
"""

import collections
import re

Found = collections.namedtuple("Found", "step where ours theirs")
MOST = 25


def client_erred(found):
    """OpenBao answers 5xx where the client is at fault: 4xx here."""
    return found.where == "status" and re.match(r"4\d\d ", found.ours) and found.theirs.startswith("500 ")


def words(found):
    """Only the text of a refusal differs."""
    return re.fullmatch(r"/errors(/\d+)?", found.where) is not None


def refused(*texts):
    """Refused here, with one of these texts, and done there."""
    return lambda found: (found.where == "status" and found.ours.startswith("4")
                          and found.theirs[:3] in ("200", "202", "204") and any(text in found.ours for text in texts))


def text(*texts):
    return lambda found: words(found) and any(one in str(found.ours) for one in texts)


def either(*rules):
    return lambda found: any(rule(found) for rule in rules)


def at(*patterns):
    return lambda found: any(re.search(pattern, found.where) for pattern in patterns)


def asked(*patterns):
    return lambda found: any(re.search(pattern, str(found.step)) for pattern in patterns)


def all_of(*rules):
    return lambda found: all(rule(found) for rule in rules)


def names_without_kind(side):
    """Texts of names without the kind of string that they are."""
    return re.sub(r"(^|')(utf8|printable) ", r"\1text ", str(side))


Rule = collections.namedtuple("Rule", "name covers by_chance", defaults=[False])


def reordered(found):
    """One side tells of a field that cannot be read, the other of a rule that refuses another field."""
    unread = "Field validation failed|parsing time|could not be parsed|private_key_format|path parameter must be"
    here, there = (re.search(unread, str(side)) for side in (found.ours, found.theirs))
    return words(found) and (bool(here) != bool(there) or "private_key_format" in str(found.ours))


RULES = [
    Rule("Names are UTF8String", lambda found: names_without_kind(found.ours) == names_without_kind(found.theirs)),
    Rule("The client's fault is 4xx", either(
        client_erred, all_of(at("^status$"), lambda found: found.ours.startswith("404 ")
                             and (found.theirs.startswith("400 ") and "issuer" in found.theirs
                                  or found.theirs == "204 ")))),
    Rule("Strict input", either(
        refused("could not be parsed", "not exactly one", "is not a code of two letters", "private_key_format",
                "must be greater than", "page_size", "parsing time", "signature algorithm: 128"),
        text("could not be parsed", "contains no PEM", "failed to decode JSON"),
        all_of(at("/data/expiry$"), asked("config/crl")))),
    Rule("Of several faults another is told", reordered),
    Rule("Certificates that nobody can use", refused(
        "would name nobody", "is later than the certificate's", "needs a subject", "smaller", "outlive")),
    Rule("Lists may come as lists", either(
        lambda found: found.where == "status" and found.ours.startswith("200") and "alt_names" in found.theirs,
        all_of(asked(r'"alt_names": " '), at("2.5.29.17")))),
    Rule("Only PKI", either(
        at(r"entity_id$", r"/(sys|identity|cubbyhole|secret|pki)/$"), asked("response-wrapping", "wrapping_ttl"),
        all_of(at(r"/(policy|rules)$"), lambda found: "wrapping_ttl" in str(found.ours)),
        text("identity entities"))),
    Rule("Policies have no versions", all_of(asked("sys/polic"), at(
        r"/(allow_slashes_in_identity_templates|allow_wildcards_in_identity_templates|cas_required|modified|version|"
        r"expiration)$"))),
    Rule("The first token", all_of(asked("auth/token/lookup"), lambda found: found.theirs in (
        "token", "root", "auth/token/create") and found.ours in ("root", "${root}", "auth/token/root"))),
    Rule("A delta CRL has its own times", all_of(at(r"next_update$"), asked("delta"))),
    Rule("A CRL tells of its issuer's certificates", either(
        all_of(at(r"/entries$"), lambda found: found.ours + 1 == found.theirs),
        all_of(at("/keys$"), asked("certs/revoked")))),
    Rule("Validity lies within the issuer's", all_of(at(r"/not_before$"), asked("/curve"),
                                                     lambda found: found.ours > found.theirs)),
    Rule("Words of readers", all_of(words, lambda found: re.search(
        r"failed to parse policy|signature algorithm value|time: invalid duration|error converting input|"
        r"parsing time|must be positive|parse PEM block|failed to parse CRL|path parameter must be|tokens of type", str(found.ours)))),
    Rule("null is not given", all_of(asked("null"), at("^/data/"))),
    Rule("Without a token nothing is told", lambda found: found.where == "status" and found.ours.startswith("403")
         and found.theirs.startswith("404")),
    Rule("Paths that are none", all_of(either(
        all_of(at("^status$"), lambda found: found.theirs[0] in "34" and (
            found.ours[0] == "4" or found.step.path.endswith("/"))), words), asked(
        r"^(GET|LIST|POST|DELETE|PATCH) (last|sys|auth|nowhere)?(/|\s|$)"))),
    Rule("cert/:serial tells more", either(all_of(at(r"/data/issuer_id$"), asked("GET cmp/cert/")),
                                           asked(r"cert/(crl|delta-crl)/raw"))),
    Rule("URLs of an issuer", either(
        all_of(at(r"/data/(issuing_certificates|crl_distribution_points|ocsp_servers)$"),
               lambda found: found.ours is None and found.theirs == []),
        at("/data/(delta_crl_distribution_points|enable_aia_url_templating)$"))),
    Rule("Names are unique", either(refused("already in use", "reserved keyword"), at("/issuer_name$"))),
    Rule("The hash fits the key", all_of(at(r"/algorithm/\d+$"), asked("signature_bits"))),
    Rule("The last use", all_of(at(r"/data/num_uses$"), lambda found: (found.ours, found.theirs) == (0, -1))),
    Rule("Warnings", all_of(at("/warnings$"), asked('"skid"', '"alt_names": "a b"', '"issuer_ref": ""', '"ttl": "90000h"',
                                                    "issuer/short/revoke"))),
    # Which of the random numbers a page of one has decides whether they differ by name.
    Rule("Serial numbers begin with a month", all_of(at("/key_info/"), asked("certs/detailed")), by_chance=True),
    Rule("Old names of fields", at(r"/bound_cidrs$", r"/bound_cidr_list$")),
    Rule("The seal", either(all_of(at(r"/(build_date|commit_date|n|t|storage_type|type|recovery_seal|nonce)$"),
                                   asked("sys/seal-status")), all_of(asked("config/cluster"), either(
                                       at("path$"), lambda found: "non-URL path given" in str(found.theirs))))),
]
