#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "protocols/vault/example_path.h"
#include "protocols/vault/test_vault.h"

// The authorisation matrix: every row of the route table with every state of a token. What is
// expected comes from the row alone.

namespace chancery::vault {
namespace {

constexpr std::array kActions{
    access::Action::kCreate, access::Action::kRead, access::Action::kUpdate, access::Action::kPatch,
    access::Action::kDelete, access::Action::kList, access::Action::kScan,   access::Action::kSudo};

// State is what somebody comes with.
enum class State : std::uint8_t {
  kNone,     // no token
  kUnknown,  // one that nobody made
  kExpired,  // every other has exactly what the row needs, unless it is said
  kRevoked,
  kUsedUp,
  kDefault,    // the default policy alone
  kElsewhere,  // what the row needs, on another path
  kOther,      // every capability but the one that the row needs, on its path
  kNoSudo,     // what the row needs but "sudo"
  kDenied,     // what the row needs, and "deny"
  kExact,
  kRoot,
};
constexpr std::array kStates{State::kNone,   State::kUnknown, State::kExpired,   State::kRevoked,
                             State::kUsedUp, State::kDefault, State::kElsewhere, State::kOther,
                             State::kNoSudo, State::kDenied,  State::kExact,     State::kRoot};

// Rows that the default policy opens: what a token may do with itself.
bool is_default(const Route& route) {
  constexpr std::array<std::string_view, 5> kSelf{"auth/token/lookup-self", "auth/token/renew-self",
                                                  "auth/token/revoke-self", "sys/capabilities-self",
                                                  "sys/internal/ui/mounts"};
  if (route.area != Area::kRoot || route.sudo) return false;
  const bool lookup = route.pattern == "auth/token/lookup-self";
  if (lookup) return route.operation == Operation::kRead;
  return std::ranges::find(kSelf, route.pattern) != kSelf.end() ||
         route.pattern == "sys/leases/lookup" ||
         (route.pattern == "sys/leases/renew" && route.operation == Operation::kUpdate);
}

bool expected(const Route& route, State state) {
  if (route.guard != Guard::kToken) return true;
  switch (state) {
    case State::kExact:
    case State::kRoot:
      return true;
    case State::kNoSudo:
      return !route.sudo;
    case State::kDefault:
    case State::kElsewhere:
      return is_default(route);
    default:
      return false;
  }
}

std::string quoted_name(access::Action action) {
  return "\"" + std::string(access::name(action)) + "\"";
}

// Matrix makes the tokens of one row.
class Matrix {
 public:
  Matrix(TestVault& vault, const Route& route, std::string path)
      : vault_(vault), route_(route), path_(std::move(path)) {
    if (route_.action == access::Action::kList) path_ += '/';
  }

  std::string token(State state) {
    const std::string needed = quoted_name(route_.action);
    const std::string exact = needed + (route_.sudo ? ", \"sudo\"" : "");
    switch (state) {
      case State::kNone:
        return {};
      case State::kUnknown:
        return "s.nobodymadethistokenxxxxx";
      case State::kExpired:
        return make(path_, exact, R"(, "ttl": "1s")");
      case State::kUsedUp:
        return used_up(make(path_, exact, R"(, "num_uses": 1)"));
      case State::kRevoked:
        return revoked(make(path_, exact));
      case State::kDefault:
        return make("nowhere/at/all", "\"read\"", {}, Default::kWith);
      case State::kElsewhere:
        return make(path_ + "x", exact, {}, Default::kWith);
      case State::kOther:
        return make(path_, others());
      case State::kNoSudo:
        return make(path_, needed);
      case State::kDenied:
        return make(path_, exact + ", \"deny\"");
      case State::kExact:
        return make(path_, exact);
      case State::kRoot:
        return vault_.mount.token;
    }
    return {};
  }

 private:
  enum class Default : std::uint8_t { kWithout, kWith };  // the default policy

