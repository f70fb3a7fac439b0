#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "os/file.h"

// Intermediates, imports and the change of a root.
namespace chancery::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFile = std::size_t{1024} * 1024;
constexpr unsigned kPublicFile = 0644;

Result<std::string> text_in(const std::string& file) {
  const Bytes text = TRY(os::read_file(file, kMaxFile));
  return std::string(as_text(text));
}

json::object subject_of(const AuthorityOptions& options) {
  json::object body{{"common_name", options.common_name}};
  if (!options.organization.empty()) body["organization"] = options.organization;
  if (!options.ttl.empty()) body["ttl"] = options.ttl;
  return body;
}

// write_out puts PEM into the file that was asked for, or on standard output.
Result<void> write_out(const AuthorityOptions& options, const std::string& pem) {
  if (options.out.empty()) {
    print(pem);
    return {};
  }
  return os::create_file(options.out, as_bytes(pem), kPublicFile);
}

Result<json::object> make_request(const AuthorityOptions& options, const AdminClient& client) {
  json::object body = subject_of(options);
  if (options.key.empty()) {
    body["key_type"] = options.key_type;
  } else {
    body["key"] = options.key;
  }
  body.erase("ttl");
  return client.post("/authorities/requests", body);
}

Result<json::object> sign(const AuthorityOptions& options, const AdminClient& client,
                          const std::string& csr) {
  json::object body = subject_of(options);
  body["csr"] = csr;
  if (options.common_name.empty()) {
    body.erase("common_name");
    body["use_csr_values"] = true;
  }
  if (options.max_path_length >= 0) body["max_path_length"] = options.max_path_length;
  const std::string issuer = options.ref.empty() ? "default" : options.ref;
  return client.post("/authorities/" + encode_query(issuer) + "/sign", body);
}

// Request, certificate and import in one go, where the issuer is in the same mount.
Result<json::object> create_here(const AuthorityOptions& options, const AdminClient& client) {
  const auto requested = TRY(make_request(options, client));
  const auto signed_one = TRY(sign(options, client, text_of(requested, "csr")));
  warn_of(signed_one);
  json::object imported =
      TRY(client.post("/authorities/import", {{"pem", text_of(signed_one, "certificate")}}));
  imported["certificate"] = text_of(signed_one, "certificate");
  return imported;
}

Exit tell_import(const Result<json::object>& imported, const Common& common) {
  if (!imported) return fail_with(imported.error());
  if (common.format != Format::kText) {
    print_value(*imported, common.format);
    return Exit::kOk;
  }
  for (const auto& [member, word] :
       {std::pair("authorities", "authority "), std::pair("keys", "key       "),
        std::pair("existing_authorities", "had authority "),
        std::pair("existing_keys", "had key ")}) {
    for (const json::value& id : imported->at(member).as_array())
      print(word + std::string(id.as_string()) + "\n");
  }
  return Exit::kOk;
}

Result<json::object> import(const AuthorityOptions& options, const Common& common) {
  const std::string pem = TRY(text_in(options.file));
  return TRY(AdminClient::open(common.connection)).post("/authorities/import", {{"pem", pem}});
}

Exit tell_certificate(const AuthorityOptions& options, const Result<json::object>& issued,
                      const Common& common) {
  if (!issued) return fail_with(issued.error());
  warn_of(*issued);
  if (common.format != Format::kText) {
    print_value(*issued, common.format);
    return Exit::kOk;
  }
  const auto written = write_out(options, text_of(*issued, "certificate"));
  return written ? Exit::kOk : fail_with(written.error());
}

Result<json::object> sign_file(const AuthorityOptions& options, const Common& common) {
  const std::string csr = TRY(text_in(options.file));
  return sign(options, TRY(AdminClient::open(common.connection)), csr);
}

}  // namespace

Exit ca_create_intermediate(const AuthorityOptions& options, const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  if (!options.ref.empty()) return tell_import(create_here(options, *client), common);
  const auto requested = make_request(options, *client);
  if (!requested) return fail_with(requested.error());
  warn_of(*requested);
  if (common.format != Format::kText) {
    print_value(*requested, common.format);
    return Exit::kOk;
  }
  const auto written = write_out(options, text_of(*requested, "csr"));
  return written ? Exit::kOk : fail_with(written.error());
}

Exit ca_sign(const AuthorityOptions& options, const Common& common) {
  return tell_certificate(options, sign_file(options, common), common);
}

Exit ca_import(const AuthorityOptions& options, const Common& common) {
  return tell_import(import(options, common), common);
}

}  // namespace chancery::cli
