#include "validation/network/fetcher.h"

#include <doctest/doctest.h>

#include "validation/network/test_world.h"

namespace chancery::validation::network {
namespace {

using namespace testing;

struct Site : World {
  explicit Site(TcpServer::Serve serve) : server(std::move(serve)) {
    dns.set("www.corp.test", RecordType::kA, {loopback()});
  }
  [[nodiscard]] std::string url(const std::string& host) const {
    return "http://" + host + ":" + std::to_string(server.port()) + "/ca.crl?x=1";
  }
  Result<std::string> fetch(Fetch wish) {
    if (wish.most == 0) wish.most = 100;
    return make_fetcher(settings, clock, log)->fetch(wish, OnLane::outside_server());
  }
  NullLog log;
  TcpServer server;
};

TEST_CASE("a page is fetched by name and by address") {
  std::string request;
  Site site(answer(page("content"), &request));
  CHECK(site.fetch({.url = site.url("www.corp.test")}).value() == "content");
  CHECK(request.starts_with("GET /ca.crl?x=1 HTTP/1.1\r\n"));
  CHECK_FALSE(contains(request, "Content-"));
  CHECK(site.fetch({.url = site.url("127.0.0.1")}).value() == "content");
}

TEST_CASE("something is posted") {
  std::string request;
  Site site(answer(page("answer"), &request));
  const Fetch wish{site.url("www.corp.test"), "application/ocsp-request", std::string("\0x", 2), 0};
  CHECK(site.fetch(wish).value() == "answer");
  CHECK(request.starts_with("POST /ca.crl?x=1 HTTP/1.1\r\n"));
  CHECK(contains(request, "\r\nContent-Type: application/ocsp-request\r\nContent-Length: 2\r\n"));
}

TEST_CASE("what is not fetched") {
  Site site(answer(page("content")));
  CHECK(contains(site.fetch({.url = site.url("www.corp.test"), .most = 3}).error().detail,
                 "longer than 3 octets"));
  for (const char* url : {"", "/ca.crl", "ldap://www.corp.test/", "file:///etc/passwd",
                          "http://user@www.corp.test/", "http://localhost/"}) {
    INFO(std::string(url));
    CHECK(site.fetch({.url = url}).error().code == Code::kInvalidArgument);
  }
  CHECK(site.fetch({.url = site.url("nowhere.corp.test")}).error().code == Code::kUnavailable);
  site.settings.standard.allow.clear();
  CHECK(contains(site.fetch({.url = site.url("www.corp.test")}).error().detail,
                 "no address that this server connects to"));
  CHECK(site.fetch({.url = site.url("127.0.0.1")}).error().code == Code::kUnavailable);
  Site moved(answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n"));
  CHECK(contains(moved.fetch({.url = moved.url("127.0.0.1")}).error().detail, "status 302"));
}

}  // namespace
}  // namespace chancery::validation::network
