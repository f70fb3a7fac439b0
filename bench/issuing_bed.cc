#include "issuing_bed.h"

#include <algorithm>

#include "asn1/pem.h"
#include "os/file.h"
#include "server/initialise.h"
#include "x509/certificate_builder.h"
#include "x509/oids.h"

namespace chancery::bench {

using crypto::KeyAlgorithm;
using crypto::KeyType;

namespace {

x509::Name name_of(std::string_view common_name) {
  x509::NameBuilder builder;
  need(builder.add(x509::oids::kCommonName, common_name), "name");
  return builder.build();
}

}  // namespace

std::vector<Request> make_requests(KeyType type, std::size_t count, std::string_view host_of_all) {
  const bool cheap =
      type.algorithm == KeyAlgorithm::kEcdsaP256 || type.algorithm == KeyAlgorithm::kEd25519;
  std::vector<crypto::PrivateKey> keys;
  for (std::size_t i = 0; i < (cheap ? count : 16); ++i)
    keys.push_back(need(crypto::PrivateKey::generate(type), "key"));
  std::vector<Request> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const crypto::PrivateKey& key = keys[i % keys.size()];
    const std::string host = host_of_all.empty() ? "host-" + std::to_string(i) + ".example.test"
                                                 : std::string(host_of_all);
    const x509::Name subject = name_of(host);
    const std::vector names{need(x509::GeneralName::dns(host), "name")};
    x509::RequestFields fields;
    const BytesView der = subject.der();
    fields.subject = der;
    fields.spki = key.public_key().spki();
    fields.subject_alt_names = names;
    const Bytes info = need(x509::encode_request_info(fields), "request");
    const auto scheme = crypto::default_scheme(type);
    const Bytes signature = need(key.sign(scheme, info), "sign");
    Bytes request = x509::assemble(info, scheme, signature);
    std::string pem = asn1::pem("CERTIFICATE REQUEST", request);
    requests.push_back(
        {std::move(pem), need(x509::CertificationRequest::parse(std::move(request)), "parse")});
  }
  return requests;
}

Bed::Bed(KeyType type) : temporary_(std::in_place), directory_(temporary_->path()) { make(type); }

Bed::Bed(KeyType type, std::string directory) : directory_(std::move(directory)) {
  if (os::exists(directory_ + "/node")) {
    open();
    return;
  }
  need(os::make_directory(directory_), "directory");
  make(type);
}

void Bed::make(KeyType type) {
  need(server::Node::create({directory_ + "/node", "sqlite", {}}, random_), "create");
  open();
  fill(type);
}

void Bed::open() {
  node_ =
      need(server::Node::open({directory_ + "/node", "sqlite", {}}, clock_, random_, log_), "open");
  roles_ = std::make_unique<enrol::Roles>(node_->store(), policy::Limits{}, clock_);
  enrolment_ = std::make_unique<enrol::Enrolment>(node_->ca(), *roles_, clock_);
}

void Bed::close() {
  enrolment_.reset();
  roles_.reset();
  node_.reset();
}

void Bed::fill(KeyType type) {
  const auto signer = need(node_->keys().generate(type), "generate");
  const policy::CaRequest ca{
      "root-ca", name_of("Bench CA"), signer->public_key(), seconds{365LL * 86'400}, {}, {}};
  auto authorization = need(policy::authorize_ca(grant(), ca, nullptr, clock_.now()), "authorize");
  ca::AuthorityRecord record;
  record.id = "11111111-1111-4111-8111-111111111111";
  record.urls = {{"http://127.0.0.1/ca"}, {"http://127.0.0.1/crl"}, {"http://127.0.0.1/ocsp"}};
  auto staged = need(node_->ca().create_root(std::move(authorization), signer, record), "root");
  need(staged.submit(node_->store().committer()).wait(outside_), "commit");

  policy::Role role;
  role.name = "web";
  role.allow_any_name = true;
  role.key_type = policy::RoleKeyType::kAny;
  role.key_bits = 0;
  auto written = need(roles_->put(grant(), role, {}), "role");
  need(written.submit(node_->store().committer()).wait(outside_), "commit");
}

access::Grant Bed::grant() const { return access::local_operator(server::pki_scope()); }

ca::Staged<ca::Issued> Bed::enrol(const Request& request) {
  enrol::EnrolRequest asked;
  asked.role = "web";
  asked.key = enrol::ClientKey{request.pem};
  auto enrolled =
      need(enrolment_->enrol(grant(), asked, enrol::Thread::kCpuLane, "bench"), "enrol");
  return std::move(enrolled->issued);
}

void Bed::issue(const std::vector<Request>& requests, std::size_t first, std::size_t count,
                unsigned clients) {
  record::Committer& committer = node_->store().committer();
  for (std::size_t done = 0; done < count; done += clients) {
    std::vector<std::pair<Ticket, ca::Staged<ca::Issued>>> pending;
    committer.reactor_busy();
    for (std::size_t i = done; i < std::min<std::size_t>(count, done + clients); ++i) {
      auto issued = enrol(requests[(first + i) % requests.size()]);
      Ticket ticket = issued.submit(committer);
      pending.emplace_back(std::move(ticket), std::move(issued));
    }
    committer.reactor_idle();
    for (auto& [ticket, staged] : pending) {
      const Receipt receipt = need(ticket.wait(outside_), "commit");
      (void)staged.release(receipt);
    }
  }
}

}  // namespace chancery::bench
