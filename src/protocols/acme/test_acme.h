#pragma once

// An ACME server over a whole mount, with a client that signs as clients do and a validator that
// answers what a test tells it. For tests only.

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "ca/mass_revocation.h"
#include "enrol/test_mount.h"
#include "protocols/acme/acme_api.h"
#include "protocols/acme/problem.h"
#include "protocols/json/test_client.h"

namespace chancery::acme {

// ScriptedValidator passes everything until it is told otherwise.
class ScriptedValidator final : public validation::Validator {
 public:
  validation::Outcome validate(const validation::Attempt& attempt, const OnLane&) override {
    const std::scoped_lock lock(mutex);
    attempts.push_back(attempt);
    const auto found = outcomes.find(attempt.identifier.value);
    return found == outcomes.end() ? validation::Outcome{} : found->second;
  }
  validation::Outcome check_caa(const validation::CaaQuestion& question, const OnLane&) override {
    if (on_caa) on_caa();
    const std::scoped_lock lock(mutex);
    questions.push_back(question);
    return caa;
  }

  static validation::Outcome failure(validation::Problem problem, bool may_pass_later = false) {
    validation::Outcome outcome;
    outcome.problem = problem;
    outcome.detail = "it is not as it should be";
    outcome.may_pass_later = may_pass_later;
    return outcome;
  }

  std::mutex mutex;
  std::map<std::string, validation::Outcome> outcomes;  // by identifier
  validation::Outcome caa;
  std::function<void()> on_caa;
  std::vector<validation::Attempt> attempts;
  std::vector<validation::CaaQuestion> questions;
};

// ManualBackground keeps work until it is told to run it.
class ManualBackground final : public Background {
 public:
  bool submit(Place place, std::string_view, Work work, std::function<void()>) override {
    const std::scoped_lock lock(mutex);
    if (full) return false;
    places.push_back(place);
    queued.push_back(std::move(work));
    return true;
  }
  std::size_t run() {
    std::size_t count = 0;
    for (;; ++count) {
      Work work;
      {
        const std::scoped_lock lock(mutex);
        if (queued.empty()) return count;
        work = std::move(queued.front());
        queued.pop_front();
      }
      work(OnLane::outside_server());
    }
  }

  std::mutex mutex;
  std::deque<Work> queued;
  std::vector<Place> places;  // of all that came
  bool full = false;
};

// KeptLog keeps the messages of lines from "info" up.
class KeptLog final : public Log {
 public:
  void write(LogLevel level, std::string_view message, Fields fields) override {
    if (level == LogLevel::kDebug) return;
    const std::scoped_lock lock(mutex);
    messages.emplace_back(message);
    keys.clear();
    for (const Field& field : fields) keys.insert(std::string(field.key));
  }

  std::mutex mutex;
  std::vector<std::string> messages;
  std::set<std::string> keys;  // of the last line
};

inline crypto::PrivateKey make_key(crypto::KeyType type = {crypto::KeyAlgorithm::kEcdsaP256, 0}) {
  return crypto::PrivateKey::generate(type).value();
}

// jwk_of writes a public key as a JWK, by its SubjectPublicKeyInfo.
inline std::string jwk_of(const crypto::PublicKey& key) {
  const BytesView bits = key.key_bits();
  const auto part = [](BytesView octets) { return base64(octets, Base64::kUrl); };
  const auto on_curve = [&](std::string_view curve) {
    const std::size_t size = (bits.size() - 1) / 2;
    return R"({"crv":")" + std::string(curve) + R"(","kty":"EC","x":")" +
           part(bits.subspan(1, size)) + R"(","y":")" + part(bits.subspan(1 + size)) + "\"}";
  };
  switch (key.type().algorithm) {
    case crypto::KeyAlgorithm::kEcdsaP256:
      return on_curve("P-256");
    case crypto::KeyAlgorithm::kEcdsaP384:
      return on_curve("P-384");
    case crypto::KeyAlgorithm::kEcdsaP521:
      return on_curve("P-521");
    case crypto::KeyAlgorithm::kEd25519:
      return R"({"crv":"Ed25519","kty":"OKP","x":")" + part(bits) + "\"}";
    default:
      break;
  }
  asn1::Reader in(bits);
  asn1::Reader numbers = in.enter_sequence().value();
  const BytesView n = numbers.read_unsigned().value();
  const BytesView e = numbers.read_unsigned().value();
  return R"({"e":")" + part(e) + R"(","kty":"RSA","n":")" + part(n) + "\"}";
}

