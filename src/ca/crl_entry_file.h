#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "ca/authority.h"
#include "record/store.h"

namespace chancery::ca {

// CrlEntryFile is the append-only derived file of one status identity's encoded CRL entries, in the
// order of revocation. A tidy begins a new generation of it. One thread at a time for each identity
// and generation.
class CrlEntryFile {
 public:
  CrlEntryFile(record::Store& store, const Authority& authority, std::uint32_t generation,
               std::uint64_t tidied_below);

  // catch_up reads the revocations that the file does not cover yet and returns the log position
  // that it covers then. Below `tidied_below` a revocation counts only if its row still stands.
  // Errors: those of the store; kUnavailable when `stop` is asked for.
  [[nodiscard]] Result<std::uint64_t> catch_up(const std::stop_token& stop = {});
  // open: see DerivedFiles::open_again.
  [[nodiscard]] Result<record::DerivedFiles::Content> open(std::uint64_t seen = 0) const;
  [[nodiscard]] Result<void> remove();

 private:
  [[nodiscard]] Result<bool> counts(const record::LogRow& row, const record::Event& event) const;

  record::Store& store_;
  const Authority& authority_;
  const std::vector<std::string_view> sources_;
  const std::string name_;
  const std::uint64_t tidied_below_;
};

}  // namespace chancery::ca
