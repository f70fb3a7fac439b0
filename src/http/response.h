#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ticket.h"
#include "http/request.h"

namespace chancery::http {

// Lanes run what may not run on a reactor: `cpu` slow key operations, `outbound` network calls,
// `search` long reads. Each has threads, a queue bound and a deadline of its own.
enum class Lane : std::uint8_t { kCpu, kOutbound, kSearch };
[[nodiscard]] std::string_view name(Lane lane);

// Response is what a handler returns: an answer, an answer that depends on a commit, or the wish to
// be run again on a lane.
class Response {
 public:
  // Shared bodies (a CRL, a document) are sent without a copy.
  using Body = std::variant<std::string, std::shared_ptr<const Bytes>>;
  using Render = std::function<Response(const Result<Receipt>&)>;

  Response() = default;
  Response(unsigned status, std::string_view content_type, Body body);
  [[nodiscard]] static Response empty(unsigned status);

  // after answers when the ticket is complete: `render` gets the committed result, on the request's
  // own thread, and returns a final response. On kConflict the handler is run again first, at most
  // 3 times. Nothing is sent before.
  [[nodiscard]] static Response after(Ticket ticket, Render render);
  // run_on asks for the handler to be run again on a lane; Context::lane() is then that lane.
  [[nodiscard]] static Response run_on(Lane lane);

  Response&& with_header(std::string_view name, std::string_view value) &&;

  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] const std::vector<Header>& headers() const { return headers_; }
  [[nodiscard]] BytesView body() const;

  // For the server.
  struct Pending {
    Ticket ticket;
    Render render;
  };
  using Continuation = std::variant<std::monostate, Pending, Lane>;
  [[nodiscard]] const Continuation& continuation() const& { return continuation_; }
  [[nodiscard]] Continuation continuation() && { return std::move(continuation_); }

 private:
  unsigned status_ = 500;
  std::vector<Header> headers_;
  Body body_;
  Continuation continuation_;
};

// Context is what the server knows about this run of a handler.
class Context {
 public:
  explicit Context(std::optional<Lane> lane = std::nullopt, const OnLane* on_lane = nullptr,
                   unsigned attempt = 0)
      : lane_(lane), on_lane_(on_lane), attempt_(attempt) {}

  // on says whether the handler already runs on `lane`.
  [[nodiscard]] bool on(Lane lane) const { return lane_ == lane; }
  [[nodiscard]] std::optional<Lane> lane() const { return lane_; }
  // The right to block; null on a reactor.
  [[nodiscard]] const OnLane* on_lane() const { return on_lane_; }
  // How often this request was run before because of conflicts.
  [[nodiscard]] unsigned attempt() const { return attempt_; }

 private:
  std::optional<Lane> lane_;
  const OnLane* on_lane_;
  unsigned attempt_;
};

// Handlers are plain functions: thread-safe, synchronous, without knowledge of sockets.
using Handler = std::function<Response(const Request&, Context&)>;

}  // namespace chancery::http
