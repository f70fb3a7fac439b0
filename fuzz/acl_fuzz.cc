#include <cstddef>
#include <cstdint>
#include <string_view>

#include "access/acl.h"
#include "base/result.h"

// A policy's text comes from whoever may write policies; what it allows is asked with paths that
// come from anybody. The path asked for is the last line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery::access;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = parse_policy("p", text);
  if (!parsed) return 0;
  const auto policy = std::make_shared<const Policy>(*std::move(parsed));
  const auto acl = Acl::compile({&policy, 1});
  const std::string path(text.substr(text.rfind('\n') + 1));
  const auto capabilities = acl->capabilities(path);
  CHANCERY_CHECK(!capabilities.empty() && !acl->is_root());
  const Parameter parameter{"ttl", path};
  for (const Action action : {Action::kRead, Action::kUpdate, Action::kList}) {
    const bool allowed = acl->allows(action, {{}, path, {&parameter, 1}, false});
    // What is denied outright is allowed to nobody.
    CHANCERY_CHECK(!allowed || action == Action::kList || capabilities.front() != "deny");
  }
  return 0;
}
