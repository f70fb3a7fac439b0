#include "cli/inspect_item.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>

#include "base/text.h"
#include "x509/oids.h"
#include "x509/to_text.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
using std::chrono::days;

// What public certificate authorities may issue at most (CA/Browser Forum, until March 2026); there
// are clients that hold private ones to it as well.
constexpr days kLongestServerValidity{398};
constexpr days kSoon{14};

std::string count(std::int64_t number, std::string_view unit) {
  return std::to_string(number) + " " + std::string(unit) + (number == 1 ? "" : "s");
}

std::string span_text(seconds span) {
  if (span >= days{2}) return count(std::chrono::floor<days>(span).count(), "day");
  if (span >= std::chrono::hours{2})
    return count(std::chrono::floor<std::chrono::hours>(span).count(), "hour");
  return count(std::chrono::floor<std::chrono::minutes>(span).count(), "minute");
}

std::string left_text(const x509::Certificate& certificate, TimePoint now) {
  const seconds whole = certificate.not_after() - certificate.not_before();
  if (now < certificate.not_before())
    return "begins in " + span_text(certificate.not_before() - now);
  if (now > certificate.not_after())
    return "expired " + span_text(now - certificate.not_after()) + " ago";
  return span_text(certificate.not_after() - now) + " of " + span_text(whole);
}

struct WeakAlgorithm {
  asn1::Oid id;
  std::string_view name;
};
constexpr std::array kWeakAlgorithms{
    WeakAlgorithm{asn1::Oid("1.2.840.113549.1.1.2"), "MD2 with RSA"},
    WeakAlgorithm{asn1::Oid("1.2.840.113549.1.1.4"), "MD5 with RSA"},
    WeakAlgorithm{asn1::Oid("1.2.840.113549.1.1.5"), "SHA-1 with RSA"},
    WeakAlgorithm{asn1::Oid("1.2.840.10045.4.1"), "SHA-1 with ECDSA"},
    WeakAlgorithm{asn1::Oid("1.2.840.10040.4.3"), "SHA-1 with DSA"},
};

// The weak algorithm that an AlgorithmIdentifier names, or null.
const WeakAlgorithm* weak_algorithm(BytesView identifier) {
  asn1::Reader in(identifier);
  auto body = in.enter_sequence();
  if (!body) return nullptr;
  const auto content = body->read_oid();
  if (!content) return nullptr;
  const auto id = asn1::Oid::from_der(*content);
  if (!id) return nullptr;
  const auto* const found = std::ranges::find(kWeakAlgorithms, *id, &WeakAlgorithm::id);
  return found == kWeakAlgorithms.end() ? nullptr : found;
}

void warn_of_algorithm(BytesView identifier, std::vector<std::string>& warnings) {
  if (const WeakAlgorithm* weak = weak_algorithm(identifier))
    warnings.push_back("the signature is " + std::string(weak->name) +
                       ", which can be forged; clients refuse it");
}

bool has_purpose(const x509::Certificate& certificate, const asn1::Oid& purpose) {
  const auto& purposes = certificate.extensions().extended_key_usage;
  return purposes && std::ranges::find(*purposes, purpose) != purposes->end();
}

void warn_of_time(const x509::Certificate& certificate, TimePoint now,
                  std::vector<std::string>& warnings) {
  const TimePoint begin = certificate.not_before();
  const TimePoint end = certificate.not_after();
  if (end < begin) {
    warnings.emplace_back("the validity ends before it begins");
  } else if (now < begin) {
    warnings.emplace_back("not yet valid");
  } else if (now > end) {
    warnings.emplace_back("expired");
  } else if (end - now < std::min<seconds>(kSoon, (end - begin) / 3)) {
    warnings.push_back("expires in " + span_text(end - now));
  }
}

std::vector<std::string> warnings_of(const x509::Certificate& certificate, TimePoint now) {
  std::vector<std::string> warnings;
  warn_of_time(certificate, now, warnings);
  warn_of_algorithm(certificate.signature_algorithm(), warnings);
  if (const auto key = certificate.public_key(); !key)
    warnings.push_back("the key is not usable: " + key.error().detail);
  if (certificate.version() < 3)
    warnings.emplace_back("version " + std::to_string(certificate.version()) +
                          ": without extensions, nothing says what it is for");
  const bool server = has_purpose(certificate, x509::oids::kServerAuth);
  if (server && !certificate.is_ca()) {
    if (certificate.subject_alt_names().empty())
      warnings.emplace_back("no subject alternative name: clients match no other");
    if (certificate.not_after() - certificate.not_before() > kLongestServerValidity)
      warnings.emplace_back("valid for more than 398 days: some clients refuse it for TLS servers");
    if (certificate.is_self_issued()) warnings.emplace_back("self-signed");
  }
  return warnings;
}

