#include "asn1/pem.h"
#include "base/text.h"
#include "enrol/bundle.h"
#include "protocols/vault/authority_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

namespace chancery::vault {
namespace {

std::string_view type_of(const ca::KeyRecord& record) {
  const auto key = crypto::PublicKey::from_spki(record.spki);
  return key ? key_type_name(key->type()) : "unknown";
}

void write_key(json::Writer& out, const ca::KeyRecord& record) {
  out.field("key_id", record.id).field("key_name", record.name);
  out.field("key_type", type_of(record));
}

http::Response key_answer(std::string_view request_id, const ca::KeyRecord& record,
                          const std::vector<std::string>& warnings) {
  Envelope answer(request_id);
  json::Writer& out = answer.data().begin_object();
  write_key(out, record);
  out.end_object();
  return std::move(answer).finish(warnings);
}

Result<crypto::KeyType> key_type_of(const KeyChoice& choice) {
  auto type = policy::authority_key_type(choice.type, choice.bits);
  if (type || choice.type == "any") return type;
  Error error = std::move(type).error();
  error.detail.insert(0, "Validation for key_type, key_bits failed: ");
  return std::unexpected(std::move(error));
}

http::Response exported_answer(std::string_view request_id, const ca::KeyRecord& record,
                               const crypto::PrivateKey& key,
                               const std::vector<std::string>& warnings) {
  const auto text = private_key_text(key, {});
  if (!text) return error_answer(request_id, text.error());
  Envelope answer(request_id, 1024 + 2 * text->view().size());
  json::Writer& out = answer.data().begin_object();
  write_key(out, record);
  out.field("private_key", without_newline(text->view())).end_object();
  return std::move(answer).finish(warnings).secret();
}

http::Response generate(Call& call, std::string_view kind) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const auto choice = read_key_choice(fields, kind);
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  if (!choice) return failed(call, choice.error());
  const auto type = key_type_of(*choice);
  if (!type) return failed(call, choice->type == "any" ? as_core(type.error()) : type.error());
  auto made = hierarchy(call).new_key(call.scope(), *type, choice->name);
  if (!made) return failed(call, made.error());
  auto key = std::make_shared<ca::AuthorityKey>(*std::move(made));
  auto staged = hierarchy(call).add_key(*call.grant, *key, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, key, unknown = *unknown,
       exported = choice->kind == KeyChoice::Kind::kExported](const ca::KeyRecord& record) {
        std::vector<std::string> warnings;
        warn_of_unknown(warnings, unknown);
        return exported ? exported_answer(id, record, *key->made, warnings)
                        : key_answer(id, record, warnings);
      });
}

}  // namespace

http::Response list_keys(Call& call) {
  const auto keys = hierarchy(call).keys(call.scope());
  if (!keys) return failed(call, keys.error());
  if (keys->empty()) return absent();
  const auto defaults = hierarchy(call).defaults(call.scope());
  if (!defaults) return failed(call, defaults.error());
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object().key("key_info").begin_object();
  std::vector<std::string> ids;
  for (const ca::KeyRecord& key : *keys) {
    ids.push_back(key.id);
    out.key(key.id).begin_object().field("is_default", key.id == defaults->key);
    out.field("key_name", key.name).end_object();
  }
  out.end_object().field("keys", ids).end_object();
  return std::move(answer).finish();
}

http::Response read_key(Call& call) {
  const auto record = hierarchy(call).key(call.scope(), call.variable());
  if (!record) return failed(call, as_core(record.error()));
  const auto key = crypto::PublicKey::from_spki(record->spki);
  if (!key) return failed(call, key.error());
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object();
  write_key(out, *record);
  out.field("subject_key_id", hex(x509::key_identifier(*key), ':')).end_object();
  return std::move(answer).finish();
}

http::Response update_key(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string name = fields.text("key_name");
  (void)fields.has("key_ref");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  auto staged =
      hierarchy(call).rename_key(*call.grant, call.variable(), name, call.request.request_id);
  if (!staged) {
    Error error = std::move(staged).error();
    if (error.code == Code::kNotFound) return failed(call, as_core(std::move(error)));
    if (error.detail == "key name contained invalid characters") {
      error.detail = "new key name outside of valid character limits";  // Vault's words here
    }
    return failed(call, error);
  }
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, unknown = *unknown](const ca::KeyRecord& record) {
        std::vector<std::string> warnings;
        if (record.name.empty()) {
          warnings.push_back(
              "Name successfully deleted, you will now need to reference this key by it's Id: " +
              record.id);
        }
        warn_of_unknown(warnings, unknown);
        return key_answer(id, record, warnings);
      });
}

http::Response delete_key(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto staged = hierarchy(call).delete_key(*call.grant, call.variable(), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, &mount = hierarchy(call),
       ref = std::string(call.variable())](const ca::Hierarchy::KeyDeleted& deleted) {
        if (!deleted.id.empty()) mount.destroy({&deleted.id, 1});
        if (!deleted.was_default) return no_content();
        return no_data(id, {"Deleted key " + deleted.id + " (via key_ref " + ref +
                            "); this was configured as the default key. Operations without an "
                            "explicit key will not work until a new default is configured."});
      });
}

http::Response generate_internal_key(Call& call) { return generate(call, "internal"); }

http::Response generate_exported_key(Call& call) { return generate(call, "exported"); }

http::Response generate_kms_key(Call& call) {
  return failed(call, bad_field("external_key_ref",
                                R"("external_key_ref" is required for kms typed key generation)"));
}

http::Response import_key(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string pem = fields.text("pem_bundle");
  const std::string name = fields.text("key_name");
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  auto bundle = enrol::read_bundle(pem, "pem_bundle");
  if (!bundle) return failed(call, bundle.error());
  if (bundle->keys.size() + bundle->certificates.size() != 1) {
    return failed(
        call, bad_field("pem_bundle",
                        "only a single key can be present within the pem_bundle for importing"));
  }
  if (bundle->keys.empty()) {
    return failed(call, bad_field("pem_bundle", "failed to parse PEM block: it is no private key"));
  }
  auto staged =
      hierarchy(call).import_key(*call.grant, bundle->keys.front(), name, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id,
       unknown = *unknown](const ca::Hierarchy::KeyImported& imported) {
        std::vector<std::string> warnings;
        if (imported.existed) {
          warnings.emplace_back("Key already imported, use key/ endpoint to update name.");
        }
        warn_of_unknown(warnings, unknown);
        return key_answer(id, imported.record, warnings);
      });
}

}  // namespace chancery::vault
