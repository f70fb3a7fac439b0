#include <boost/json.hpp>
#include <chrono>

#include "base/text.h"
#include "cli/admin_client.h"
#include "cli/checks.h"
#include "cli/issuance.h"
#include "cli/server_address.h"
#include "net/http_client.h"
#include "net/served_chain.h"
#include "os/file.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/ocsp.h"
#include "x509/oids.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
using std::chrono::days;

constexpr std::chrono::seconds kTimeout{10};
constexpr seconds kSmallSkew{5};
constexpr seconds kLargeSkew{60};
constexpr days kSoon{30};

std::string in_days(seconds span) {
  return std::to_string(std::chrono::floor<days>(span).count()) + " days";
}

// ---------------------------------------------------------------- files of the client

void check_trust_anchor(const std::string& file, TimePoint now, Checks& checks) {
  constexpr const char* kName = "trust anchor";
  constexpr const char* kMend = "export CHANCERY_CACERT=DIR/root-ca.pem   (DIR is what init made)";
  if (file.empty())
    return checks.problem(kName, "no file is named with the root certificate", kMend);
  const auto pem = os::read_file(file);
  if (!pem) return checks.problem(kName, pem.error().to_string(), kMend);
  const auto all = x509::Certificate::all_from_pem(as_text(*pem));
  if (!all) return checks.problem(kName, file + ": " + all.error().to_string(), kMend);
  const x509::Certificate& root = all->front();
  if (!root.is_ca())
    return checks.problem(kName, file + " is no CA certificate: " + root.subject().to_string(),
                          kMend);
  if (root.not_after() < now)
    return checks.problem(kName, file + " expired on " + rfc3339(root.not_after()),
                          "get the new root certificate and name it in CHANCERY_CACERT");
  checks.ok(kName, root.subject().to_string() + ", until " + rfc3339(root.not_after()));
}

void check_token_file(const Connection& connection, Checks& checks) {
  constexpr const char* kName = "token file";
  if (connection.token_file.empty()) {
    if (connection.token.empty()) {
      checks.problem(kName, "there is no token",
                     "export CHANCERY_TOKEN_FILE=DIR/root-token   (DIR is what init made)");
    } else {
      checks.ok(kName, "the token comes from CHANCERY_TOKEN");
    }
    return;
  }
  const std::string& file = connection.token_file;
  if (const auto readable = os::read_secret_file(file, 4096); !readable)
    return checks.problem(kName, readable.error().to_string(), "name an existing token file");
  if (!os::private_enough(file))
    return checks.problem(kName, file + " can be read by others", "chmod 600 " + file);
  checks.ok(kName, file);
}

// ---------------------------------------------------------------- the server

std::string mend_connection(const std::string& detail) {
  if (detail.find("certificate") != std::string::npos ||
      detail.find("alternative") != std::string::npos)
    return "name the server's root with --ca-file, and the server as its certificate does";
  return "chancery serve --config DIR/chancery.yaml, or set CHANCERY_ADDR to where it runs";
}

bool check_reachable(const Connection& connection, Checks& checks) {
  constexpr const char* kName = "server";
  net::HttpRequest request;
  request.url = connection.address + "/readyz";
  request.ca_file = connection.ca_file;
  request.connect_timeout = kTimeout;
  request.timeout = kTimeout;
  const auto answer = net::send(request, OnLane::outside_server());
  if (!answer) {
    const std::string detail = answer.error().to_string();
    checks.problem(kName, connection.address + ": " + detail, mend_connection(detail));
    return false;
  }
  if (answer->status != 200) {
    checks.problem(kName,
                   connection.address + " is not ready: " + printable(trim(answer->body), 300),
                   "look at the server's log; docs/operations/running.md says what it means");
  } else {
    checks.ok(kName, connection.address + " is ready");
  }
  return true;
}

void check_clock(const json::object& status, TimePoint now, Checks& checks) {
  constexpr const char* kName = "clock";
  const auto server_now = parse_rfc3339(text_of(status, "now"));
  if (!server_now) return;
  const seconds skew = now > *server_now ? now - *server_now : *server_now - now;
  const std::string text =
      "this machine and the server differ by " + std::to_string(skew.count()) + " s";
  if (skew > kLargeSkew) {
    checks.problem(kName, text, "timedatectl set-ntp true");
  } else if (skew > kSmallSkew) {
    checks.warning(kName, text, "timedatectl set-ntp true");
  } else {
    checks.ok(kName, text);
  }
}

