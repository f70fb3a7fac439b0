#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "acme/directory.h"
#include "base/secret_bytes.h"

namespace chancery::acme {

// Eabs keeps a directory's external account bindings (RFC 8555 section 7.3.4). Thread-safe.
class Eabs {
 public:
  Eabs(record::Store& store, const Clock& clock, Random& random)
      : store_(store), clock_(clock), random_(random) {}

  struct Order {
    std::string description;
    seconds lifetime{0};  // 0: for ever
    std::uint32_t most_accounts = 1;
    Bounds bounds;
  };
  struct Made {
    std::string id;
    std::string key;  // base64url; shown once, wipe after showing
    Eab row;
  };
  // create stages a key identifier with a new MAC key of 64 octets, enough for every HMAC. Errors:
  // kInvalidArgument with the field.
  [[nodiscard]] Result<record::Staged<Made>> create(const access::Grant& grant,
                                                    const LoadedDirectory& directory, Order order,
                                                    std::string_view request_id);
  [[nodiscard]] Result<std::optional<Row<Eab>>> find(const record::Scope& scope,
                                                     std::string_view id) const;
  struct Listed {
    std::string id;
    Eab row;
  };
  // list returns bindings after `after`, at most `limit`. Not on a reactor.
  [[nodiscard]] Result<std::vector<Listed>> list(const record::Scope& scope, std::string_view after,
                                                 std::size_t limit) const;
  // revoke stages that no further account is made with it. Errors: kNotFound.
  [[nodiscard]] Result<record::Staged<Eab>> revoke(const access::Grant& grant,
                                                   const LoadedDirectory& directory,
                                                   std::string_view id,
                                                   std::string_view request_id);

 private:
  record::Store& store_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace chancery::acme
