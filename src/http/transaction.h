#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "http/exchange.h"
#include "http/listener_state.h"
#include "http/tracing.h"

namespace chancery::http {

// Transaction is one request and its response in what all versions of HTTP have in common: finding
// the application, refusing, counting, logging. It is started anew for each request that uses it.
// On the reactor's thread.
class Transaction {
 public:
  using Clock = std::chrono::steady_clock;

  // `protocol` is "h1" or "h2". All but `worker` outlive it.
  Transaction(std::shared_ptr<Worker> worker, const ListenerState& listener, const Client& client,
              std::string_view protocol, ExchangeOwner& owner);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] Request& request() { return exchange_->request; }
  [[nodiscard]] const std::shared_ptr<Worker>& worker() const { return worker_; }

  // start forgets the request before.
  void start();
  // See Exchange.
  [[nodiscard]] Result<void> hold_body(std::size_t free) { return exchange_->hold_body(free); }
  void forget_body() { exchange_->forget_body(); }
  // head_complete finds out who answers; a response when nobody does.
  [[nodiscard]] std::optional<Response> head_complete();
  // begin runs the complete request; nothing when the owner will get the answer later.
  [[nodiscard]] std::optional<Response> begin();
  // refuse answers what the server itself finds wrong: in the form of the application where there
  // is one for this status.
  [[nodiscard]] Response refuse(unsigned status, std::string_view detail);
  [[nodiscard]] Response refuse(const Error& error, unsigned status);

  // answered notes that the response is there, which may turn it into a range of itself.
  void answered(Response& response);
  // finished notes how the response ended, once.
  void finished(std::uint64_t body_bytes, bool complete);
  // broken_off logs why a response ended in its middle.
  void broken_off(const Error& error) const;

  // detach: nobody wants the answer any more.
  void detach() { exchange_->detach(); }

  // Nobody else works on the request, so that another may take its place.
  [[nodiscard]] bool alone() const { return exchange_.use_count() == 1; }
  [[nodiscard]] std::weak_ptr<Exchange> exchange() const { return exchange_; }

 private:
  void identify();
  void begin_trace();
  void tell_access_log(std::uint64_t body_bytes, bool complete);
  void tell_tracer();
  void find_application();
  [[nodiscard]] std::string_view route() const;
  [[nodiscard]] std::uint64_t microseconds() const;

  const std::shared_ptr<Worker> worker_;
  const ListenerState& listener_;
  const Client& client_;
  const std::string_view protocol_;
  const std::shared_ptr<Exchange> exchange_;
  Application* application_ = nullptr;  // null: none answers for the request
  bool identified_ = false;             // has its own id and time
  bool in_flight_ = false;
  bool refused_ = false;  // before it came to a handler
  bool open_ = false;     // not finished yet
  unsigned status_ = 0;
  Clock::time_point head_at_{};
  std::optional<TraceStart> trace_;  // of a request that is traced
};

}  // namespace chancery::http
