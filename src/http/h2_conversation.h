#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/connection.h"
#include "http/h2_session.h"

namespace chancery::http {

class Exchange;
class H2Request;

// H2Conversation answers HTTP/2 requests, many at once, over one connection. What arrives together
// is answered together: the responses that are there when the reactor comes to write go out in as
// few TLS records and system calls as they fit in.
class H2Conversation final : public Conversation, public H2SessionOwner {
 public:
  using Clock = Connection::Clock;

  // `received` came before the connection knew that it was HTTP/2.
  explicit H2Conversation(Connection& connection, std::string_view received = {});
  ~H2Conversation() override;

  void begin() override;
  void ready() override;
  void resumed() override;
  void give_up() override;
  void drain() override;
  void closed() override;
  [[nodiscard]] H2Stream* open(std::int32_t id) override;

  // The rest is for its requests.
  [[nodiscard]] Connection& connection() { return connection_; }
  [[nodiscard]] H2Session& session() { return session_; }
  [[nodiscard]] const Limits& limits() const { return connection_.listener().limits(); }
  [[nodiscard]] Clock::time_point now() const { return now_; }
  // set_deadline has give_up called at that time at the latest.
  void set_deadline(Clock::time_point deadline);
  // hold_body accounts for a piece of a request's body; false when all bodies of the connection
  // together are too large.
  [[nodiscard]] bool hold_body(std::size_t bytes);
  void release_body(std::size_t bytes) { body_bytes_ -= bytes; }
  [[nodiscard]] std::size_t body_bytes() const { return body_bytes_; }
  // to_run: the request is complete. After what is being received, run is called.
  void to_run(H2Request& request) { to_run_.push_back(&request); }
  void forget(H2Request& request);
  // to_send: there is something to be sent, soon but not at once.
  void to_send() {
    if (!flushes_anyway_) connection_.resume();
  }
  // holds_secret: what is being produced must be wiped.
  void holds_secret() { holds_secret_ = true; }

 private:
  void read();
  void receive(std::string_view bytes);
  void run_requests();
  void flush();
  void after_flush();
  void find_deadline(std::chrono::milliseconds patience);
  void give_buffer_back();
  [[nodiscard]] std::unique_ptr<H2Request> make(std::int32_t id);

  Connection& connection_;
  H2Session session_;
  std::string first_;  // received before begin
  std::vector<std::unique_ptr<H2Request>> open_;
  std::vector<std::unique_ptr<H2Request>> spare_;  // done with, to be used again
  std::vector<std::weak_ptr<Exchange>> orphans_;   // in work for streams that are gone
  std::vector<H2Request*> to_run_;
  std::string output_;
  std::size_t output_done_ = 0;
  std::size_t body_bytes_ = 0;
  std::size_t served_ = 0;
  Clock::time_point now_ = Clock::now();
  Clock::time_point idle_since_ = now_;
  Clock::time_point blocked_since_ = Clock::time_point::max();  // the socket takes nothing
  Clock::time_point drain_ends_ = Clock::time_point::max();     // the client saw the notice by then
  bool holds_secret_ = false;
  bool flushes_anyway_ = false;  // at the end of what is going on
  bool is_over_ = false;
};

}  // namespace chancery::http