json::array names_of(std::span<const x509::GeneralName> names) {
  json::array out;
  for (const auto& name : names) out.emplace_back(name.to_string());
  return out;
}

std::string algorithm_name(BytesView identifier) {
  if (const auto scheme = crypto::parse_algorithm_identifier(identifier))
    return std::string(crypto::name(*scheme));
  const WeakAlgorithm* weak = weak_algorithm(identifier);
  return weak != nullptr ? std::string(weak->name) : "unknown";
}

std::string fingerprint(const crypto::Sha256& digest) { return hex(digest, ':'); }

void add_usages(const x509::ExtensionSet& set, json::object& value) {
  if (set.key_usage) value["key_usage"] = x509::to_string(*set.key_usage);
  if (set.extended_key_usage) {
    json::array purposes;
    for (const asn1::Oid& purpose : *set.extended_key_usage) {
      const std::string_view known = x509::oids::name(purpose);
      purposes.emplace_back(known.empty() ? purpose.to_string() : std::string(known));
    }
    value["extended_key_usage"] = std::move(purposes);
  }
}

void add_pointers(const x509::ExtensionSet& set, json::object& value) {
  json::array ocsp;
  json::array issuers;
  if (set.authority_info_access) {
    for (const auto& access : *set.authority_info_access) {
      auto& list = access.method == x509::oids::kOcsp ? ocsp : issuers;
      list.emplace_back(access.location.to_string());
    }
  }
  json::array crls;
  if (set.crl_distribution_points) {
    for (const auto& point : *set.crl_distribution_points) {
      for (const auto& name : point.full_name) crls.emplace_back(name.to_string());
    }
  }
  value["ocsp"] = std::move(ocsp);
  value["issuer_certificates"] = std::move(issuers);
  value["crls"] = std::move(crls);
}

std::string key_name(const x509::Certificate& certificate) {
  const auto key = certificate.public_key();
  return key ? crypto::to_string(key->type()) : "not usable";
}

std::string_view status_name(x509::CertStatus status) {
  switch (status) {
    case x509::CertStatus::kGood:
      return "good";
    case x509::CertStatus::kRevoked:
      return "revoked";
    case x509::CertStatus::kUnknown:
      return "unknown";
  }
  return "";
}

// "2026-01-01T00:00:00Z" of an optional time.
json::value time_or_null(const std::optional<TimePoint>& time) {
  return time ? json::value(rfc3339(*time)) : json::value(nullptr);
}

void warn_of_age(const std::optional<TimePoint>& next_update, TimePoint now,
                 std::vector<std::string>& warnings) {
  if (next_update && *next_update < now)
    warnings.push_back("stale: the next one was due " + span_text(now - *next_update) + " ago");
}

}  // namespace

std::string row(std::string_view label, std::string_view value) {
  constexpr std::size_t kColumn = 22;
  std::string line = std::string(label) + ":";
  line.resize(std::max(kColumn, line.size() + 1), ' ');
  return line + printable(value, 4096) + "\n";
}

Item describe(const x509::Certificate& certificate, TimePoint now) {
  Item item;
  item.title = certificate.is_ca() ? "CA certificate" : "Certificate";
  item.text = x509::to_text(certificate) +
              row("SHA-1 fingerprint", hex(crypto::sha1(certificate.der()), ':')) +
              row("Key fingerprint", fingerprint(crypto::sha256(certificate.spki()))) +
              row("Time left", left_text(certificate, now));
  item.warnings = warnings_of(certificate, now);
  item.value = {{"kind", "certificate"},
                {"subject", certificate.subject().to_string()},
                {"issuer", certificate.issuer().to_string()},
                {"serial_number", hex(certificate.serial(), ':')},
                {"not_before", rfc3339(certificate.not_before())},
                {"not_after", rfc3339(certificate.not_after())},
                {"seconds_left", (certificate.not_after() - now).count()},
                {"names", names_of(certificate.subject_alt_names())},
                {"is_ca", certificate.is_ca()},
                {"self_issued", certificate.is_self_issued()},
                {"key", key_name(certificate)},
                {"signature_algorithm", algorithm_name(certificate.signature_algorithm())},
                {"fingerprint_sha256", hex(certificate.fingerprint_sha256())},
                {"fingerprint_sha1", hex(crypto::sha1(certificate.der()))},
                {"key_fingerprint_sha256", hex(crypto::sha256(certificate.spki()))}};
  add_usages(certificate.extensions(), item.value);
  add_pointers(certificate.extensions(), item.value);
  return item;
}

