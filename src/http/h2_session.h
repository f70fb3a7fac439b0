#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/body_reader.h"
#include "http/h2_guard.h"
#include "http/request.h"

namespace chancery::http {

// What a client that speaks HTTP/2 says first (RFC 9113, 3.4).
inline constexpr std::string_view kH2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// H2Stream is one request and its response as the session sees them. All but response_body is
// called from within H2Session::receive or produce, and must not call either.
class H2Stream {
 public:
  virtual ~H2Stream() = default;
  // header takes a header or pseudo-header (":path"); false when the request has gone beyond all
  // bounds, which ends the connection.
  [[nodiscard]] virtual bool header(std::string_view name, std::string_view value) = 0;
  virtual void head_complete() = 0;
  virtual void body(std::string_view piece) = 0;
  virtual void request_complete() = 0;
  // The response's body, after H2Session::respond.
  [[nodiscard]] virtual BodyReader& response_body() = 0;
  // body_moved: some of the response's body was sent; body_stalled: its source has nothing yet.
  virtual void body_moved() = 0;
  virtual void body_stalled() = 0;
  virtual void body_failed(const Error& error) = 0;
  // closed: the stream is over, and the session will not use it again. `complete` when the whole
  // response was sent.
  virtual void closed(bool complete) = 0;
};

// H2SessionOwner makes the streams of a session.
class H2SessionOwner {
 public:
  virtual ~H2SessionOwner() = default;
  // open makes room for a new request; null refuses it (REFUSED_STREAM).
  [[nodiscard]] virtual H2Stream* open(std::int32_t id) = 0;
};

struct H2Options {
  std::uint32_t max_streams = 100;           // open at once
  std::size_t max_header_bytes = 16 * 1024;  // told to the client
};

// H2Session is the server's side of one HTTP/2 connection (RFC 9113): bytes in, bytes out, no
// socket and no clock. It answers what the protocol itself asks for, keeps to the peer's flow
// control, lets responses take turns, and ends what is abused (H2Guard). The errors that end a
// connection are told to the peer in a GOAWAY with a text. Not thread-safe.
class H2Session {
 public:
  using Clock = H2Guard::Clock;

  H2Session(const H2Options& options, H2SessionOwner& owner);
  ~H2Session();
  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;

  // receive takes what the client sent. When it was wrong or too much, the GOAWAY that says so is
  // ready to be produced, and the session is over.
  void receive(std::string_view bytes, Clock::time_point now);
  // produce appends what is to be sent, until `out` holds about `enough` bytes; at most 16 KiB and
  // a frame's header more than that. Nothing when there is nothing to be sent now.
  void produce(std::string& out, std::size_t enough, Clock::time_point now);
  // over: nothing more will be received or produced.
  [[nodiscard]] bool over() const;
  // Why the session ended, if not in peace.
  [[nodiscard]] std::string_view complaint() const;

  struct Head {
    std::string_view date;
    std::string_view request_id;
    std::optional<std::uint64_t> length;  // of the body
    bool has_body = true;
  };
  // respond answers a stream; the body comes from the stream's response_body. Headers that only
  // HTTP/1.1 has are left out.
  void respond(std::int32_t id, const Response& response, const Head& head);
  // send_continue says that the body is wanted (100).
  void send_continue(std::int32_t id);
  // body_ready: the source that stalled has something now.
  void body_ready(std::int32_t id);
  // cancel resets a stream.
  void cancel(std::int32_t id);
  // drain tells the client to send no further requests; the ones on their way are still taken.
  void drain();
  // refuse_new ends that: what the client sends from now on, it must send elsewhere.
  void refuse_new();

 private:
  friend struct H2Callbacks;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chancery::http
