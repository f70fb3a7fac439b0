#include "base/secret_bytes.h"
#include "base/text.h"
#include "enrol/bundle.h"
#include "protocols/vault/authority_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

namespace chancery::vault {
namespace {

// An empty list is null here.
void write_ids(json::Writer& out, std::string_view name, const std::vector<std::string>& ids) {
  if (ids.empty()) {
    out.key(name).null();
  } else {
    out.field(name, ids);
  }
}

http::Response import_answer(std::string_view request_id, const ca::Hierarchy::Imported& imported,
                             const std::vector<std::string>& warnings) {
  Envelope answer(request_id);
  json::Writer& out = answer.data().begin_object();
  write_ids(out, "existing_issuers", imported.existing_issuers);
  write_ids(out, "existing_keys", imported.existing_keys);
  write_ids(out, "imported_issuers", imported.issuers);
  write_ids(out, "imported_keys", imported.keys);
  out.key("mapping").begin_object();
  for (const auto& [issuer, key] : imported.mapping) out.field(issuer, key);
  out.end_object().end_object();
  return std::move(answer).finish(warnings);
}

enum class Keys : std::uint8_t { kTaken, kRefused };

http::Response import_text(Call& call, Keys keys, json::FieldReader& fields, std::string_view field,
                           std::string_view pem) {
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (pem.empty()) {
    return failed(call, bad_field(field, "'pem_bundle' and 'certificate' parameters were empty"));
  }
  const auto bundle = enrol::read_bundle(pem, field);
  if (!bundle) return failed(call, bundle.error());
  if (keys == Keys::kRefused && !bundle->keys.empty()) {
    return failed(call, bad_field(field,
                                  "private keys found in the PEM bundle but not allowed by the "
                                  "path; use /issuers/import/bundle"));
  }
  auto staged = hierarchy(call).import_bundle(*call.grant, bundle->certificates, bundle->keys,
                                              call.request.request_id);
  if (!staged) return failed(call, staged.error());
  std::vector<std::string> warnings;
  const auto urls = hierarchy(call).urls(call.scope());
  if (urls && urls->empty()) warnings.emplace_back(urls_warning());
  warn_of_unknown(warnings, *unknown);
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id,
                       warnings = std::move(warnings)](const ca::Hierarchy::Imported& imported) {
                        return import_answer(id, imported, warnings);
                      });
}

http::Response import(Call& call, Keys keys) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  // set-signed has a name of its own for it.
  const std::string_view field = call.path.ends_with("/set-signed") ? "certificate" : "pem_bundle";
  std::string pem = fields.text(field);
  http::Response response = import_text(call, keys, fields, field, pem);
  wipe(pem);
  return response;
}

}  // namespace

http::Response import_bundle(Call& call) { return import(call, Keys::kTaken); }

http::Response import_certificates(Call& call) { return import(call, Keys::kRefused); }

}  // namespace chancery::vault
