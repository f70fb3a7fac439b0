#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/accounts.h"
#include "acme/conduct.h"
#include "acme/limits.h"

namespace chancery::acme {

// OrderView is an order with the status that it has now (RFC 8555 section 7.1.6).
struct OrderView {
  std::string id;  // of the row
  Row<Order> row;
  Status status = Status::kPending;
  Fault error;
  std::vector<Row<Authorization>> authorizations;  // of an order that is not done yet
};

struct AuthorizationView {
  std::string id;  // of the row
  Row<Authorization> row;
  Status status = Status::kPending;
};

// Orders keeps orders and authorisations. Thread-safe.
class Orders {
 public:
  Orders(record::Store& store, Limits& limits, Conduct& conduct, const Clock& clock, Random& random)
      : store_(store), limits_(limits), conduct_(conduct), clock_(clock), random_(random) {}

  struct Wanted {
    std::vector<Name> names;  // no two are the same
    std::string profile;      // "": the directory's first
    std::optional<TimePoint> not_before;
    std::optional<TimePoint> not_after;
    std::string replaces;                         // as the client wrote it
    std::optional<Row<OwnCertificate>> replaced;  // its row, where it is to be marked
    std::string replaced_serial;
  };
  // check says what an account may not order, a line for each name; empty: all of it.
  [[nodiscard]] Result<std::vector<Subproblem>> check(const LoadedDirectory& directory,
                                                      const LoadedAccount& account,
                                                      const std::vector<Name>& names) const;
  // create stages an order with the authorisations that it still needs. Errors: rateLimited.
  [[nodiscard]] Result<record::Staged<OrderView>> create(const LoadedDirectory& directory,
                                                         const LoadedAccount& account,
                                                         const Wanted& wanted,
                                                         std::string_view request_id);
  // authorize stages an authorisation before there is an order (RFC 8555 section 7.4.1).
  [[nodiscard]] Result<record::Staged<AuthorizationView>> authorize(
      const LoadedDirectory& directory, const LoadedAccount& account, const Name& name,
      std::string_view request_id);

  // find returns an order, or nothing.
  [[nodiscard]] Result<std::optional<OrderView>> find(const record::Scope& scope,
                                                      std::string_view id) const;
  [[nodiscard]] Result<std::optional<AuthorizationView>> find_authorization(
      const record::Scope& scope, std::string_view id) const;
  // list returns an account's orders after the row `after` ("": all), at most `limit`.
  [[nodiscard]] Result<std::vector<OrderView>> list(const record::Scope& scope,
                                                    std::string_view account,
                                                    std::string_view after,
                                                    std::size_t limit) const;
  // list_all pages through everybody's, by row id.
  [[nodiscard]] Result<std::vector<OrderView>> list_all(const record::Scope& scope,
                                                        std::string_view after,
                                                        std::size_t limit) const;

  // deactivate stages the end of an authorisation. Errors: malformed.
  [[nodiscard]] Result<record::Staged<AuthorizationView>> deactivate(
      const LoadedDirectory& directory, const AuthorizationView& view, std::string_view request_id);
  // start stages that the challenge `index` is to be tried. Errors: malformed.
  [[nodiscard]] Result<record::Staged<AuthorizationView>> start(const LoadedDirectory& directory,
                                                                const AuthorizationView& view,
                                                                std::size_t index) const;
  // is_authorized says whether the account holds a valid authorisation for a name now.
  [[nodiscard]] Result<bool> is_authorized(const record::Scope& scope, std::string_view account,
                                           const Name& name) const;

  // view works out an order's status; `row` is as stored.
  [[nodiscard]] Result<OrderView> view(const record::Scope& scope, std::string id,
                                       Row<Order> row) const;

 private:
  struct Taken {
    std::string id;
    Authorization row;
    bool is_new = false;
  };
  [[nodiscard]] Result<Taken> take(const LoadedDirectory& directory, const LoadedAccount& account,
                                   const Name& name, std::string_view profile,
                                   record::WriteSet& writes);
  [[nodiscard]] Authorization make(const LoadedDirectory& directory, const LoadedAccount& account,
                                   const Name& name, std::string_view profile);
  void write_new(const record::Scope& scope, const LoadedAccount& account, const Taken& taken,
                 record::WriteSet& writes) const;
  // spend takes of the limits what an order costs, for what `writes` commit.
  [[nodiscard]] Result<void> spend(const LoadedDirectory& directory, const LoadedAccount& account,
                                   const std::vector<Name>& names, record::WriteSet& writes) const;

  record::Store& store_;
  Limits& limits_;
  Conduct& conduct_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace chancery::acme
