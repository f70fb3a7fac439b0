#pragma once

#include <string>

#include "acme/directory.h"
#include "base/log.h"

namespace chancery::acme {

// Sweep removes what is over: expired orders and authorisations, bindings that can make no account,
// marks of ended certificates, limits that are free again, certificates that were kept long enough,
// and all rows of removed directories. A page a call, one directory
// after the other, a round every ten minutes. A job for upkeep; one thread at a time.
class Sweep {
 public:
  Sweep(record::Store& store, Directories& directories, const Clock& clock, Log& log)
      : store_(store), directories_(directories), clock_(clock), log_(log) {}

  void tend();

  // sweep_page removes what is over of one kind in a scope, after the row `after`; where it goes
  // on, or "".
  struct Swept {
    std::string next;
    std::size_t removed = 0;
  };
  [[nodiscard]] Result<Swept> sweep_page(const record::Scope& scope, record::StateKind kind,
                                         std::string_view after, std::size_t page);

 private:
  [[nodiscard]] Result<bool> is_over(const record::StateRow& row) const;
  [[nodiscard]] Result<void> next_page();
  [[nodiscard]] Result<bool> sweep_removed();

  record::Store& store_;
  Directories& directories_;
  const Clock& clock_;
  Log& log_;
  std::string directory_;    // the one under way; "" between rounds
  std::size_t kind_ = 0;     // which kind of its rows
  std::string next_;         // where it goes on
  TimePoint round_{};        // when the last round began
  std::size_t removed_ = 0;  // in this round
};

}  // namespace chancery::acme
