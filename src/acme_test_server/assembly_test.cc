#include "acme_test_server/assembly.h"

#include <doctest/doctest.h>

#include "base/fakes.h"
#include "base/metrics.h"
#include "protocols/json/test_client.h"

namespace chancery::acme_test {
namespace {

// Nobody looks at the network here.
class NoNetwork final : public validation::Validator {
 public:
  validation::Outcome validate(const validation::Attempt&, const OnLane&) override {
    ++attempts;
    return {};
  }
  validation::Outcome check_caa(const validation::CaaQuestion&, const OnLane&) override {
    return {};
  }
  int attempts = 0;
};

class NoBackground final : public acme::Background {
 public:
  bool submit(Place, std::string_view, Work, std::function<void()>) override { return false; }
};

struct TestServer {
  explicit TestServer(Config config = {}, Environment environment = {}, bool strict = false)
      : assembly(Assembly::make({std::move(config), environment, strict, network, background, clock,
                                 random, metrics, log})
                     .value()),
        acme(assembly->front(), ""),
        management(assembly->management(), "") {
    acme.headers = {{"Host", "localhost:14000"}, {"User-Agent", "test"}};
    management.headers = {{"Host", "localhost:15000"}};
  }

  // post sends a JWS that nobody signed.
  json::Answer post(std::string_view path, std::string_view payload) {
    const auto part = [](std::string_view text) { return base64(as_bytes(text), Base64::kUrl); };
    auto headers = acme.headers;
    acme.headers.push_back({"Content-Type", "application/jose+json"});
    auto answer = acme.post(
        path, R"({"protected":")" + part(R"({"alg":"ES256","kid":"x","nonce":"y","url":"z"})") +
                  R"(","payload":")" + part(payload) + R"(","signature":"AAAA"})");
    acme.headers = std::move(headers);
    return answer;
  }
  x509::Certificate certificate(std::string_view path) {
    return x509::Certificate::from_pem(management.get(path).body).value();
  }

