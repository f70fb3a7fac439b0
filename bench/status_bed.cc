#include "status_bed.h"

#include <filesystem>

#include "keys/software/seal.h"
#include "policy/evaluate.h"
#include "storage/sqlite/sqlite_store.h"
#include "x509/certificate.h"
#include "x509/ocsp.h"
#include "x509/oids.h"

namespace chancery::bench {
namespace {

constexpr crypto::KeyType kP256{crypto::KeyAlgorithm::kEcdsaP256, 0};

}  // namespace

StatusBed::StatusBed() : leaf_(need(crypto::PrivateKey::generate(kP256), "key")) {
  const std::string keys = directory_.path() + "/keys";
  const std::string store = directory_.path() + "/store";
  std::filesystem::create_directories(keys);
  std::filesystem::create_directories(store);
  need(keys::create_file_seal(keys, random_), "seal");
  keys_ = std::make_unique<keys::SoftwareKeyStore>(keys, need(keys::unseal(keys, {}), "unseal"),
                                                   random_);
  store_ = need(storage::sqlite::open(store, {}, log_), "store");
  service_ = std::make_unique<ca::Service>(
      ca::Dependencies{*store_, *keys_, clock_, random_, log_, nullptr, {}});

  const auto signer = need(keys_->generate(kP256), "generate");
  x509::NameBuilder name;
  need(name.add(x509::oids::kCommonName, "Bench Root"), "name");
  const policy::CaRequest request{
      "root-ca", name.build(), signer->public_key(), seconds{3650LL * 86'400}, {}, {}};
  auto authorization =
      need(policy::authorize_ca(grant(), request, nullptr, clock_.now()), "authorize");
  ca::AuthorityRecord record;
  record.id = "11111111-1111-4111-8111-111111111111";
  record.name = "root";
  commit(service_->create_root(std::move(authorization), signer, record), "root");
  authority_ = need(service_->authority(scope_, "default"), "authority");
}

ca::Staged<ca::Issued> StatusBed::stage() {
  policy::Role role;
  role.name = "web";
  role.allow_any_name = true;
  role.key_type = policy::RoleKeyType::kAny;
  policy::IssueRequest request;
  request.common_name = "www.example.test";
  request.ttl = seconds{86'400};
  request.generated_key = leaf_.public_key();
  auto decision =
      need(policy::evaluate(grant(), role, request, authority_->facts({}), clock_.now()), "policy");
  return need(service_->issue(std::move(decision.authorization), authority_, "bench"), "issue");
}

std::vector<Bytes> StatusBed::issue(std::size_t count, std::size_t keep) {
  std::vector<Bytes> serials;
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < count; ++i) {
    auto staged = stage();
    if (serials.size() < keep) serials.push_back(serial_of(staged));
    tickets.push_back(staged.submit(committer()));
    if (tickets.size() == kClients) wait(tickets);
  }
  wait(tickets);
  return serials;
}

Ticket StatusBed::revoke(BytesView serial) {
  auto staged =
      need(service_->revoke(grant(), serial, x509::ReasonCode::kSuperseded, "bench"), "revoke");
  return staged.submit(committer());
}

void StatusBed::wait(std::vector<Ticket>& tickets) {
  for (Ticket& ticket : tickets) need(ticket.wait(outside_), "commit");
  tickets.clear();
}

Bytes StatusBed::ocsp_request(BytesView serial, BytesView nonce) const {
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, authority_->certificate().subject(),
                           authority_->public_key(), serial);
  return x509::encode_ocsp_request(std::span(&id, 1), nonce);
}

void StatusBed::configure(const ca::StatusSettings& settings) {
  commit(service_->status_settings().put(grant(), settings, "bench"), "settings");
}

Bytes serial_of(ca::Staged<ca::Issued>& staged) {
  for (const record::LogEntry& entry : staged.writes().entries) {
    if (entry.certificate.empty()) continue;
    return to_bytes(
        need(x509::Certificate::parse(BytesView(entry.certificate)), "certificate").serial());
  }
  std::abort();
}

}  // namespace chancery::bench
