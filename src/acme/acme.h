#pragma once

#include "acme/conduct.h"
#include "acme/finalizer.h"
#include "acme/renewals.h"
#include "acme/revocations.h"
#include "acme/sweep.h"
#include "acme/validations.h"

namespace chancery::acme {

// Acme is everything that ACME does apart from its HTTP: what the protocol's front end, the admin
// API and upkeep share. Thread-safe. Make it before the store's first commit.
class Acme {
 public:
  struct Use {
    record::Store& store;
    ca::Service& ca;
    enrol::Enrolment& enrolment;
    const access::Mounts& mounts;
    validation::Validator& validator;
    Background& background;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    Log& log;
    Conduct& conduct = Conduct::usual();
  };
  explicit Acme(const Use& use);

  // tend is a job for upkeep.
  void tend();

  // check_names says which names an order's profile would not give, a line for each.
  [[nodiscard]] Result<std::vector<Subproblem>> check_names(const LoadedDirectory& directory,
                                                            const ProfileChoice& choice,
                                                            const std::vector<Name>& names) const;

  // failures lists pairs of account and name that failed of late, after `after`, at most `limit`.
  // Not on a reactor.
  struct Failed {
    std::string id;  // account + "/" + identifier
    Failures row;
  };
  [[nodiscard]] Result<std::vector<Failed>> failures(const record::Scope& scope,
                                                     std::string_view after,
                                                     std::size_t limit) const;
  // unpause stages that a pair's failures are forgotten. Errors: kNotFound.
  [[nodiscard]] Result<record::Staged<std::string>> unpause(const access::Grant& grant,
                                                            const LoadedDirectory& directory,
                                                            std::string_view id,
                                                            std::string_view request_id) const;

  const Use use;
  Limits limits;
  Directories directories;
  Eabs eabs;
  Accounts accounts;
  Orders orders;
  Validations validations;
  Finalizer finalizer;
  Revocations revocations;
  Renewals renewals;
  Sweep sweep;
};

}  // namespace chancery::acme
