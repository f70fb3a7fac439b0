#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

bool is_true(const json::object& row, std::string_view name) {
  const json::value* value = row.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Result<json::object> get(const Common& common, const std::string& path) {
  return TRY(AdminClient::open(common.connection)).get(path);
}

// The name where there is one, else the id.
std::string called(const json::object& row) {
  const std::string name = text_of(row, "name");
  return name.empty() ? text_of(row, "id") : name;
}

void print_authority(const json::object& authority) {
  std::string line = called(authority);
  line += is_true(authority, "is_default") ? "  default" : "";
  line += is_true(authority, "has_key") ? "" : "  key elsewhere";
  print(line + "\n  id         " + text_of(authority, "id") + "\n  subject    " +
        text_of(authority, "subject") + "\n  issuer     " + text_of(authority, "issuer") +
        "\n  key        " + text_of(authority, "key_type") + "\n  valid until " +
        text_of(authority, "not_after") + "\n");
}

void print_key(const json::object& key) {
  print(text_of(key, "id") + "  " + text_of(key, "key_type") + "  " + text_of(key, "created") +
        (is_true(key, "is_default") ? "  default" : "") + "  " + text_of(key, "name") + "\n");
}

// show prints an answer, or the rows below `list`.
template <class Print>
Exit show(const Result<json::object>& answer, const Common& common, std::string_view list,
          Print print_row) {
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(list.empty() ? json::value(*answer) : answer->at(list), common.format);
    return Exit::kOk;
  }
  if (list.empty()) {
    print_row(*answer);
    return Exit::kOk;
  }
  for (const json::value& row : answer->at(list).as_array()) print_row(row.as_object());
  return Exit::kOk;
}

Result<json::object> create_root(const AuthorityOptions& options, const Common& common) {
  json::object body{{"common_name", options.common_name}, {"key_type", options.key_type}};
  if (!options.name.empty()) body["name"] = options.name;
  if (!options.organization.empty()) body["organization"] = options.organization;
  if (!options.ttl.empty()) body["ttl"] = options.ttl;
  return TRY(AdminClient::open(common.connection)).post("/authorities", body);
}

}  // namespace

Exit ca_list(const Common& common) {
  return show(get(common, "/authorities"), common, "authorities", print_authority);
}

Exit ca_show(const AuthorityOptions& options, const Common& common) {
  return show(get(common, "/authorities/" + encode_query(options.ref)), common, {},
              [](const json::object& authority) {
                print_authority(authority);
                for (const json::value& pem : authority.at("chain").as_array())
                  print(std::string(pem.as_string()) + "\n");
              });
}

Exit ca_create_root(const AuthorityOptions& options, const Common& common) {
  return show(create_root(options, common), common, {}, print_authority);
}

Exit ca_default(const AuthorityOptions& options, const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  const auto done =
      client->post("/authorities/" + encode_query(options.ref) + "/default", json::object{});
  if (!done) return fail_with(done.error());
  print("The default is " + options.ref + "\n");
  return Exit::kOk;
}

Exit key_list(const Common& common) {
  return show(get(common, "/keys"), common, "keys", print_key);
}

Exit key_show(const AuthorityOptions& options, const Common& common) {
  return show(get(common, "/keys/" + encode_query(options.ref)), common, {}, print_key);
}

Exit key_delete(const AuthorityOptions& options, const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  const auto done = client->remove("/keys/" + encode_query(options.ref));
  if (!done) return fail_with(done.error());
  print("Deleted " + options.ref + "; the key is destroyed\n");
  return Exit::kOk;
}

}  // namespace chancery::cli
