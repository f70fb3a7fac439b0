#include "server/initialise.h"

#include "access/principal.h"
#include "access/tokens.h"
#include "base/uuid.h"
#include "os/file.h"
#include "policy/evaluate.h"
#include "server/node.h"
#include "x509/oids.h"

namespace chancery::server {
namespace {

// The root's CRL changes when an authority below it is revoked, which is rare, and making one means
// fetching the root from its safe: a year.
constexpr seconds kRootCrlValidity{366LL * 86'400};

Result<x509::Name> ca_name(const std::string& organization, std::string_view common_name) {
  x509::NameBuilder builder;
  TRY(builder.add(x509::oids::kOrganization, organization));
  TRY(builder.add(x509::oids::kCommonName, common_name));
  return builder.build();
}

std::string url(const InitRequest& request, std::string_view path) {
  return request.base_url + std::string(path);
}

// commit waits until a write set is durable; init runs no reactor that this could block.
Result<Receipt> commit(Node& node, record::WriteSet writes) {
  return node.store().committer().submit(std::move(writes)).wait(OnLane::outside_server());
}

template <class T>
Result<T> commit(Node& node, ca::Staged<T> staged) {
  const Receipt receipt =
      TRY(staged.submit(node.store().committer()).wait(OnLane::outside_server()));
  return staged.release(receipt);
}

// Makes the offline root: its directory, key, certificate.
Result<ca::Issued> make_root(Node& node, const InitRequest& request, const Clock& clock,
                             Random& random) {
  const auto signer = TRY(node.keys().generate(request.root_key));
  policy::CaRequest ca{"root-ca",
                       TRY(ca_name(request.organization, request.organization + " Root CA")),
                       signer->public_key(),
                       request.root_lifetime,
                       std::nullopt,
                       std::nullopt};
  auto authorization =
      TRY(policy::authorize_ca(access::local_operator(pki_scope()), ca, nullptr, clock.now()));
  ca::AuthorityRecord record;
  record.id = make_uuid(random);
  record.name = "root";
  record.crl_validity = kRootCrlValidity;
  record.urls.issuing_certificates = {url(request, "/v1/pki/issuer/root/der")};
  record.urls.crl_distribution_points = {url(request, "/v1/pki/issuer/root/crl/der")};
  auto staged = TRY(node.ca().create_root(std::move(authorization), signer, std::move(record)));
  return commit(node, std::move(staged));
}

// Has the root certify a new key of the server's key store.
Result<ca::Issued> make_issuing(Node& root, Node& server, const ca::Issued& root_ca,
                                const InitRequest& request, const Clock& clock,
                                std::string& key_id) {
  const auto signer = TRY(server.keys().generate(request.issuing_key));
  key_id = std::string(signer->key_id());
  const policy::CaRequest ca{
      "issuing-ca",
      TRY(ca_name(request.organization, request.organization + " Issuing CA")),
      signer->public_key(),
      request.issuing_lifetime,
      0,
      std::nullopt};
  const policy::IssuerFacts issuer = root_ca.authority->facts({});
  auto authorization =
      TRY(policy::authorize_ca(access::local_operator(pki_scope()), ca, &issuer, clock.now()));
  auto staged = TRY(root.ca().issue(std::move(authorization), root_ca.authority, {}));
  return commit(root, std::move(staged));
}

// Writes what the server needs to know of the hierarchy: its own authority, and the root without
// its key.
Result<void> install_authorities(Node& root, Node& server, const ca::Issued& root_ca,
                                 const ca::Issued& issuing, const InitRequest& request,
                                 std::string key_id, Random& random) {
  ca::AuthorityRecord record;
  record.id = make_uuid(random);
  record.name = "issuing";
  record.is_default = true;
  record.key_id = std::move(key_id);
  record.certificate = to_bytes(issuing.certificate.der());
  record.chain = {to_bytes(root_ca.certificate.der())};
  record.urls = {
      {url(request, "/v1/pki/ca")}, {url(request, "/v1/pki/crl")}, {url(request, "/v1/pki/ocsp")}};
  auto added =
      TRY(server.ca().add_authority(access::local_operator(pki_scope()), std::move(record)));
  TRY(commit(server, std::move(added)));

  ca::AuthorityRecord offline = root_ca.authority->record();
  offline.key_id.clear();
  offline.is_default = false;
  offline.usage = ca::Usage{};  // its key is elsewhere
  auto added_root =
      TRY(server.ca().add_authority(access::local_operator(pki_scope()), std::move(offline)));
  TRY(commit(server, std::move(added_root)));

  const OnLane outside = OnLane::outside_server();
  const auto crl = TRY(root.ca().crl(root_ca.authority, &outside));
  const auto root_here = TRY(server.ca().authority(pki_scope(), "root"));
  auto imported =
      TRY(server.ca().import_crl(access::local_operator(pki_scope()), *root_here, *crl));
  TRY(commit(server, std::move(imported)));
  return {};
}

Result<void> install_root_token(Node& server, const std::string& path, const Clock& clock,
                                Random& random) {
  access::NewToken made = access::make_root_token(clock.now(), random);
  record::WriteSet writes;
  writes.require_absent(made.key);
  access::add_token(writes, made);
  writes.append({record::EventKind::kTokenCreated,
                 made.token.created,
                 {},
                 "operator",
                 {},
                 made.token.accessor,
                 {{"display_name", made.token.display_name}, {"policies", "root"}},
                 {}});
  TRY(commit(server, std::move(writes)));
  made.secret += '\n';
  auto written = os::create_file(path, as_bytes(made.secret), os::kPrivateFile);
  wipe(made.secret);
  return written;
}

}  // namespace

Result<InitResult> initialise(const InitRequest& request, const Clock& clock, Random& random,
                              Log& log) {
  TRY(os::make_directory(request.directory));
  if (!os::is_empty_directory(request.directory)) {
    const bool finished = os::exists(request.directory + "/chancery.yaml");
    return std::unexpected(Error{
        Code::kAlreadyExists,
        finished ? "a PKI exists there already"
                 : "the directory is not empty; if an init was interrupted, remove it first",
        {},
        {}}.with("directory", request.directory));
  }
  const std::string root_directory = request.directory + "/offline-root";
  const std::string server_directory = request.directory + "/server";
  const Node::Options root_options{root_directory, "sqlite", request.root_passphrase.view()};
  const Node::Options server_options{server_directory, request.config.store,
                                     request.passphrase.view()};
  TRY(Node::create(root_options, random));
  TRY(Node::create(server_options, random));
  auto root = TRY(Node::open(root_options, clock, random, log));
  auto server = TRY(Node::open(server_options, clock, random, log));

  const auto root_ca = TRY(make_root(*root, request, clock, random));
  std::string key_id;
  const auto issuing = TRY(make_issuing(*root, *server, root_ca, request, clock, key_id));
  TRY(install_authorities(*root, *server, root_ca, issuing, request, std::move(key_id), random));
  TRY(install_root_token(*server, request.directory + "/root-token", clock, random));

  const std::string root_pem = root_ca.certificate.to_pem();
  TRY(os::create_file(root_directory + "/root-ca.pem", as_bytes(root_pem), os::kPublicFile));
  TRY(os::create_file(request.directory + "/root-ca.pem", as_bytes(root_pem), os::kPublicFile));
  TRY(os::create_file(request.directory + "/chancery.yaml", as_bytes(to_yaml(request.config)),
                      os::kPublicFile));
  return InitResult{root_ca.certificate.subject().to_string(),
                    issuing.certificate.subject().to_string(), root_ca.certificate.not_after(),
                    issuing.certificate.not_after(),
                    hex(root_ca.certificate.fingerprint_sha256(), ':')};
}

}  // namespace chancery::server
