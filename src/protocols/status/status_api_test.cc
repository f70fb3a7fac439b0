#include "protocols/status/status_api.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "enrol/test_mount.h"
#include "http/conditional.h"
#include "protocols/status/gzip.h"
#include "x509/crl.h"

namespace chancery::status {
namespace {

struct Client {
  enrol::TestMount mount;
  std::vector<record::Scope> scopes{{"root", "other/"}, {"root", "pki/"}};
  unsigned listed = 0;
  unsigned looked_up = 0;
  StatusApi api{{*mount.service,
                 {[this] {
                    ++listed;
                    return scopes;
                  },
                  [this](const record::Scope& scope) {
                    ++looked_up;
                    return std::ranges::find(scopes, scope) != scopes.end();
                  }},
                 mount.clock,
                 mount.log}};
  std::shared_ptr<const ca::Authority> issuer =
      mount.service->authority({"root", "pki/"}, "default").value();

  http::Response send(std::string_view method, std::string path, std::string body = {},
                      std::vector<http::Header> headers = {}) {
    http::Request request;
    request.method = method;
    request.path = std::move(path);
    request.body = std::move(body);
    request.headers = std::move(headers);
    http::Context reactor;
    http::Response response = api.handle(request, reactor);
    if (std::holds_alternative<http::Lane>(response.continuation())) {
      http::Context lane(http::Lane::kCpu, &mount.outside);
      response = api.handle(request, lane);
    }
    return response;
  }
  http::Response crl(const std::string& file) { return send("GET", "/crl/" + issuer->id() + file); }
  // issue gives the serial of a new certificate.
  Bytes issue() {
    policy::Role role;
    role.name = "web";
    role.allow_any_name = true;
    policy::IssueRequest wish;
    wish.common_name = "www.example.test";
    const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kRsa, 2048}).value();
    wish.generated_key = key.public_key();
    auto decision = policy::evaluate(access::local_operator(mount.scope), role, wish,
                                     issuer->facts({}), mount.clock.now())
                        .value();
    auto staged = mount.service->issue(std::move(decision.authorization), issuer, "r").value();
    return to_bytes(mount.commit(std::move(staged)).certificate.serial());
  }
  [[nodiscard]] Bytes request(BytesView nonce = {}) const {
    const Bytes id =
        x509::encode_cert_id(crypto::DigestAlgorithm::kSha256, issuer->certificate().subject(),
                             issuer->public_key(), issuer->certificate().serial());
    return x509::encode_ocsp_request(std::span(&id, 1), nonce);
  }
};

std::string header(const http::Response& response, std::string_view name) {
  return std::string(response.header(name).value_or("(absent)"));
}

TEST_CASE("OCSP by POST is answered for whichever mount it is about, and not kept") {
  Client client;
  const Bytes request = client.request();
  const auto answer = client.send("POST", "/ocsp", std::string(as_text(request)));
  CHECK(answer.status() == 200);
  CHECK(header(answer, "Content-Type") == "application/ocsp-response");
  CHECK(header(answer, "Cache-Control") == "no-store");
  const auto response = x509::OcspResponse::parse(to_bytes(answer.body())).value();
  CHECK(response.verify_signature(client.issuer->public_key()).has_value());
  CHECK(response.entries.at(0).status == x509::CertStatus::kUnknown);  // the root issued it
  const auto malformed = client.send("POST", "/ocsp", "x");
  CHECK(malformed.status() == 200);
  CHECK(x509::OcspResponse::parse(to_bytes(malformed.body())).value().status ==
        x509::OcspStatus::kMalformedRequest);
}

TEST_CASE("OCSP by GET has the headers of RFC 5019") {
  Client client;
  const Bytes issued = client.issue();
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, client.issuer->certificate().subject(),
                           client.issuer->public_key(), issued);
  const auto path = [&](BytesView nonce) {
    const Bytes der = x509::encode_ocsp_request(std::span(&id, 1), nonce);
    std::string text = base64(der);
    for (std::size_t at = 0; (at = text.find('/', at)) != text.npos; at += 3)
      text.replace(at, 1, "%2F");
    return "/ocsp/" + text;
  };
  const auto answer = client.send("GET", path({}));
  CHECK(answer.status() == 200);
  const TimePoint now = client.mount.clock.now();
  CHECK(header(answer, "Last-Modified") == http::http_date(now));
  CHECK(header(answer, "Expires") == http::http_date(now + seconds{12 * 3600}));
  CHECK(header(answer, "Cache-Control") == "public, max-age=300, must-revalidate");
  const std::string tag = header(answer, "ETag");
  CHECK(client.send("GET", path({}), {}, {{"If-None-Match", tag}}).status() == 304);
  CHECK(client.send("HEAD", path({})).status() == 200);
  const Bytes nonce{1, 2, 3};
  const auto fresh = client.send("GET", path(nonce));
  CHECK(header(fresh, "Cache-Control") == "no-store");
  CHECK(header(fresh, "ETag") == "(absent)");
  const auto bad = client.send("GET", "/ocsp/%zz");
  CHECK(x509::OcspResponse::parse(to_bytes(bad.body())).value().status ==
        x509::OcspStatus::kMalformedRequest);
  CHECK(client.send("PUT", "/ocsp").status() == 405);
  CHECK(client.send("GET", "/ocsp").status() == 405);
  CHECK(client.api.is_opaque("/ocsp/a//b"));
  CHECK_FALSE(client.api.is_opaque("/crl/a//b"));
}