  NoNetwork network;
  NoBackground background;
  FakeClock clock{from_unix(1'795'000'000)};
  FakeRandom random{7};
  Metrics metrics;
  NullLog log;
  std::unique_ptr<Assembly> assembly;
  json::TestClient acme;
  json::TestClient management;
};

Environment with_alternates() {
  Environment environment;
  environment.alternate_roots = 1;
  environment.chain_length = 2;
  return environment;
}

TEST_CASE("the directory is where Pebble has it") {
  TestServer server;
  const auto directory = server.acme.get("/dir");
  CHECK(directory.status == 200);
  CHECK(directory.text("/newOrder") == "http://localhost:14000/acme/test/new-order");
  CHECK(directory.text("/meta/profiles/default") == "The default profile");
  CHECK(directory.text("/meta/caaIdentities/0") == "pebble.letsencrypt.org");
  CHECK(directory.body == server.acme.get("/acme/test/directory").body);
  CHECK(server.acme.get("/terms").status == 200);
  CHECK(server.acme.send("POST", "/dir").status == 405);
}

TEST_CASE("a client says what it is") {
  TestServer server;
  server.acme.headers.pop_back();
  const auto refused = server.acme.get("/dir");
  CHECK(refused.status == 400);
  CHECK(refused.text("/type") == "urn:ietf:params:acme:error:malformed");
}

TEST_CASE("roots and intermediates are shown with their keys") {
  TestServer server({}, with_alternates());
  const auto intermediate = server.certificate("/intermediates/0");
  for (const char* number : {"0", "1"}) {
    CAPTURE(number);
    const auto root = server.certificate(std::string("/roots/") + number);
    CHECK(root.is_self_issued());
    const auto key = crypto::PrivateKey::from_pem(
        server.management.get(std::string("/root-keys/") + number).body);
    CHECK(equal(key->public_key().spki(), root.spki()));
    const auto other = server.certificate(std::string("/intermediates/") + number);
    CHECK(equal(other.spki(), intermediate.spki()));
    CHECK(other.subject() == intermediate.subject());
    const auto issuing = crypto::PrivateKey::from_pem(
        server.management.get(std::string("/intermediate-keys/") + number).body);
    CHECK(equal(issuing->public_key().spki(), intermediate.spki()));
  }
  CHECK_FALSE(equal(server.certificate("/roots/0").spki(), server.certificate("/roots/1").spki()));
  const auto root = server.management.get("/roots/0");
  CHECK(root.type == "application/pem-certificate-chain; charset=utf-8");
  CHECK(root.header("Link") == R"(<http://localhost:15000/roots/1>;rel="alternate")");
  CHECK(server.management.get("/root-keys/0").type == "application/x-pem-file; charset=utf-8");
  for (const char* path : {"/roots/2", "/roots/x", "/roots/", "/roots/0/0", "/", "/root-keys/-1",
                           "/intermediates/9", "/intermediate-keys/2"})
    CHECK(server.management.get(path).status == 404);
}

TEST_CASE("each server has roots of its own") {
  TestServer one;
  TestServer other;
  CHECK_FALSE(equal(one.certificate("/roots/0").spki(), other.certificate("/roots/0").spki()));
}

TEST_CASE("a chain is as long as it was to be, and each chain ends at its own root") {
  TestServer server({}, with_alternates());
  const auto authorities = server.assembly->ca().authorities({"root", "pki/"}).value();
  int issuing = 0;
  for (const auto& authority : authorities) {
    if (!authority->record().name.starts_with("issuing-")) continue;
    REQUIRE(authority->record().chain.size() == 2);
    const auto top = x509::Certificate::parse(authority->record().chain.back()).value();
    const auto number = authority->record().name.substr(8);
    CHECK(equal(top.der(), server.certificate("/roots/" + number).der()));
    ++issuing;
  }
  CHECK(issuing == 2);
  CHECK(authorities.front()->record().name == "issuing-0");
  CHECK(authorities.front()->slow());
}

TEST_CASE("the status of a certificate is told by its serial number in any spelling") {
  TestServer server;
  const auto certificate = server.certificate("/intermediates/0");
  const std::string serial = hex(certificate.serial());
  std::string upper = serial;
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
  for (const std::string& text : {serial, upper, "00" + serial, "0" + serial}) {
    const auto status = server.management.get("/cert-status-by-serial/" + text);
    REQUIRE(status.status == 200);
    CHECK(status.text("/Status") == "Valid");
    CHECK(status.text("/Certificate") == certificate.to_pem());
    CHECK(status.text("/Reason") == "(absent)");
    CHECK(status.text("/Serial") == serial.substr(serial.find_first_not_of('0')));
  }
  CHECK(server.management.get("/cert-status-by-serial/00").status == 404);
  CHECK(server.management.get("/cert-status-by-serial/xyz").status == 400);
}

TEST_CASE("renewal information is what a test says, whatever it is") {
  TestServer server;
  const auto certificate = server.certificate("/intermediates/0");
  const auto root = server.certificate("/roots/0");
  std::string path = "/acme/test/renewal-info/";
  const auto authorities = server.assembly->ca().authorities({"root", "pki/"}).value();
  for (const auto& authority : authorities) {
    if (equal(authority->certificate().der(), root.der()))
      path += base64(authority->key_identifier(), Base64::kUrl);
  }
  path += "." + base64(certificate.serial(), Base64::kUrl);
  std::string pem;
  for (const char c : certificate.to_pem()) pem += c == '\n' ? "\\n" : std::string(1, c);
  const auto set = [&](std::string_view text) {
    return server.management.post(
        "/set-renewal-info/",
        R"({"Certificate":")" + pem + R"(","ariResponse":")" + std::string(text) + "\"}");
  };
  const std::string before = server.acme.get(path).body;
  CHECK(before.contains("suggestedWindow"));
  CHECK(set("no {json").status == 200);
  const auto told = server.acme.get(path);
  CHECK(told.status == 200);
  CHECK(told.body == "no {json");
  CHECK(told.header("Retry-After") == "21600");
  CHECK(set("").status == 200);
  CHECK(server.acme.get(path).body == before);
  CHECK(server.management.post("/set-renewal-info/", "{}").status == 400);
  CHECK(server.management.post("/set-renewal-info/", "no").status == 400);
  CHECK(server.management.get("/set-renewal-info/").status == 405);
}

TEST_CASE("requests are refused as often as a test says") {
  TestServer server;
  const auto put = server.management.send(
      "PUT", "/faults",
      R"({"refusals":[{"status":503,"count":1,"retryAfter":7},{"status":429,"count":1}]})");
  CHECK(put.status == 200);
  const auto unavailable = server.post("/acme/test/new-order", "{}");
  CHECK(unavailable.status == 503);
  CHECK(unavailable.header("Retry-After") == "7");
  CHECK_FALSE(unavailable.header("Replay-Nonce").empty());
  const auto limited = server.post("/acme/test/new-order", "{}");
  CHECK(limited.status == 429);
  CHECK(limited.text("/type") == "urn:ietf:params:acme:error:rateLimited");
  CHECK(server.post("/acme/test/new-order", "{}").status == 403);  // the url in it is another
  CHECK(server.management.get("/faults").text("/refusals/0/count") == "0");
  CHECK(server.management.send("DELETE", "/faults").text("/refusals") == "[]");
  CHECK(server.management.get("/faults").text("/badNonces") == "5");
  CHECK(server.management.send("PUT", "/faults", R"({"badNonces":101})").status == 400);
  CHECK(server.management.get("/faults").text("/badNonces") == "5");
  const auto wrong = server.management.send("POST", "/faults");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "GET, PUT, DELETE");
}

