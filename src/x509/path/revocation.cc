#include "x509/path/revocation.h"

#include <algorithm>
#include <optional>
#include <string>

#include "x509/oids.h"
#include "x509/path/certificate_checks.h"
#include "x509/path/crl_scope.h"
#include "x509/path/delta_crl.h"
#include "x509/path/purpose.h"

namespace chancery::x509::path {
namespace {

// Responders' clocks run ahead a little.
constexpr seconds kClockSkew = std::chrono::minutes(5);

struct Revocation {
  TimePoint at;
  ReasonCode reason = ReasonCode::kUnspecified;
  std::string_view source;
};

// The status of one certificate, gathered from all sources.
class StatusCheck {
 public:
  StatusCheck(const Certificate& certificate, const Certificate& issuer, std::size_t index,
              const RevocationInputs& inputs, TimePoint time, SignatureChecks& signatures,
              Findings& findings)
      : certificate_(certificate),
        issuer_(issuer),
        index_(index),
        inputs_(inputs),
        time_(time),
        signatures_(signatures),
        findings_(findings) {}

  void ask_crls() {
    std::uint16_t reasons = 0;
    for (const CertificateList& crl : inputs_.crls) {
      if (crl.is_delta() || !matches(crl.issuer(), certificate_.issuer())) continue;
      reasons = static_cast<std::uint16_t>(reasons | ask_crl(crl));
    }
    if (reasons == kAllReasons) good_ = true;
  }

  void ask_ocsp() {
    const auto& key = signatures_.key(issuer_);
    if (!key) return;
    const IssuerHashes hashes = issuer_hashes(issuer_.subject(), *key);
    for (const OcspResponse& response : inputs_.ocsp) {
      for (const OcspResponse::Entry& entry : response.entries) {
        if (equal(entry.id.serial, certificate_.serial()) && hashes.matches(entry.id))
          ask_entry(response, entry, inputs_.max_ocsp_age);
      }
    }
  }

  [[nodiscard]] bool revoked() const { return revoked_; }
  [[nodiscard]] bool good() const { return good_ && !revoked_; }

  void conclude() {
    if (revoked_) {
      std::string message = "revoked on " + rfc3339(revocation_.at);
      if (revocation_.reason != ReasonCode::kUnspecified)
        message += " (" + std::string(x509::name(revocation_.reason)) + ")";
      return findings_.error(Rule::kRevoked, index_,
                             message + ", says " + std::string(revocation_.source));
    }
    if (good_) return findings_.info(Rule::kRevocation, index_, [] { return "not revoked"; });
    constexpr std::string_view kUnknown =
        "whether it is revoked cannot be told: no current CRL or OCSP response that applies";
    if (inputs_.mode == RevocationMode::kRequired) {
      findings_.error(Rule::kRevocationUnknown, index_, kUnknown);
    } else {
      findings_.warning(Rule::kRevocationUnknown, index_, kUnknown);
    }
  }

 private:
  void set_revoked(TimePoint at, std::optional<ReasonCode> reason, std::string_view source) {
    revoked_ = true;
    revocation_ = {at, reason.value_or(ReasonCode::kUnspecified), source};
  }

  void unusable(Rule rule, std::string_view why) { findings_.warning(rule, index_, why); }

  // The reasons for which this list has answered.
  std::uint16_t ask_crl(const CertificateList& crl) {
    const auto scope = read_crl_scope(crl);
    if (!scope) {
      unusable(Rule::kCrlUnusable, "CRL passed over: " + scope.error().to_string());
      return 0;
    }
    if (!covers(*scope, certificate_)) {
      findings_.info(Rule::kRevocation, index_, [] { return "a CRL has another scope"; });
      return 0;
    }
    const std::string why = crl_fault(crl, *scope);
    if (!why.empty()) {
      unusable(Rule::kCrlUnusable, "CRL passed over: " + why);
      return 0;
    }
    if (const auto entry = current_entry(crl, *scope)) {
      set_revoked(entry->revoked_at, entry->reason, "a CRL");
    }
    return scope->reasons;
  }

  // What a complete list says of the certificate, or the newest delta to it that names it (RFC 5280
  // section 6.3.3 (i) to (k)).
  std::optional<CrlEntry> current_entry(const CertificateList& complete, const CrlScope& scope) {
    const CertificateList* newest = nullptr;
    for (const CertificateList& delta : inputs_.crls) {
      if (!delta.is_delta() || !is_delta_to(delta, complete)) continue;
      if (newest != nullptr && !is_less(*newest->number(), *delta.number())) continue;
      if (const std::string why = crl_fault(delta, scope); !why.empty()) {
        unusable(Rule::kCrlUnusable, "delta CRL passed over: " + why);
      } else {
        newest = &delta;
      }
    }
    auto entry = newest == nullptr ? std::nullopt : newest->find(certificate_.serial());
    if (!entry) return complete.find(certificate_.serial());
    if (entry->reason == ReasonCode::kRemoveFromCrl) return std::nullopt;
    return entry;
  }

