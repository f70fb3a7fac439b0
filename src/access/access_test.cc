#include <doctest/doctest.h>

#include "access/principal.h"
#include "access/tokens.h"
#include "base/fakes.h"

namespace chancery::access {
namespace {

TEST_CASE("nothing is allowed unless a policy says so") {
  const Resource resource{{"root", "pki/"}, "pki/issue/web"};
  const Principal root{"root", "root", "a", {"root"}};
  CHECK(allow(root, Action::kUpdate, resource).value().actor() == "token:root");
  const Principal nobody{"root", "nobody", "b", {"default"}};
  const auto refused = allow(nobody, Action::kUpdate, resource);
  CHECK(refused.error().code == Code::kPermissionDenied);
  const Principal other_tenant{"acme", "root", "c", {"root"}};
  CHECK_FALSE(allow(other_tenant, Action::kUpdate, resource).has_value());
}

TEST_CASE("tokens round-trip and are stored by hash") {
  FakeRandom random(3);
  const NewToken made = make_root_token(from_unix(1'800'000'000), random);
  CHECK(made.secret.starts_with("chs."));
  CHECK(made.secret.size() == 47);
  CHECK(made.key.id.size() == 64);
  CHECK(made.key.id.find(made.secret) == std::string::npos);
  const Bytes der = encode(made.token);
  CHECK(encode(decode_token(der).value()) == der);
  for (std::size_t n = 0; n < der.size(); ++n)
    CHECK_FALSE(decode_token(BytesView(der).first(n)).has_value());
}

}  // namespace
}  // namespace chancery::access
