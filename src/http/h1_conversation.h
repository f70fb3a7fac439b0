#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/body_reader.h"
#include "http/connection.h"
#include "http/h1_parser.h"
#include "http/transaction.h"

namespace chancery::http {

// H1Conversation answers HTTP/1.1 requests one after the other: nothing is read while one is in
// work. A client on a clear connection may speak HTTP/2 from its first byte on instead (RFC 9113,
// 3.3).
class H1Conversation final : public Conversation, public ExchangeOwner, public BodyOwner {
 public:
  explicit H1Conversation(Connection& connection);

  void begin() override;
  void ready() override;
  void give_up() override;
  void drain() override;
  void closed() override;
  void answer(Response response) override;
  void body_ready() override;

 private:
  enum class State : std::uint8_t {
    kReading,    // waits for a request or for the rest of one
    kHandling,   // the request is in work elsewhere
    kWriting,    // the socket does not take the response fast enough
    kStreaming,  // the body's source has nothing yet
    kOver,
  };
  // What the deadline of kReading is about.
  enum class Awaiting : std::uint8_t { kRequest, kHead, kBody };
  // How the end of a body is told.
  enum class Framing : std::uint8_t { kLength, kChunked, kUntilClose };

  [[nodiscard]] Request& request() { return transaction_.request(); }
  [[nodiscard]] Worker& worker() { return *connection_.worker(); }
  [[nodiscard]] const Limits& limits() const { return connection_.listener().limits(); }

  // Reading and requests: h1_conversation.cc.
  void read();
  void proceed();
  void await_input();
  void await_request();
  void consume_input();
  [[nodiscard]] std::string_view consume(std::string_view input);
  [[nodiscard]] bool may_be_h2(std::string_view input) const;
  [[nodiscard]] bool hold_body();
  void head_complete();
  void begin_request();
  void send_continue();
  void refuse(unsigned status, std::string_view detail);

  // Responses: h1_responses.cc.
  void send(Response response);
  void compose();
  void flush();
  [[nodiscard]] bool refill();
  [[nodiscard]] net::IoResult write_some();
  void wait_for_source();
  void break_off(const Error& error);
  void response_sent();

  Connection& connection_;
  H1Parser parser_;
  Transaction transaction_;

  State state_ = State::kReading;
  Awaiting awaiting_ = Awaiting::kHead;
  bool close_after_ = false;  // after the current response
  std::size_t served_ = 0;

  std::string input_;   // received, not yet consumed
  std::string output_;  // head and beginning of the body of response_
  std::size_t output_done_ = 0;
  Response response_;
  BodyReader body_;
  Framing framing_ = Framing::kLength;
  bool body_over_ = false;  // all of it is in output_ or sent
};

}  // namespace chancery::http
