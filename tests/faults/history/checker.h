#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace chancery::history {

// A certificate is a register with three states; operations read or change it.
enum class State : std::uint8_t { kGood, kHold, kRevoked };
enum class Kind : std::uint8_t { kRead, kHold, kRelease, kRevoke };
enum class Outcome : std::uint8_t {
  kUnheard,   // the client was never told
  kSaw,       // of a read: `seen` is what it was told
  kDone,      // changed
  kAlready,   // of hold and revoke: it was so before
  kRefused,   // of a release: it was not on hold
  kConflict,  // another change came first, each time: nothing was done
};

// Operation is what one client did and was told. begin and end are positions in the one order of
// all beginnings and ends.
struct Operation {
  std::string certificate;
  Kind kind = Kind::kRead;
  Outcome outcome = Outcome::kUnheard;
  State seen = State::kGood;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
[[nodiscard]] std::string to_string(const Operation& operation);

using States = std::set<State>;

// Explained is what comes of looking for an order of one certificate's operations: each between its
// beginning and its end, each told what it was told.
struct Explained {
  std::optional<std::size_t> wrong;  // the first operation that no order explains
  States states;                     // that can be there in the end
};
// explain: `operations` have all ended; at most 32 are under way at once. Exhaustive: all orders of
// what was under way are kept that explain what was told so far.
[[nodiscard]] Explained explain(std::span<const Operation> operations, const States& starts);

// Checker takes a history in parts: between two of them nothing is under way, so of each
// certificate only the states are kept that it can be in.
class Checker {
 public:
  // take returns, for each certificate that cannot be explained, its operations up to the one that
  // was told something wrong.
  [[nodiscard]] std::vector<std::vector<Operation>> take(std::vector<Operation> operations);

  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  [[nodiscard]] std::size_t certificates() const { return states_.size(); }
  // counts says how often each kind was told what: "hold done".
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  std::unordered_map<std::string, States> states_;
  std::map<std::string, std::uint64_t> counts_;
  std::uint64_t operations_ = 0;
};

}  // namespace chancery::history
