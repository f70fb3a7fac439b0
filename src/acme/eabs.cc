#include "acme/eabs.h"

#include <algorithm>

#include "access/grant_event.h"
#include "acme/names.h"
#include "base/text.h"

namespace chancery::acme {
namespace {

constexpr std::size_t kKeySize = 64;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxItems = 1000;

std::unexpected<Error> bad(std::string_view field, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

Result<void> check(const LoadedDirectory& directory, const Eabs::Order& order) {
  if (order.description.size() > kMaxText || !is_valid_utf8(order.description))
    return bad("description", "it is too long or not UTF-8");
  const Bounds& bounds = order.bounds;
  if (bounds.names.size() > kMaxItems || bounds.suffixes.size() > kMaxItems ||
      bounds.networks.size() > kMaxItems)
    return bad("names", "a list can have 1000 items");
  TRY(check_bounds(bounds));
  for (const std::string& profile : bounds.profiles) {
    if (directory.choice(profile) == nullptr || profile.empty())
      return bad("profiles", "the directory has no profile " + printable(profile, 64));
  }
  return {};
}

}  // namespace

Result<record::Staged<Eabs::Made>> Eabs::create(const access::Grant& grant,
                                                const LoadedDirectory& directory, Order order,
                                                std::string_view request_id) {
  TRY(check(directory, order));
  Made made;
  made.id = draw_id(random_);
  made.row.key.resize(kKeySize);
  random_.fill(made.row.key);
  made.key = base64(made.row.key, Base64::kUrl);
  made.row.description = std::move(order.description);
  made.row.created = clock_.now();
  if (order.lifetime > seconds{0}) made.row.expires = made.row.created + order.lifetime;
  made.row.most_accounts = order.most_accounts;
  made.row.bounds = std::move(order.bounds);

  const record::Scope scope = directory.scope();
  record::WriteSet writes;
  writes.require_absent(eab_key(scope, made.id));
  writes.put(eab_key(scope, made.id), access::encode_row(made.row));
  auto event = access::grant_event(grant, record::EventKind::kAcmeEabCreated, made.id, request_id,
                                   made.row.created);
  event.scope = scope;
  event.details = {{"directory", directory.name}};
  writes.append(event);
  return record::Staged<Made>(std::move(made), std::move(writes));
}

Result<std::optional<Row<Eab>>> Eabs::find(const record::Scope& scope, std::string_view id) const {
  const auto row = TRY(store_.state().get(eab_key(scope, id)));
  if (!row) return std::nullopt;
  return Row<Eab>{TRY(access::decode_row<Eab>(row->value)), row->version};
}

Result<std::vector<Eabs::Listed>> Eabs::list(const record::Scope& scope, std::string_view after,
                                             std::size_t limit) const {
  const auto rows = TRY(store_.state().list(record::StateKind::kAcmeEab, scope, after, limit));
  std::vector<Listed> listed;
  for (const record::StateRow& row : rows)
    listed.push_back({row.key.id, TRY(access::decode_row<Eab>(row.value))});
  return listed;
}

Result<record::Staged<Eab>> Eabs::revoke(const access::Grant& grant,
                                         const LoadedDirectory& directory, std::string_view id,
                                         std::string_view request_id) {
  const record::Scope scope = directory.scope();
  auto found = TRY(find(scope, id));
  if (!found) {
    return std::unexpected(
        Error{Code::kNotFound, "no binding " + printable(id, 64), {}, {}}.with("field", "id"));
  }
  record::WriteSet writes;
  if (found->value.revoked) return record::Staged<Eab>(std::move(found->value), std::move(writes));
  found->value.revoked = true;
  wipe(found->value.key);
  found->value.key.clear();
  writes.require_version(eab_key(scope, id), found->version);
  writes.put(eab_key(scope, id), access::encode_row(found->value));
  auto event =
      access::grant_event(grant, record::EventKind::kAcmeEabRevoked, id, request_id, clock_.now());
  event.scope = scope;
  event.details = {{"directory", directory.name}};
  writes.append(event);
  return record::Staged<Eab>(std::move(found->value), std::move(writes));
}

}  // namespace chancery::acme
