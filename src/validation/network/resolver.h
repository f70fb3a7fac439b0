#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "validation/network/deadline.h"
#include "validation/network/settings.h"

namespace chancery::validation::network {

enum class RecordType : std::uint16_t { kA = 1, kTxt = 16, kAaaa = 28, kCaa = 257 };
[[nodiscard]] std::string_view name(RecordType type);

// LookUp is what came of asking for the records of one name and type; aliases (CNAME, DNAME) have
// been followed.
struct LookUp {
  enum class Status : std::uint8_t {
    kRecords,   // at least one
    kNoData,    // the name exists, records of this type do not
    kNxDomain,  // the name does not exist
    kServFail,  // the name's servers failed, refused or were not reached
    kTimedOut,
    kBogus,     // DNSSEC says that the answer is forged, or it should be signed and is not
    kInternal,  // our own fault
  };
  Status status = Status::kInternal;
  std::string reason;          // where there is more to say than the status does
  std::vector<Bytes> records;  // their data
  bool secure = false;         // validated by DNSSEC

  // failed is false where the answer is a fact, be it that there is nothing.
  [[nodiscard]] bool failed() const { return status >= Status::kServFail; }
  // text says it for people: "3 records", "NXDOMAIN (the name does not exist)".
  [[nodiscard]] std::string text() const;
};

// Resolver looks names up. Implementations are thread-safe and block until the deadline at most.
class Resolver {
 public:
  virtual ~Resolver() = default;
  [[nodiscard]] virtual LookUp look_up(const std::string& domain, RecordType type,
                                       Deadline deadline) = 0;
  // look_up_both asks for two types of a name at once.
  [[nodiscard]] virtual std::pair<LookUp, LookUp> look_up_both(const std::string& domain,
                                                               RecordType first, RecordType second,
                                                               Deadline deadline) = 0;
};

// make_resolver makes a validating resolver as the zone's settings say, with a thread and a cache
// of its own. Errors: kInvalidArgument (a resolver's address, a trust anchor), kInternal.
[[nodiscard]] Result<std::unique_ptr<Resolver>> make_resolver(const ZoneSettings& settings);

}  // namespace chancery::validation::network
