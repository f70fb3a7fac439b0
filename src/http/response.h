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
#include "http/body.h"
#include "http/request.h"

namespace chancery::http {

[[nodiscard]] std::string_view name(Lane lane);

// Response is what a handler returns: an answer, an answer that depends on a commit, or the wish to
// be run again on a lane.
class Response {
 public:
  // Shared bytes (a CRL, a document) and files are sent without a copy, and a GET may ask for a
  // range of them (RFC 9110, 14). What is too large for memory, or not there yet, is generated.
  using Body = std::variant<std::string, std::shared_ptr<const Bytes>, SharedRange, FileRange,
                            std::unique_ptr<BodySource>, SecretText>;
  using Render = std::function<Response(const Result<Receipt>&)>;

  Response() = default;
  Response(unsigned status, std::string_view content_type, Body body);
  [[nodiscard]] static Response empty(unsigned status);

  // after answers when the ticket is complete: `render` gets the committed result, on the request's
  // own thread or lane, and returns a final response, or one after another commit (at most 3 in
  // all). On kConflict the handler is run again first, at most 3 times. Nothing is sent before.
  [[nodiscard]] static Response after(Ticket ticket, Render render);
  // after_any does the same, but a conflict is `render`'s to answer: for what follows a commit that
  // must not happen twice.
  [[nodiscard]] static Response after_any(Ticket ticket, Render render);
  // finally applies `finish` to the final response, which may be there already.
  using Finish = std::function<Response(Response)>;
  [[nodiscard]] static Response finally(Response response, Finish finish);
  // run_on asks for the handler to be run again on a lane; Context::lane() is then that lane.
  [[nodiscard]] static Response run_on(Lane lane);

  [[nodiscard]] Response with_header(std::string_view name, std::string_view value) &&;
  // secret says that the body, a text, holds private keys or the like: every buffer of the server
  // that held it is zeroed once it is sent.
  [[nodiscard]] Response secret() &&;

  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] const std::vector<Header>& headers() const { return headers_; }
  // The body that is in memory; empty for files and sources.
  [[nodiscard]] BytesView body() const;
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

  // For the server.
  [[nodiscard]] Body& content() { return body_; }
  [[nodiscard]] const Body& content() const { return body_; }
  void set_content(Body body) { body_ = std::move(body); }
  void set_status(unsigned status) { status_ = status; }
  [[nodiscard]] bool is_secret() const { return std::holds_alternative<SecretText>(body_); }
  struct Pending {
    Ticket ticket;
    Render render;
    bool reruns = true;  // the handler, on a conflict
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

// memory_of is the part of a body that is in memory.
[[nodiscard]] BytesView memory_of(const Response::Body& body);

// Context is what the server knows about this run of a handler.
class Context {
 public:
  explicit Context(std::optional<Lane> lane = std::nullopt, const OnLane* on_lane = nullptr,
                   unsigned attempt = 0, bool paid = false)
      : lane_(lane), on_lane_(on_lane), attempt_(attempt), paid_(paid) {}

  // on says whether the handler already runs on `lane`.
  [[nodiscard]] bool on(Lane lane) const { return lane_ == lane; }
  [[nodiscard]] std::optional<Lane> lane() const { return lane_; }
  // The right to block; null on a reactor.
  [[nodiscard]] const OnLane* on_lane() const { return on_lane_; }
  // set_principal names the caller, for the access log: what authentication found, never what the
  // client claims.
  void set_principal(std::string_view name) { principal_ = name; }
  [[nodiscard]] const std::string& principal() const { return principal_; }
  // How often this request was run before because of conflicts.
  [[nodiscard]] unsigned attempt() const { return attempt_; }
  // set_paid notes that what a request costs once (a use of its token) has been taken; every later
  // run of the same request sees it.
  void set_paid() { paid_ = true; }
  [[nodiscard]] bool paid() const { return paid_; }

 private:
  std::optional<Lane> lane_;
  const OnLane* on_lane_;
  unsigned attempt_;
  bool paid_;
  std::string principal_;
};

// Handlers are plain functions: thread-safe, synchronous, without knowledge of sockets.
using Handler = std::function<Response(const Request&, Context&)>;

}  // namespace chancery::http
