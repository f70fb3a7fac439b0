#include "http/site.h"

#include <doctest/doctest.h>

#include <array>

#include "http/path_pattern.h"
#include "http/route_table.h"
#include "http/test_server.h"

namespace chancery::http {
namespace {

using Values = std::vector<std::string_view>;

TEST_CASE("patterns match whole segments") {
  const PathPattern pattern("issuer/{ref}/sign/{role}");
  CHECK(pattern.match("issuer/root/sign/web") == Values{"root", "web"});
  CHECK_FALSE(pattern.match("issuer/root/sign").has_value());
  CHECK_FALSE(pattern.match("issuer/root/sign/web/").has_value());
  CHECK_FALSE(pattern.match("issuer//sign/web").has_value());
  CHECK_FALSE(pattern.match("issuer/root/sign/web/x").has_value());
  CHECK_FALSE(pattern.match("Issuer/root/sign/web").has_value());
  CHECK_FALSE(pattern.match("").has_value());
  CHECK(pattern.text() == "issuer/{ref}/sign/{role}");
}

TEST_CASE("patterns without variables, with a trailing slash, and empty ones") {
  CHECK(PathPattern("ca/pem").match("ca/pem") == Values{});
  CHECK(PathPattern("roles/").match("roles/") == Values{});
  CHECK_FALSE(PathPattern("roles/").match("roles").has_value());
  CHECK_FALSE(PathPattern("roles").match("roles/").has_value());
  CHECK(PathPattern("").match("") == Values{});
  CHECK(PathPattern("{}").match("{}") == Values{});
  CHECK_FALSE(PathPattern("{}").match("x").has_value());
}

TEST_CASE("a table of routes finds the row, or says which methods a path has") {
  struct Row {
    std::string_view method;
    std::string_view pattern;
  };
  constexpr std::array<Row, 3> kRows{{{"GET", "ca/{id}"}, {"DELETE", "ca/{id}"}, {"GET", "crl"}}};
  const RouteTable<Row> table{kRows};
  const auto found = table.find("DELETE", "ca/one");
  CHECK(found.route == &kRows[1]);
  CHECK(found.variables == Values{"one"});
  const auto other = table.find("PUT", "ca/one");
  CHECK(other.route == nullptr);
  CHECK(other.sibling == &kRows[1]);
  CHECK(other.allow == "GET, DELETE");
  const auto none = table.find("GET", "ca");
  CHECK(none.route == nullptr);
  CHECK(none.sibling == nullptr);
  CHECK(none.allow.empty());
}

TEST_CASE("the longest prefix wins and matches whole segments") {
  testing::TestApp v1;
  testing::TestApp pki;
  testing::TestApp health;
  Site site;
  site.mount("/v1", v1);
  site.mount("/v1/pki", pki);
  site.mount("/healthz", health);
  CHECK(site.find("/v1") == &v1);
  CHECK(site.find("/v1/") == &v1);
  CHECK(site.find("/v1/sys") == &v1);
  CHECK(site.find("/v1/pki") == &pki);
  CHECK(site.find("/v1/pki/issue/web") == &pki);
  CHECK(site.find("/v1/pki2") == &v1);
  CHECK(site.find("/v11") == nullptr);
  CHECK(site.find("/") == nullptr);
  CHECK(site.find("/healthz") == &health);
}

TEST_CASE("a site can have an application for everything else") {
  testing::TestApp all;
  testing::TestApp v1;
  Site site;
  site.mount("/", all);
  site.mount("/v1", v1);
  CHECK(site.find("/") == &all);
  CHECK(site.find("/x/y") == &all);
  CHECK(site.find("/v1/x") == &v1);
}

}  // namespace
}  // namespace chancery::http