  std::string crl_fault(const CertificateList& crl, const CrlScope& scope) {
    if (scope.indirect) return "it is an indirect CRL";
    if (time_ < crl.this_update()) return "it is from after " + rfc3339(time_);
    if (!crl.next_update()) return "it does not say when the next one comes";
    if (time_ > *crl.next_update()) return "it is stale since " + rfc3339(*crl.next_update());
    const auto usage = issuer_.key_usage();
    if (usage && !usage->has(KeyUsageBit::kCrlSign))
      return "key usage of the issuer does not allow signing CRLs";
    const auto& key = signatures_.key(issuer_);
    if (!key) return key.error().message;
    if (!signatures_.budget().spend_signature_check()) return "a budget is used up";
    const auto verified = crl.verify_signature(*key);
    return verified ? "" : verified.error().to_string();
  }

  void ask_entry(const OcspResponse& response, const OcspResponse::Entry& entry, seconds max_age) {
    std::string why = ocsp_age_fault(entry, max_age);
    if (why.empty()) why = responder_fault(response);
    if (!why.empty()) return unusable(Rule::kOcspUnusable, "OCSP response passed over: " + why);
    switch (entry.status) {
      case CertStatus::kGood:
        good_ = true;
        break;
      case CertStatus::kRevoked:
        set_revoked(entry.revoked_at, entry.reason, "an OCSP response");
        break;
      case CertStatus::kUnknown:
        unusable(Rule::kOcspUnusable, "the OCSP responder does not know this certificate");
        break;
    }
  }

  [[nodiscard]] std::string ocsp_age_fault(const OcspResponse::Entry& entry,
                                           seconds max_age) const {
    if (entry.this_update > time_ + kClockSkew) return "it is from after " + rfc3339(time_);
    const TimePoint until = entry.next_update.value_or(entry.this_update + max_age);
    return time_ > until ? "it is stale since " + rfc3339(until) : "";
  }

  // Who signed the response: the issuer itself, or one whom it let.
  std::string responder_fault(const OcspResponse& response) {
    const auto& key = signatures_.key(issuer_);
    if (!key) return key.error().message;
    if (is_responder(response, issuer_, *key)) return signature_fault(response, *key);
    for (const BytesView der : response.certificates) {
      const auto responder = Certificate::parse(der);
      if (!responder) continue;
      const auto responder_key = responder->public_key();
      if (!responder_key || !is_responder(response, *responder, *responder_key)) continue;
      std::string why = delegation_fault(*responder, *key);
      if (why.empty()) why = responder_revocation_fault(*responder);
      return why.empty() ? signature_fault(response, *responder_key) : why;
    }
    return "the responder is neither the issuer nor among the certificates in the response";
  }

  static bool is_responder(const OcspResponse& response, const Certificate& certificate,
                           const crypto::PublicKey& key) {
    if (response.responder_name) return matches(*response.responder_name, certificate.subject());
    return response.responder_key_sha1 && equal(*response.responder_key_sha1, key_identifier(key));
  }

  std::string delegation_fault(const Certificate& responder, const crypto::PublicKey& issuer_key) {
    if (!matches(responder.issuer(), issuer_.subject()))
      return "the certificate's issuer did not issue the responder's certificate";
    Findings findings;
    check_certificate(responder, 0, time_, findings);
    check_purpose(std::span(&responder, 1), Purpose::kOcspSigning, findings);
    if (findings.errors() > 0)
      return "of the responder's certificate: " + findings.list().front().message;
    const auto scheme = responder.signature_scheme();
    if (!scheme) return scheme.error().to_string();
    if (!signatures_.budget().spend_signature_check()) return "a budget is used up";
    const auto verified = issuer_key.verify(*scheme, responder.tbs(), responder.signature());
    return verified ? "" : "the responder's certificate: " + verified.error().to_string();
  }

  // RFC 6960 section 4.2.2.2.1: the issuer may say that its responder need not be checked; if not,
  // its CRLs have to tell. A responder does not vouch for itself.
  std::string responder_revocation_fault(const Certificate& responder) {
    if (responder.extensions().find(oids::kOcspNoCheck) != nullptr) return "";
    Findings unused;
    StatusCheck check(responder, issuer_, 0, inputs_, time_, signatures_, unused);
    check.ask_crls();
    if (check.revoked()) return "the responder's certificate is revoked";
    if (check.good() || inputs_.mode != RevocationMode::kRequired) return "";
    return "whether the responder's certificate is revoked cannot be told: it has no "
           "id-pkix-ocsp-nocheck and no CRL speaks of it";
  }

  std::string signature_fault(const OcspResponse& response, const crypto::PublicKey& key) {
    if (!signatures_.budget().spend_signature_check()) return "a budget is used up";
    const auto verified = response.verify_signature(key);
    return verified ? "" : verified.error().to_string();
  }

  const Certificate& certificate_;
  const Certificate& issuer_;
  std::size_t index_;
  const RevocationInputs& inputs_;
  TimePoint time_;
  SignatureChecks& signatures_;
  Findings& findings_;
  bool revoked_ = false;
  Revocation revocation_;
  bool good_ = false;
};

}  // namespace

void check_revocation(std::span<const Certificate> path, const RevocationInputs& inputs,
                      TimePoint time, SignatureChecks& signatures, Findings& findings) {
  if (inputs.mode == RevocationMode::kOff) return;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    StatusCheck check(path[i], path[i + 1], i, inputs, time, signatures, findings);
    check.ask_ocsp();
    check.ask_crls();
    check.conclude();
  }
}

}  // namespace chancery::x509::path
