#include "validation/network/http_hop.h"

#include <array>

#include "base/text.h"
#include "validation/network/connection.h"

namespace chancery::validation::network {
namespace {

constexpr int kMaxInterim = 4;  // 1xx answers
// How much longer a body may be with the framing of its chunks.
constexpr std::size_t kFraming = 4;

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

// Hop is one request on one connection.
class Hop {
 public:
  Hop(const Url& url, const HttpWish& wish, const Probe& probe)
      : url_(url), wish_(wish), probe_(probe) {}

  Step<Reply> run() {
    const auto found = addresses(probe_, url_.host);
    if (!found) return std::unexpected(found.error());
    auto connection = connect(*found);
    if (!connection) return std::unexpected(connection.error());
    Connection open = std::move(*connection);
    auto reply = exchange(open);
    if (reply) {
      saw("status " + std::to_string(reply->head.status));
      return std::move(*reply);
    }
    saw(reply.error().detail);
    return std::unexpected(connection_failure(reply.error()));
  }

 private:
  void saw(const std::string& what) { probe_.trail.saw(where_ + ", " + url_.text(), what); }

  [[nodiscard]] std::uint16_t port() const {
    if (url_.port) return *url_.port;
    return url_.https ? probe_.zone.tls_port : probe_.zone.http_port;
  }

  [[nodiscard]] Failure connection_failure(const Error& error) const {
    const bool may_pass = error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded;
    return {
        Problem::kConnection,
        "fetching " + url_.text() + " from " + where_ + ": " + printable(error.detail, 300) + ".",
        may_pass};
  }

  // Another address is tried only where the first one cannot be connected to.
  Step<Connection> connect(const std::vector<Bytes>& addresses) {
    Error last;
    for (const Bytes& address : addresses) {
      where_ = place(address, port());
      auto opened = Connection::open(address, port(), probe_.step());
      if (opened) return std::move(*opened);
      last = std::move(opened).error();
      saw(last.detail);
    }
    Failure failure = connection_failure(last);
    failure.detail += " Check that the web server listens there and no firewall is between.";
    return std::unexpected(std::move(failure));
  }

  [[nodiscard]] std::string request() const {
    std::string content;
    if (!wish_.content_type.empty()) {
      content = "Content-Type: " + std::string(wish_.content_type) +
                "\r\nContent-Length: " + std::to_string(wish_.body.size()) + "\r\n";
    }
    return (wish_.content_type.empty() ? "GET " : "POST ") + url_.target +
           " HTTP/1.1\r\nHost: " + host_field() + "\r\nUser-Agent: " + probe_.settings.user_agent +
           "\r\nAccept: */*\r\nAccept-Encoding: identity\r\n" + content +
           "Connection: close\r\n\r\n" + std::string(wish_.body);
  }
  [[nodiscard]] std::string host_field() const {
    const std::uint16_t usual = url_.https ? kHttpsPort : kHttpPort;
    Url shown = url_;
    shown.port.reset();
    if (port() != usual) shown.port = port();
    return shown.authority();
  }

  Result<Reply> exchange(Connection& connection) {
    if (url_.https) {
      const bool named = url_.host.find_first_not_of("0123456789.") != std::string::npos &&
                         url_.host.find(':') == std::string::npos;
      TRY(connection.start_tls({named ? url_.host : "", "http/1.1"}, probe_.step()));
    }
    // One deadline for request and answer: a server that sends an octet now and then gains nothing.
    const Deadline deadline = probe_.step();
    TRY(connection.write(request(), deadline));
    std::string bytes;
    Reply reply;
    reply.head = TRY(read_head(connection, bytes, deadline));
    if (reply.head.status != 200) return reply;
    reply.body = TRY(read_content(connection, reply.head, std::move(bytes), deadline));
    return reply;
  }

  // more appends what comes next; false at the end.
  static Result<bool> more(Connection& connection, std::string& bytes, Deadline deadline) {
    std::array<char, 16 * 1024> piece;
    const std::size_t n = TRY(connection.read(piece, deadline));
    bytes.append(piece.data(), n);
    return n > 0;
  }

  // What comes behind the head stays in `bytes`.
  static Result<ReplyHead> read_head(Connection& connection, std::string& bytes,
                                     Deadline deadline) {
    for (int interim = 0; interim <= kMaxInterim;) {
      if (const auto what = misfit(bytes); !what.empty()) return fail(Code::kMalformed, what);
      if (const auto size = head_size(bytes)) {
        ReplyHead head = TRY(parse_reply_head(std::string_view(bytes).substr(0, *size)));
        bytes.erase(0, *size);
        if (head.status >= 200) return head;
        ++interim;
        continue;
      }
      if (bytes.size() > kMaxReplyHead)
        return fail(Code::kTooLarge, "the answer's head is over 16 KiB");
      if (!TRY(more(connection, bytes, deadline)))
        return fail(Code::kMalformed, bytes.empty()
                                          ? "the server closed the connection without an answer"
                                          : "the connection ended within the answer's head");
    }
    return fail(Code::kMalformed, "too many interim answers");
  }

  Result<std::string> read_content(Connection& connection, const ReplyHead& head, std::string bytes,
                                   Deadline deadline) const {
    const Framing framing = TRY(framing_of(head));
    if (framing.length && *framing.length > wish_.most) return too_long();
    bool at_end = false;
    while (true) {
      Body body = TRY(read_body(framing, bytes, at_end));
      if (body.content.size() > wish_.most || bytes.size() > kFraming * wish_.most)
        return too_long();
      if (body.complete) return std::move(body.content);
      at_end = !TRY(more(connection, bytes, deadline));
    }
  }
  [[nodiscard]] std::unexpected<Error> too_long() const {
    return fail(Code::kTooLarge, "the page is longer than " + std::to_string(wish_.most) +
                                     " octets, so it is not what is looked for");
  }

  const Url& url_;
  const HttpWish& wish_;
  const Probe& probe_;
  std::string where_;
};

}  // namespace

Step<Reply> run_hop(const Url& url, const HttpWish& wish, const Probe& probe) {
  return Hop(url, wish, probe).run();
}

}  // namespace chancery::validation::network
