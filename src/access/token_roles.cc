#include "access/token_roles.h"

#include <algorithm>

#include "access/networks.h"
#include "access/policy.h"
#include "base/text.h"

namespace chancery::access {
namespace {

std::unexpected<Error> refuse(std::string detail, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_suffix(std::string_view text) {
  return text.size() >= 3 && text.size() <= 255 && is_word(text.front()) && is_word(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

bool contains(const std::vector<std::string>& list, std::string_view one) {
  return std::ranges::find(list, one) != list.end();
}

bool matches(const std::vector<std::string>& globs, std::string_view one) {
  return std::ranges::any_of(globs, [&](const std::string& glob) { return glob_match(glob, one); });
}

// quoted writes a list as Vault's messages do: ["a" "b"].
std::string in_quotes(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& one : list)
    out += (out.size() > 1 ? " \"" : "\"") + printable(one) + "\"";
  return out + "]";
}

std::vector<std::string> clean(std::vector<std::string> policies) {
  for (std::string& policy : policies) policy = to_lower(trim(policy));
  std::erase(policies, "");
  std::ranges::sort(policies);
  const auto [first, last] = std::ranges::unique(policies);
  policies.erase(first, last);
  return policies;
}

// check_allowed holds the policies against what the role allows, when it lists any.
Result<void> check_allowed(const TokenRole& role, std::vector<std::string> wanted) {
  auto allowed = clean(role.allowed_policies);
  if (!role.no_default_policy) {
    for (auto* list : {&wanted, &allowed}) {
      list->emplace_back(kDefaultPolicy);
      *list = clean(std::move(*list));
    }
  }
  const bool all = std::ranges::all_of(wanted, [&](const std::string& one) {
    return contains(allowed, one) || matches(role.allowed_policies_glob, one);
  });
  if (all) return {};
  return refuse("token policies (" + in_quotes(wanted) +
                    ") must be subset of the role's allowed policies (" + in_quotes(allowed) +
                    ") or glob policies (" + in_quotes(role.allowed_policies_glob) + ")",
                "policies");
}

Result<void> check_disallowed(const TokenRole& role, const std::vector<std::string>& wanted) {
  for (const std::string& one : wanted) {
    if (contains(clean(role.disallowed_policies), one) ||
        matches(role.disallowed_policies_glob, one))
      return refuse("token policy " + in_quotes({one}).substr(1, one.size() + 2) +
                        " is disallowed by this role",
                    "policies");
  }
  return {};
}

}  // namespace

Result<void> check(const TokenRole& role) {
  if (!role.path_suffix.empty() && !is_suffix(role.path_suffix))
    return refuse("given role path suffix contains invalid characters; must match \\w[\\w-.]+\\w",
                  "path_suffix");
  for (const std::string& network : role.bound_cidrs) {
    if (!parse_network(network))
      return refuse("error parsing role fields: error parsing address \"" + printable(network) +
                        "\": Unable to convert \"" + printable(network) +
                        "\" to an IPv4 or IPv6 address, or a UNIX Socket",
                    "token_bound_cidrs");
  }
  if (role.type == "batch" || role.type == "default-batch")
    return refuse("tokens of type service only are supported", "token_type");
  if (role.type != "service" && role.type != "default-service" && role.type != "default")
    return refuse("invalid 'token_type' value \"" + printable(role.type) + "\"", "token_type");
  return {};
}

namespace {

// settle decides the policies of an order by the role's lists, instead of by its maker's policies.
Result<void> settle(const TokenRole& role, const std::vector<std::string>& maker_policies,
                    Tokens::Order& order) {
  const bool restricts = !role.allowed_policies.empty() || !role.allowed_policies_glob.empty();
  auto wanted = clean(order.policies);
  if (wanted.empty()) wanted = clean(restricts ? role.allowed_policies : maker_policies);
  if (restricts) TRY(check_allowed(role, wanted));
  TRY(check_disallowed(role, wanted));
  if (!role.no_default_policy && !order.no_default_policy)
    TRY(check_disallowed(role, {std::string(kDefaultPolicy)}));
  order.policies = std::move(wanted);
  order.policies_settled = true;
  return {};
}

}  // namespace

Result<void> apply(const TokenRole& role, std::string_view name,
                   const std::vector<std::string>& maker_policies, Tokens::Order& order) {
  if (!role.allowed_policies.empty() || !role.allowed_policies_glob.empty() ||
      !role.disallowed_policies.empty() || !role.disallowed_policies_glob.empty())
    TRY(settle(role, maker_policies, order));
  order.no_default_policy = order.no_default_policy || role.no_default_policy;
  order.orphan = role.orphan;
  order.renewable = order.renewable && role.renewable;
  order.role = name;
  if (role.period.count() > 0) {
    order.period = role.period;
    order.period_settled = true;
  }
  if (role.explicit_max_ttl.count() > 0 &&
      (order.explicit_max_ttl.count() == 0 || order.explicit_max_ttl > role.explicit_max_ttl))
    order.explicit_max_ttl = role.explicit_max_ttl;
  if (role.num_uses > 0 && (order.uses == 0 || order.uses > role.num_uses))
    order.uses = role.num_uses;
  order.bound_cidrs = role.bound_cidrs;
  order.path += "/" + (role.path_suffix.empty() ? std::string(name) : role.path_suffix);
  return {};
}

}  // namespace chancery::access