// sign makes a JWS signature: r and s of an ECDSA signature side by side.
inline std::string sign(const crypto::PrivateKey& key, std::string_view input) {
  const Bytes signature = key.sign(crypto::default_scheme(key.type()), as_bytes(input)).value();
  const auto algorithm = jose::algorithm_of(key.type());
  const std::size_t size = algorithm == jose::Algorithm::kEs256   ? 32
                           : algorithm == jose::Algorithm::kEs384 ? 48
                           : algorithm == jose::Algorithm::kEs512 ? 66
                                                                  : 0;
  if (size == 0) return base64(signature, Base64::kUrl);
  asn1::Reader in(signature);
  asn1::Reader numbers = in.enter_sequence().value();
  Bytes both(2 * size);
  for (std::size_t i = 0; i < 2; ++i) {
    const BytesView number = numbers.read_unsigned().value();
    std::ranges::copy(number, both.begin() + static_cast<std::ptrdiff_t>((i + 1) * size) -
                                  static_cast<std::ptrdiff_t>(number.size()));
  }
  return base64(both, Base64::kUrl);
}

inline std::string url64(std::string_view text) { return base64(as_bytes(text), Base64::kUrl); }

inline std::string envelope(std::string_view header, std::string_view payload,
                            std::string_view signature) {
  return R"({"protected":")" + url64(header) + R"(","payload":")" + url64(payload) +
         R"(","signature":")" + std::string(signature) + "\"}";
}

// jws signs a payload under a header.
inline std::string jws(const crypto::PrivateKey& key, const std::string& header,
                       std::string_view payload) {
  return envelope(header, payload, sign(key, url64(header) + "." + url64(payload)));
}

inline std::string algorithm_name(const crypto::PrivateKey& key) {
  return std::string(jose::name(*jose::algorithm_of(key.type())));
}

struct TestAcme {
  static constexpr std::string_view kHost = "ca.example";

  explicit TestAcme(enrol::TestMount::Distance distance = enrol::TestMount::Distance::kLocal,
                    crypto::KeyType issuer = {crypto::KeyAlgorithm::kEcdsaP256, 0})
      : mount(issuer, distance), client(*this) {
    start();
    add_directory("default");
  }

  ~TestAcme() {
    // As a server does: a job commits, and what observes commits is about to go.
    mount.service->mass_revocation().stop();
    mount.managed->stop();
  }
  TestAcme(const TestAcme&) = delete;
  TestAcme& operator=(const TestAcme&) = delete;

  // start makes the server anew over the same store, as a restart does.
  void start() {
    // What is gone is not told of commits any more, but the store cannot forget it.
    if (core) {
      retired.push_back(std::move(core));
      old_backgrounds.push_back(std::move(background));
    }
    client.nonce.clear();  // those of before are not good any more
    background = std::make_unique<ManualBackground>();
    core = std::make_unique<Acme>(Acme::Use{*mount.store, *mount.service, *mount.enrolment,
                                            mount.methods->mounts, validator, *background,
                                            mount.clock, mount.random, metrics, log});
    api = std::make_unique<AcmeApi>(*core);
  }

