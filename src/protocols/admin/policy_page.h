#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ca/authority.h"
#include "ca/status_settings.h"
#include "enrol/profiles.h"

namespace chancery::admin {

// PolicyFacts is the part of the running configuration that the policy page puts in words.
struct PolicyFacts {
  TimePoint now;
  std::string version;
  std::string key_protection;  // how keys are sealed; "": not known
  policy::Limits limits;       // of roles
  std::vector<std::shared_ptr<const ca::Authority>> authorities;
  std::vector<ca::StatusSettings> statuses;                           // one for each authority
  std::vector<std::shared_ptr<const enrol::StoredProfile>> profiles;  // stored ones
  std::vector<std::shared_ptr<const policy::Role>> roles;
  bool cut = false;  // there are more profiles or roles than these
};

// make_policy_page writes a certificate policy and practice statement in Markdown under RFC 3647's
// headings: what the facts say, in sentences, and clearly marked what only the operator can write.
// Pure.
[[nodiscard]] std::string make_policy_page(const PolicyFacts& facts);

}  // namespace chancery::admin
