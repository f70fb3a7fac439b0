#pragma once

#include <utility>

#include "access/methods.h"
#include "access/tokens.h"
#include "base/test_directory.h"
#include "ca/test_authority.h"
#include "enrol/enrolment.h"
#include "enrol/mount_limits.h"
#include "enrol/test_remote_store.h"
#include "x509/certificate_builder.h"
#include "x509/csr.h"

namespace chancery::enrol {

// TestMount is a whole "pki/" mount on a memory store: an offline root without key but with its
// CRL, an issuing authority with key, roles, enrolment and a root token.
class TestMount {
 public:
  enum class Distance : std::uint8_t { kLocal, kRemote };
  explicit TestMount(crypto::KeyType type = {crypto::KeyAlgorithm::kEcdsaP256, 0},
                     Distance distance = Distance::kLocal) {
    REQUIRE(keys::create_file_seal(directory.path(), random).has_value());
    keys = std::make_unique<keys::SoftwareKeyStore>(
        directory.path(), keys::unseal(directory.path(), {}).value(), random);
    auto made = storage::memory::make_store(log);
    managed = made.get();
    store = std::move(made);
    if (distance == Distance::kRemote) {
      auto far = std::make_unique<RemoteStore>(std::move(store));
      remote = far.get();
      store = std::move(far);
    }
    service = std::make_unique<ca::Service>(ca::Dependencies{*store, *keys, clock, random, log});
    roles = std::make_unique<Roles>(*store, policy::Limits{}, clock);
    enrolment = std::make_unique<Enrolment>(*service, *roles, clock);
    policies = std::make_unique<access::Policies>(*store, clock);
    tokens = std::make_unique<access::Tokens>(*store, *policies, clock, random);
    methods = std::make_unique<access::Methods>(*store, *tokens, clock, random);
    REQUIRE(methods->mounts.open(outside).has_value());
    roles->use_limits(limits_of(methods->mounts));
    add_authorities(type);
    add_token();
  }

  // What observes commits goes before the store.
  ~TestMount() { managed->stop(); }
  TestMount(const TestMount&) = delete;
  TestMount& operator=(const TestMount&) = delete;

  template <class T>
  T commit(ca::Staged<T> staged) {
    return staged.release(staged.submit(store->committer()).wait(outside).value());
  }

  // add_role stores a role that allows any name, after `change`.
  template <class Change>
  void add_role(const std::string& name, Change change) {
    policy::Role role;
    role.name = name;
    role.allow_any_name = true;
    role.key_type = policy::RoleKeyType::kEc;
    role.key_bits = 0;
    change(role);
    commit(roles->put(access::local_operator(scope), std::move(role), "req-role").value());
  }
  void add_role(const std::string& name) {
    add_role(name, [](policy::Role&) {});
  }

  // make_csr writes a request for `common_name`, signed by `key`.
  [[nodiscard]] static std::string make_csr(const std::string& common_name,
                                            const crypto::PrivateKey& key);

  const record::Scope scope{"root", "pki/"};
  const OnLane outside = OnLane::outside_server();
  TestDirectory directory;
  ca::TestAuthority root;
  FakeClock& clock = root.clock;
  FakeRandom random{7};
  NullLog log;
  std::unique_ptr<keys::SoftwareKeyStore> keys;
  std::unique_ptr<record::Store> store;
  storage::ManagedStore* managed = nullptr;  // the store, or what the remote one is made of
  RemoteStore* remote = nullptr;             // the store, where it is remote
  std::unique_ptr<ca::Service> service;
  std::unique_ptr<Roles> roles;
  std::unique_ptr<Enrolment> enrolment;
  std::unique_ptr<access::Policies> policies;
  std::unique_ptr<access::Tokens> tokens;
  std::unique_ptr<access::Methods> methods;
  std::string token;
  std::string issuing_id = "22222222-2222-4222-8222-222222222222";

 private:
  void add_authorities(crypto::KeyType type) {
    const auto signer = keys->generate(type).value();
    const auto& above = *root.authority;
    policy::CaRequest request;
    request.profile = "issuing-ca";
    request.subject = ca::TestAuthority::name("Test Issuing");
    request.public_key = signer->public_key();
    request.lifetime = seconds{5LL * 365 * 86'400};
    request.path_length = 0;
    const auto facts = above.facts({});
    auto authorization =
        policy::authorize_ca(access::local_operator(scope), request, &facts, clock.now()).value();
    const ca::Issued issued = root.commit(
        root.service->issue(std::move(authorization), root.authority, "req-ca").value());

    ca::AuthorityRecord offline = above.record();
    offline.key_id.clear();
    offline.is_default = false;
    offline.usage = ca::Usage{};
    commit(service->add_authority(access::local_operator(scope), offline).value());
    ca::AuthorityRecord issuing;
    issuing.id = issuing_id;
    issuing.name = "issuing";
    issuing.is_default = true;
    issuing.key_id = signer->key_id();
    issuing.certificate = to_bytes(issued.certificate.der());
    issuing.chain = {to_bytes(above.certificate().der())};
    issuing.urls = above.record().urls;
    commit(service->add_authority(access::local_operator(scope), issuing).value());

    const auto crl = root.service->crl(root.authority, &outside).value();
    const auto stored_root = service->authority(scope, "root").value();
    commit(service->import_crl(access::local_operator(scope), *stored_root, *crl).value());
  }

  void add_token() {
    access::NewToken made = access::make_root_token(clock.now(), random);
    token = made.secret;
    record::WriteSet writes;
    access::add_token(writes, made);
    REQUIRE(store->committer().submit(std::move(writes)).wait(outside).has_value());
  }
};

inline std::string TestMount::make_csr(const std::string& common_name,
                                       const crypto::PrivateKey& key) {
  const x509::Name subject = ca::TestAuthority::name(common_name);
  const auto name = x509::GeneralName::dns(common_name).value();
  x509::RequestFields fields;
  fields.subject = subject.der();
  fields.spki = key.public_key().spki();
  fields.subject_alt_names = {&name, 1};
  const Bytes info = x509::encode_request_info(fields).value();
  const auto scheme = crypto::default_scheme(key.type());
  const Bytes signature = key.sign(scheme, info).value();
  return x509::CertificationRequest::parse(x509::assemble(info, scheme, signature))
      .value()
      .to_pem();
}

}  // namespace chancery::enrol
