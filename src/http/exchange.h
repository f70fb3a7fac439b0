#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "http/lanes.h"
#include "http/site.h"
#include "http/tracing.h"
#include "http/worker.h"

namespace chancery::http {

// ExchangeOwner takes the answer of an Exchange that could not give it at once. On the reactor's
// thread.
class ExchangeOwner {
 public:
  virtual ~ExchangeOwner() = default;
  virtual void answer(Response response) = 0;
};

// Exchange takes a request from its application to a final response: runs the handler where it
// wants to run, waits for its ticket, runs it again on conflicts and turns every failure into a
// refusal in the application's own form. It is with one thread at a time (reactor, lane, or whoever
// completes a ticket), handed over under a queue's lock. It knows nothing of HTTP versions or
// sockets.
class Exchange final : public net::Runnable,
                       public LaneTask,
                       public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Worker> worker, ExchangeOwner& owner)
      : worker_(std::move(worker)), share_(worker_->services().bodies), owner_(&owner) {}

  // The owner fills it before begin; it stays as it is until the answer.
  Request request;

  // hold_body accounts for the body as far as it is there, without the first `free` bytes of it.
  // Errors: kUnavailable when all bodies of the server together are too large.
  [[nodiscard]] Result<void> hold_body(std::size_t free);
  // forget_body gives its memory back, when the request is over or before it begins.
  void forget_body();

  // Whether parts() are noted; likewise.
  bool traced = false;

  // begin runs the request; the response, or nothing when the owner's answer will be called later.
  [[nodiscard]] std::optional<Response> begin(Application& application);
  // refuse renders an error in the application's form.
  [[nodiscard]] Response refuse(const Application& application, const Error& error) const;
  // route names the request for metrics and logs.
  [[nodiscard]] std::string_view route(const Application& application) const;
  // principal is who the handler found the caller to be; once the answer is there.
  [[nodiscard]] const std::string& principal() const { return principal_; }
  // parts are the stretches in which the request waited; once the answer is there.
  [[nodiscard]] const std::vector<TracePart>& parts() const { return parts_; }
  // detach: the owner goes away and wants no answer any more.
  void detach() {
    owner_ = nullptr;
    is_abandoned_ = true;
  }

  void run() override;
  void run_on_lane(const OnLane& on_lane) override;
  void turned_away(const Error& error) override;

 private:
  // What happened to the request while it was with nobody.
  enum class Event : std::uint8_t { kNone, kLaneGiven, kCommitted, kAnswered };

  std::optional<Response> invoke(const OnLane* on_lane);
  std::optional<Response> settle(Response response);
  std::optional<Response> move_to(Lane lane);
  [[nodiscard]] std::string tenant() const;
  std::optional<Response> wait_for(Response::Pending pending);
  std::optional<Response> resume(const OnLane* on_lane);
  void committed(const Result<Receipt>& result);
  void deliver(Response response);
  void begin_part(std::string_view name) {
    if (traced) parts_.push_back({name, std::chrono::system_clock::now()});
  }
  void end_part() {
    if (traced) parts_.back().end = std::chrono::system_clock::now();
  }
  [[nodiscard]] Response refuse(const Error& error) const { return refuse(*application_, error); }
  [[nodiscard]] Response broken(std::string_view what, std::string_view detail) const;
  template <class Work>
  Response guarded(Work work) const;

  const std::shared_ptr<Worker> worker_;
  BodyShare share_;
  ExchangeOwner* owner_;  // for the reactor's thread
  std::atomic<bool> is_abandoned_{false};
  Application* application_ = nullptr;
  unsigned attempt_ = 0;
  bool paid_ = false;
  unsigned moves_ = 0;
  unsigned commits_ = 0;
  std::optional<Lane> lane_;
  Event event_ = Event::kNone;
  Response::Render render_;
  bool reruns_ = true;
  Result<Receipt> outcome_;
  Response answer_;
  std::string principal_;
  std::vector<TracePart> parts_;
};

}  // namespace chancery::http
