#include "acme_test_server/assembly.h"

#include "access/grant_event.h"
#include "enrol/mount_limits.h"
#include "storage/memory/memory_store.h"

namespace chancery::acme_test {
namespace {

constexpr seconds kHour{3600};
constexpr seconds kLongest{25LL * 365 * 86'400};

const record::Scope& scope() {
  static const record::Scope kScope{"root", std::string(access::Mounts::kFirstStorage)};
  return kScope;
}

FaultSettings at_start(const Environment& environment) {
  FaultSettings settings;
  settings.bad_nonces = environment.bad_nonces;
  return settings;
}

// Clients reach the server by some name of its own machine.
std::string terms_url(const Config& config) {
  return "https://localhost:" + std::to_string(config.listen.port) + "/terms";
}

policy::Role role_of(const Profile& profile) {
  policy::Role role;
  role.name = profile.name;
  role.allow_any_name = true;
  role.require_cn = false;
  role.use_csr_common_name = profile.takes_common_name;
  role.key_type = policy::RoleKeyType::kAny;
  role.client_flag = false;
  role.key_usage = {"DigitalSignature"};
  role.not_before_duration = seconds{0};
  // The last second belongs to the validity (RFC 5280 section 4.1.2.5).
  role.ttl = profile.validity - seconds{1};
  role.max_ttl = kLongest;
  return role;
}

acme::Directory directory_of(const Config& config) {
  acme::Directory row;
  row.description = "for tests only";
  for (const Profile& profile : config.profiles)
    row.profiles.push_back({profile.name, "role/" + profile.name, profile.description});
  row.challenges = {"http-01", "tls-alpn-01", "dns-01", "dns-account-01", "dns-persist-01"};
  row.eab_required = config.eab_required;
  row.caa_identities = config.caa_identities;
  row.terms_of_service = terms_url(config);
  row.attempts = 1;
  row.order_lifetime = 24 * kHour;
  row.pending_lifetime = kHour;
  row.reuse = kHour;
  // Tests fail on purpose, and often.
  row.accounts_per_address = 0;
  row.orders_per_account = 0;
  row.orders_per_name = 0;
  row.failures_per_name = 0;
  row.pause_after = 0;
  return row;
}

}  // namespace

Assembly::Assembly(Use use)
    : use_(std::move(use)),
      faults_(at_start(use_.environment), use_.random),
      keys_(use_.random, [this] { pause_.wait(faults_.settings().slow_finalize); }),
      conduct_(use_.config, use_.environment, faults_, use_.clock, use_.random),
      validator_(use_.network, use_.environment, faults_, pause_, use_.random),
      store_(storage::memory::make_store(use_.log)),
      ca_(std::make_unique<ca::Service>(
          ca::Dependencies{*store_, keys_, use_.clock, use_.random, use_.log})),
      roles_(std::make_unique<enrol::Roles>(*store_, policy::Limits{}, use_.clock)),
      enrolment_(std::make_unique<enrol::Enrolment>(*ca_, *roles_, use_.clock)),
      mounts_(std::make_unique<access::Mounts>(*store_, use_.clock, use_.random)),
      acme_(std::make_unique<acme::Acme>(
          acme::Acme::Use{*store_, *ca_, *enrolment_, *mounts_, validator_, use_.background,
                          use_.clock, use_.random, use_.metrics, use_.log, conduct_})),
      api_(std::make_unique<acme::AcmeApi>(*acme_)),
      front_(std::make_unique<Front>(
          Front::Use{*api_, std::string(kDirectory), faults_, renewals_, use_.strict, use_.log})),
      management_(std::make_unique<ManagementApi>(
          ManagementApi::Use{*ca_, scope(), keys_, chains_, faults_, renewals_, use_.log})) {}

Assembly::~Assembly() {
  stop_waiting();
  store_->stop();  // what is queued is still told to the observers
}

Result<std::unique_ptr<Assembly>> Assembly::make(Use use) {
  std::unique_ptr<Assembly> assembly(new Assembly(std::move(use)));
  TRY(assembly->open());
  return assembly;
}

template <class T>
Result<T> Assembly::commit(Result<record::Staged<T>> staged) {
  if (!staged) return std::unexpected(std::move(staged).error());
  const Receipt receipt = TRY(staged->submit(store_->committer()).wait(OnLane::outside_server()));
  return staged->release(receipt);
}

Result<void> Assembly::open() {
  TRY(mounts_->open(OnLane::outside_server()));
  roles_->use_limits(enrol::limits_of(*mounts_));
  chains_ = TRY(
      make_hierarchy(*ca_, keys_, scope(), use_.config, use_.environment, use_.clock, use_.random));
  TRY(add_roles());
  TRY(add_directory());
  return add_bindings();
}

Result<void> Assembly::add_roles() {
  for (const Profile& profile : use_.config.profiles)
    TRY(commit(roles_->put(access::local_operator(scope()), role_of(profile), {})));
  return {};
}

Result<void> Assembly::add_directory() {
  TRY(commit(acme_->directories.put(access::local_operator(scope()), kDirectory,
                                    directory_of(use_.config), {}, {})));
  return {};
}

Result<void> Assembly::add_bindings() {
  const auto directory = TRY(acme_->directories.find(kDirectory));
  record::WriteSet writes;
  for (const auto& [id, key] : use_.config.eab_keys) {
    acme::Eab row;
    row.key = key;
    row.description = "of the configuration file";
    row.created = use_.clock.now();
    row.most_accounts = 0;
    const record::StateKey at = acme::eab_key(directory->scope(), id);
    writes.require_absent(at);
    writes.put(at, access::encode_row(row));
    auto event = access::grant_event(access::local_operator(scope()),
                                     record::EventKind::kAcmeEabCreated, id, {}, row.created);
    event.scope = directory->scope();
    event.details = {{"directory", directory->name}};
    writes.append(event);
  }
  if (use_.config.eab_keys.empty()) return {};
  TRY(store_->committer().submit(std::move(writes)).wait(OnLane::outside_server()));
  return {};
}

}  // namespace chancery::acme_test
