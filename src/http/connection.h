#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/conversation.h"
#include "http/listener_state.h"
#include "net/stream.h"

namespace chancery::http {

// Connection is one client's connection: its socket, its TLS handshake, its deadline and its end.
// What is said over it is its Conversation's business. Made by the acceptor, which has counted it
// in its listener, worker and OpenConnections; from the first run on it lives on its worker's
// thread, and close gives the counts back.
class Connection final : public net::ReadyHandler,
                         public net::Runnable,
                         public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(std::shared_ptr<Worker> worker, std::shared_ptr<ListenerState> listener,
             net::UniqueFd fd, std::string peer_address);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void run() override;  // begins; later: what resume asked for
  void on_readable() override;
  void on_writable() override;

  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  void give_up();
  void drain();
  void close();

  // Where it stands in its worker's list.
  [[nodiscard]] std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

  // The rest is for its conversation.
  [[nodiscard]] const std::shared_ptr<Worker>& worker() const { return worker_; }
  [[nodiscard]] const ListenerState& listener() const { return *listener_; }
  [[nodiscard]] const Client& client() const { return client_; }
  [[nodiscard]] net::Stream& stream() { return *stream_; }
  [[nodiscard]] bool is_open() const { return state_ == State::kTalking; }
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
  void set_deadline(std::chrono::milliseconds from_now) { deadline_ = Clock::now() + from_now; }
  void no_deadline() { deadline_ = Clock::time_point::max(); }
  // wait_for has the conversation called when the socket is ready for what `status` wants; for
  // kClosed it closes.
  void wait_for(net::IoStatus status);
  // resume has the conversation called after everything that is posted already.
  void resume();
  // end says goodbye in TLS, then closes.
  void end();
  // linger closes without cutting off what the peer has not read yet: as long as there is unread
  // input, closing would reset the connection.
  void linger();
  // become_h2 goes on in HTTP/2 with what was `received` so far.
  void become_h2(std::string_view received);
  // guarded runs work that came from elsewhere; an exception ends the connection. The connection
  // stays alive meanwhile.
  template <class Work>
  void guarded(Work work) {
    const auto self = shared_from_this();
    try {
      work();
    } catch (const std::exception& error) {
      failed(error);
    }
  }

 private:
  enum class State : std::uint8_t {
    kNew,
    kHandshake,
    kTalking,    // the conversation goes on
    kLingering,  // all is said; waits for the peer to see it and close
    kClosed,
  };

  void step();
  void begin();
  void shake_hands();
  void talk();
  void count_handshake_end();
  void discard();
  void release();
  void failed(const std::exception& error);

  const std::shared_ptr<Worker> worker_;
  const std::shared_ptr<ListenerState> listener_;
  Client client_;
  net::UniqueFd fd_;  // until begin
  std::optional<net::Socket> socket_;
  std::optional<net::Stream> stream_;
  std::unique_ptr<Conversation> conversation_;
  std::unique_ptr<Conversation> previous_;  // kept, because it may be the caller of become_h2

  State state_ = State::kNew;
  bool listed_ = false;  // in the worker's list
  bool released_ = false;
  bool counts_handshake_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool resumes_ = false;
  std::size_t place_ = 0;
  Clock::time_point deadline_ = Clock::time_point::max();
};

}  // namespace chancery::http
