#include "base/ticket.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace chancery {

struct Ticket::State {
  std::mutex mutex;
  std::condition_variable completed;
  std::optional<Result<Receipt>> result;
  Callback callback;
};

void Ticket::on_complete(Callback callback) const {
  {
    const std::scoped_lock lock(state_->mutex);
    CHANCERY_CHECK(!state_->callback);
    if (!state_->result) {
      state_->callback = std::move(callback);
      return;
    }
  }
  // The result never changes once it is there, so it can be read without the lock.
  callback(*state_->result);
}

Result<Receipt> Ticket::wait(const OnLane&) const {
  std::unique_lock lock(state_->mutex);
  state_->completed.wait(lock, [&] { return state_->result.has_value(); });
  return *state_->result;
}

TicketIssuer::TicketIssuer() : state_(std::make_shared<Ticket::State>()) {}

void TicketIssuer::complete(Result<Receipt> result) const {
  Ticket::Callback callback;
  {
    const std::scoped_lock lock(state_->mutex);
    CHANCERY_CHECK(!state_->result);
    state_->result = std::move(result);
    callback = std::move(state_->callback);
    state_->completed.notify_all();
  }
  if (callback) callback(*state_->result);
}

}  // namespace chancery
