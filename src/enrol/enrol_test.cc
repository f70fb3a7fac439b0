#include <doctest/doctest.h>

#include "asn1/pem.h"
#include "enrol/test_mount.h"

namespace chancery::enrol {
namespace {

access::Grant grant(const TestMount& mount) { return access::local_operator(mount.scope); }

EnrolRequest for_name(const std::string& name, std::variant<ClientKey, ServerKey> key) {
  EnrolRequest request;
  request.role = "web";
  request.content.common_name = name;
  request.content.ttl = seconds{3600};
  request.key = std::move(key);
  return request;
}

Error refusal(TestMount& mount, const EnrolRequest& request) {
  auto result = mount.enrolment->enrol(grant(mount), request, Thread::kCpuLane, "req-1");
  REQUIRE_FALSE(result.has_value());
  return std::move(result).error();
}

std::string where(const Error& error, std::string_view key) {
  for (const Context& step : error.where) {
    if (step.key == key) return step.value;
  }
  return {};
}

TEST_CASE("role names are Vault's") {
  for (const char* good : {"a", "web", "Web_1", "a-b.c", "a..b", "0"}) CHECK(is_role_name(good));
  for (const char* bad : {"", "-a", "a-", ".", "a b", "a/b", "ä", "a."})
    CHECK_FALSE(is_role_name(bad));
  CHECK(is_role_name(std::string(255, 'a')));
  CHECK_FALSE(is_role_name(std::string(256, 'a')));
}

TEST_CASE("roles are written, listed and erased, and the cache follows") {
  TestMount mount;
  CHECK(*mount.roles->find(mount.scope, "web") == nullptr);
  mount.add_role("web");
  mount.add_role("api");
  REQUIRE(*mount.roles->find(mount.scope, "web") != nullptr);
  CHECK((*mount.roles->find(mount.scope, "web"))->key_bits == 256);
  CHECK((*mount.roles->find(mount.scope, "web"))->name == "web");
  mount.add_role("web", [](policy::Role& role) { role.ttl = seconds{60}; });
  CHECK((*mount.roles->find(mount.scope, "web"))->ttl == seconds{60});
  CHECK(mount.roles->list(mount.scope, "", 10).value() == std::vector<std::string>{"api", "web"});
  CHECK(mount.roles->list(mount.scope, "api", 1).value() == std::vector<std::string>{"web"});

  using Erased = Roles::Erased;
  CHECK(mount.commit(mount.roles->erase(grant(mount), "web", "r").value()) == Erased::kErased);
  CHECK(mount.commit(mount.roles->erase(grant(mount), "web", "r").value()) == Erased::kWasAbsent);
  CHECK(*mount.roles->find(mount.scope, "web") == nullptr);
}

TEST_CASE("of two writers of one role that read the same state, one conflicts") {
  TestMount mount;
  policy::Role role;
  role.name = "web";
  auto first = mount.roles->put(grant(mount), role, "r1").value();
  auto second = mount.roles->put(grant(mount), role, "r2").value();
  CHECK(first.submit(mount.store->committer()).wait(mount.outside).has_value());
  const auto lost = second.submit(mount.store->committer()).wait(mount.outside);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().code == Code::kConflict);
}

TEST_CASE("a bad role is refused with its field") {
  TestMount mount;
  policy::Role role;
  role.name = "web";
  role.ttl = seconds{7200};
  role.max_ttl = seconds{3600};
  const auto refused = mount.roles->put(grant(mount), role, "r");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kInvalidArgument);
  CHECK(where(refused.error(), "field") == "ttl");
  role.name = "not a name";
  CHECK(where(mount.roles->put(grant(mount), role, "r").error(), "field") == "name");
}

TEST_CASE("a client's own key: its request is signed") {
  TestMount mount;
  mount.add_role("web");
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEd25519, 0}).value();
  mount.add_role("web", [](policy::Role& role) { role.key_type = policy::RoleKeyType::kAny; });
  const auto request = for_name("", ClientKey{TestMount::make_csr("www.example.com", key)});
  auto enrolled = mount.enrolment->enrol(grant(mount), request, Thread::kReactor, "req-1").value();
  REQUIRE(enrolled.has_value());
  CHECK_FALSE(enrolled->private_key.has_value());
  const ca::Issued issued = mount.commit(std::move(enrolled->issued));
  CHECK(equal(issued.certificate.spki(), key.public_key().spki()));
  CHECK(issued.authority->id() == mount.issuing_id);
}

