#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"

namespace chancery {

namespace http {
class LanePool;
}

// Receipt says what a commit did. `sequence` is the log index of the first event that the set
// wrote, or of the newest event before it when it wrote none.
struct Receipt {
  std::uint64_t sequence = 0;
};

// OnLane is the right to block. Only a lane's thread, or a program that runs no reactor (the
// command line, a test), can have one, so a reactor cannot wait for a disk by mistake.
class OnLane {
 public:
  // For programs without reactors.
  [[nodiscard]] static OnLane outside_server() { return OnLane{}; }

 private:
  friend class http::LanePool;
  OnLane() = default;
};

class TicketIssuer;

// Ticket stands for a write that becomes durable later. It completes exactly once, with a Receipt
// or with the reason why nothing was written (kConflict, kStorageFull, kUnavailable) or why that is
// not known (kUnknownOutcome). Cheap to copy; thread-safe.
class Ticket {
 public:
  using Callback = std::function<void(const Result<Receipt>&)>;

  // on_complete calls back exactly once: at once on this thread if already complete, else on the
  // thread that completes. The callback must not block. At most one callback a ticket.
  void on_complete(Callback callback) const;
  // wait blocks until complete.
  [[nodiscard]] Result<Receipt> wait(const OnLane&) const;

 private:
  friend class TicketIssuer;
  struct State;
  explicit Ticket(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// TicketIssuer is the committer's side of a Ticket.
class TicketIssuer {
 public:
  TicketIssuer();
  [[nodiscard]] Ticket ticket() const { return Ticket(state_); }
  void complete(Result<Receipt> result) const;

 private:
  std::shared_ptr<Ticket::State> state_;
};

}  // namespace chancery
