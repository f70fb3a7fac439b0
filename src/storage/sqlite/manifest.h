#pragma once

// Internal to this folder.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sqlite/index_part.h"

namespace chancery::storage::sqlite {

// Manifest says which files are the index and what part of the log they cover: the rows of the hot
// files and everything before them, except `missing`. It is replaced as a whole.
struct Manifest {
  struct Range {  // log rows first..end-1
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    friend bool operator==(const Range&, const Range&) = default;
  };
  struct Hot {
    std::uint64_t number = 0;  // names the file; never used twice
    std::uint64_t first = 0;   // log rows from here on, up to the next one's first
    friend bool operator==(const Hot&, const Hot&) = default;
  };

  std::uint64_t next_number = 1;
  std::vector<IndexPart::Segment> segments;
  std::vector<Hot> hots;  // oldest first; the last one grows
  std::vector<Range> missing;

  [[nodiscard]] std::uint64_t missing_rows() const;
};

// encode and decode: lines of words, the last one a CRC-32C over the rest. Errors: kDataLoss.
[[nodiscard]] std::string encode(const Manifest& manifest);
[[nodiscard]] Result<Manifest> decode_manifest(std::string_view text);

}  // namespace chancery::storage::sqlite