TEST_CASE("a server's key: quick ones on a reactor, slow ones on the lane") {
  TestMount mount;
  mount.add_role("web");
  auto request = for_name("www.example.com", ServerKey{});
  auto quick = mount.enrolment->enrol(grant(mount), request, Thread::kReactor, "req-1").value();
  REQUIRE(quick.has_value());
  REQUIRE(quick->private_key.has_value());
  const auto public_key = quick->private_key->public_key();
  CHECK(equal(mount.commit(std::move(quick->issued)).certificate.spki(), public_key.spki()));

  mount.add_role("web", [](policy::Role& role) { role.key_type = policy::RoleKeyType::kRsa; });
  CHECK_FALSE(
      mount.enrolment->enrol(grant(mount), request, Thread::kReactor, "r").value().has_value());
  CHECK(mount.enrolment->enrol(grant(mount), request, Thread::kCpuLane, "r").value().has_value());

  std::get<ServerKey>(request.key).type = "ec";
  auto warned = mount.enrolment->enrol(grant(mount), request, Thread::kCpuLane, "r").value();
  CHECK(warned->warnings ==
        std::vector<std::string>{
            "parameters key_type and key_bits ignored as role had specific values"});
}

TEST_CASE("a request whose signature is slow to verify needs the lane") {
  TestMount mount;
  mount.add_role("web", [](policy::Role& role) { role.key_type = policy::RoleKeyType::kAny; });
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kSlhDsaSha2128f, 0}).value();
  const std::string csr = TestMount::make_csr("www.example.com", key);
  const auto request = for_name("", ClientKey{csr});
  CHECK_FALSE(
      mount.enrolment->enrol(grant(mount), request, Thread::kReactor, "r").value().has_value());
  CHECK(mount.enrolment->enrol(grant(mount), request, Thread::kCpuLane, "r").value().has_value());

  // A spoiled signature is not even looked at on a reactor, and refused on the lane.
  Bytes der = to_bytes(x509::CertificationRequest::from_pem(csr).value().der());
  der.back() ^= 1;
  const auto spoiled = for_name("", ClientKey{asn1::pem("CERTIFICATE REQUEST", der)});
  CHECK_FALSE(
      mount.enrolment->enrol(grant(mount), spoiled, Thread::kReactor, "r").value().has_value());
  CHECK(refusal(mount, spoiled).detail == "request signature invalid");
}

TEST_CASE("a slow issuing key needs the lane") {
  TestMount mount({crypto::KeyAlgorithm::kRsa, 2048});
  mount.add_role("web");
  const auto request = for_name("www.example.com", ServerKey{});
  const bool slow = (*mount.service->authority(mount.scope, "default"))->slow();
  const auto outcome = mount.enrolment->enrol(grant(mount), request, Thread::kReactor, "r").value();
  CHECK(outcome.has_value() == !slow);
  CHECK(mount.enrolment->enrol(grant(mount), request, Thread::kCpuLane, "r").value().has_value());
}

TEST_CASE("what cannot be enrolled says why") {
  TestMount mount;
  mount.add_role("web");
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();

  auto unknown = for_name("a.example.com", ServerKey{});
  unknown.role = "nobody";
  Error error = refusal(mount, unknown);
  CHECK(error.code == Code::kInvalidArgument);
  CHECK(error.detail == "unknown role: nobody");

  CHECK(refusal(mount, for_name("", ClientKey{""})).detail == "\"csr\" is empty");
  CHECK(refusal(mount, for_name("", ClientKey{"x"})).detail == "csr contains no data");

  std::string csr = TestMount::make_csr("a.example.com", key);
  const auto parsed = x509::CertificationRequest::from_pem(csr).value();
  Bytes der = to_bytes(parsed.der());
  der[der.size() - 3] ^= 1;
  error = refusal(mount, for_name("", ClientKey{asn1::pem("CERTIFICATE REQUEST", der)}));
  CHECK(error.detail == "request signature invalid");
  CHECK(where(error, "field") == "csr");
  CHECK(where(error, "rule") == "proof_of_possession");

  der.pop_back();
  error = refusal(mount, for_name("", ClientKey{asn1::pem("CERTIFICATE REQUEST", der)}));
  CHECK(error.code == Code::kMalformed);
  CHECK(error.detail.starts_with("certificate request could not be parsed: "));

  mount.add_role("web", [](policy::Role& role) { role.issuer_ref = "root"; });
  error = refusal(mount, for_name("a.example.com", ServerKey{}));
  CHECK(error.code == Code::kInvalidArgument);
  CHECK(where(error, "field") == "issuer_ref");
  mount.add_role("web", [](policy::Role& role) { role.issuer_ref = "nobody"; });
  CHECK(
      refusal(mount, for_name("a.example.com", ServerKey{})).detail ==
      "could not fetch the CA certificate (was one set?): unable to find PKI issuer for reference: "
      "nobody");
}

}  // namespace
}  // namespace chancery::enrol
