#include "acme_fill.h"

#include <chrono>
#include <functional>
#include <utility>

#include "access/grant_event.h"
#include "acme/directory.h"
#include "acme_client.h"
#include "base/text.h"
#include "issuing_bed.h"

namespace chancery::bench {
namespace {

constexpr crypto::KeyType kP256{crypto::KeyAlgorithm::kEcdsaP256, 0};
constexpr std::size_t kInFlight = 64;

// Filler writes rows into the store of a data directory that no server serves.
class Filler {
 public:
  explicit Filler(const std::string& directory) : requests_(make_requests(kP256, 4096)) {
    const server::Node::Options options{directory + "/server", "sqlite", {}};
    node_ = need(server::Node::open(options, clock_, random_, log_), "open");
    roles_ = std::make_unique<enrol::Roles>(node_->store(), policy::Limits{}, clock_);
    enrolment_ = std::make_unique<enrol::Enrolment>(node_->ca(), *roles_, clock_);
    const auto row =
        need(node_->store().state().get(acme::directory_key("bench")), "read the directory");
    directory_ = need(access::decode_row<acme::Directory>(row->value), "directory");
    scope_ = acme::LoadedDirectory::scope_of(directory_.storage);
  }

  void accounts(std::size_t count) {
    each("accounts", count, [&](std::size_t) { return account(); });
  }
  void orders(std::size_t count) {
    each("orders", count, [&](std::size_t n) { return order(n); });
  }

 private:
  // each submits `count` sets, kInFlight under way, as that many clients would.
  void each(const char* what, std::size_t count,
            const std::function<record::WriteSet(std::size_t)>& make) {
    const auto began = std::chrono::steady_clock::now();
    record::Committer& committer = node_->store().committer();
    std::vector<Ticket> tickets;
    for (std::size_t n = 0; n < count;) {
      committer.reactor_busy();
      for (; n < count && tickets.size() < kInFlight; ++n)
        tickets.push_back(committer.submit(make(n)));
      committer.reactor_idle();
      for (Ticket& ticket : tickets) (void)need(ticket.wait(outside_), "commit");
      tickets.clear();
    }
    std::printf("%zu %s in %.1f s\n", count, what,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    std::fflush(stdout);
  }

  record::Event event(record::EventKind kind, const std::string& id) const {
    return access::grant_event(access::local_operator(scope_), kind, id, "fill", clock_.now());
  }

  record::WriteSet account() {
    const auto key = need(crypto::PrivateKey::generate(kP256), "key").public_key();
    acme::Account row;
    row.created = clock_.now();
    row.spki = to_bytes(key.spki());
    row.thumbprint = thumbprint_of(jwk_of(key));
    const std::string id = acme::draw_id(random_);
    row.url = "https://localhost/acme/bench/acct/" + id;
    accounts_.push_back(id);
    record::WriteSet writes;
    writes.require_absent(acme::thumbprint_key(scope_, row.thumbprint));
    writes.require_absent(acme::account_key(scope_, id));
    writes.put(acme::thumbprint_key(scope_, row.thumbprint), to_bytes(std::string_view(id)));
    writes.put(acme::account_key(scope_, id), access::encode_row(row));
    auto made = event(record::EventKind::kAcmeAccountCreated, id);
    made.details = {{"key", row.thumbprint}};
    writes.append(made);
    return writes;
  }

  acme::Authorization authorization(const acme::Name& name) {
    acme::Authorization row;
    row.name = name;
    row.become(acme::Status::kValid);
    row.created = clock_.now();
    row.expires = row.created + directory_.reuse;
    row.profile = directory_.profiles.front().name;
    acme::Challenge challenge;
    challenge.token = acme::draw_id(random_);
    challenge.become(acme::Status::kValid);
    challenge.validated = row.created;
    challenge.attempts = 1;
    row.challenges.push_back(std::move(challenge));
    return row;
  }

  record::WriteSet order(std::size_t n) {
    const std::string& account = accounts_[n % accounts_.size()];
    const Request& request = requests_[n % requests_.size()];
    acme::Name name;
    name.value = "host-" + std::to_string(n % requests_.size()) + ".example.test";
    const std::string authorization_id = account + "/" + acme::draw_id(random_);
    const std::string id = account + "/" + acme::draw_id(random_);
    acme::Order row;
    row.become(acme::Status::kValid);
    row.created = clock_.now();
    row.expires = row.created + directory_.order_lifetime;
    row.names = {name};
    row.authorizations = {authorization_id};
    row.profile = directory_.profiles.front().name;

    enrol::EnrolRequest asked;
    asked.role = "web";
    asked.key = enrol::ClientKey{request.pem};
    auto enrolled = need(enrolment_->enrol(access::local_operator(server::pki_scope()), asked,
                                           enrol::Thread::kCpuLane, "fill"),
                         "enrol");
    enrolled->issued.extend([&](const ca::Issued& issued, record::WriteSet& writes) {
      row.serial = hex(issued.certificate.serial());
      row.certificate_ends = issued.certificate.not_after();
      const acme::OwnCertificate own{account, id, {}, issued.certificate.not_after()};
      writes.put(acme::certificate_key(scope_, row.serial), access::encode_row(own));
      writes.put(acme::authorization_key(scope_, authorization_id),
                 access::encode_row(authorization(name)));
      writes.put(acme::latest_key(scope_, account, name),
                 to_bytes(std::string_view(authorization_id)));
      writes.require_absent(acme::order_key(scope_, id));
      writes.put(acme::order_key(scope_, id), access::encode_row(row));
      auto created = event(record::EventKind::kAcmeOrderCreated, id);
      created.details = {{"names", name.text()}, {"profile", row.profile}};
      writes.append(created);
      auto validated = event(record::EventKind::kAcmeValidated, authorization_id);
      validated.details = {{"method", "http-01"}, {"name", name.text()}};
      writes.append(validated);
    });
    return std::move(enrolled->issued.writes());
  }

  const OnLane outside_ = OnLane::outside_server();
  SystemClock clock_;
  crypto::SystemRandom random_;
  NullLog log_;
  const std::vector<Request> requests_;
  std::unique_ptr<server::Node> node_;
  std::unique_ptr<enrol::Roles> roles_;
  std::unique_ptr<enrol::Enrolment> enrolment_;
  acme::Directory directory_;
  record::Scope scope_;
  std::vector<std::string> accounts_;
};

}  // namespace

void make_directory(const Server& server) {
  server.call("POST", "/v1/pki/roles/web",
              R"({"allow_any_name":true,"key_type":"any","require_cn":false,"ttl":"720h"})");
  server.call("PUT", "/api/v1/acme-directories/bench",
              R"({"profiles":{"standard":"role/web"},"challenges":["http-01"],)"
              R"("orders_per_account":0,"orders_per_name":0,"failures_per_name":0,)"
              R"("accounts_per_address":0})");
}

void fill_store(const std::string& program, const std::string& directory, std::size_t accounts,
                std::size_t orders) {
  init_server(program, directory, kP256);
  {
    const Server server(program, directory);
    make_directory(server);
  }
  Filler filler(directory);
  filler.accounts(accounts);
  filler.orders(accounts == 0 ? 0 : orders);
}

}  // namespace chancery::bench