TEST_CASE("CRLs have paths of their own, and validators from their own times") {
  Client client;
  const auto answer = client.crl("/full.crl");
  CHECK(answer.status() == 200);
  CHECK(header(answer, "Content-Type") == "application/pkix-crl");
  const auto list = x509::CertificateList::parse(answer.body()).value();
  CHECK(list.verify_signature(client.issuer->public_key()).has_value());
  CHECK(header(answer, "Last-Modified") == http::http_date(list.this_update()));
  CHECK(header(answer, "Expires") == http::http_date(list.next_update().value()));
  const auto again = client.send("GET", "/crl/" + client.issuer->id() + "/full.crl", {},
                                 {{"If-None-Match", header(answer, "ETag")}});
  CHECK(again.status() == 304);
  CHECK(client.crl("/delta.crl").status() == 200);
  for (const auto file : {"/full", "/FULL.crl", "/16-3.crl", "/16-16.crl", "", "/", "/full.crl/"})
    CHECK(client.crl(file).status() == 404);
  CHECK(client.send("GET", "/crl/default/full.crl").status() == 404);
  CHECK(client.send("GET", "/crl/" + client.issuer->record().name + "/full.crl").status() == 404);
  CHECK(client.send("POST", "/crl/" + client.issuer->id() + "/full.crl").status() == 405);
}

TEST_CASE("by its time a client is never told that it has what came in the same second") {
  Client client;
  const std::string path = "/crl/" + client.issuer->id() + "/full.crl";
  const auto revoke = [&] {
    const Bytes serial = client.issue();
    client.mount.commit(client.mount.service
                            ->revoke(access::local_operator(client.mount.scope), serial,
                                     x509::ReasonCode::kSuperseded, "r")
                            .value());
  };
  const auto since = [&](const std::string& time) {
    return client.send("GET", path, {}, {{"If-Modified-Since", time}});
  };
  const std::string first = header(client.send("GET", path), "Last-Modified");
  CHECK(first == http::http_date(client.mount.clock.now()));
  CHECK(since(first).status() == 304);
  revoke();
  const auto second = since(first);
  CHECK(second.status() == 200);
  CHECK(header(second, "Last-Modified") == "(absent)");
  client.mount.clock.advance(seconds{1});
  CHECK(since(first).status() == 200);  // still that of the second with two of them
  revoke();
  const auto third = since(first);
  CHECK(third.status() == 200);
  CHECK(since(header(third, "Last-Modified")).status() == 304);
  // The clock was set back: nobody gets a time before one that was given out.
  client.mount.clock.advance(seconds{-1});
  revoke();
  CHECK(since(header(third, "Last-Modified")).status() == 200);
}

TEST_CASE("an OCSP answer is not taken for another one of its second") {
  Client client;
  const Bytes serial = client.issue();
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, client.issuer->certificate().subject(),
                           client.issuer->public_key(), serial);
  std::string text = base64(x509::encode_ocsp_request(std::span(&id, 1), {}));
  for (std::size_t at = 0; (at = text.find('/', at)) != text.npos; at += 3)
    text.replace(at, 1, "%2F");
  const auto good = client.send("GET", "/ocsp/" + text);
  const std::string time = header(good, "Last-Modified");
  client.mount.commit(client.mount.service
                          ->revoke(access::local_operator(client.mount.scope), serial,
                                   x509::ReasonCode::kSuperseded, "r")
                          .value());
  const auto revoked = client.send("GET", "/ocsp/" + text, {}, {{"If-Modified-Since", time}});
  CHECK(revoked.status() == 200);
  CHECK_FALSE(equal(revoked.body(), good.body()));
}

