#include "server/registry.h"

#include "keys/software/seal.h"
#include "keys/software/software_key_store.h"
#include "protocols/acme/acme_api.h"
#include "protocols/admin/admin_api.h"
#include "protocols/status/status_api.h"
#include "protocols/vault/vault_api.h"
#include "server/node.h"
#include "storage/memory/memory_store.h"
#include "storage/sqlite/sqlite_store.h"

namespace chancery::server {

Result<std::unique_ptr<storage::ManagedStore>> open_store(const std::string& kind,
                                                          const std::string& directory, Log& log) {
  if (kind == "sqlite") return storage::sqlite::open(directory, {}, log);
  if (kind == "memory") return storage::memory::make_store(log);
  return std::unexpected(
      Error{Code::kInvalidArgument, "unknown kind of store", {}, {}}.with("store", kind));
}

Result<std::unique_ptr<storage::Loader>> make_store_loader(const std::string& kind,
                                                           const std::string& directory) {
  if (kind == "sqlite") return storage::sqlite::make_loader(directory);
  return std::unexpected(
      Error{Code::kUnsupported, "this kind of store cannot be restored", {}, {}}.with("store",
                                                                                      kind));
}

Result<std::unique_ptr<keys::KeyStore>> open_key_store(const std::string& directory,
                                                       BytesView passphrase, Random& random) {
  SecretBytes root_key = TRY(keys::unseal(directory, passphrase));
  return std::make_unique<keys::SoftwareKeyStore>(directory, std::move(root_key), random);
}

namespace {

std::unique_ptr<http::Application> make_admin(const ProtocolDependencies& d) {
  admin::AdminOptions options;
  options.scope = pki_scope();
  options.version = d.version;
  options.key_protection = d.key_protection;
  options.store_status = [&store = d.store] {
    const storage::StoreHealth health = store.health();
    admin::StoreStatus status;
    if (health.out_of_service) status.state = "out_of_service";
    if (!health.out_of_service && health.storage_full) status.state = "full";
    status.reason = health.reason;
    status.events = health.log_rows;
    status.index_lag = health.index_lag;
    return status;
  };
  options.backup = [&store = d.store, files = d.files, &clock = d.clock, &random = d.random](
                       const admin::BackupWish& wish, const OnLane& on_lane) {
    return begin_backup(store, files, clock, random, wish, on_lane);
  };
  options.reload = d.reload;
  return std::make_unique<admin::AdminApi>(
      admin::Dependencies{d.ca, d.enrolment, d.tokens, d.clock, d.log, d.methods, d.policies,
                          &d.acme},
      std::move(options));
}

std::unique_ptr<http::Application> make_status(const ProtocolDependencies& d) {
  const access::Mounts& mounts = d.methods.mounts;
  ca::MountTable table{[&mounts] { return pki_scopes(mounts); },
                       [&mounts](const record::Scope& scope) {
                         const auto mount = mounts.by_storage(scope.mount);
                         return mount != nullptr && mount->type == "pki";
                       }};
  return std::make_unique<status::StatusApi>(
      status::Dependencies{d.ca, std::move(table), d.clock, d.log});
}

}  // namespace

std::vector<record::Scope> pki_scopes(const access::Mounts& mounts) {
  std::vector<record::Scope> scopes;
  for (const auto& mount : mounts.list(access::MountKind::kSecret)) {
    if (mount->type == "pki") scopes.push_back(mount->scope());
  }
  return scopes;
}

std::vector<Mounted> make_protocols(const ProtocolDependencies& d) {
  const vault::Dependencies vault_use{d.ca,    d.enrolment, d.policies, d.tokens,
                                      d.clock, d.log,       d.methods};
  vault::VaultOptions vault;
  vault.cluster_name = d.cluster_name;
  vault.cluster_id = d.cluster_id;
  vault::VaultOptions vault_public = vault;
  vault_public.surface = vault::Surface::kPublicOnly;

  std::vector<Mounted> mounted;
  mounted.push_back({"/v1", std::make_unique<vault::VaultApi>(vault_use, vault), Listener::kHttps});
  mounted.push_back(
      {"/v1", std::make_unique<vault::VaultApi>(vault_use, vault_public), Listener::kHttp});
  mounted.push_back({"/api/v1", make_admin(d), Listener::kHttps});
  mounted.push_back({"/acme", std::make_unique<acme::AcmeApi>(d.acme), Listener::kHttps});
  for (const auto listener : {Listener::kHttps, Listener::kHttp}) {
    mounted.push_back({"/ocsp", make_status(d), listener});
    mounted.push_back({"/crl", make_status(d), listener});
  }
  return mounted;
}

}  // namespace chancery::server