void check_store(const json::object& status, Checks& checks) {
  const auto* store = status.if_contains("store");
  if (store == nullptr || !store->is_object()) return;
  const std::string state = text_of(store->get_object(), "state");
  const std::string reason = text_of(store->get_object(), "reason");
  if (state == "ok") {
    checks.ok("store", state);
  } else {
    checks.problem("store", reason.empty() ? state : state + ": " + reason,
                   "look at the server's disk, then start the server again");
  }
}

void check_problems(const json::object& status, Checks& checks) {
  const auto* problems = status.if_contains("problems");
  if (problems == nullptr || !problems->is_array()) return;
  for (const json::value& problem : problems->get_array()) {
    checks.problem("certificate status", std::string(problem.as_string()),
                   "chancery crl list; import the CRL of an authority whose key is kept elsewhere");
  }
}

void check_authority(const json::object& authority, TimePoint now, Checks& checks) {
  const std::string name = "authority " + text_of(authority, "name");
  const auto end = parse_rfc3339(text_of(authority, "not_after"));
  if (!end) return;
  const std::string until = "until " + rfc3339(*end);
  constexpr const char* kMend = "make a new authority in time: certificates cannot outlive it";
  if (*end < now) {
    checks.problem(name, "expired: " + until, kMend);
  } else if (*end - now < kSoon) {
    checks.warning(name, "expires in " + in_days(*end - now), kMend);
  } else {
    checks.ok(name, until);
  }
}

void check_rights(const AdminClient& client, Checks& checks) {
  std::vector<std::string> denied;
  for (const char* path : {"/authorities", "/roles?limit=1", "/certificates?limit=1"}) {
    const std::string_view shown = split(path, '?').front();
    if (const auto answer = client.get(path);
        !answer && answer.error().code == Code::kPermissionDenied)
      denied.emplace_back(shown);
  }
  if (denied.empty()) {
    checks.ok("rights", "the token may read authorities, roles and certificates");
  } else {
    checks.warning("rights", "the token may not read " + join(denied, ", "),
                   "use a token with a policy that allows it, if that is needed");
  }
}

void check_status(const Common& common, TimePoint now, Checks& checks) {
  constexpr const char* kName = "token";
  const auto client = AdminClient::open(common.connection);
  if (!client) return;  // the token file was told already
  const auto status = client->get("/status");
  if (!status) {
    const bool denied = status.error().code == Code::kPermissionDenied;
    return checks.problem(kName, status.error().to_string(),
                          denied ? "use a token that may read the status"
                                 : "name a token of this server in CHANCERY_TOKEN_FILE");
  }
  checks.ok(kName, "the server takes it");
  check_rights(*client, checks);
  check_clock(*status, now, checks);
  check_problems(*status, checks);
  check_store(*status, checks);
  if (const auto* list = status->if_contains("authorities"); list != nullptr && list->is_array()) {
    for (const auto& authority : list->get_array()) {
      if (authority.is_object()) check_authority(authority.get_object(), now, checks);
    }
  }
}

// ---------------------------------------------------------------- what certificates point to

Result<Bytes> ask_url(const std::string& url, BytesView body) {
  net::HttpRequest request;
  request.url = url;
  request.timeout = kTimeout;
  request.connect_timeout = kTimeout;
  request.max_response = 256 * std::size_t{1024} * 1024;
  if (!body.empty()) {
    request.method = "POST";
    request.headers = {{"Content-Type", "application/ocsp-request"}};
    request.body = as_text(body);
  }
  auto answer = TRY(net::send(request, OnLane::outside_server()));
  if (answer.status != 200)
    return fail(Code::kUnavailable, "status " + std::to_string(answer.status));
  return to_bytes(answer.body);
}

constexpr const char* kMendUrl =
    "make the plain HTTP listener reachable under this name (listeners.http), also for clients";

void check_crl(const std::string& url, const x509::Certificate& issuer, TimePoint now,
               Checks& checks) {
  constexpr const char* kName = "CRL";
  auto der = ask_url(url, {});
  if (!der) return checks.problem(kName, url + ": " + der.error().to_string(), kMendUrl);
  const auto crl = x509::CertificateList::parse(*std::move(der));
  if (!crl) return checks.problem(kName, url + ": " + crl.error().to_string(), kMendUrl);
  const auto key = issuer.public_key();
  if (!key || !crl->verify_signature(*key))
    return checks.problem(kName, url + ": is not signed by " + issuer.subject().to_string(),
                          kMendUrl);
  if (crl->next_update() && *crl->next_update() < now)
    return checks.problem(kName, url + ": is stale since " + rfc3339(*crl->next_update()),
                          "look why the server makes no new one; check the clocks");
  checks.ok(kName, url + ", " + std::to_string(crl->entry_count()) + " revoked");
}

