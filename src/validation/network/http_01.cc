#include "validation/network/http_01.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "validation/network/http_hop.h"

namespace chancery::validation::network {
namespace {

constexpr int kMaxRedirects = 10;
// A key authorisation has about 90 octets; what is longer is another page.
constexpr std::size_t kMaxBody = 2048;

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

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
    const auto reply = run_hop(url, {.most = kMaxBody}, probe);
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
