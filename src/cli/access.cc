#include <boost/json.hpp>

#include "cli/access_verbs.h"
#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/report.h"
#include "cli/standard_input.h"
#include "cli/terminal.h"
#include "os/file.h"

// Policies, tokens, and roles of authentication methods.
namespace chancery::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFile = std::size_t{1024} * 1024;

std::string shown(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

// tell prints an answer, a member a line.
Exit tell(const Result<json::object>& answer, const Common& common) {
  if (!answer) return fail_with(answer.error());
  warn_of(*answer);
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  for (const auto& member : *answer) {
    if (member.key() != "warnings")
      print(std::string(member.key()) + ": " + shown(member.value()) + "\n");
  }
  return Exit::kOk;
}

// tell_names prints a list of names, a name a line.
Exit tell_names(const Result<json::array>& names, const Common& common) {
  if (!names) return fail_with(names.error());
  if (common.format != Format::kText) {
    print_value(*names, common.format);
    return Exit::kOk;
  }
  for (const json::value& name : *names) print(shown(name) + "\n");
  return Exit::kOk;
}

Exit tell_gone(const Result<void>& done, const std::string& what) {
  if (!done) return fail_with(done.error());
  print(what + "\n");
  return Exit::kOk;
}

Result<json::object> get(const Common& common, const std::string& path) {
  return TRY(AdminClient::open(common.connection)).get(path);
}
Result<json::object> post(const Common& common, const std::string& path, const json::object& body) {
  return TRY(AdminClient::open(common.connection)).post(path, body);
}
Result<void> remove(const Common& common, const std::string& path) {
  return TRY(AdminClient::open(common.connection)).remove(path);
}

// all gets every page of a list.
Result<json::array> all(const Common& common, const std::string& path, std::string_view member) {
  const auto client = TRY(AdminClient::open(common.connection));
  json::array names;
  std::string after;
  do {
    const char mark = path.contains('?') ? '&' : '?';
    const std::string page = path + mark + "limit=1000&after=" + encode_query(after);
    const json::object answer = TRY(client.get(page));
    const json::array& more = answer.at(member).as_array();
    names.insert(names.end(), more.begin(), more.end());
    after = text_of(answer, "next");
  } while (!after.empty());
  return names;
}

struct Pair {
  std::string name;
  std::string value;
};

Result<Pair> parse_pair(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return fail(Code::kInvalidArgument, "write name=value, not \"" + text + "\"");
  return Pair{text.substr(0, equals), text.substr(equals + 1)};
}

Result<json::object> metadata_of(const AccessOptions& options) {
  json::object metadata;
  for (const std::string& one : options.metadata) {
    const Pair pair = TRY(parse_pair(one));
    metadata[pair.name] = pair.value;
  }
  return metadata;
}

std::string policy_path(const AccessOptions& options) {
  return "/policies/" + encode_query(options.name);
}
std::string role_path(const AccessOptions& options) {
  return "/auth-roles/" + encode_query(options.name);
}
std::string method_query(const AccessOptions& options) {
  return "?method=" + encode_query(options.method);
}

Result<json::object> put_policy(const AccessOptions& options, const Common& common) {
  const SecretBytes text = TRY(options.file == "-" ? read_standard_input(kMaxFile)
                                                   : os::read_secret_file(options.file, kMaxFile));
  const auto client = TRY(AdminClient::open(common.connection));
  return client.put(policy_path(options), {{"policy", std::string(as_text(text.view()))}});
}

Result<json::object> make_token(const AccessOptions& options, const Common& common) {
  json::object body{{"orphan", options.orphan}, {"renewable", !options.not_renewable}};
  if (!options.policies.empty()) body["policies"] = json::value_from(options.policies);
  if (!options.display_name.empty()) body["display_name"] = options.display_name;
  if (!options.metadata.empty()) body["metadata"] = TRY(metadata_of(options));
  if (!options.ttl.empty()) body["ttl"] = options.ttl;
  if (!options.max_ttl.empty()) body["explicit_max_ttl"] = options.max_ttl;
  if (!options.period.empty()) body["period"] = options.period;
  if (options.uses != 0) body["num_uses"] = options.uses;
  return post(common, "/tokens", body);
}

Result<json::object> put_role(const AccessOptions& options, const Common& common) {
  json::object body{{"method", options.method}};
  for (const std::string& one : options.fields) {
    Pair pair = TRY(parse_pair(one));
    if (pair.name == "password") {
      return fail(Code::kInvalidArgument,
                  "others on this machine see a password on the command line: use --password or "
                  "--password-file");
    }
    if (pair.value.starts_with('@')) {
      const Bytes text = TRY(os::read_file(pair.value.substr(1), kMaxFile));
      pair.value = as_text(text);
    }
    body[pair.name] = pair.value;
  }
  if (options.password || !options.password_file.empty()) {
    const SecretBytes password = TRY(read_password(options.password_file, "Password: "));
    body["password"] = as_text(password.view());
  }
  return post(common, role_path(options), body);
}

Result<json::object> make_secret(const AccessOptions& options, const Common& common) {
  json::object body{{"method", options.method}};
  if (!options.metadata.empty()) body["metadata"] = TRY(metadata_of(options));
  if (!options.ttl.empty()) body["ttl"] = options.ttl;
  if (options.uses != 0) body["num_uses"] = options.uses;
  return post(common, role_path(options) + "/secret-ids", body);
}

Result<json::array> secrets(const AccessOptions& options, const Common& common) {
  const auto answer = TRY(get(common, role_path(options) + "/secret-ids" + method_query(options)));
  return answer.at("secret_ids").as_array();
}

Result<json::array> policies(const Common& common) {
  const auto answer = TRY(get(common, "/policies"));
  return answer.at("policies").as_array();
}

}  // namespace