Result<std::string> ask_ocsp(const std::string& url, const x509::Certificate& certificate,
                             const x509::Certificate& issuer, TimePoint now) {
  const auto key = TRY(issuer.public_key());
  const std::vector<Bytes> ids{x509::encode_cert_id(crypto::DigestAlgorithm::kSha1,
                                                    issuer.subject(), key, certificate.serial())};
  Bytes answer = TRY(ask_url(url, x509::encode_ocsp_request(ids, {})));
  const auto response = TRY(x509::OcspResponse::parse(std::move(answer)));
  if (response.status != x509::OcspStatus::kSuccessful || response.entries.empty())
    return fail(Code::kUnavailable,
                "the responder says " + std::string(x509::name(response.status)));
  const auto& entry = response.entries.front();
  if (!response.verify_signature(key))
    return fail(Code::kRefused, "the answer is not signed by " + issuer.subject().to_string());
  if (!equal(entry.id.serial, certificate.serial()) ||
      !x509::issuer_hashes(issuer.subject(), key).matches(entry.id))
    return fail(Code::kRefused, "the answer is about another certificate");
  if (entry.next_update && *entry.next_update < now)
    return fail(Code::kUnavailable, "the answer is stale since " + rfc3339(*entry.next_update));
  if (entry.status == x509::CertStatus::kRevoked)
    return fail(Code::kRefused, "the server's own certificate is revoked");
  if (entry.status == x509::CertStatus::kUnknown)
    return fail(Code::kRefused, "it does not know the server's own certificate");
  return "good, signed by " + issuer.subject().to_string();
}

void check_pointers(const x509::Certificate& certificate, const x509::Certificate& issuer,
                    TimePoint now, Checks& checks) {
  const x509::ExtensionSet& set = certificate.extensions();
  if (set.crl_distribution_points) {
    for (const auto& point : *set.crl_distribution_points) {
      for (const auto& name : point.full_name)
        check_crl(std::string(name.text()), issuer, now, checks);
    }
  }
  if (!set.authority_info_access) return;
  for (const auto& access : *set.authority_info_access) {
    if (access.method != x509::oids::kOcsp) continue;
    const std::string url(access.location.text());
    const auto answer = ask_ocsp(url, certificate, issuer, now);
    if (answer) {
      checks.ok("OCSP", url + " says " + *answer);
    } else {
      checks.problem("OCSP", url + ": " + answer.error().to_string(), kMendUrl);
    }
  }
}

void check_own_certificate(const x509::Certificate& own, TimePoint now, Checks& checks) {
  constexpr const char* kName = "server certificate";
  const std::string until = "until " + rfc3339(own.not_after());
  if (own.not_after() < now) {
    checks.problem(kName, "expired: " + until, "start the server again, and read its log");
  } else if (own.not_after() - now < (own.not_after() - own.not_before()) / 10) {
    checks.warning(kName, "nearly expired: " + until, "read the server's log: it renews it itself");
  } else {
    checks.ok(kName, until);
  }
}

void check_served(const Connection& connection, TimePoint now, Checks& checks) {
  const auto server = parse_https_url(connection.address);
  if (!server) return;
  const auto served =
      net::fetch_served_chain(server->host, server->port, kTimeout, OnLane::outside_server());
  if (!served) return;  // the connection was told already
  std::vector<x509::Certificate> chain;
  for (const Bytes& der : served->certificates) {
    auto certificate = x509::Certificate::parse(BytesView(der));
    if (!certificate)
      return checks.problem("server certificate", certificate.error().to_string(),
                            "give the server a certificate of its own authority");
    chain.push_back(*std::move(certificate));
  }
  check_own_certificate(chain.front(), now, checks);
  if (chain.size() > 1) check_pointers(chain[0], chain[1], now, checks);
}

}  // namespace

void add_client_checks(const Common& common, Checks& checks) {
  const TimePoint now = SystemClock().now();
  check_trust_anchor(common.connection.ca_file, now, checks);
  check_token_file(common.connection, checks);
  if (!check_reachable(common.connection, checks)) return;
  check_status(common, now, checks);
  check_served(common.connection, now, checks);
}

}  // namespace chancery::cli
