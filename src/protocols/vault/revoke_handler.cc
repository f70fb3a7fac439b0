#include <algorithm>

#include "base/text.h"
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

// find_by_certificate takes the serial from a certificate that must be one of ours, to the last
// bit.
Result<Bytes> find_by_certificate(Call& call, std::string_view pem) {
  const auto certificate = x509::Certificate::from_pem(pem);
  if (!certificate) {
    Error error = certificate.error();
    error.code = Code::kMalformed;  // a text without any PEM block is kNotFound to the PEM reader
    error.detail = "the certificate could not be parsed: " + error.detail;
    return std::unexpected(std::move(error).with("field", "certificate"));
  }
  const auto stored = call.use.service.find(call.scope(), certificate->serial());
  if (!stored && stored.error().code != Code::kNotFound) return std::unexpected(stored.error());
  if (!stored || stored->row.fingerprint != certificate->fingerprint_sha256()) {
    return std::unexpected(bad_request("certificate", "this certificate was not issued here"));
  }
  return to_bytes(certificate->serial());
}

Result<Bytes> read_serial(Call& call, std::vector<std::string>& unknown) {
  json::FieldReader fields(call.body);
  const std::string serial = fields.text("serial_number");
  const std::string certificate = fields.text("certificate");
  auto rest = fields.finish();
  if (!rest) return std::unexpected(field_error(std::move(rest).error()));
  unknown = *std::move(rest);
  if (serial.empty() && certificate.empty()) {
    return std::unexpected(bad_request(
        "serial_number", "The serial number or certificate to revoke must be provided."));
  }
  if (!serial.empty() && !certificate.empty()) {
    return std::unexpected(bad_request(
        "certificate", "Must provide either the certificate or the serial to revoke; not both."));
  }
  if (serial.empty()) return find_by_certificate(call, certificate);
  auto parsed = x509::parse_serial(serial);
  if (!parsed) return std::unexpected(unknown_serial(serial));
  return parsed;
}

bool is_rule(const Error& error, std::string_view rule) {
  return std::ranges::any_of(
      error.where, [&](const Context& step) { return step.key == "rule" && step.value == rule; });
}

}  // namespace

http::Response revoke(Call& call) {
  std::vector<std::string> warnings;
  std::vector<std::string> unknown;
  const auto serial = read_serial(call, unknown);
  if (!serial) return failed(call, serial.error());
  warn_of_unknown(warnings, unknown);

  auto staged = call.use.service.revoke(*call.grant, *serial, x509::ReasonCode::kUnspecified,
                                        call.request.request_id);
  if (!staged) {
    const Error& error = staged.error();
    if (error.code == Code::kNotFound) return failed(call, unknown_serial(hex(*serial, ':')));
    if (!is_rule(error, "expired")) return failed(call, error);
    warnings.push_back(error.detail);
    return no_data(call.request.request_id, warnings);
  }
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, warnings](const ca::Service::Revoked& revoked) {
        const TimePoint at = revoked.revocation.revoked_at;
        Envelope answer(id);
        answer.data().begin_object().field("revocation_time", to_unix(at));
        answer.data().field("revocation_time_rfc3339", rfc3339(at));
        answer.data().field("state", "revoked").end_object();
        return std::move(answer).finish(warnings);
      });
}

}  // namespace chancery::vault
