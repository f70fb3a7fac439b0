#pragma once

#include <utility>

#include "base/ticket.h"
#include "record/store.h"
#include "record/write_set.h"

namespace chancery::record {

// Staged holds something that may not leave the program before its record is durable: a
// certificate, an acknowledgement of a revocation. It comes out only against the Receipt of its own
// write set.
template <class T>
class [[nodiscard]] Staged {
 public:
  Staged(T value, record::WriteSet writes) : value_(std::move(value)), writes_(std::move(writes)) {}

  // writes may be added to before submitting: a token's use, an order's state.
  [[nodiscard]] record::WriteSet& writes() { return writes_; }
  // extend lets more be written of what the value says, in the same set: `more(value, writes)`. It
  // must keep the value to itself.
  template <class More>
  void extend(More&& more) {
    std::forward<More>(more)(std::as_const(value_), writes_);
  }
  // submit hands the write set to the committer; once only.
  [[nodiscard]] Ticket submit(record::Committer& committer) {
    return committer.submit(std::move(writes_));
  }
  // release gives the value; the Receipt is the proof that it is recorded.
  [[nodiscard]] const T& release(const Receipt&) const { return value_; }

 private:
  T value_;
  record::WriteSet writes_;
};

}  // namespace chancery::record
