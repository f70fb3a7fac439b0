#include "protocols/json/field_reader.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

// There are no leases here: what clients ask of one is answered as Vault answers for one that it
// does not know.

namespace chancery::vault {
namespace {

Error lease_error(std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", "lease_id");
}

// check_lease_id wants a lease named in the body, or in the path where the pattern has a variable.
Result<void> check_lease_id(const Call& call) {
  json::FieldReader fields(call.body);
  const std::string id = fields.text("lease_id", fields.text("url_lease_id"));
  (void)fields.duration("increment");
  (void)fields.flag("sync");
  TRY(fields.finish());
  if (id.empty() && call.variables.count == 0)
    return std::unexpected(lease_error("lease_id must be specified"));
  return {};
}

http::Response answer_unknown(Call& call, std::string_view detail) {
  const auto checked = check_lease_id(call);
  return failed(call, checked ? lease_error(detail) : field_error(checked.error()));
}

}  // namespace

http::Response lookup_lease(Call& call) { return answer_unknown(call, "invalid lease"); }

http::Response renew_lease(Call& call) { return answer_unknown(call, "lease not found"); }

http::Response revoke_lease(Call& call) {
  const auto checked = check_lease_id(call);
  return checked ? no_content() : failed(call, field_error(checked.error()));
}

http::Response revoke_leases(Call&) { return no_content(); }

http::Response list_leases(Call&) { return absent(); }

}  // namespace chancery::vault
