#include <sys/wait.h>

#include <algorithm>

#include <boost/json.hpp>
#include <cstdlib>

#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/renewal_due.h"
#include "cli/renewal_files.h"
#include "cli/report.h"
#include "cli/request_maker.h"
#include "cli/tool_verbs.h"
#include "os/file.h"
#include "x509/certificate.h"
#include "x509/oids.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFile = 1024 * 1024;

Result<x509::Certificate> read_certificate(const std::string& file) {
  const Bytes pem = TRY(os::read_file(file, kMaxFile));
  auto all = x509::Certificate::all_from_pem(as_text(pem));
  if (!all) return std::unexpected(std::move(all).error().with("file", file));
  return all->front();
}

Result<crypto::PrivateKey> read_key(const std::string& file) {
  const SecretBytes pem = TRY(os::read_secret_file(file, kMaxFile));
  auto key = crypto::PrivateKey::from_pem(as_text(pem.view()));
  if (!key) return std::unexpected(std::move(key).error().with("file", file));
  return key;
}

Result<std::string> role_of(const RenewOptions& options, const AdminClient& client,
                            const x509::Certificate& certificate) {
  if (!options.role.empty()) return options.role;
  const auto stored = TRY(client.get("/certificates/" + hex(certificate.fingerprint_sha256())));
  std::string role = text_of(stored, "role");
  if (role.empty())
    return fail(Code::kInvalidArgument,
                "the server knows no role for this certificate; use --role");
  return role;
}

// What the old certificate names, the new one must name too: a role may have changed in between.
Result<void> check_names(const x509::Certificate& before, const x509::Certificate& after) {
  for (const x509::GeneralName& name : before.subject_alt_names()) {
    if (std::ranges::find(after.subject_alt_names(), name) == after.subject_alt_names().end()) {
      return fail(Code::kRefused, "the new certificate lacks the name " + name.to_string() +
                                      "; the files were left as they are");
    }
  }
  return {};
}

struct Renewed {
  json::object answer;
  std::string pem;
  SecretBytes key_pem;  // empty: the key stays
};

Result<Renewed> renew(const RenewOptions& options, const Common& common,
                      const x509::Certificate& before) {
  const auto client = TRY(AdminClient::open(common.connection));
  auto key = TRY(read_key(options.key));
  if (!equal(before.spki(), key.public_key().spki()))
    return fail(Code::kInvalidArgument, "the key is not the certificate's");
  Renewed renewed;
  if (options.new_key) {
    key = TRY(crypto::PrivateKey::generate(key.type()));
    renewed.key_pem = TRY(private_key_pem(key));
  }
  std::vector<std::string> names;
  for (const auto& name : before.subject_alt_names()) names.push_back(name.to_string());
  const std::string common_name =
      before.subject().first(x509::oids::kCommonName).value_or(std::string());
  json::object body{{"role", TRY(role_of(options, client, before))},
                    {"csr", TRY(make_request(key, common_name, names))},
                    {"names", plain_names(before.subject_alt_names())}};
  if (!common_name.empty()) body["common_name"] = common_name;
  if (!options.ttl.empty()) body["ttl"] = options.ttl;
  renewed.answer = TRY(client.post("/certificates", body));
  renewed.pem = certificate_pem(renewed.answer, true);
  const auto chain = TRY(x509::Certificate::all_from_pem(renewed.pem));
  TRY(check_names(before, chain.front()));
  return renewed;
}

// Runs what the person asked for, with the names of the files in its environment.
Result<void> run_hook(const RenewOptions& options) {
  if (options.exec.empty()) return {};
  ::setenv("CHANCERY_CERT", options.certificate.c_str(), 1);
  ::setenv("CHANCERY_KEY", options.key.c_str(), 1);
  const int status = std::system(options.exec.c_str());
  if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return std::unexpected(
      Error{Code::kInternal, "the certificate was renewed, but the command after it failed", {}, {}}
          .with("command", options.exec)
          .with("status", std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1)));
}

void tell(const RenewOptions& options, const Common& common, const json::object& value,
          const std::string& text) {
  if (common.format == Format::kText) {
    print(text + "\n  certificate  " + options.certificate + "\n");
  } else {
    print_value(value, common.format);
  }
}

Result<Exit> run(const RenewOptions& options, const Common& common) {
  const RenewalFiles files(options.certificate, options.key);
  if (TRY(files.finish_interrupted())) {
    warn("put the certificate of an interrupted renewal in place");
    TRY(run_hook(options));
  }
  const auto before = TRY(read_certificate(options.certificate));
  const TimePoint due = TRY(renewal_time(before.not_before(), before.not_after(), options.due));
  if (!options.force && SystemClock().now() < due) {
    tell(options, common, {{"renewed", false}, {"due", rfc3339(due)}},
         "Not due until " + rfc3339(due));
    return Exit::kNotDue;
  }
  Renewed renewed = TRY(renew(options, common, before));
  warn_of(renewed.answer);
  TRY(files.install(as_bytes(renewed.pem), renewed.key_pem));
  TRY(run_hook(options));
  renewed.answer["renewed"] = true;
  tell(options, common, renewed.answer,
       "Renewed as " + text_of(renewed.answer, "serial_number") + ", valid until " +
           text_of(renewed.answer, "not_after"));
  return Exit::kOk;
}

}  // namespace

Exit cert_renew(const RenewOptions& options, const Common& common) {
  const auto exit = run(options, common);
  return exit ? *exit : fail_with(exit.error());
}

}  // namespace chancery::cli
