#pragma once

#include <string>
#include <string_view>

#include "acme/orders.h"
#include "acme/tasks.h"
#include "base/log.h"
#include "base/metrics.h"

namespace chancery::acme {

// Validations tries challenges that clients said are ready (RFC 8555 sections 7.5.1 and 8.2), in
// the background and again where that can help. What is to be tried stands in the store, so it goes
// on after a restart; each authorisation is tried once at a time, whatever was asked how often.
// Thread-safe.
class Validations {
 public:
  struct Use {
    record::Store& store;
    Directories& directories;
    Accounts& accounts;
    validation::Validator& validator;
    Background& background;
    const Clock& clock;
    Metrics& metrics;
    Log& log;
  };
  explicit Validations(const Use& use);

  // add has an authorisation's challenge tried now; after the commit that started it.
  void add(const LoadedDirectory& directory, std::string_view id);
  // tend tries what is due, and looks for what an earlier run of the program left. A job for
  // upkeep.
  void tend();
  [[nodiscard]] std::size_t waiting() const { return tasks_.waiting(); }

 private:
  [[nodiscard]] std::optional<seconds> run(const std::string& name, const OnLane& on_lane);
  [[nodiscard]] Result<std::optional<seconds>> try_one(const LoadedDirectory& directory,
                                                       const std::string& id,
                                                       const OnLane& on_lane);
  [[nodiscard]] validation::Outcome look(const LoadedDirectory& directory,
                                         const LoadedAccount& account, const Authorization& row,
                                         const Challenge& challenge, const OnLane& on_lane);
  [[nodiscard]] Result<record::WriteSet> judge(const LoadedDirectory& directory,
                                               const std::string& id, Row<Authorization> row,
                                               std::size_t index,
                                               const validation::Outcome& outcome,
                                               std::optional<seconds>& again);
  [[nodiscard]] Result<void> count_failure(const LoadedDirectory& directory, const std::string& id,
                                           const Name& name, const Fault& fault,
                                           record::WriteSet& writes) const;
  void tell(const LoadedDirectory& directory, const std::string& id, const Authorization& row,
            const Challenge& challenge, std::string_view seen);

  Use use_;
  Tasks tasks_;
  Counter& passed_;
  Counter& failed_;
};

// problem_type is the problem of RFC 8555 section 6.7 that a validator's outcome is.
[[nodiscard]] std::string_view problem_type(validation::Problem problem);
// seen_text says in one bounded line what a validator saw, for the log.
[[nodiscard]] std::string seen_text(const validation::Outcome& outcome);

}  // namespace chancery::acme
