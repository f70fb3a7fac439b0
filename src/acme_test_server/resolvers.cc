#include "acme_test_server/resolvers.h"

#include "acme_test_server/config.h"
#include "base/text.h"
#include "os/file.h"
#include "x509/general_name.h"

namespace chancery::acme_test {
namespace {

constexpr const char* kResolvConf = "/etc/resolv.conf";
constexpr std::size_t kMaxFile = std::size_t{64} * 1024;
constexpr std::size_t kMost = 3;

}  // namespace

Result<std::string> resolver_of(std::string_view text) {
  auto endpoint = parse_listen_address(text);
  if (!endpoint) return std::unexpected(std::move(endpoint).error().with("option", "dnsserver"));
  if (endpoint->address == "0.0.0.0") endpoint->address = "127.0.0.1";
  return server::to_string(*endpoint);
}

std::vector<std::string> parse_resolv_conf(std::string_view text) {
  std::vector<std::string> resolvers;
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view words = trim(line);
    const std::size_t gap = words.find_first_of(" \t");
    if (words.substr(0, gap) != "nameserver" || gap == std::string_view::npos) continue;
    const std::string address(trim(words.substr(gap)));
    if (resolvers.size() == kMost || !x509::parse_ip(address)) continue;
    resolvers.push_back(server::to_string({address, 53}));
  }
  return resolvers;
}

Result<std::vector<std::string>> system_resolvers() {
  const Bytes text = TRY(os::read_file(kResolvConf, kMaxFile));
  auto resolvers = parse_resolv_conf(as_text(text));
  if (!resolvers.empty()) return resolvers;
  return std::unexpected(
      Error{Code::kNotFound, "there is no name server; say one with --dnsserver", {}, {}}.with(
          "file", kResolvConf));
}

}  // namespace chancery::acme_test