TEST_CASE("a reactor never reads a store that is not local") {
  enrol::TestMount mount({crypto::KeyAlgorithm::kEcdsaP256, 0},
                         enrol::TestMount::Distance::kRemote);
  const record::Scope scope{"root", "pki/"};
  StatusApi api({*mount.service,
                 {[&] { return std::vector{scope}; },
                  [&](const record::Scope& wanted) { return wanted == scope; }},
                 mount.clock,
                 mount.log});
  for (const std::string& path :
       {std::string("/ocsp/MAA="), "/crl/" + mount.issuing_id + "/full.crl"}) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    http::Context reactor;
    mount.remote->may_read = false;
    const auto response = api.handle(request, reactor);
    mount.remote->may_read = true;
    CHECK(std::holds_alternative<http::Lane>(response.continuation()));
  }
}

TEST_CASE("a request costs the same however many mounts there are") {
  Client client;
  for (int i = 0; i < 300; ++i) client.scopes.push_back({"root", "m" + std::to_string(i) + "/"});
  const std::string known(as_text(client.request()));
  CHECK(client.send("POST", "/ocsp", known).status() == 200);
  CHECK(client.listed == 1);
  const enrol::TestMount stranger;  // another authority's certificate
  const auto issuer = stranger.service->authority(stranger.scope, "default").value();
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha256, issuer->certificate().subject(),
                           issuer->public_key(), issuer->certificate().serial());
  const std::string unknown(as_text(x509::encode_ocsp_request(std::span(&id, 1), {})));
  const auto asks_once = [&](const auto& send, unsigned most) {
    client.looked_up = 0;
    send();
    CHECK(client.looked_up <= most);
    CHECK(client.listed == 1);
  };
  // An answer that has to be made is looked up on the reactor and again on its lane.
  asks_once([&] { CHECK(client.send("POST", "/ocsp", known).status() == 200); }, 1);
  asks_once([&] { CHECK(client.send("POST", "/ocsp", unknown).status() == 200); }, 2);
  asks_once([&] { CHECK(client.crl("/full.crl").status() == 200); }, 2);
  asks_once([&] { CHECK(client.send("GET", "/crl/nobody/full.crl").status() == 404); }, 0);
  // A commit has what it changed read again, and nothing else.
  auto record = client.issuer->record();
  record.id = "33333333-3333-4333-8333-333333333333";
  record.name = "another";
  record.is_default = false;
  client.mount.commit(
      client.mount.service->add_authority(access::local_operator(client.mount.scope), record)
          .value());
  asks_once([&] { CHECK(client.send("GET", "/crl/" + record.id + "/full.crl").status() != 404); },
            2);
}

TEST_CASE("a CRL comes in gzip where that is accepted") {
  Client client;
  client.mount.commit(client.mount.service->status_settings()
                          .put(access::local_operator(client.mount.scope), {}, "s")
                          .value());
  for (int i = 0; i < 40; ++i) {
    const Bytes serial = client.issue();
    client.mount.commit(client.mount.service
                            ->revoke(access::local_operator(client.mount.scope), serial,
                                     x509::ReasonCode::kSuperseded, "r")
                            .value());
  }
  const std::string path = "/crl/" + client.issuer->id() + "/full.crl";
  const auto plain = client.send("GET", path);
  CHECK(header(plain, "Vary") == "Accept-Encoding");
  const auto packed = client.send("GET", path, {}, {{"Accept-Encoding", "br, gzip;q=0.8"}});
  CHECK(header(packed, "Content-Encoding") == "gzip");
  CHECK(packed.body().size() < plain.body().size());
  CHECK(header(packed, "ETag") != header(plain, "ETag"));
  CHECK(equal(gzip(plain.body()).value(), packed.body()));
  const auto again = client.send(
      "GET", path, {}, {{"Accept-Encoding", "gzip"}, {"If-None-Match", header(packed, "ETag")}});
  CHECK(again.status() == 304);
  const auto part =
      client.send("GET", path, {}, {{"Accept-Encoding", "gzip"}, {"Range", "bytes=0-9"}});
  CHECK(header(part, "Content-Encoding") == "(absent)");
  for (const auto no : {"", "br", "gzip;q=0", "gzip; q=0.000", "*", "gzipped"})
    CHECK_FALSE(accepts_gzip(no));
  for (const auto yes : {"gzip", "GZIP", "br,gzip", "gzip;q=0.1", "x-gzip"})
    CHECK(accepts_gzip(yes));
}

}  // namespace
}  // namespace chancery::status
