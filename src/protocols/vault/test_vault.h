#pragma once

#include "enrol/test_mount.h"
#include "protocols/json/test_client.h"
#include "protocols/vault/vault_api.h"

namespace chancery::vault {

// TestVault is the Vault API over a whole mount, with a client that has the root token.
struct TestVault {
  explicit TestVault(Surface surface = Surface::kFull,
                     crypto::KeyType type = {crypto::KeyAlgorithm::kEcdsaP256, 0},
                     enrol::TestMount::Distance distance = enrol::TestMount::Distance::kLocal)
      : mount(type, distance),
        api({*mount.service, *mount.enrolment, *mount.policies, *mount.tokens, mount.clock,
             mount.log, *mount.methods},
            options(surface)),
        client(api, "/v1/") {
    client.token = mount.token;
    for (const char* method : {"approle", "userpass", "cert"}) {
      access::Mount wanted;
      wanted.kind = access::MountKind::kAuth;
      wanted.path = method;
      wanted.type = method;
      mount.commit(
          mount.methods->mounts.create(access::local_operator({}), std::move(wanted), "req-enable")
              .value());
    }
  }

  // anonymous sends a request without a token.
  json::Answer anonymous(std::string_view method, std::string_view path,
                         std::string_view body = {}) {
    const std::string token = std::exchange(client.token, {});
    json::Answer answer = client.send(method, path, body);
    client.token = token;
    return answer;
  }

  enrol::TestMount mount;
  VaultApi api;
  json::TestClient client;

 private:
  static VaultOptions options(Surface surface) {
    VaultOptions options;
    options.cluster_id = "33333333-3333-4333-8333-333333333333";
    options.max_body = 64 * 1024;
    options.surface = surface;
    return options;
  }
};

}  // namespace chancery::vault
