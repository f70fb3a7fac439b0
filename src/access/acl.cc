#include "access/acl.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "base/text.h"

namespace chancery::access {
namespace {

using Bit = Capabilities::Bit;

Bit capability_of(Action action) {
  switch (action) {
    case Action::kCreate:
      return Bit::kCreate;
    case Action::kRead:
      return Bit::kRead;
    case Action::kUpdate:
      return Bit::kUpdate;
    case Action::kPatch:
      return Bit::kPatch;
    case Action::kDelete:
      return Bit::kDelete;
    case Action::kList:
      return Bit::kList;
    case Action::kScan:
      return Bit::kScan;
    case Action::kSudo:
      return Bit::kSudo;
  }
  return Bit::kDeny;
}

bool writes(Action action) {
  return action == Action::kCreate || action == Action::kUpdate || action == Action::kPatch;
}

// A '*' at either end of `pattern` stands for any text, elsewhere for itself.
bool value_matches(std::string_view pattern, std::string_view text) {
  const bool open_end = pattern.ends_with('*');
  if (open_end) pattern.remove_suffix(1);
  const bool open_start = pattern.starts_with('*');
  if (open_start) pattern.remove_prefix(1);
  if (open_start && open_end) return text.contains(pattern);
  if (open_end) return text.starts_with(pattern);
  if (open_start) return text.ends_with(pattern);
  return text == pattern;
}

const ParameterRule* rule_of(const std::vector<ParameterRule>& rules, std::string_view name) {
  const auto found = std::ranges::find(rules, name, &ParameterRule::name);
  return found == rules.end() ? nullptr : &*found;
}

// Whether one of the parameter's values is one of the rule's.
bool takes(const ParameterRule& rule, const Parameter& parameter) {
  return rule.values.empty() || std::ranges::any_of(rule.values, [&](const std::string& pattern) {
           return value_matches(pattern, parameter.value);
         });
}

bool parameters_allowed(const PathRule& rule, std::span<const Parameter> parameters) {
  for (const std::string& required : rule.required_parameters) {
    if (std::ranges::none_of(parameters, [&](const Parameter& one) {
          return equal_ignoring_case(one.name, required);
        }))
      return false;
  }
  if (parameters.empty()) return true;
  if (rule_of(rule.denied_parameters, "*") != nullptr) return false;
  const bool any_name = rule_of(rule.allowed_parameters, "*") != nullptr;
  for (const Parameter& parameter : parameters) {
    const std::string name = to_lower(parameter.name);
    const ParameterRule* denied = rule_of(rule.denied_parameters, name);
    if (denied != nullptr && takes(*denied, parameter)) return false;
    if (rule.allowed_parameters.empty()) continue;
    const ParameterRule* allowed = rule_of(rule.allowed_parameters, name);
    if (allowed == nullptr ? !any_name : !takes(*allowed, parameter)) return false;
  }
  return true;
}

void merge(std::vector<ParameterRule>& into, const std::vector<ParameterRule>& from) {
  for (const ParameterRule& rule : from) {
    const auto found = std::ranges::find(into, rule.name, &ParameterRule::name);
    if (found == into.end()) {
      into.push_back(rule);
    } else if (found->values.empty() || rule.values.empty()) {
      found->values.clear();  // any value
    } else {
      found->values.insert(found->values.end(), rule.values.begin(), rule.values.end());
    }
  }
}

void merge(PathRule& into, const PathRule& from) {
  into.capabilities.merge(from.capabilities);
  merge(into.allowed_parameters, from.allowed_parameters);
  merge(into.denied_parameters, from.denied_parameters);
  into.required_parameters.insert(into.required_parameters.end(), from.required_parameters.begin(),
                                  from.required_parameters.end());
}

// Rank orders patterns that match the same path; the greatest decides.
using Rank = std::tuple<std::size_t, bool, std::ptrdiff_t, std::size_t, std::string_view>;

Rank rank_of(const PathRule& rule) {
  const std::string_view pattern = rule.pattern;
  const auto plus = pattern.find('+');
  return {plus == std::string_view::npos ? pattern.size() : plus, !rule.prefix,
          -std::ranges::count(pattern, '+'), pattern.size(), pattern};
}

bool segments_match(const PathRule& rule, const std::vector<std::string_view>& path) {
  const auto pattern = split(rule.pattern, '/');
  if (path.size() < pattern.size()) return false;
  if (!rule.prefix && path.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool last_of_prefix = rule.prefix && i + 1 == pattern.size();
    if (pattern[i] == "+" || pattern[i] == path[i]) continue;
    if (last_of_prefix && path[i].starts_with(pattern[i])) continue;
    return false;
  }
  return true;
}

}  // namespace

std::shared_ptr<const Acl> Acl::compile(std::span<const std::shared_ptr<const Policy>> policies) {
  auto acl = std::make_shared<Acl>();
  for (const auto& policy : policies) {
    if (policy->name == kRootPolicy) acl->root_ = true;
    for (const PathRule& rule : policy->rules) acl->add(rule);
  }
  for (const auto& [pattern, rule] : acl->prefixes_) acl->prefix_lengths_.push_back(pattern.size());
  std::ranges::sort(acl->prefix_lengths_, std::greater{});
  const auto [first, last] = std::ranges::unique(acl->prefix_lengths_);
  acl->prefix_lengths_.erase(first, last);
  return acl;
}

void Acl::add(const PathRule& rule) {
  const auto place = [&](auto& rules, std::string key) {
    const auto [at, is_new] = rules.try_emplace(std::move(key), rule);
    if (!is_new) merge(at->second, rule);
  };
  if (rule.segments) {
    place(segments_, rule.pattern + (rule.prefix ? "*" : ""));
  } else if (rule.prefix) {
    place(prefixes_, rule.pattern);
  } else {
    place(exact_, rule.pattern);
  }
}

const PathRule* Acl::find(std::string_view path, bool list) const {
  if (const auto it = exact_.find(path); it != exact_.end()) return &it->second;
  if (list && path.ends_with('/')) {
    if (const auto it = exact_.find(path.substr(0, path.size() - 1)); it != exact_.end())
      return &it->second;
  }
  return find_inexact(path);
}

const PathRule* Acl::find_inexact(std::string_view path) const {
  const PathRule* best = nullptr;
  for (const std::size_t length : prefix_lengths_) {
    if (length > path.size()) continue;
    if (const auto it = prefixes_.find(path.substr(0, length)); it != prefixes_.end()) {
      best = &it->second;
      break;
    }
  }
  if (segments_.empty()) return best;
  const auto parts = split(path, '/');
  for (const auto& [pattern, rule] : segments_) {
    if (segments_match(rule, parts) && (best == nullptr || rank_of(*best) < rank_of(rule)))
      best = &rule;
  }
  return best;
}

bool Acl::allows(Action action, const Resource& resource) const {
  if (root_) return true;
  const bool list = action == Action::kList || action == Action::kScan;
  const PathRule* rule = find(resource.path, list);
  if (rule == nullptr || rule->capabilities.has(Bit::kDeny)) return false;
  if (!rule->capabilities.has(capability_of(action))) return false;
  if (resource.needs_sudo && !rule->capabilities.has(Bit::kSudo)) return false;
  return !writes(action) || parameters_allowed(*rule, resource.parameters);
}

bool Acl::has_sudo(std::string_view path) const {
  if (root_) return true;
  const PathRule* rule = find(path, /*list=*/false);
  return rule != nullptr && rule->capabilities.has(Bit::kSudo);
}

bool Acl::reaches(std::string_view prefix) const {
  if (root_) return true;
  const auto gives = [](const auto& entry) {
    const Capabilities& all = entry.second.capabilities;
    return !all.empty() && !all.has(Bit::kDeny);
  };
  const auto below = [&](const auto& entry) {
    return gives(entry) && std::string_view(entry.first).starts_with(prefix);
  };
  const auto around = [&](const auto& entry) {
    return below(entry) || (gives(entry) && prefix.starts_with(entry.first));
  };
  // Segment by segment, as far as both go.
  const auto parts = split(prefix.substr(0, prefix.size() - prefix.ends_with('/')), '/');
  const auto meets = [&](const auto& entry) {
    if (!gives(entry)) return false;
    const auto pattern = split(entry.second.pattern, '/');
    for (std::size_t i = 0; i < std::min(pattern.size(), parts.size()); ++i) {
      const bool last_of_prefix = entry.second.prefix && i + 1 == pattern.size();
      if (pattern[i] == "+" || pattern[i] == parts[i]) continue;
      return last_of_prefix && parts[i].starts_with(pattern[i]);
    }
    return pattern.size() > parts.size() || entry.second.prefix;
  };
  return std::ranges::any_of(exact_, below) || std::ranges::any_of(prefixes_, around) ||
         std::ranges::any_of(segments_, meets);
}

std::vector<std::string> Acl::capabilities(std::string_view path) const {
  if (root_) return {"root"};
  const PathRule* rule = find(path, /*list=*/false);
  return rule == nullptr ? Capabilities{}.names() : rule->capabilities.names();
}

}  // namespace chancery::access
