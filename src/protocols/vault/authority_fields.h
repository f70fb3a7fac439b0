#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ca/hierarchy.h"
#include "policy/authority_request.h"
#include "protocols/vault/call.h"
#include "protocols/vault/issue_answer.h"

// What the routes that make authorities and keys read, and tell, in common.
namespace chancery::vault {

// read_authority_request reads names, subject, times and constraints of a CA certificate.
[[nodiscard]] policy::AuthorityRequest read_authority_request(json::FieldReader& fields);

// KeyChoice is which key a route is asked to make or take.
struct KeyChoice {
  enum class Kind : std::uint8_t { kInternal, kExported, kExisting };
  Kind kind = Kind::kInternal;
  std::string type;
  std::int64_t bits = 0;
  std::string name;
  std::string ref;
};
// read_key_choice reads the key's fields; `kind` is the word in the path. Errors: kInvalidArgument
// in Vault's words.
[[nodiscard]] Result<KeyChoice> read_key_choice(json::FieldReader& fields, std::string_view kind);
// chosen_key makes the key, or finds it. Errors: those of Hierarchy and policy.
[[nodiscard]] Result<ca::AuthorityKey> chosen_key(Call& call, const KeyChoice& choice);

// urls_warning is Vault's about a mount, or an issuer, without any URLs. `of_request`: for a
// certificate request rather than a certificate.
[[nodiscard]] std::string_view urls_warning(bool of_request = false);

// needs_lane says that the call has to come back on the cpu lane: it makes keys, signs with slow
// ones, or reads many rows.
[[nodiscard]] inline bool needs_lane(const Call& call) {
  return !call.context.on(http::Lane::kCpu);
}

// hierarchy is short for the service's.
[[nodiscard]] inline ca::Hierarchy& hierarchy(Call& call) { return call.use.service.hierarchy(); }

}  // namespace chancery::vault
