#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/h1_parser.h"
#include "http/server.h"
#include "http/worker.h"
#include "net/stream.h"
#include "net/tls.h"

namespace chancery::http {

// ListenerState is what the connections of one listener share.
struct ListenerState {
  ListenerState(const ListenerOptions& options, OpenConnections& open_connections)
      : tls(options.tls), site(*options.site), limits(options.limits), open(open_connections) {}

  const std::shared_ptr<net::TlsServerContext> tls;
  const Site& site;
  const Limits limits;
  OpenConnections& open;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> handshakes{0};
};

// Connection is one client's HTTP/1.1 connection. Made by the acceptor, which has counted it in its
// listener, worker and OpenConnections; from the first run on it lives on its worker's thread, and
// close gives the counts back. Requests are answered one after the other: nothing is read while one
// is in work.
class Connection final : public net::ReadyHandler,
                         public net::Runnable,
                         public ExchangeOwner,
                         public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(std::shared_ptr<Worker> worker, std::shared_ptr<ListenerState> listener,
             net::UniqueFd fd, std::string peer_address);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void run() override;  // begins
  void on_readable() override;
  void on_writable() override;
  void answer(Response response) override;

  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  // give_up ends what has passed its deadline.
  void give_up();
  // drain: finish what has begun, then close.
  void drain();
  void close();

  // Where it stands in its worker's list.
  [[nodiscard]] std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

 private:
  enum class State : std::uint8_t {
    kNew,
    kHandshake,
    kReading,    // waits for a request or for the rest of one
    kHandling,   // the request is in work elsewhere
    kWriting,    // the socket does not take the response fast enough
    kLingering,  // all is said; waits for the peer to see it and close
    kClosed,
  };
  // What the deadline of kReading is about.
  enum class Awaiting : std::uint8_t { kRequest, kHead, kBody };

  [[nodiscard]] Request& request() { return exchange_->request; }
  template <class Work>
  void guarded(Work work);
  void step();
  void wait_for(net::IoStatus status);
  void set_deadline(std::chrono::milliseconds from_now) { deadline_ = Clock::now() + from_now; }

  // Reading: connection.cc.
  void begin();
  void shake_hands();
  void count_handshake_end();
  void read();
  void proceed();
  void await_input();
  void consume_input();
  [[nodiscard]] std::string_view consume(std::string_view input);
  void linger();
  void discard();
  void release();

  // Requests and responses: connection_requests.cc.
  void await_request();
  void head_complete();
  void begin_request();
  void send_continue();
  void refuse(unsigned status, std::string_view detail);
  void send(Response response);
  void record();
  void compose();
  void flush();
  void response_sent();

  const std::shared_ptr<Worker> worker_;
  const std::shared_ptr<ListenerState> listener_;
  net::UniqueFd fd_;  // until begin
  std::optional<net::Socket> socket_;
  std::optional<net::Stream> stream_;
  H1Parser parser_;
  const std::shared_ptr<Exchange> exchange_;
  Application* application_ = nullptr;  // of the current request; null: none answers for it

  State state_ = State::kNew;
  Awaiting awaiting_ = Awaiting::kHead;
  bool listed_ = false;  // in the worker's list
  bool released_ = false;
  bool counts_handshake_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool in_flight_ = false;
  bool refused_ = false;      // before it came to a handler
  bool close_after_ = false;  // after the current response
  std::size_t place_ = 0;
  std::size_t served_ = 0;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point head_at_{};

  std::string input_;   // received, not yet consumed
  std::string output_;  // head and beginning of the body of response_
  Response response_;
  std::size_t output_done_ = 0;
  std::size_t body_done_ = 0;
};

}  // namespace chancery::http