  template <class Change>
  void add_directory(const std::string& name, Change change) {
    mount.add_role("acme", [](policy::Role& role) {
      role.key_type = policy::RoleKeyType::kAny;
      role.require_cn = false;
      role.ttl = seconds{90LL * 86'400};
      role.max_ttl = seconds{90LL * 86'400};
    });
    Directory row;
    row.profiles = {{"standard", "role/acme", "ninety days"}};
    row.challenges = {"http-01", "dns-01", "tls-alpn-01"};
    change(row);
    mount.commit(core->directories
                     .put(access::local_operator(mount.scope), name, std::move(row), {}, "req-dir")
                     .value());
  }
  void add_directory(const std::string& name) {
    add_directory(name, [](Directory&) {});
  }
  std::shared_ptr<const LoadedDirectory> directory(const std::string& name = "default") {
    return core->directories.find(name).value();
  }

  // Client is one ACME client with an account key.
  struct Client {
    explicit Client(TestAcme& test) : acme(test) {}

    [[nodiscard]] std::string url(std::string_view path) const {
      return "https://" + std::string(kHost) + "/acme/" + directory + "/" + std::string(path);
    }
    // send gives a request to the server as it is.
    json::Answer send(std::string_view method, std::string_view url, std::string body = {},
                      std::string_view type = "application/jose+json") {
      http::Request request;
      request.method = method;
      const std::size_t host = url.find("//") + 2;
      request.target = url.substr(url.find('/', host));
      const std::size_t question = request.target.find('?');
      request.path = request.target.substr(0, question);
      if (question != std::string::npos) {
        const std::string query = request.target.substr(question + 1);
        const std::size_t equals = query.find('=');
        request.query.push_back({query.substr(0, equals), query.substr(equals + 1)});
      }
      request.headers.push_back(
          {"Host", std::string(url.substr(host, url.find('/', host) - host))});
      if (!type.empty()) request.headers.push_back({"Content-Type", std::string(type)});
      for (const http::Header& one : more_headers) request.headers.push_back(one);
      request.body = std::move(body);
      request.tls = url.starts_with("https");
      request.request_id = "11111111-2222-4333-8444-555555555555";
      request.peer_address = peer_address;
      json::Answer answer = json::TestClient(*acme.api, "").run(request);
      const std::string fresh = answer.header("Replay-Nonce");
      if (!fresh.empty()) nonce = fresh;
      return answer;
    }
    std::string take_nonce() {
      if (nonce.empty()) send("HEAD", url("new-nonce"), {}, {});
      return std::exchange(nonce, {});
    }
    [[nodiscard]] std::string header(const crypto::PrivateKey& by, const std::string& who,
                                     std::string_view to, const std::string& with) const {
      return R"({"alg":")" + algorithm_name(by) + R"(","nonce":")" + with + R"(","url":")" +
             std::string(to) + R"(",)" + who + "}";
    }
    [[nodiscard]] std::string by_account() const { return R"("kid":")" + account + '"'; }
    [[nodiscard]] std::string by_key(const crypto::PrivateKey& by) const {
      return R"("jwk":)" + jwk_of(by.public_key());
    }
    // post signs with the account and sends.
    json::Answer post(std::string_view to, std::string_view payload) {
      return send("POST", to, jws(key, header(key, by_account(), to, take_nonce()), payload));
    }
    json::Answer get(std::string_view to) { return post(to, ""); }
    json::Answer post_with_key(const crypto::PrivateKey& by, std::string_view to,
                               std::string_view payload) {
      return send("POST", to, jws(by, header(by, by_key(by), to, take_nonce()), payload));
    }
    json::Answer register_account(std::string_view payload = R"({"termsOfServiceAgreed":true})") {
      json::Answer answer = post_with_key(key, url("new-account"), payload);
      if (answer.status == 201 || answer.status == 200) account = answer.header("Location");
      return answer;
    }
    json::Answer order(const std::vector<std::string>& names, std::string_view more = "") {
      std::string list;
      for (const std::string& name : names) {
        const bool ip = x509::parse_ip(name).has_value();
        list += (list.empty() ? "" : ",") + std::string(R"({"type":")") + (ip ? "ip" : "dns") +
                R"(","value":")" + name + "\"}";
      }
      return post(url("new-order"), R"({"identifiers":[)" + list + "]" + std::string(more) + "}");
    }
    // prove answers a challenge of each authorisation and lets the server look.
    void prove(const json::Answer& order, std::string_view type = "http-01") {
      const auto authorizations = order.object().at("authorizations").as_array();
      for (const auto& one : authorizations) answer_challenge(std::string(one.as_string()), type);
      acme.background->run();
    }
    json::Answer answer_challenge(const std::string& authorization, std::string_view type) {
      const auto shown = get(authorization);
      REQUIRE(shown.status == 200);
      const auto challenges = shown.object().at("challenges").as_array();
      for (const auto& one : challenges) {
        if (one.at("type").as_string() == type)
          return post(std::string(one.at("url").as_string()), "{}");
      }
      return {};
    }
    json::Answer finalize(const json::Answer& order, const std::string& csr) {
      return post(order.text("/finalize"), R"({"csr":")" + csr + "\"}");
    }
    // obtain goes all the way and returns the last answer of the order.
    json::Answer obtain(const std::vector<std::string>& names, std::string_view more = "") {
      const auto ordered = order(names, more);
      REQUIRE(ordered.status == 201);
      if (ordered.text("/status") != "ready") prove(ordered);
      return finalize(ordered, make_csr(names));
    }
    x509::Certificate certificate(const json::Answer& order) {
      const auto answer = get(order.text("/certificate"));
      REQUIRE(answer.status == 200);
      return x509::Certificate::all_from_pem(answer.body).value().front();
    }
    // make_csr makes a request in base64url for names, signed by certificate_key.
    std::string make_csr(const std::vector<std::string>& names) {
      return make_csr(names, certificate_key);
    }
    static std::string make_csr(const std::vector<std::string>& names, const crypto::PrivateKey& by,
                                bool ca = false, const std::string& common_name = {}) {
      std::vector<x509::GeneralName> general;
      for (const std::string& name : names) {
        const auto ip = x509::parse_ip(name);
        general.push_back(
            ip ? x509::GeneralName::ip(*ip).value()
               : x509::GeneralName::parse(name.contains(':') ? name : "DNS:" + name).value());
      }
      x509::RequestFields fields;
      const x509::Name subject = common_name.empty() ? x509::Name::parse("").value_or(x509::Name{})
                                                     : ca::TestAuthority::name(common_name);
      const Bytes empty{0x30, 0x00};
      fields.subject = common_name.empty() ? BytesView(empty) : subject.der();
      fields.spki = by.public_key().spki();
      fields.subject_alt_names = general;
      if (ca) fields.basic_constraints = x509::BasicConstraints{true, std::nullopt};
      const Bytes info = x509::encode_request_info(fields).value();
      const auto scheme = crypto::default_scheme(by.type());
      return base64(x509::assemble(info, scheme, by.sign(scheme, info).value()), Base64::kUrl);
    }

    TestAcme& acme;
    std::string directory = "default";
    crypto::PrivateKey key = make_key();
    crypto::PrivateKey certificate_key = make_key();
    std::string account;
    std::string nonce;
    std::vector<http::Header> more_headers;
    std::string peer_address = "127.0.0.1";
  };

  enrol::TestMount mount;
  ScriptedValidator validator;
  Metrics metrics;
  KeptLog log;
  std::vector<std::unique_ptr<ManualBackground>> old_backgrounds;
  std::vector<std::unique_ptr<Acme>> retired;
  std::unique_ptr<ManualBackground> background;
  std::unique_ptr<Acme> core;
  std::unique_ptr<AcmeApi> api;
  Client client;
};

inline std::string type_of(const json::Answer& answer) {
  const std::string type = answer.text("/type");
  return type.starts_with(kProblemPrefix) ? type.substr(kProblemPrefix.size()) : type;
}

}  // namespace chancery::acme