Exit policy_list(const Common& common) { return tell_names(policies(common), common); }

Exit policy_show(const AccessOptions& options, const Common& common) {
  const auto policy = get(common, policy_path(options));
  if (!policy) return fail_with(policy.error());
  if (common.format != Format::kText) {
    print_value(*policy, common.format);
    return Exit::kOk;
  }
  const std::string text = text_of(*policy, "policy");
  print(text + (text.ends_with('\n') ? "" : "\n"));
  return Exit::kOk;
}

Exit policy_write(const AccessOptions& options, const Common& common) {
  const auto written = put_policy(options, common);
  if (!written) return fail_with(written.error());
  warn_of(*written);
  if (common.format != Format::kText) {
    print_value(*written, common.format);
  } else {
    print("Wrote " + text_of(*written, "name") + "\n");
  }
  return Exit::kOk;
}

Exit policy_delete(const AccessOptions& options, const Common& common) {
  return tell_gone(remove(common, policy_path(options)), "Deleted " + options.name);
}

Exit token_list(const Common& common) {
  return tell_names(all(common, "/tokens", "accessors"), common);
}

Exit token_create(const AccessOptions& options, const Common& common) {
  return tell(make_token(options, common), common);
}

Exit token_show(const AccessOptions& options, const Common& common) {
  return tell(post(common, "/tokens/show", {{"accessor", options.accessor}}), common);
}

Exit token_renew(const AccessOptions& options, const Common& common) {
  json::object body{{"accessor", options.accessor}};
  if (!options.increment.empty()) body["increment"] = options.increment;
  return tell(post(common, "/tokens/renew", body), common);
}

Exit token_revoke(const AccessOptions& options, const Common& common) {
  const auto done = post(common, "/tokens/revoke", {{"accessor", options.accessor}});
  if (!done) return fail_with(done.error());
  print("Revoked " + options.accessor + "\n");
  return Exit::kOk;
}

Exit auth_role_list(const AccessOptions& options, const Common& common) {
  return tell_names(all(common, "/auth-roles" + method_query(options), "roles"), common);
}

Exit auth_role_show(const AccessOptions& options, const Common& common) {
  return tell(get(common, role_path(options) + method_query(options)), common);
}

Exit auth_role_write(const AccessOptions& options, const Common& common) {
  return tell(put_role(options, common), common);
}

Exit auth_role_delete(const AccessOptions& options, const Common& common) {
  return tell_gone(remove(common, role_path(options) + method_query(options)),
                   "Deleted " + options.name);
}

Exit secret_id_list(const AccessOptions& options, const Common& common) {
  return tell_names(secrets(options, common), common);
}

Exit secret_id_create(const AccessOptions& options, const Common& common) {
  return tell(make_secret(options, common), common);
}

Exit secret_id_destroy(const AccessOptions& options, const Common& common) {
  return tell_gone(remove(common, role_path(options) + "/secret-ids/" +
                                      encode_query(options.accessor) + method_query(options)),
                   "Destroyed " + options.accessor);
}

}  // namespace chancery::cli
