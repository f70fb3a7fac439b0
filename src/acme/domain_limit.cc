#include "acme/domain_limit.h"

#include <set>

#include "acme/refusal.h"

namespace chancery::acme {
namespace {

constexpr seconds kHour{3600};

std::set<std::string> domains_of(const Directory& directory, const std::vector<Name>& names) {
  std::set<std::string> domains;
  if (directory.certificates_per_domain == 0) return domains;
  for (const Name& name : names) {
    if (!name.is_ip()) domains.insert(domain_of(name.value, directory.domain_labels));
  }
  return domains;
}

Limit limit_of(const Directory& directory, std::string_view domain) {
  return {limit_key(LoadedDirectory::scope_of(directory.storage), "domain/" + std::string(domain)),
          directory.certificates_per_domain, kHour};
}

}  // namespace

std::string domain_of(std::string_view name, std::uint32_t labels) {
  std::size_t at = name.size();
  for (; labels > 0; --labels) {
    at = at == 0 ? std::string_view::npos : name.rfind('.', at - 1);
    if (at == std::string_view::npos) return std::string(name);
  }
  return std::string(name.substr(at + 1));
}

Result<void> check_domains(Limits& limits, const Directory& directory,
                           const std::vector<Name>& names, TimePoint now) {
  for (const std::string& domain : domains_of(directory, names)) {
    const seconds wait = TRY(limits.wait(limit_of(directory, domain), now));
    if (wait.count() == 0) continue;
    return rate_limited(std::to_string(directory.certificates_per_domain) +
                            " certificates were made for names in " + domain + " within an hour",
                        wait);
  }
  return {};
}

Result<void> spend_domains(Limits& limits, const Directory& directory,
                           const std::vector<Name>& names, TimePoint now,
                           record::WriteSet& writes) {
  TRY(check_domains(limits, directory, names, now));
  for (const std::string& domain : domains_of(directory, names)) {
    // Where others took the last one meanwhile, the next to come waits the longer.
    TRY(limits.spend(limit_of(directory, domain), now, writes));
  }
  return {};
}

}  // namespace chancery::acme
