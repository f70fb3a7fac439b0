#include <doctest/doctest.h>

#include <map>

#include "asn1/pem.h"
#include "protocols/vault/test_vault.h"
#include "x509/crl.h"
#include "x509/ocsp.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

// Logins by certificate: paths over what a client sends along, CRLs and OCSP.

namespace chancery::vault {
namespace {

namespace t = x509::testing;

crypto::PrivateKey new_key() {
  return crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
}

// Web stands for the servers elsewhere: what each of them answers, and who was asked.
struct Web final : access::StatusSource {
  Result<Bytes> crl(const std::string& url, const OnLane&) override { return page(url); }
  Result<Bytes> ocsp(const std::string& url, BytesView, const OnLane&) override {
    return page(url);
  }
  Result<Bytes> page(const std::string& url) {
    asked.push_back(url);
    const auto found = pages.find(url);
    if (found == pages.end()) return fail(Code::kUnavailable, "connection refused");
    return found->second;
  }
  std::map<std::string, Bytes> pages;
  std::vector<std::string> asked;
};

struct World : TestVault {
  World() { mount.methods->certificates.crls().use(web); }

  Web web;
  const crypto::PrivateKey root_key = new_key();
  const crypto::PrivateKey middle_key = new_key();
  const crypto::PrivateKey leaf_key = new_key();
  const Bytes middle_serial{0x22};
  const Bytes leaf_serial{0x33};
  const x509::Certificate root = t::make_ca(root_key, "CN=Root");
  const x509::Certificate middle = make_middle();
  const x509::Certificate leaf = make_leaf();

  x509::Certificate make_middle() {
    const x509::Name subject = t::name_of("CN=Middle");
    x509::TbsFields fields = common(middle_serial, root, subject, middle_key);
    fields.key_usage = x509::KeyUsage{x509::KeyUsageBit::kKeyCertSign, x509::KeyUsageBit::kCrlSign};
    fields.basic_constraints = x509::BasicConstraints{true, {}};
    return t::sign(fields, root_key).value();
  }
  x509::Certificate make_leaf() {
    const x509::Name subject = t::name_of("CN=client");
    const auto purpose = x509::oids::kClientAuth;
    const std::string ocsp = "http://ocsp.test/";
    const Bytes text{0x0c, 0x02, 'h', 'i'};  // UTF8String
    const x509::Extension extension{asn1::Oid::parse("1.2.3.4").value(), false, text};
    x509::TbsFields fields = common(leaf_serial, middle, subject, leaf_key);
    fields.extended_key_usage = {&purpose, 1};
    fields.ocsp_urls = {&ocsp, 1};
    fields.more = {&extension, 1};
    return t::sign(fields, middle_key).value();
  }
  static x509::TbsFields common(const Bytes& serial, const x509::Certificate& issuer,
                                const x509::Name& subject, const crypto::PrivateKey& key) {
    x509::TbsFields fields;
    fields.serial = serial;
    fields.issuer = issuer.subject().der();
    fields.subject = subject.der();
    fields.not_before = t::kNotBefore;
    fields.not_after = t::kNotAfter;
    fields.spki = key.public_key().spki();
    return fields;
  }

  // crl_of is a CRL with these serials that holds for a day.
  Bytes crl_of(const x509::Certificate& issuer, const crypto::PrivateKey& key,
               const std::vector<Bytes>& serials) {
    Bytes entries;
    for (const Bytes& serial : serials) {
      const Bytes entry =
          x509::encode_crl_entry(serial, mount.clock.now(), x509::ReasonCode::kKeyCompromise);
      entries.insert(entries.end(), entry.begin(), entry.end());
    }
    const Bytes number{1};
    x509::CrlHeader header;
    header.scheme = crypto::default_scheme(key.type());
    header.issuer = issuer.subject().der();
    header.this_update = mount.clock.now();
    header.next_update = mount.clock.now() + seconds{86'400};
    header.number = number;
    const Bytes tbs = x509::encode_tbs_crl(header, entries);
    return x509::assemble_crl(tbs, header.scheme, key.sign(header.scheme, tbs).value());
  }

  Bytes ocsp_answer(const crypto::PrivateKey& key, x509::CertStatus status) {
    const Bytes id = x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, middle.subject(),
                                          middle_key.public_key(), leaf_serial);
    x509::SingleResponse single;
    single.cert_id = id;
    single.status = status;
    single.revoked_at = single.this_update = mount.clock.now();
    single.next_update = mount.clock.now() + seconds{60};
    const crypto::Sha1 signer = x509::key_identifier(key.public_key());
    x509::ResponseFields fields;
    fields.responder_key_sha1 = signer;
    fields.produced_at = mount.clock.now();
    fields.responses = {&single, 1};
    const Bytes data = x509::encode_response_data(fields);
    const auto scheme = crypto::default_scheme(key.type());
    return x509::assemble_ocsp_response(data, scheme, key.sign(scheme, data).value());
  }

