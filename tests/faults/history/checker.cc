#include "checker.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <tuple>
#include <utility>

namespace chancery::history {
namespace {

constexpr std::size_t kMostUnderWay = 32;

// A possible present: the state, and which of the operations under way have taken effect.
using Configuration = std::pair<State, std::uint32_t>;
using Configurations = std::set<Configuration>;

struct Change {
  State after;
  Outcome told;
};

Change change(State state, Kind kind) {
  switch (kind) {
    case Kind::kRead:
      return {state, Outcome::kSaw};
    case Kind::kHold:
      if (state == State::kGood) return {State::kHold, Outcome::kDone};
      return {state, Outcome::kAlready};
    case Kind::kRelease:
      if (state == State::kHold) return {State::kGood, Outcome::kDone};
      return {state, Outcome::kRefused};
    case Kind::kRevoke:
      if (state != State::kRevoked) return {State::kRevoked, Outcome::kDone};
      return {state, Outcome::kAlready};
  }
  std::abort();
}

// The state after an operation that began in `state`; nothing when it could not have been told so.
std::optional<State> step(State state, const Operation& operation) {
  if (operation.outcome == Outcome::kConflict) return state;
  const Change done = change(state, operation.kind);
  if (operation.outcome == Outcome::kUnheard) return done.after;
  if (operation.outcome != done.told) return std::nullopt;
  if (operation.kind == Kind::kRead && operation.seen != state) return std::nullopt;
  return done.after;
}

// Search follows one certificate's operations in the order of their beginnings and ends.
class Search {
 public:
  explicit Search(const States& starts) {
    for (const State state : starts) configurations_.insert({state, 0});
  }

  void begin(const Operation& operation) {
    const auto slot = static_cast<std::size_t>(std::countr_one(used_));
    if (slot >= kMostUnderWay) std::abort();
    used_ |= bit(slot);
    under_way_[slot] = &operation;
  }
  // end returns whether some order explains it all so far.
  bool end(const Operation& operation) {
    const auto slot =
        static_cast<std::size_t>(std::ranges::find(under_way_, &operation) - under_way_.begin());
    // What nobody heard of took effect before now, or never will.
    Configurations left;
    if (operation.outcome == Outcome::kUnheard) {
      for (const auto& [state, done] : configurations_) {
        if ((done & bit(slot)) == 0) left.insert({state, done});
      }
    }
    left.merge(with(slot));
    configurations_ = std::move(left);
    under_way_[slot] = nullptr;
    used_ &= ~bit(slot);
    return !configurations_.empty();
  }
  [[nodiscard]] States states() const {
    States states;
    for (const auto& [state, done] : configurations_) states.insert(state);
    return states;
  }

 private:
  static std::uint32_t bit(std::size_t slot) { return std::uint32_t{1} << slot; }

  // All that comes of letting operations under way take effect until that of `slot` has.
  [[nodiscard]] Configurations with(std::size_t slot) const {
    Configurations seen = configurations_;
    std::vector<Configuration> todo(seen.begin(), seen.end());
    Configurations found;
    while (!todo.empty()) {
      const auto [state, done] = todo.back();
      todo.pop_back();
      if ((done & bit(slot)) != 0) {
        found.insert({state, done & ~bit(slot)});
        continue;
      }
      for (std::uint32_t open = used_ & ~done; open != 0; open &= open - 1) {
        const auto next = static_cast<std::size_t>(std::countr_zero(open));
        const auto after = step(state, *under_way_[next]);
        if (!after) continue;
        const Configuration configuration{*after, done | bit(next)};
        if (seen.insert(configuration).second) todo.push_back(configuration);
      }
    }
    return found;
  }

  Configurations configurations_;
  std::array<const Operation*, kMostUnderWay> under_way_{};
  std::uint32_t used_ = 0;
};

std::string_view name(Kind kind) {
  constexpr std::array<std::string_view, 4> kNames{"read", "hold", "release", "revoke"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name(Outcome outcome) {
  constexpr std::array<std::string_view, 6> kNames{"unheard", "saw",     "done",
                                                   "already", "refused", "conflict"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::string_view name(State state) {
  constexpr std::array<std::string_view, 3> kNames{"good", "hold", "revoked"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string told(const Operation& operation) {
  const bool saw = operation.outcome == Outcome::kSaw;
  return std::string(name(operation.kind)) + " " +
         std::string(saw ? name(operation.seen) : name(operation.outcome));
}

}  // namespace

std::string to_string(const Operation& operation) {
  return operation.certificate + " " + told(operation) + " from " +
         std::to_string(operation.begin) + " to " + std::to_string(operation.end);
}

Explained explain(std::span<const Operation> operations, const States& starts) {
  struct Mark {
    std::uint64_t at;
    bool is_end;
    std::size_t number;
  };
  std::vector<Mark> marks;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    marks.push_back({operations[i].begin, false, i});
    marks.push_back({operations[i].end, true, i});
  }
  std::ranges::sort(marks, {}, [](const Mark& mark) { return std::tie(mark.at, mark.is_end); });
  Search search(starts);
  for (const Mark& mark : marks) {
    const Operation& operation = operations[mark.number];
    if (!mark.is_end) {
      search.begin(operation);
    } else if (!search.end(operation)) {
      return {mark.number, {}};
    }
  }
  return {std::nullopt, search.states()};
}

std::vector<std::vector<Operation>> Checker::take(std::vector<Operation> operations) {
  operations_ += operations.size();
  std::unordered_map<std::string, std::vector<Operation>> by_certificate;
  for (Operation& operation : operations) {
    ++counts_[told(operation)];
    by_certificate[operation.certificate].push_back(std::move(operation));
  }
  std::vector<std::vector<Operation>> wrong;
  for (auto& [certificate, history] : by_certificate) {
    States& states = states_.try_emplace(certificate, States{State::kGood}).first->second;
    std::ranges::sort(history, {}, &Operation::end);
    Explained explained = explain(history, states);
    states = std::move(explained.states);
    if (!explained.wrong) continue;
    history.resize(*explained.wrong + 1);
    wrong.push_back(std::move(history));
  }
  return wrong;
}

}  // namespace chancery::history