Item describe(const x509::CertificationRequest& request) {
  Item item;
  item.title = "Certification request";
  item.text =
      x509::to_text(request) + row("Key fingerprint", fingerprint(crypto::sha256(request.spki())));
  const bool verifies = request.verify_signature().has_value();
  if (!verifies) item.warnings.emplace_back("the signature does not verify");
  item.value = {{"kind", "request"},
                {"subject", request.subject().to_string()},
                {"names", names_of(request.subject_alt_names())},
                {"key", crypto::to_string(request.public_key().type())},
                {"signature_algorithm", algorithm_name(request.signature_algorithm())},
                {"signature_verifies", verifies},
                {"key_fingerprint_sha256", hex(crypto::sha256(request.spki()))}};
  add_usages(request.extensions(), item.value);
  return item;
}

Item describe(const x509::CertificateList& crl, TimePoint now) {
  Item item;
  item.title = "Certificate revocation list";
  item.text = x509::to_text(crl);
  warn_of_age(crl.next_update(), now, item.warnings);
  warn_of_algorithm(crl.signature_algorithm(), item.warnings);
  item.value = {{"kind", "crl"},
                {"issuer", crl.issuer().to_string()},
                {"number", crl.number() ? json::value(hex(*crl.number())) : json::value(nullptr)},
                {"this_update", rfc3339(crl.this_update())},
                {"next_update", time_or_null(crl.next_update())},
                {"is_delta", crl.is_delta()},
                {"signature_algorithm", algorithm_name(crl.signature_algorithm())},
                {"revoked", crl.entry_count()}};
  return item;
}

Item describe(const x509::OcspResponse& response, TimePoint now) {
  Item item;
  item.title = "OCSP response";
  item.text = row("Status", x509::name(response.status));
  item.value = {{"kind", "ocsp_response"}, {"status", x509::name(response.status)}};
  if (response.status != x509::OcspStatus::kSuccessful) return item;
  const std::string responder =
      response.responder_name
          ? response.responder_name->to_string()
          : "key " + hex(response.responder_key_sha1.value_or(BytesView{}), ':');
  item.text += row("Responder", responder) + row("Produced", rfc3339(response.produced_at));
  json::array entries;
  for (const auto& entry : response.entries) {
    std::string line(status_name(entry.status));
    if (entry.status == x509::CertStatus::kRevoked) line += " since " + rfc3339(entry.revoked_at);
    if (entry.reason) line += ", " + std::string(x509::name(*entry.reason));
    line += "; from " + rfc3339(entry.this_update);
    if (entry.next_update) line += " to " + rfc3339(*entry.next_update);
    item.text += row("  " + hex(entry.id.serial, ':'), line);
    warn_of_age(entry.next_update, now, item.warnings);
    entries.push_back(json::object{{"serial_number", hex(entry.id.serial, ':')},
                                   {"status", status_name(entry.status)},
                                   {"this_update", rfc3339(entry.this_update)},
                                   {"next_update", time_or_null(entry.next_update)}});
  }
  warn_of_algorithm(response.signature_algorithm, item.warnings);
  item.value["responder"] = responder;
  item.value["produced_at"] = rfc3339(response.produced_at);
  item.value["certificates"] = std::move(entries);
  return item;
}

Item describe(const crypto::PublicKey& key) {
  const std::string type = crypto::to_string(key.type());
  const crypto::Sha256 digest = crypto::sha256(key.spki());
  return {"Public key",
          row("Key", type) + row("Key fingerprint", fingerprint(digest)),
          {},
          {{"kind", "public_key"}, {"key", type}, {"key_fingerprint_sha256", hex(digest)}}};
}

Item describe(const crypto::PrivateKey& key) {
  Item item = describe(key.public_key());
  item.title = "Private key";
  item.value["kind"] = "private_key";
  return item;
}

}  // namespace chancery::cli
