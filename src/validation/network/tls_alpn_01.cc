#include "validation/network/tls_alpn_01.h"

#include <algorithm>
#include <ranges>

#include "asn1/oid.h"
#include "asn1/reader.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "validation/network/connection.h"
#include "x509/certificate.h"
#include "x509/general_name.h"

namespace chancery::validation::network {
namespace {

constexpr std::string_view kProtocol = "acme-tls/1";
constexpr asn1::Oid kAcmeIdentifier("1.3.6.1.5.5.7.1.31");
constexpr asn1::Oid kObsolete("1.3.6.1.5.5.7.1.30.1");  // of the drafts before RFC 8737

Result<BytesView> digest_in(BytesView value) {
  asn1::Reader reader(value);
  const BytesView digest = TRY(reader.read_octet_string());
  TRY(reader.finish());
  return digest;
}

std::string extension_objection(const Attempt& attempt, const x509::Certificate& certificate) {
  const x509::Extension* const found = certificate.extensions().find(kAcmeIdentifier);
  if (found == nullptr) {
    return certificate.extensions().find(kObsolete) != nullptr
               ? "it has the acmeIdentifier extension of an early draft (1.3.6.1.5.5.7.1.30.1); "
                 "update the client"
               : "it has no acmeIdentifier extension; is it the one made for this challenge?";
  }
  if (!found->critical) return "its acmeIdentifier extension is not critical";
  const auto digest = digest_in(found->value);
  if (!digest) return "its acmeIdentifier extension is not one OCTET STRING";
  if (!equal(*digest, crypto::sha256(as_bytes(attempt.key_authorization))))
    return "its acmeIdentifier extension is not the digest of this challenge's key authorisation";
  return {};
}

bool is_for(const x509::GeneralName& name, const Identifier& identifier) {
  if (identifier.kind == Identifier::Kind::kDns) {
    return name.kind() == x509::GeneralName::Kind::kDns &&
           equal_ignoring_case(name.text(), identifier.value);
  }
  const auto address = x509::parse_ip(identifier.value);
  return name.kind() == x509::GeneralName::Kind::kIp && address && equal(name.octets(), *address);
}

std::string name_objection(const Attempt& attempt, const x509::Certificate& certificate) {
  const auto names = certificate.subject_alt_names();
  if (names.size() != 1)
    return "it has " + std::to_string(names.size()) + " subject alternative names instead of one";
  if (!is_for(names[0], attempt.identifier))
    return "its subject alternative name is not " + attempt.identifier.value;
  return {};
}

std::string reversed(BytesView octets) {
  std::string out;
  if (octets.size() == 4) {
    for (const std::uint8_t octet : octets | std::views::reverse)
      out += std::to_string(octet) + ".";
    return out + "in-addr.arpa";
  }
  for (const char digit : hex(octets) | std::views::reverse) out += std::string(1, digit) + ".";
  return out + "ip6.arpa";
}

Failure tls_failure(const std::string& where, const std::string& why, bool may_pass_later) {
  return {Problem::kTls,
          "the TLS handshake with " + where + " for \"acme-tls/1\": " + printable(why, 300) +
              ". Check that the client answers the challenge on this port, behind no proxy that "
              "ends TLS.",
          may_pass_later};
}

Step<TlsSeen> handshake(const Attempt& attempt, const Probe& probe,
                        const std::vector<Bytes>& addresses) {
  const std::uint16_t port = probe.zone.tls_port;
  Failure last;
  for (const Bytes& address : addresses) {
    const std::string where = place(address, port);
    auto connection = Connection::open(address, port, probe.step());
    if (!connection) {
      probe.trail.saw(where, connection.error().detail);
      last = {Problem::kConnection,
              "connecting to " + where + ": " + connection.error().detail + ".", true};
      continue;
    }
    auto seen = connection->start_tls({server_name(attempt.identifier), std::string(kProtocol)},
                                      probe.step());
    if (!seen) {
      probe.trail.saw(where, "TLS: " + seen.error().detail);
      return std::unexpected(
          tls_failure(where, seen.error().detail, seen.error().code == Code::kDeadlineExceeded));
    }
    probe.trail.saw(where, seen->version + ", protocol \"" + seen->alpn + "\"");
    if (seen->alpn != kProtocol)
      return std::unexpected(tls_failure(where, "the server did not choose this protocol", false));
    return std::move(*seen);
  }
  return std::unexpected(std::move(last));
}

}  // namespace

std::string server_name(const Identifier& identifier) {
  if (identifier.kind == Identifier::Kind::kDns) return identifier.value;
  const auto octets = x509::parse_ip(identifier.value);
  return octets ? reversed(*octets) : "";
}

std::string alpn_objection(const Attempt& attempt, BytesView certificate) {
  const auto parsed = x509::Certificate::parse(certificate);
  if (!parsed) return "it does not parse: " + printable(parsed.error().to_string(), 200);
  if (auto wrong = name_objection(attempt, *parsed); !wrong.empty()) return wrong;
  return extension_objection(attempt, *parsed);
}

Outcome tls_alpn_01(const Attempt& attempt, const Probe& probe) {
  const auto found = addresses(probe, attempt.identifier.value);
  if (!found) return outcome_of(found.error());
  const auto seen = handshake(attempt, probe, *found);
  if (!seen) return outcome_of(seen.error());
  const std::string wrong = alpn_objection(attempt, seen->certificate);
  if (wrong.empty()) return {};
  probe.trail.saw("certificate", wrong);
  return outcome_of({Problem::kIncorrectResponse,
                     "the certificate that the server shows for \"acme-tls/1\": " + wrong + ".",
                     false});
}

}  // namespace chancery::validation::network