  std::string make(const std::string& path, const std::string& capabilities,
                   const std::string& more = {}, Default with = Default::kWithout) {
    auto& client = vault_.client;
    client.token = vault_.mount.token;
    const std::string name = "row" + std::to_string(made_++);
    const boost::json::object policy{
        {"policy", "path \"" + path + "\" { capabilities = [" + capabilities + "] }"}};
    REQUIRE(client.post("sys/policies/acl/" + name, boost::json::serialize(policy)).status == 204);
    const std::string without = with == Default::kWith ? "false" : "true";
    const auto answer = client.post(
        "auth/token/create-orphan",
        R"({"policies": [")" + name + R"("], "no_default_policy": )" + without + more + "}");
    REQUIRE(answer.status == 200);
    return answer.text("/auth/client_token");
  }

  std::string used_up(std::string token) {
    vault_.client.token = token;
    (void)vault_.client.get("sys/nothing");
    return token;
  }

  std::string revoked(std::string token) {
    vault_.client.token = vault_.mount.token;
    REQUIRE(vault_.client.post("auth/token/revoke", R"({"token": ")" + token + "\"}").status ==
            204);
    return token;
  }

  [[nodiscard]] std::string others() const {
    std::string list;
    for (const access::Action action : kActions) {
      if (action == route_.action) continue;
      list += (list.empty() ? "" : ", ") + quoted_name(action);
    }
    return list;
  }

  TestVault& vault_;
  const Route& route_;
  std::string path_;
  unsigned made_ = 0;
};

bool refused_by_guard(const json::Answer& answer) {
  if (answer.status != 403) return false;
  const std::string text = answer.text("/errors/0");
  return text == "permission denied" || text == "1 error occurred:\n\t* permission denied\n\n";
}

// What the handlers of open rows refuse by themselves: logins, and what is shown to whom.
bool refuses_itself(const Route& route) {
  return route.pattern.starts_with("login") || route.pattern.starts_with("sys/internal/ui/mounts");
}

TEST_CASE("authorisation matrix: every row, every state of a token") {
  auto vault = std::make_unique<TestVault>();
  std::size_t checked = 0;
  for (const Route& route : routes()) {
    const std::string path = example_path(route);
    CAPTURE(path);
    CAPTURE(name(route.operation));
    for (const State state : kStates) {
      if (route.guard != Guard::kToken && refuses_itself(route)) continue;
      Matrix matrix(*vault, route, path);
      const std::string token = matrix.token(state);
      if (state == State::kExpired) vault->mount.clock.advance(seconds{2});
      vault->client.token = token;
      vault->client.headers = {{"Content-Type", "application/merge-patch+json"}};
      const auto answer = vault->client.send(verb(route.operation), path);
      vault->client.headers.clear();
      CAPTURE(static_cast<int>(state));
      CAPTURE(answer.body);
      CHECK(refused_by_guard(answer) != expected(route, state));
      CHECK(answer.status < 500);
      ++checked;
    }
    // That was the end of the root token.
    if (route.pattern == "auth/token/revoke-self") vault = std::make_unique<TestVault>();
  }
  CHECK(checked > 1'500);
}

TEST_CASE("authorisation matrix: no handler stands outside the table") {
  // A path that no row has is refused whatever a token may do, and so is a verb that no row has.
  TestVault vault;
  vault.client.headers = {{"Content-Type", "application/merge-patch+json"}};
  for (const Route& route : routes()) {
    const std::string path = example_path(route) + "/and/more";
    const bool listed = std::ranges::any_of(routes(), [&](const Route& other) {
      const std::string_view area = prefix(other.area);
      return path.starts_with(area) &&
             match_path(other.pattern, std::string_view(path).substr(area.size())).has_value();
    });
    if (listed) continue;
    CAPTURE(path);
    CHECK(vault.client.send(verb(route.operation), path).status == 404);
    CHECK(vault.anonymous(verb(route.operation), path).status == 403);
  }
}

}  // namespace
}  // namespace chancery::vault
