#include "validation/validation.h"

#include <array>

namespace chancery::validation {
namespace {

struct Named {
  Method method;
  std::string_view name;
};
constexpr std::array<Named, 5> kMethods{{{Method::kHttp01, "http-01"},
                                         {Method::kDns01, "dns-01"},
                                         {Method::kTlsAlpn01, "tls-alpn-01"},
                                         {Method::kDnsAccount01, "dns-account-01"},
                                         {Method::kDnsPersist01, "dns-persist-01"}}};

}  // namespace

std::string_view name(Method method) {
  for (const Named& known : kMethods) {
    if (known.method == method) return known.name;
  }
  return "unknown";
}

std::optional<Method> parse_method(std::string_view name) {
  for (const Named& known : kMethods) {
    if (known.name == name) return known.method;
  }
  return std::nullopt;
}

}  // namespace chancery::validation
