#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/body_reader.h"
#include "http/h2_conversation.h"
#include "http/transaction.h"

namespace chancery::http {

// H2Request is one stream of an H2Conversation: a request, and the response to it.
class H2Request final : public H2Stream, public ExchangeOwner, public BodyOwner {
 public:
  using Clock = H2Conversation::Clock;

  explicit H2Request(H2Conversation& conversation);

  // start makes it the request of another stream.
  void start(std::int32_t id);
  // run has the complete request answered.
  void run();
  // expire ends what has passed its deadline.
  void expire();
  // abandon: the connection is over.
  void abandon();

  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  // trim lets go of memory that one large request left behind.
  void trim() { transaction_.forget_body(); }
  [[nodiscard]] bool reusable() const { return transaction_.alone(); }
  [[nodiscard]] std::weak_ptr<Exchange> exchange() const { return transaction_.exchange(); }
  // Where it stands in its conversation's list.
  [[nodiscard]] std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

  [[nodiscard]] bool header(std::string_view name, std::string_view value) override;
  void head_complete() override;
  void body(std::string_view piece) override;
  void request_complete() override;
  [[nodiscard]] BodyReader& response_body() override { return body_; }
  void body_moved() override;
  void body_stalled() override { deadline_ = Clock::time_point::max(); }
  void body_failed(const Error& error) override { transaction_.broken_off(error); }
  void closed(bool complete) override;
  void answer(Response response) override;
  void body_ready() override;

 private:
  enum class State : std::uint8_t { kHead, kBody, kWorking, kResponding };

  [[nodiscard]] Request& request() { return transaction_.request(); }
  void set_deadline(std::chrono::milliseconds from_now);
  void add_header(std::string_view name, std::string_view value);
  [[nodiscard]] bool set_host();
  [[nodiscard]] bool expects_continue();
  void refuse(unsigned status, std::string_view detail);
  void respond(Response response);
  void release_body();

  H2Conversation& conversation_;
  Transaction transaction_;
  std::int32_t id_ = 0;
  State state_ = State::kHead;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::size_t place_ = 0;
  std::size_t header_bytes_ = 0;
  std::size_t header_count_ = 0;
  std::size_t held_ = 0;  // bytes of the body that the conversation accounts for
  std::string authority_;
  Response response_;
  BodyReader body_;
};

}  // namespace chancery::http
