#include "validation/network/http_01.h"

#include <doctest/doctest.h>

#include "validation/network/test_tls_server.h"
#include "validation/network/test_world.h"

namespace chancery::validation::network {
namespace {

using namespace testing;

// Web is a world with a host that a server of the test's answers for.
struct Web : World {
  explicit Web(TcpServer::Serve serve) : server(std::move(serve)) {
    settings.standard.http_port = server.port();
    dns.set("www.corp.test", RecordType::kA, {loopback()});
  }
  Outcome run(const std::string& name = "www.corp.test") {
    return validate(attempt_for(Method::kHttp01, name));
  }
  TcpServer server;
};

// A server that says something only when asked, and again whenever it can.
TcpServer::Serve for_ever(std::string first, std::string again) {
  return [first = std::move(first), again = std::move(again)](int fd) {
    request_on(fd);
    bool there = say(fd, first);
    while (there) there = say(fd, again);
  };
}

Outcome answered_with(const std::string& text) { return Web(answer(text)).run(); }

TEST_CASE("http-01: the key authorisation at the well-known path") {
  std::string request;
  Web web(answer(page(kKeyAuthorization), &request));
  const Outcome outcome = web.run();
  CHECK(outcome.succeeded());
  CHECK(request.starts_with("GET /.well-known/acme-challenge/" + kToken + " HTTP/1.1\r\n"));
  CHECK(contains(request, "\r\nHost: www.corp.test:" + std::to_string(web.server.port()) + "\r\n"));
  CHECK(contains(request, "\r\nUser-Agent: chancery-validation\r\n"));
  CHECK(contains(request, "\r\nAccept-Encoding: identity\r\n"));
  CHECK(contains(seen_in(outcome), "A www.corp.test: 1 record"));
  CHECK(contains(seen_in(outcome), "127.0.0.1 port " + std::to_string(web.server.port())));
}

TEST_CASE("http-01: forms of a right answer") {
  CHECK(answered_with(page(kKeyAuthorization + " \r\n\t")).succeeded());
  CHECK(answered_with("HTTP/1.0 200 OK\r\n\r\n" + kKeyAuthorization).succeeded());
  CHECK(answered_with("HTTP/1.1 200\r\n\r\n" + kKeyAuthorization).succeeded());
  CHECK(answered_with("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n" + page(kKeyAuthorization))
            .succeeded());
  CHECK(answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n" +
                      kKeyAuthorization.substr(0, 3) + "\r\n3F\r\n" + kKeyAuthorization.substr(3) +
                      "\r\n0\r\n\r\n")
            .succeeded());
}

TEST_CASE("http-01: a wrong page is told without what it says") {
  const Outcome wrong = answered_with(page("secret of an internal server"));
  CHECK(wrong.problem == Problem::kIncorrectResponse);
  CHECK_FALSE(wrong.may_pass_later);
  CHECK(contains(wrong.detail, "is not the key authorisation"));
  CHECK_FALSE(contains(wrong.detail + seen_in(wrong), "secret"));
  CHECK(answered_with(page(" " + kKeyAuthorization)).problem == Problem::kIncorrectResponse);
  CHECK(answered_with(page("")).problem == Problem::kIncorrectResponse);
  const Outcome missing =
      answered_with("HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nsecret");
  CHECK(missing.problem == Problem::kUnauthorized);
  CHECK_FALSE(missing.may_pass_later);
  CHECK(answered_with("HTTP/1.1 503 Busy\r\n\r\n").may_pass_later);
  CHECK(contains(missing.detail, "answers with status 404 instead of 200"));
  CHECK(answered_with("HTTP/1.1 500 Oh\r\n\r\n").problem == Problem::kUnauthorized);
  CHECK(answered_with("HTTP/1.1 204 No\r\n\r\n").problem == Problem::kUnauthorized);
}

TEST_CASE("http-01: answers that are not HTTP/1 say what they are") {
  const Outcome h2 =
      answered_with(std::string("\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64", 15) + std::string(20, 'x'));
  CHECK(h2.problem == Problem::kConnection);
  CHECK(contains(h2.detail, "HTTP/2 frames"));
  CHECK(contains(answered_with("\x15\x03\x01\x00\x02\x02\x16").detail, "speaks TLS"));
  CHECK(contains(answered_with("SSH-2.0-x\r\n").detail, "not HTTP"));
  CHECK(contains(answered_with("").detail, "without an answer"));
  CHECK(contains(answered_with("HTTP/1.1 200 OK\r\nA: b\r\n").detail, "within the answer's head"));
  CHECK(contains(answered_with("HTTP/1.1 200 OK\r\nA b\r\n\r\n").detail, "header line"));
  CHECK(contains(answered_with("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort").detail,
                 "shorter than"));
  CHECK(contains(
      answered_with("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab").detail,
      "stands twice"));
}

TEST_CASE("http-01: hostile servers cost bounded memory and time") {
  SUBCASE("a body without end") {
    Web web(for_ever("HTTP/1.1 200 OK\r\n\r\n", std::string(4096, 'a')));
    CHECK(contains(web.run().detail, "longer than 2048"));
  }
  SUBCASE("chunks without end") {
    Web web(for_ever("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"));
    CHECK(contains(web.run().detail, "longer than 2048"));
  }
  SUBCASE("a promise of much") {
    Web web(answer("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
    CHECK(contains(web.run().detail, "longer than 2048"));
  }
  SUBCASE("headers without end") {
    Web web(for_ever("HTTP/1.1 200 OK\r\n", "A: b\r\n"));
    CHECK(contains(web.run().detail, "over 16 KiB"));
  }
  SUBCASE("one header without end") {
    Web web(for_ever("HTTP/1.1 200 OK\r\nA: ", std::string(1000, 'a')));
    CHECK(contains(web.run().detail, "over 16 KiB"));
  }
  SUBCASE("interim answers without end") {
    Web web(for_ever("", "HTTP/1.1 100 Go\r\n\r\n"));
    CHECK(contains(web.run().detail, "too many interim"));
  }
  SUBCASE("a compressed body is not unpacked") {
    Web web(answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"));
    CHECK(contains(web.run().detail, "compressed"));
  }
  SUBCASE("an octet now and then") {
    Web web([](int fd) {
      request_on(fd);
      while (say(fd, "H")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    });
    web.settings.step_timeout = std::chrono::milliseconds(300);
    CHECK(web.run().problem == Problem::kConnection);
  }
  SUBCASE("silence") {
    Web web([](int fd) {
      char one = 0;
      while (::recv(fd, &one, 1, 0) == 1) continue;
    });
    web.settings.step_timeout = std::chrono::milliseconds(300);
    const Outcome outcome = web.run();
    CHECK(contains(outcome.detail, "no answer in time"));
    CHECK(outcome.may_pass_later);
  }
}

TEST_CASE("http-01: redirects are followed to http on any host, each resolved anew") {
  for (const int status : {301, 302, 303, 307, 308}) {
    CAPTURE(status);
    TcpServer second(answer(page(kKeyAuthorization)));
    const std::string port = std::to_string(second.port());
    Web web(answer(redirect("http://other.corp.test:" + port + "/x?y=1#z", status)));
    web.settings.standard.tls_port = second.port();  // so that a redirect may name this port
    web.dns.set("other.corp.test", RecordType::kA, {loopback()});
    CHECK(web.run().succeeded());
    CHECK(second.connections() == 1);
  }
}

TEST_CASE("http-01: a redirect to https takes whatever certificate there is") {
  TlsServer secure(make_identity({.subject = "CN=expired", .names = {}}), {.alpn = "http/1.1"},
                   page(kKeyAuthorization));
  Web web(answer(redirect("https://other.corp.test/x")));
  web.settings.standard.tls_port = secure.port();
  web.dns.set("other.corp.test", RecordType::kA, {loopback()});
  const Outcome outcome = web.run();
  CHECK(outcome.succeeded());
  CHECK(secure.server_name() == "other.corp.test");
}

TEST_CASE("http-01: redirects that are not followed say why") {
  struct Case {
    std::string location;
    const char* why;
  };
  for (const Case& one : std::vector<Case>{
           Case{"ftp://www.corp.test/", "neither http nor https"},
           Case{"file:///etc/passwd", "neither http nor https"},
           Case{"http:///x", "no host"},
           Case{"http:/x", "no host"},
           Case{"http://user:pw@www.corp.test/", "user name"},
           Case{"http://www.corp.test:22/", "neither 80 nor 443"},
           Case{"http://localhost/", "no dot"},
           Case{"http://2130706433/", "no dot"},
           Case{"http://127.1/", "neither an address nor a domain name"},
           Case{"http://a..test/", "not a domain name"},
           Case{"http://www.corp.test:0/", "port"},
           Case{"http://www.corp.test:99999/", "port"},
           Case{"http://[::1/", "IPv6"},
           Case{"http://a b.test/", "blank"},
           Case{"http://b\xc3\xbc.test/", "blank or a character"},
           Case{"", "loop"},
       }) {
    CAPTURE(one.location);
    const Outcome outcome = answered_with(redirect(one.location));
    CHECK(outcome.problem == Problem::kConnection);
    CHECK(contains(outcome.detail, "not followed"));
    CHECK(contains(outcome.detail, one.why));
    CHECK_FALSE(outcome.may_pass_later);
  }
}

TEST_CASE("http-01: loops and long chains of redirects end") {
  Web loop(answer(redirect("/.well-known/acme-challenge/" + kToken)));
  CHECK(contains(loop.run().detail, "loop"));
  CHECK(loop.server.connections() == 1);
  int count = 0;
  Web chain([&](int fd) {
    request_on(fd);
    say(fd, redirect("/" + std::to_string(++count)));
  });
  CHECK(contains(chain.run().detail, "over 10 redirects"));
  CHECK(chain.server.connections() == 11);
}

TEST_CASE("http-01: a redirect to an address that is not allowed is not connected to") {
  for (const char* target :
       {"http://169.254.169.254/latest", "http://10.0.0.1/", "http://[fe80::1]/",
        "http://[::ffff:10.0.0.1]/", "http://meta.corp.test/"}) {
    CAPTURE(target);
    Web web(answer(redirect(target)));
    web.settings.standard.deny = {cidr("10.0.0.0/8")};
    web.dns.set("meta.corp.test", RecordType::kA, {{169, 254, 169, 254}});
    const Outcome outcome = web.run();
    CHECK(outcome.problem == Problem::kConnection);
    CHECK(contains(outcome.detail, "no address that this server connects to"));
    CHECK_FALSE(outcome.may_pass_later);
  }
}

TEST_CASE("http-01: a name that changes its address between check and use gains nothing") {
  // The first query gets an address that may be connected to, all others one that may not: what was
  // checked is what is connected to, so the second is never asked for.
  Web web(answer(page(kKeyAuthorization)));
  web.dns.add_turn("rebind.corp.test", RecordType::kA, {loopback()});
  web.dns.add_turn("rebind.corp.test", RecordType::kA, {{127, 0, 0, 2}});
  CHECK(web.run("rebind.corp.test").succeeded());
  CHECK(web.dns.queries("rebind.corp.test", RecordType::kA) == 1);
  // A later hop to the same name is checked again.
  Web again(answer(redirect("http://rebind.corp.test/")));
  again.dns.add_turn("rebind.corp.test", RecordType::kA, {loopback()});
  again.dns.add_turn("rebind.corp.test", RecordType::kA, {{127, 0, 0, 2}});
  const Outcome outcome = again.run("rebind.corp.test");
  CHECK(outcome.problem == Problem::kConnection);
  CHECK(again.server.connections() == 1);
}

TEST_CASE("http-01: IPv6 first, IPv4 only where IPv6 cannot be connected to") {
  Web web(answer(page(kKeyAuthorization)));
  web.dns.set("www.corp.test", RecordType::kAaaa, {loopback6()});
  CHECK(web.run().succeeded());  // nobody listens on ::1
  CHECK(contains(seen_in(web.run()), "::1 port"));
  TcpServer six(answer("HTTP/1.1 404 No\r\n\r\n"), web.server.port(), AF_INET6);
  CHECK(web.run().problem == Problem::kUnauthorized);
  CHECK(six.connections() == 1);
}

TEST_CASE("http-01: addresses as identifiers") {
  std::string request;
  Web web(answer(page(kKeyAuthorization), &request));
  Attempt attempt = attempt_for(Method::kHttp01, "127.0.0.1");
  attempt.identifier.kind = Identifier::Kind::kIp;
  CHECK(web.validate(attempt).succeeded());
  TcpServer six(answer(page(kKeyAuthorization), &request), web.server.port(), AF_INET6);
  attempt.identifier.value = "::1";
  CHECK(web.validate(attempt).succeeded());
  CHECK(contains(request, "Host: [::1]:" + std::to_string(six.port())));
  web.settings.standard.allow.clear();
  CHECK(contains(web.validate(attempt).detail, "loopback"));
}

TEST_CASE("http-01: names that do not lead anywhere") {
  Web web(answer(page(kKeyAuthorization)));
  const Outcome unknown = web.run("nowhere.corp.test");
  CHECK(unknown.problem == Problem::kDns);
  CHECK(contains(unknown.detail, "NXDOMAIN"));
  web.dns.set("mail.corp.test", RecordType::kTxt, {text_record("x")});
  const Outcome bare = web.run("mail.corp.test");
  CHECK(bare.problem == Problem::kDns);
  CHECK(contains(bare.detail, "neither an A nor an AAAA record"));
  web.settings.standard.http_port = 1;
  const Outcome refused = web.run();
  CHECK(refused.problem == Problem::kConnection);
  CHECK(contains(refused.detail, "Connection refused"));
  CHECK(refused.may_pass_later);
}

}  // namespace
}  // namespace chancery::validation::network
