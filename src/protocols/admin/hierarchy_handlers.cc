#include "base/text.h"
#include "ca/hierarchy.h"
#include "policy/authority_request.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

// Roots, the default authority, and keys of the mount.

namespace chancery::admin {
namespace {

ca::Hierarchy& hierarchy(const Call& call) { return call.use.service.hierarchy(); }

// Keys are made, and rows of a whole mount read.
bool needs_lane(const Call& call) { return !call.context.on(http::Lane::kCpu); }

struct RootOrder {
  policy::AuthorityRequest request;
  std::string name;
  std::string key_type;
  std::int64_t key_bits = 0;
};

Result<RootOrder> read_root(const json::Body& body) {
  json::FieldReader fields(body);
  RootOrder order;
  order.name = fields.text("name");
  order.request.content.common_name = fields.text("common_name");
  if (order.request.content.common_name.empty()) fields.refuse("common_name", "a root has a name");
  order.request.organization = fields.list("organization");
  order.request.country = fields.list("country");
  order.key_type = fields.text("key_type", "ec");
  order.key_bits = fields.integer("key_bits");
  const seconds ttl = fields.duration("ttl");
  if (ttl.count() > 0) order.request.content.ttl = ttl;
  order.request.max_path_length = fields.integer("max_path_length", -1);
  TRY(finish_strictly(fields));
  return order;
}

void write_key(json::Writer& out, const ca::KeyRecord& record, const ca::Defaults& defaults) {
  const auto key = crypto::PublicKey::from_spki(record.spki);
  out.begin_object().field("id", record.id).field("name", record.name);
  out.field("key_type", key ? crypto::to_string(key->type()) : "unknown");
  out.field("is_default", record.id == defaults.key);
  out.field("created", rfc3339(record.created)).end_object();
}

}  // namespace

http::Response create_root(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto order = read_root(call.body);
  if (!order) return failed(call, order.error());
  const auto type = policy::authority_key_type(order->key_type, order->key_bits);
  if (!type) return failed(call, type.error());
  const auto free = hierarchy(call).check_issuer_name(call.scope(), order->name);
  if (!free) return failed(call, free.error());
  auto key = hierarchy(call).new_key(call.scope(), *type, {});
  if (!key) return failed(call, key.error());
  order->request.content.generated_key = key->public_key();
  auto decision =
      policy::authorize_root(*std::move(call.grant), order->request,
                             call.use.enrolment.roles().limits(call.scope()), call.use.clock.now());
  if (!decision) return failed(call, decision.error());
  auto staged = hierarchy(call).create_root(std::move(decision->authorization), *key, order->name,
                                            call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const ca::Hierarchy::Created& created) {
    json::Writer out(4096);
    write_authority(out, *created.authority);
    return answer(201, std::move(out));
  });
}

http::Response set_default_authority(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto staged = hierarchy(call).set_default_issuer(*call.grant, call.variables[0], std::nullopt,
                                                   call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const ca::Hierarchy::DefaultsSet& set) {
    json::Writer out(128);
    out.begin_object().field("id", set.defaults.issuer).field("has_key", set.has_key).end_object();
    return answer(200, std::move(out));
  });
}

http::Response list_keys(Call& call) {
  const auto keys = hierarchy(call).keys(call.scope());
  if (!keys) return failed(call, keys.error());
  const auto defaults = hierarchy(call).defaults(call.scope());
  if (!defaults) return failed(call, defaults.error());
  json::Writer out(1024);
  out.begin_object().key("keys").begin_array();
  for (const ca::KeyRecord& key : *keys) write_key(out, key, *defaults);
  out.end_array().end_object();
  return answer(200, std::move(out));
}

http::Response show_key(Call& call) {
  const auto key = hierarchy(call).key(call.scope(), call.variables[0]);
  if (!key) return failed(call, key.error());
  const auto defaults = hierarchy(call).defaults(call.scope());
  if (!defaults) return failed(call, defaults.error());
  json::Writer out(512);
  write_key(out, *key, *defaults);
  return answer(200, std::move(out));
}

http::Response delete_key(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto staged = hierarchy(call).delete_key(*call.grant, call.variables[0], call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [&mount = hierarchy(call)](const ca::Hierarchy::KeyDeleted& deleted) {
                        if (!deleted.id.empty()) mount.destroy({&deleted.id, 1});
                        return http::Response::empty(204).with_header("Cache-Control", "no-store");
                      });
}

}  // namespace chancery::admin
