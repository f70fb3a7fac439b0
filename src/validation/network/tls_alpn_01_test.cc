#include "validation/network/tls_alpn_01.h"

#include <doctest/doctest.h>

#include "asn1/writer.h"
#include "crypto/digest.h"
#include "validation/network/test_tls_server.h"
#include "validation/network/test_world.h"

namespace chancery::validation::network {
namespace {

using namespace testing;
using x509::GeneralName;

constexpr asn1::Oid kAcmeIdentifier("1.3.6.1.5.5.7.1.31");
constexpr asn1::Oid kObsolete("1.3.6.1.5.5.7.1.30.1");

Bytes octet_string(BytesView content) {
  Bytes out{0x04, static_cast<std::uint8_t>(content.size())};
  append(out, content);
  return out;
}
Bytes right_value() { return octet_string(crypto::sha256(as_bytes(kKeyAuthorization))); }
GeneralName dns(std::string_view name) { return GeneralName::dns(name).value(); }

// What a challenge's certificate can say, right as it stands.
struct Wish {
  std::vector<GeneralName> names{dns("a.corp.test")};
  asn1::Oid id = kAcmeIdentifier;
  bool critical = true;
  Bytes value = right_value();
};
TlsIdentity identity(const Wish& wish) {
  return make_identity({.names = wish.names, .more = {{wish.id, wish.critical, wish.value}}});
}

Outcome shown(const TlsIdentity& identity, TlsWishes wishes = {.alpn = "acme-tls/1"}) {
  World world;
  TlsServer server(identity, std::move(wishes));
  world.settings.standard.tls_port = server.port();
  world.dns.set("a.corp.test", RecordType::kA, {loopback()});
  return world.validate(attempt_for(Method::kTlsAlpn01, "a.corp.test"));
}

std::string objection_to(const Wish& wish) {
  return alpn_objection(attempt_for(Method::kTlsAlpn01, "a.corp.test"), identity(wish).certificate);
}

TEST_CASE("tls-alpn-01: the right certificate, expired or not") {
  World world;
  TlsServer server(identity({}), {.alpn = "acme-tls/1"});
  world.settings.standard.tls_port = server.port();
  world.dns.set("a.corp.test", RecordType::kA, {loopback()});
  const Outcome outcome = world.validate(attempt_for(Method::kTlsAlpn01, "a.corp.test"));
  CHECK(outcome.succeeded());
  CHECK(server.server_name() == "a.corp.test");
  CHECK(contains(seen_in(outcome), "TLSv1.3, protocol \"acme-tls/1\""));
  CHECK(objection_to({.names = {dns("A.Corp.TEST")}}).empty());
}

TEST_CASE("tls-alpn-01: TLS 1.2 is enough, less is not") {
  CHECK(shown(identity({}), {.alpn = "acme-tls/1", .max_version = TLS1_2_VERSION}).succeeded());
  const Outcome old = shown(identity({}), {.alpn = "acme-tls/1", .max_version = TLS1_1_VERSION});
  CHECK(old.problem == Problem::kTls);
}

TEST_CASE("tls-alpn-01: a server that does not choose the protocol") {
  const Outcome none = shown(identity({}), {});
  CHECK(none.problem == Problem::kTls);
  CHECK(contains(none.detail, "did not choose this protocol"));
  // OpenSSL ends a handshake in which the server chose what was not offered.
  CHECK(shown(identity({}), {.alpn = "h2"}).problem == Problem::kTls);
}

TEST_CASE("tls-alpn-01: certificates that are not the challenge's") {
  CHECK(objection_to({}).empty());
  CHECK(contains(objection_to({.critical = false}), "not critical"));
  CHECK(contains(objection_to({.names = {}}), "0 subject alternative names"));
  CHECK(contains(objection_to({.names = {dns("a.corp.test"), dns("b.corp.test")}}),
                 "2 subject alternative names"));
  CHECK(contains(objection_to({.names = {dns("b.corp.test")}}), "is not a.corp.test"));
  CHECK(contains(objection_to({.names = {dns("*.corp.test")}}), "is not a.corp.test"));
  CHECK(contains(objection_to({.names = {GeneralName::email("a@a.corp.test").value()}}),
                 "is not a.corp.test"));
  CHECK(contains(objection_to({.id = kObsolete}), "early draft"));
  CHECK(contains(objection_to({.id = asn1::Oid("1.2.3")}), "no acmeIdentifier"));
  Bytes other = right_value();
  other.back() ^= 1;
  CHECK(contains(objection_to({.value = other}), "not the digest"));
  CHECK(contains(objection_to({.value = octet_string(Bytes(31))}), "not the digest"));
  Bytes more = right_value();
  more.push_back(0);
  CHECK(contains(objection_to({.value = more}), "not one OCTET STRING"));
  CHECK(contains(objection_to({.value = Bytes(32)}), "not one OCTET STRING"));
}

TEST_CASE("tls-alpn-01: an extension that stands twice") {
  asn1::Writer twice;
  const Bytes value = right_value();
  x509::write_extension(twice, {kAcmeIdentifier, true, value});
  x509::write_extension(twice, {kAcmeIdentifier, true, value});
  const TlsIdentity doubled =
      make_identity({.names = {dns("a.corp.test")}, .encoded = std::move(twice).take()});
  CHECK(
      contains(alpn_objection(attempt_for(Method::kTlsAlpn01, "a.corp.test"), doubled.certificate),
               "does not parse"));
  CHECK(shown(doubled).problem == Problem::kIncorrectResponse);
}

TEST_CASE("tls-alpn-01: addresses go by their reverse name") {
  CHECK(server_name({Identifier::Kind::kIp, "192.0.2.7"}) == "7.2.0.192.in-addr.arpa");
  CHECK(server_name({Identifier::Kind::kIp, "2001:db8::1"}) ==
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  World world;
  TlsServer server(identity({.names = {GeneralName::ip(loopback()).value()}}),
                   {.alpn = "acme-tls/1"});
  world.settings.standard.tls_port = server.port();
  Attempt attempt = attempt_for(Method::kTlsAlpn01, "127.0.0.1");
  attempt.identifier.kind = Identifier::Kind::kIp;
  CHECK(world.validate(attempt).succeeded());
  CHECK(server.server_name() == "1.0.0.127.in-addr.arpa");
  CHECK(contains(alpn_objection(attempt, identity({}).certificate), "is not 127.0.0.1"));
  CHECK(contains(alpn_objection(attempt, identity({.names = {dns("127.0.0.1")}}).certificate),
                 "is not 127.0.0.1"));
}

TEST_CASE("tls-alpn-01: servers that do not speak TLS, or not to the end") {
  const auto against = [](TcpServer::Serve serve) {
    World world;
    TcpServer server(std::move(serve));
    world.settings.standard.tls_port = server.port();
    world.settings.step_timeout = std::chrono::milliseconds(300);
    world.dns.set("a.corp.test", RecordType::kA, {loopback()});
    return world.validate(attempt_for(Method::kTlsAlpn01, "a.corp.test"));
  };
  CHECK(against([](int fd) { say(fd, "HTTP/1.1 400 Bad\r\n\r\n"); }).problem == Problem::kTls);
  CHECK(against([](int) {}).problem == Problem::kTls);
  const Outcome silent = against([](int fd) {
    char one = 0;
    while (::recv(fd, &one, 1, 0) == 1) continue;
  });
  CHECK(silent.problem == Problem::kTls);
  CHECK(contains(silent.detail, "no answer in time"));
  World world;
  world.settings.standard.tls_port = 1;
  world.dns.set("a.corp.test", RecordType::kA, {loopback()});
  CHECK(world.validate(attempt_for(Method::kTlsAlpn01, "a.corp.test")).problem ==
        Problem::kConnection);
}

}  // namespace
}  // namespace chancery::validation::network
