#include "validation/network/http_01.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "validation/network/connection.h"
#include "validation/network/http_reply.h"
#include "validation/network/url.h"

namespace chancery::validation::network {
namespace {

constexpr int kMaxRedirects = 10;
constexpr int kMaxInterim = 4;  // 1xx answers
// A key authorisation has about 90 octets; what is longer is another page.
constexpr std::size_t kMaxBody = 2048;
constexpr std::size_t kMaxRawBody = 8 * 1024;  // with the chunks' framing

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

struct Reply {
  ReplyHead head;
  std::string body;  // of a 200 only
};

// Hop is one request on one connection.
class Hop {
 public:
  Hop(const Url& url, const Probe& probe) : url_(url), probe_(probe) {}

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
    return "GET " + url_.target + " HTTP/1.1\r\nHost: " + host_field() +
           "\r\nUser-Agent: " + probe_.settings.user_agent +
           "\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n";
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
    std::array<char, 2048> piece;
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

  static Result<std::string> read_content(Connection& connection, const ReplyHead& head,
                                          std::string bytes, Deadline deadline) {
    const Framing framing = TRY(framing_of(head));
    if (framing.length && *framing.length > kMaxBody) return too_long();
    bool at_end = false;
    while (true) {
      Body body = TRY(read_body(framing, bytes, at_end));
      if (body.content.size() > kMaxBody || bytes.size() > kMaxRawBody) return too_long();
      if (body.complete) return std::move(body.content);
      at_end = !TRY(more(connection, bytes, deadline));
    }
  }
  static std::unexpected<Error> too_long() {
    return fail(Code::kTooLarge,
                "the page is longer than 2048 octets, so it is no key authorisation");
  }

  const Url& url_;
  const Probe& probe_;
  std::string where_;
};

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::string> port_refusal(const Url& url, const ZoneSettings& zone) {
  if (!url.port) return std::nullopt;
  const std::array allowed{kHttpPort, kHttpsPort, zone.http_port, zone.tls_port};
  if (std::ranges::find(allowed, *url.port) != allowed.end()) return std::nullopt;
  return "its port is neither 80 nor 443";
}

Failure bad_redirect(const Url& from, std::string_view location, std::string_view why) {
  return {Problem::kConnection,
          from.text() + " redirects to \"" + printable(location, 300) +
              "\", which is not followed: " + std::string(why) + ".",
          false};
}

Step<Url> redirect_target(const Url& from, const ReplyHead& head, const ZoneSettings& zone) {
  const auto location = head.field("location");
  if (!location || !*location)
    return std::unexpected(bad_redirect(from, "", "there is no one Location header"));
  auto url = resolve(from, **location);
  if (!url) return std::unexpected(bad_redirect(from, **location, url.error().detail));
  if (const auto why = port_refusal(*url, zone))
    return std::unexpected(bad_redirect(from, **location, *why));
  return std::move(*url);
}

// White space behind the key authorisation is tolerated (RFC 8555 section 8.3).
std::string_view without_end(std::string_view body) {
  const auto last = body.find_last_not_of(" \t\r\n");
  return body.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

Outcome judge(const Url& url, const Reply& reply, const Attempt& attempt) {
  if (reply.head.status != 200) {
    return outcome_of({Problem::kUnauthorized,
                       url.text() + " answers with status " + std::to_string(reply.head.status) +
                           " instead of 200. Serve the key authorisation there.",
                       reply.head.status >= 500});
  }
  if (without_end(reply.body) == attempt.key_authorization) return {};
  return outcome_of({Problem::kIncorrectResponse,
                     "the page at " + url.text() +
                         " is not the key authorisation \"TOKEN.THUMBPRINT\" of this challenge and "
                         "account. Serve exactly that.",
                     false});
}

Url first_url(const Attempt& attempt) {
  Url url;
  url.host = attempt.identifier.value;
  url.target = "/.well-known/acme-challenge/" + attempt.token;
  return url;
}

}  // namespace

Outcome http_01(const Attempt& attempt, const Probe& probe) {
  Url url = first_url(attempt);
  std::vector<Url> visited;
  for (int hop = 0; hop <= kMaxRedirects; ++hop) {
    const auto reply = Hop(url, probe).run();
    if (!reply) return outcome_of(reply.error());
    if (!is_redirect(reply->head.status)) return judge(url, *reply, attempt);
    visited.push_back(url);
    auto next = redirect_target(url, reply->head, probe.zone);
    if (!next) return outcome_of(next.error());
    probe.trail.saw(url.text(), "redirects to " + next->text());
    if (std::ranges::find(visited, *next) != visited.end())
      return outcome_of(bad_redirect(url, next->text(), "it is a loop"));
    url = std::move(*next);
  }
  return outcome_of(
      {Problem::kConnection, "over 10 redirects from " + visited.front().text() + ".", false});
}

}  // namespace chancery::validation::network
