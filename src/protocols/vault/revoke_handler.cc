#include <algorithm>

#include "base/secret_bytes.h"
#include "base/text.h"
#include "crypto/private_key.h"
#include "protocols/json/field_reader.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

namespace chancery::vault {
namespace {

Error bad_request(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

Error unknown_serial(std::string_view serial) {
  return bad_request("serial_number",
                     "certificate with serial " + printable(serial, 64) + " not found.");
}

// Asked names what is to be revoked: a serial, or a certificate.
struct Asked {
  Bytes serial;
  std::string shown;  // the serial as it was written
  std::optional<x509::Certificate> certificate;
  std::string private_key;
  std::vector<std::string> unknown;
};

// A path in the place of a certificate is the usual mistake.
constexpr std::size_t kShortestPem = 75;

Result<x509::Certificate> read_certificate_text(std::string_view pem) {
  if (pem.size() < kShortestPem) {
    return std::unexpected(core_error(Code::kInvalidArgument,
                                      "provided certificate data was too short; perhaps a path was "
                                      "passed to the API rather than the contents of a PEM file")
                               .with("field", "certificate"));
  }
  auto certificate = x509::Certificate::from_pem(pem);
  if (certificate) return certificate;
  const Error& error = certificate.error();
  const std::string text = error.code == Code::kNotFound
                               ? "certificate contains no PEM data"
                               : "certificate could not be parsed: " + error.detail;
  return std::unexpected(core_error(Code::kMalformed, text).with("field", "certificate"));
}

Result<Asked> read_asked(const Call& call, bool with_key) {
  json::FieldReader fields(call.body);
  Asked asked;
  const std::string serial = fields.text("serial_number");
  const std::string certificate = fields.text("certificate");
  const bool named = fields.has("serial_number");
  if (with_key) asked.private_key = fields.text("private_key");
  asked.unknown = TRY(fields.finish());
  if (serial.empty() && certificate.empty()) {
    return std::unexpected(bad_request(
        "serial_number", named ? "The serial number must be provided"
                               : "The serial number or certificate to revoke must be provided."));
  }
  if (!serial.empty() && !certificate.empty()) {
    return std::unexpected(bad_request(
        "certificate", "Must provide either the certificate or the serial to revoke; not both."));
  }
  if (with_key && asked.private_key.empty()) {
    return std::unexpected(bad_request(
        "private_key", "Must have private key to revoke via the /revoke-with-key path."));
  }
  if (with_key && asked.private_key.size() < kShortestPem) {
    return std::unexpected(bad_request("private_key",
                                       "Provided data for private_key was too short; perhaps a "
                                       "path was passed to the API rather than the contents of a "
                                       "PEM file?"));
  }
  if (serial.empty()) {
    asked.certificate = TRY(read_certificate_text(certificate));
    return asked;
  }
  auto parsed = x509::parse_serial(serial);
  if (!parsed) return std::unexpected(unknown_serial(serial));
  asked.serial = *std::move(parsed);
  asked.shown = serial;
  return asked;
}

// check_possession says whether the key of the request is the certificate's.
Result<void> check_possession(const Call& call, const Asked& asked) {
  Bytes stored;
  if (!asked.certificate) {
    auto found = call.use.service.find(call.scope(), asked.serial);
    if (!found && found.error().code != Code::kNotFound) return std::unexpected(found.error());
    if (!found || found->der.empty()) return std::unexpected(unknown_serial(asked.shown));
    stored = std::move(found->der);
  }
  const auto certificate =
      TRY(asked.certificate ? *asked.certificate : x509::Certificate::parse(std::move(stored)));
  const auto key = crypto::PrivateKey::from_pem(asked.private_key);
  if (!key) {
    const bool none = key.error().code == Code::kMalformed;
    return std::unexpected(
        core_error(Code::kInvalidArgument,
                   none ? "provided key PEM block contained no data or failed to parse"
                        : "failed to parse provided private key: " + key.error().detail)
            .with("field", "private_key"));
  }
  if (equal(key->public_key().spki(), certificate.spki())) return {};
  return std::unexpected(
      core_error(Code::kRefused, "provided private key does not match certificate's public key")
          .with("field", "private_key")
          .with("rule", "proof_of_possession"));
}

bool is_rule(const Error& error, std::string_view rule) {
  return std::ranges::any_of(
      error.where, [&](const Context& step) { return step.key == "rule" && step.value == rule; });
}

http::Response answer_revoke(Call& call, bool with_key) {
  auto asked = read_asked(call, with_key);
  if (!asked) return failed(call, field_error(asked.error()));
  if (with_key) {
    const auto possession = check_possession(call, *asked);
    wipe(asked->private_key);
    if (!possession) return failed(call, possession.error());
  }
  std::vector<std::string> warnings;
  warn_of_unknown(warnings, asked->unknown);

  auto& service = call.use.service;
  const std::string& id = call.request.request_id;
  constexpr auto kReason = x509::ReasonCode::kUnspecified;
  auto staged = asked->certificate
                    ? service.revoke_certificate(*call.grant, *asked->certificate, kReason, id)
                    : service.revoke(*call.grant, asked->serial, kReason, id);
  if (!staged) {
    const Error& error = staged.error();
    if (error.code == Code::kNotFound) return failed(call, unknown_serial(asked->shown));
    if (is_rule(error, "foreign_certificate")) {
      Error foreign = error;
      foreign.detail = core_error(error.code, error.detail).detail;
      return failed(call, foreign);
    }
    if (!is_rule(error, "expired")) return failed(call, error);
    warnings.push_back(error.detail);
    return no_data(id, warnings);
  }
  return after_commit(call, *std::move(staged),
                      [&id, warnings](const ca::Service::Revoked& revoked) {
                        const TimePoint at = revoked.revocation.revoked_at;
                        Envelope answer(id);
                        answer.data().begin_object().field("revocation_time", to_unix(at));
                        answer.data().field("revocation_time_rfc3339", rfc3339(at));
                        answer.data().field("state", "revoked").end_object();
                        return std::move(answer).finish(warnings);
                      });
}

}  // namespace

http::Response revoke(Call& call) { return answer_revoke(call, false); }

http::Response revoke_with_key(Call& call) { return answer_revoke(call, true); }

}  // namespace chancery::vault
