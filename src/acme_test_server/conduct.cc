#include "acme_test_server/conduct.h"

#include "base/text.h"
#include "http/conditional.h"

namespace chancery::acme_test {

bool TestConduct::reuses(acme::Status status) {
  return status == acme::Status::kValid && draw(random_, 100) < environment_.reuse;
}

std::string TestConduct::objection(const acme::Name& name) {
  const std::string value = to_lower(std::string_view(name.value));
  for (const std::string& domain : config_.blocked_domains) {
    if (value == domain || value.ends_with("." + domain))
      return name.text() + " is on the test server's domainBlocklist";
  }
  return {};
}

std::string TestConduct::retry_after(Object object) {
  const seconds wait =
      object == Object::kOrder ? config_.retry_after_order : config_.retry_after_authorization;
  if (wait.count() == 0) return {};
  if (draw(random_, 2) == 0) return std::to_string(wait.count());
  return http::http_date(clock_.now() + wait);
}

}  // namespace chancery::acme_test
