#include "access/token_settings.h"

#include <algorithm>

#include "access/mounts.h"
#include "access/networks.h"
#include "base/text.h"

namespace chancery::access {
namespace {

std::unexpected<Error> refuse(std::string detail, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

}  // namespace

Result<void> check(const TokenSettings& settings) {
  for (const std::string& network : settings.bound_cidrs) {
    if (!parse_network(network)) {
      return refuse("error parsing address \"" + printable(network) + "\": Unable to convert \"" +
                        printable(network) + "\" to an IPv4 or IPv6 address, or a UNIX Socket",
                    "token_bound_cidrs");
    }
  }
  if (settings.max_ttl.count() > 0 && settings.ttl > settings.max_ttl)
    return refuse("'token_ttl' cannot be greater than 'token_max_ttl'", "token_ttl");
  const std::string& type = settings.type;
  const bool batch = type == "batch" || type == "default-batch";
  if (batch && settings.num_uses > 0) {
    return refuse(
        "'token_type' cannot be 'batch' or 'default_batch' when set to generate tokens with "
        "limited use count",
        "token_type");
  }
  if (batch) return refuse("tokens of type service only are supported", "token_type");
  if (type != "default" && type != "service" && type != "default-service")
    return refuse("invalid 'token_type' value \"" + printable(type) + "\"", "token_type");
  return {};
}

Tokens::Order login_order(const Login& login, const TokenSettings& settings, std::string_view name,
                          std::string_view path_below) {
  const Mounts::Limits limits = Mounts::ttl_limits(login.mount);
  Tokens::Order order;
  order.policies = settings.policies;
  std::string display = login.mount.path.substr(0, login.mount.path.size() - 1);
  for (char& c : display) {
    if (c == '/') c = '-';
  }
  if (!name.empty()) display.append(1, '-').append(name);
  order.display_name = std::move(display);
  order.path = login.mount.full_path() + std::string(path_below);
  order.default_ttl = limits.default_ttl;
  order.max_ttl = limits.max_ttl;
  if (settings.max_ttl.count() > 0) order.max_ttl = std::min(order.max_ttl, settings.max_ttl);
  order.ttl = settings.ttl;
  order.explicit_max_ttl = settings.explicit_max_ttl;
  order.period = settings.period;
  order.uses = settings.num_uses;
  order.no_default_policy = settings.no_default_policy;
  order.bound_cidrs = settings.bound_cidrs;
  if (settings.strictly_bind_ip) order.bound_cidrs = {std::string(login.peer_address)};
  order.orphan = true;
  order.source = login.mount.storage;
  return order;
}

}  // namespace chancery::access