  json::Answer enter(std::vector<Bytes> intermediates, std::string_view path = "auth/cert/login",
                     std::string_view token = {}) {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/" + std::string(path);
    request.body = "{}";
    request.request_id = "r";
    request.peer_address = "127.0.0.1";
    request.tls = true;
    if (!token.empty()) request.headers = {{"X-Vault-Token", std::string(token)}};
    request.peer_certificate = to_bytes(leaf.der());
    request.peer_intermediates = std::move(intermediates);
    return client.run(request);
  }
  json::Answer enter() { return enter({to_bytes(middle.der())}); }

  void put(const std::string& pem, boost::json::object more = {}) {
    more["certificate"] = pem;
    more["token_policies"] = "a";
    REQUIRE(client.post("auth/cert/certs/web", boost::json::serialize(more)).status == 204);
  }
  unsigned put_crl(const std::string& name, const Bytes& der) {
    const boost::json::object body{{"crl", asn1::pem("X509 CRL", der)}};
    return client.post("auth/cert/crls/" + name, boost::json::serialize(body)).status;
  }
};

const std::string kConstraints =
    "no chain matching all constraints could be found for this login certificate";

TEST_CASE("cert: a path over what the client sends along, or over what the role has") {
  World world;
  world.put(world.root.to_pem());
  CHECK(world.enter({}).text("/errors/0") ==
        "invalid certificate or no client certificate supplied");
  CHECK(world.enter().status == 200);
  CHECK(world.enter({Bytes{0x30, 0x00}, to_bytes(world.middle.der())}).status == 200);
  // A bundle: each of it is trusted.
  world.put(t::make_ca(new_key(), "CN=Other").to_pem() + world.middle.to_pem());
  CHECK(world.enter({}).status == 200);
  world.put(world.leaf.to_pem());
  CHECK(world.enter({}).status == 200);
}

TEST_CASE("cert: extensions by their text and by their whole value") {
  World world;
  const auto status = [&](const char* wanted) {
    world.put(world.root.to_pem(), {{"required_extensions", wanted}});
    return world.enter().status;
  };
  CHECK(status("1.2.3.4:h*") == 200);
  CHECK(status("1.2.3.4:x*") == 400);
  CHECK(status("hex:1.2.3.4:0C026869") == 200);
  CHECK(status("hex:1.2.3.4:0c*") == 200);
  CHECK(status("hex:1.2.3.4:hi") == 400);
  CHECK(status("hex:1.2.3.5:*") == 400);
  CHECK(status("hex:1.2.3.4") == 400);
}

TEST_CASE("cert: what a CRL lists does not get in") {
  World world;
  world.put(world.root.to_pem());
  CHECK(world.put_crl("leaves", world.crl_of(world.middle, world.middle_key, {})) == 204);
  const std::string token = world.enter().text("/auth/client_token");
  const auto renewal = [&] {
    return world.enter({to_bytes(world.middle.der())}, "auth/token/renew-self", token).status;
  };
  CHECK(renewal() == 200);
  CHECK(world.put_crl("Leaves",
                      world.crl_of(world.middle, world.middle_key, {world.leaf_serial})) == 204);
  CHECK(world.enter().text("/errors/0") == kConstraints + ": it is revoked");
  CHECK(renewal() == 400);
  const auto shown = world.client.get("auth/cert/crls/LEAVES");
  CHECK(shown.text("/data/serials") == R"({"51":{}})");
  // Whom it lists stays revoked when it is stale.
  world.mount.clock.advance(seconds{7 * 86'400});
  CHECK(world.enter().status == 400);
  CHECK(world.client.send("DELETE", "auth/cert/crls/leaves").status == 204);
  CHECK(world.enter().status == 200);
  // The same of an intermediate.
  CHECK(world.put_crl("root", world.crl_of(world.root, world.root_key, {world.middle_serial})) ==
        204);
  CHECK(world.enter().status == 400);
  // A list that somebody else signed in the issuer's name says nothing.
  CHECK(world.put_crl("root", world.crl_of(world.root, world.middle_key, {world.middle_serial})) ==
        204);
  CHECK(world.enter().status == 200);
  // Of a certificate that is trusted by itself the issuer's key is not known.
  world.put(world.leaf.to_pem());
  CHECK(world.put_crl("pinned",
                      world.crl_of(world.middle, world.middle_key, {world.leaf_serial})) == 204);
  CHECK(world.enter({}).status == 400);
}

TEST_CASE("cert: CRLs are kept, told and refused") {
  World world;
  const auto error = [&](const std::string& body) {
    return world.client.post("auth/cert/crls/a", body).text("/errors/0");
  };
  CHECK(world.client.send("LIST", "auth/cert/crls").status == 404);
  CHECK(world.client.get("auth/cert/crls/A").text("/errors/0") == "no such CRL a");
  CHECK(world.client.send("DELETE", "auth/cert/crls/a").text("/errors/0") == "no such CRL a");
  CHECK(error("{}") == "one of 'crl' or 'url' must be provided");
  CHECK(error(R"({"crl":"nonsense"})").starts_with("failed to parse CRL: "));
  CHECK(error(R"({"url":"http://crl.test/"})") == "failed to fetch CRL: connection refused");
  world.web.pages["http://crl.test/"] = world.crl_of(world.root, world.root_key, {});
  CHECK(world.client.post("auth/cert/crls/a", R"({"url":"http://crl.test/"})").status == 204);
  const auto told = world.client.get("auth/cert/crls/a");
  CHECK(told.text("/data/cdp/url") == "http://crl.test/");
  CHECK(world.client.send("LIST", "auth/cert/crls").text("/data/keys") == R"(["a"])");
  auto& crls = world.mount.methods->certificates.crls();
  const auto mount = world.mount.methods->mounts.find(access::MountKind::kAuth, "cert");
  CHECK(crls.due(mount->scope()).value().empty());
  world.mount.clock.advance(seconds{86'400});
  CHECK(crls.due(mount->scope()).value().size() == 1);
}

TEST_CASE("cert: OCSP says who gets in") {
  World world;
  const auto role = [&](boost::json::object more) {
    more["ocsp_enabled"] = true;
    // A write changes what it names; each of these is a role of its own.
    world.client.send("DELETE", "auth/cert/certs/web");
    world.put(world.root.to_pem(), std::move(more));
    world.web.asked.clear();
    return world.enter();
  };
  const std::string own = "http://ocsp.test/";
  CHECK(role({}).text("/errors/0") == kConstraints + ": connection refused");
  CHECK(role({{"ocsp_fail_open", true}}).status == 200);
  world.web.pages[own] = world.ocsp_answer(world.middle_key, x509::CertStatus::kGood);
  const auto in = role({});
  CHECK(in.status == 200);
  CHECK(in.lanes.back() == http::Lane::kOutbound);
  CHECK(world.web.asked == std::vector{own});
  CHECK(world.client.get("auth/cert/certs/web").at("/data/ocsp_enabled") == true);
  world.web.pages[own] = world.ocsp_answer(world.middle_key, x509::CertStatus::kRevoked);
  CHECK(role({}).text("/errors/0") == kConstraints + ": the certificate is revoked");
  CHECK(role({{"ocsp_fail_open", true}}).status == 400);
  world.web.pages[own] = world.ocsp_answer(world.middle_key, x509::CertStatus::kUnknown);
  CHECK(role({}).status == 400);
  // One who may not say so.
  const crypto::PrivateKey other = new_key();
  const auto responder = t::make_ca(other, "CN=Responder");
  world.web.pages[own] = world.ocsp_answer(other, x509::CertStatus::kGood);
  CHECK(role({}).status == 400);
  CHECK(role({{"ocsp_ca_certificates", responder.to_pem()}}).status == 200);
  world.web.pages[own] = world.ocsp_answer(other, x509::CertStatus::kRevoked);
  CHECK(role({{"ocsp_ca_certificates", responder.to_pem()}}).status == 400);

  const auto two = boost::json::array{"http://a.test/", "http://b.test/"};
  world.web.pages["http://b.test/"] = world.ocsp_answer(world.middle_key, x509::CertStatus::kGood);
  CHECK(role({{"ocsp_servers_override", two}}).status == 200);
  CHECK(world.web.asked.size() == 2);
  CHECK(role({{"ocsp_servers_override", two}, {"ocsp_query_all_servers", true}}).status == 400);
  world.web.pages["http://a.test/"] =
      world.ocsp_answer(world.middle_key, x509::CertStatus::kRevoked);
  CHECK(role({{"ocsp_servers_override", two}}).status == 400);
  world.web.pages["http://a.test/"] = world.web.pages["http://b.test/"];
  CHECK(role({{"ocsp_servers_override", two}, {"ocsp_query_all_servers", true}}).status == 200);
  // An answer is believed as long as it holds.
  world.mount.clock.advance(seconds{61});
  CHECK(role({{"ocsp_servers_override", two}}).status == 400);
  const boost::json::object wrong{{"certificate", world.root.to_pem()},
                                  {"ocsp_servers_override", "ldap://x"}};
  CHECK(world.client.post("auth/cert/certs/w", boost::json::serialize(wrong)).status == 400);
}

// The row as it was written before there was OCSP.
struct RoleBefore : access::CertificateRole {
  static constexpr std::int64_t kVersion = 1;
  static void later_fields() = delete;
};

TEST_CASE("cert: roles of the version before are read") {
  access::CertificateRole role;
  role.display_name = "old";
  role.ocsp.enabled = true;
  const Bytes row = access::encode_row(role);
  CHECK(access::decode_row<access::CertificateRole>(row).value().ocsp.enabled);
  const Bytes before = access::encode_row(RoleBefore{role});
  CHECK(before.size() < row.size());
  const auto read = access::decode_row<access::CertificateRole>(before).value();
  CHECK(read.display_name == "old");
  CHECK_FALSE(read.ocsp.enabled);
}

}  // namespace
}  // namespace chancery::vault