TEST_CASE("strict or not, what drafts had is refused as Pebble does") {
  constexpr std::string_view kChallenge = "/acme/test/chall/a/b/http-01";
  const auto detail = [](TestServer& server, std::string_view path, std::string_view payload) {
    return server.post(path, payload).text("/detail");
  };
  TestServer lenient;
  TestServer strict({}, {}, true);
  CHECK(detail(lenient, kChallenge, R"({"keyAuthorization":"x"})").contains("keyAuthorization"));
  CHECK(detail(strict, kChallenge, R"({"keyAuthorization":"x"})").contains("keyAuthorization"));
  CHECK(detail(strict, kChallenge, R"({"x":1})").contains("nothing else"));
  CHECK_FALSE(detail(lenient, kChallenge, R"({"x":1})").contains("nothing else"));
  CHECK_FALSE(detail(strict, kChallenge, "{}").contains("nothing else"));
  constexpr std::string_view kOrder = "/acme/test/new-order";
  CHECK(detail(strict, kOrder, R"({"resource":"new-order"})").contains("ACME v1"));
  CHECK_FALSE(detail(lenient, kOrder, R"({"resource":"new-order"})").contains("ACME v1"));
}

TEST_CASE("the conduct is what configuration and environment say") {
  Config config;
  config.blocked_domains = {"blocked.example"};
  config.retry_after_order = seconds{0};
  Environment environment;
  environment.reuse = 100;
  environment.orders_on_page = 2;
  FakeClock clock{from_unix(1'795'000'000)};
  FakeRandom random{3};
  Faults faults({}, random);
  TestConduct conduct(config, environment, faults, clock, random);
  CHECK(conduct.orders_on_page() == 2);
  CHECK(conduct.takes_nonce());
  faults.set(parse_faults(R"({"badNextNonces":1})").value());
  CHECK_FALSE(conduct.takes_nonce());
  CHECK(conduct.takes_nonce());
  CHECK(conduct.reuses(acme::Status::kValid));
  CHECK_FALSE(conduct.reuses(acme::Status::kPending));
  CHECK_FALSE(conduct.objection({1, "blocked.example", false}).empty());
  CHECK_FALSE(conduct.objection({1, "a.blocked.example", true}).empty());
  CHECK(conduct.objection({1, "unblocked.example", false}).empty());
  CHECK(conduct.retry_after(acme::Conduct::Object::kOrder).empty());
  int dates = 0;
  int numbers = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string wait = conduct.retry_after(acme::Conduct::Object::kAuthorization);
    if (wait == "3") ++numbers;
    if (wait.ends_with("GMT")) ++dates;
  }
  CHECK(dates > 20);
  CHECK(numbers > 20);
  CHECK(dates + numbers == 100);
}

TEST_CASE("validations take their time, and may be believed") {
  Environment environment;
  environment.sleep = seconds{0};
  FakeRandom random{3};
  NoNetwork network;
  Pause pause;
  Faults faults({}, random);
  SlowValidator looking(network, environment, faults, pause, random);
  CHECK(looking.validate({}, OnLane::outside_server()).succeeded());
  CHECK(network.attempts == 1);
  Environment believing = environment;
  believing.always_valid = true;
  SlowValidator blind(network, believing, faults, pause, random);
  CHECK(blind.validate({}, OnLane::outside_server()).succeeded());
  CHECK(network.attempts == 1);
  // Whoever waits is woken by the end.
  faults.set(parse_faults(R"({"slowValidation":600})").value());
  pause.end();
  CHECK(blind.validate({}, OnLane::outside_server()).succeeded());
}

TEST_CASE("what observes commits goes after the last of them") {
  TestServer server;
  std::vector<Ticket> tickets;
  for (int i = 0; i < 1000; ++i) {
    record::WriteSet set;
    set.put({record::StateKind::kSettings, {"tenant", "mount/"}, std::to_string(i)}, {});
    tickets.push_back(server.assembly->store().committer().submit(std::move(set)));
  }
  server.assembly.reset();
  for (const Ticket& ticket : tickets) REQUIRE(ticket.wait(OnLane::outside_server()).has_value());
}

}  // namespace
}  // namespace chancery::acme_test
