#include "http/target.h"

#include <doctest/doctest.h>

namespace chancery::http {
namespace {

Request with_target(std::string_view target) {
  Request request;
  request.target = target;
  request.headers.push_back({"Host", "ca.example:8443"});
  return request;
}

TEST_CASE("paths are decoded once") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"/", "/"},
      {"/v1/pki", "/v1/pki"},
      {"/v1/pki/", "/v1/pki/"},
      {"/a%20b", "/a b"},
      {"/%2e%2eX", "/..X"},
      {"/%252e%252e/x", "/%2e%2e/x"},
      {"/caf%C3%A9", "/caf\xc3\xa9"},
      {"/...", "/..."},
      {"/a;b=c", "/a;b=c"},
      {"/p?x=/../", "/p"},
      {"https://ca.example:8443/v1", "/v1"},
      {"HTTP://CA.example:8443", "/"},
  };
  for (const auto& [target, path] : table) {
    CAPTURE(target);
    Request request = with_target(target);
    CHECK(decode_target(request, Site()).has_value());
    CHECK(request.path == path);
  }
}

TEST_CASE("paths that could mean two things are refused") {
  for (const std::string target : {"",
                                   "*",
                                   "v1/pki",
                                   "example.com:443",
                                   "ftp://ca.example:8443/",
                                   "http://other.example/v1",
                                   "http://ca.example:8443?x",
                                   "//",
                                   "//a",
                                   "/a//b",
                                   "/a//",
                                   "/.",
                                   "/..",
                                   "/a/../b",
                                   "/a/.",
                                   "/a/./b",
                                   "/%2e",
                                   "/%2E%2e/b",
                                   "/a/%2e%2e",
                                   "/a%2fb",
                                   "/a%2Fb",
                                   "/a%5cb",
                                   "/a\\b",
                                   "/a%00b",
                                   "/a#b",
                                   "/a%",
                                   "/a%2",
                                   "/a%zz",
                                   "/a%+1",
                                   "/\xc3\xa9",
                                   "/%ff",
                                   "/%c0%ae",
                                   "/%ed%a0%80",
                                   "/?a=%zz",
                                   "/?a=%00",
                                   "/?%ff=1"}) {
    CAPTURE(target);
    Request request = with_target(target);
    const auto decoded = decode_target(request, Site());
    REQUIRE_FALSE(decoded.has_value());
    CHECK(decoded.error().code == Code::kMalformed);
  }
}

TEST_CASE("a refused path still tells which prefix it was for") {
  Request request = with_target("/v1/a%2fb?x=1");
  CHECK_FALSE(decode_target(request, Site()).has_value());
  CHECK(request.path == "/v1/a%2fb");
}

TEST_CASE("queries are decoded in order") {
  Request request = with_target("/?list=true&a=1&a=2&b&&c=%26x+y&d=e=f");
  REQUIRE(decode_target(request, Site()).has_value());
  CHECK(request.query.size() == 6);
  CHECK(request.query_value("list") == "true");
  CHECK_FALSE(request.query_value("a").has_value());
  CHECK(request.query_value("b") == "");
  CHECK(request.query_value("c") == "&x y");
  CHECK(request.query_value("d") == "e=f");
  CHECK_FALSE(request.query_value("z").has_value());
}

TEST_CASE("header finds the only one, whatever its case") {
  Request request;
  request.headers = {{"X-Vault-Token", "t"}, {"Accept", "a"}, {"accept", "b"}};
  CHECK(request.header("x-vault-token") == "t");
  CHECK_FALSE(request.header("Accept").has_value());
  CHECK_FALSE(request.header("Cookie").has_value());
}

class OcspLike final : public Application {
 public:
  [[nodiscard]] Response handle(const Request&, Context&) override { return Response::empty(200); }
  [[nodiscard]] std::string_view route_name(const Request&) const override { return "ocsp"; }
  [[nodiscard]] Response refuse(const Request&, const Error&) const override {
    return Response::empty(400);
  }
  [[nodiscard]] bool is_opaque(std::string_view raw_path) const override {
    return raw_path.starts_with("/v1/pki/ocsp/");
  }
};

TEST_CASE("below an opaque path the rest is left as it came") {
  OcspLike application;
  Site site;
  site.mount("/v1", application);
  Request request = with_target("/v1/pki/ocsp/MEI%2FAb//x==");
  REQUIRE(decode_target(request, site).has_value());
  CHECK(request.path == "/v1/pki/ocsp/MEI%2FAb//x==");
  for (const std::string target :
       {"/v1/pki/ocspx/a%2Fb", "/v1/pki/%6fcsp/a%2Fb", "/v1/pki//ocsp/a"}) {
    Request other = with_target(target);
    CHECK_FALSE(decode_target(other, site).has_value());
  }
}

TEST_CASE("escapes of an opaque path stand for any octet") {
  CHECK(percent_decoded("MEI%2FAb%2b%3d//x%00") == std::string("MEI/Ab+=//x\0", 12));
  CHECK(percent_decoded("") == "");
  for (const std::string_view text : {"%", "a%2", "%2g", "%g2", "%%41"})
    CHECK_FALSE(percent_decoded(text).has_value());
}

}  // namespace
}  // namespace chancery::http
