#include <algorithm>
#include <boost/json.hpp>
#include <functional>

#include "cli/acme_verbs.h"
#include "cli/admin_client.h"
#include "cli/report.h"

// The verbs below "chancery acme".
namespace chancery::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kPage = 500;

std::string path_of(const AcmeOptions& options, std::string_view rest = {}) {
  std::string path = "/acme-directories/" + encode_query(options.directory);
  if (!rest.empty()) path += "/" + std::string(rest);
  return path;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

json::array to_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

Result<json::array> read_all(const Common& common, const std::string& path,
                             std::string_view member) {
  const auto client = TRY(AdminClient::open(common.connection));
  json::array items;
  std::string after;
  while (true) {
    json::object page = TRY(client.get(path + "?limit=" + std::to_string(kPage) + after));
    for (json::value& item : page.at(member).as_array()) items.push_back(std::move(item));
    const json::value* const next = page.if_contains("next");
    if (next == nullptr || !next->is_string()) return items;
    after = "&after=" + encode_query(std::string_view(next->get_string()));
  }
}

// The profile of directories that name none: whoever showed control over a name may have it.
Result<void> make_default_profile(const AdminClient& client) {
  const auto present = client.get("/profiles/acme");
  if (present) return {};
  if (present.error().code != Code::kNotFound) return std::unexpected(present.error());
  json::object profile;
  profile["extends"] = "tls-server";
  profile["description"] = "TLS servers whose names ACME proved";
  profile["allow_any_name"] = true;
  profile["allow_wildcard_certificates"] = true;
  profile["allow_ip_sans"] = true;
  TRY(client.put("/profiles/acme", profile, "If-None-Match: *"));
  return {};
}

Result<json::object> create_directory(const AcmeOptions& options, const Common& common) {
  if (!options.profile.empty() && !options.role.empty())
    return fail(Code::kInvalidArgument, "give --profile or --role, not both");
  if (options.skip_challenges && !options.eab_required) {
    return fail(Code::kInvalidArgument,
                "without challenges and without bindings anybody could have any name: add "
                "--eab-required");
  }
  const auto client = TRY(AdminClient::open(common.connection));
  if (options.profile.empty() && options.role.empty()) TRY(make_default_profile(client));
  json::object body;
  json::object profiles;
  const std::string profile = options.profile.empty() ? "acme" : options.profile;
  profiles["default"] = options.role.empty() ? "profile/" + profile : "role/" + options.role;
  body["profiles"] = profiles;
  if (!options.challenges.empty()) body["challenges"] = to_array(options.challenges);
  if (!options.caa_identities.empty()) {
    body["caa_identities"] = to_array(options.caa_identities);
    body["caa"] = true;
  }
  if (!options.terms.empty()) body["terms_of_service"] = options.terms;
  body["eab_required"] = options.eab_required;
  body["skip_challenges"] = options.skip_challenges;
  return client.put(path_of(options), body, "If-None-Match: *");
}

Result<json::object> create_eab(const AcmeOptions& options, const Common& common) {
  json::object body;
  body["description"] = options.description;
  body["most_accounts"] = options.most_accounts;
  body["names"] = to_array(options.names);
  body["suffixes"] = to_array(options.suffixes);
  body["networks"] = to_array(options.networks);
  body["profiles"] = to_array(options.profiles);
  body["orders_per_day"] = options.orders_per_day;
  body["skip_challenges"] = options.skip_challenges;
  if (!options.lifetime.empty()) body["lifetime"] = options.lifetime;
  if (!options.max_lifetime.empty()) body["max_lifetime"] = options.max_lifetime;
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post(path_of(options, "eabs"), body);
}

Result<json::object> set_renewal(const AcmeOptions& options, const Common& common) {
  json::object body;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) body[name] = value;
  };
  add("start", options.start);
  add("end", options.end);
  add("issued_before", options.issued_before);
  add("suffix", options.suffix);
  add("explanation", options.explanation);
  const auto client = TRY(AdminClient::open(common.connection));
  return client.put(path_of(options, "renewals/" + encode_query(options.id)), body);
}

using Line = std::function<std::string(const json::object&)>;

Exit show_list(const Result<json::array>& items, const Common& common, std::string_view none,
               const Line& line) {
  if (!items) return fail_with(items.error());
  if (common.format != Format::kText) {
    print_value(*items, common.format);
    return Exit::kOk;
  }
  for (const json::value& item : *items) print(line(item.as_object()) + "\n");
  if (items->empty()) print(std::string(none) + "\n");
  return Exit::kOk;
}

Exit show_object(const Result<json::object>& object, const Common& common) {
  if (!object) return fail_with(object.error());
  print_value(*object, common.format == Format::kText ? Format::kYaml : common.format);
  return Exit::kOk;
}

Exit removed(const AcmeOptions& options, const Common& common, const std::string& path,
             const std::string& said) {
  const auto done = [&]() -> Result<void> {
    const auto client = TRY(AdminClient::open(common.connection));
    return client.remove(path);
  }();
  if (!done) return fail_with(done.error());
  print(said + " " + (options.id.empty() ? options.directory : options.id) + "\n");
  return Exit::kOk;
}

bool is_wanted(const AcmeOptions& options, const json::object& order) {
  if (!options.status.empty() && text_of(order, "status") != options.status) return false;
  if (!options.account.empty() && text_of(order, "account") != options.account) return false;
  if (options.name.empty()) return true;
  return std::ranges::any_of(order.at("identifiers").as_array(), [&](const json::value& name) {
    return name.as_string() == options.name;
  });
}

std::string names_of(const json::object& order) {
  std::string names;
  for (const json::value& name : order.at("identifiers").as_array())
    names += (names.empty() ? "" : ",") + std::string(name.as_string());
  return names;
}

}  // namespace

Exit acme_directory_create(const AcmeOptions& options, const Common& common) {
  const auto made = create_directory(options, common);
  if (!made) return fail_with(made.error());
  if (common.format != Format::kText) {
    print_value(*made, common.format);
    return Exit::kOk;
  }
  print("Made the ACME directory " + options.directory +
        ". Clients reach it at\n  https://<this "
        "server>/acme/" +
        options.directory + "/directory\n");
  return Exit::kOk;
}

Exit acme_directory_list(const Common& common) {
  return show_list(read_all(common, "/acme-directories", "acme-directories"), common,
                   "There is no ACME directory: \"chancery acme directory create default\".",
                   [](const json::object& one) { return text_of(one, "name"); });
}

Exit acme_directory_show(const AcmeOptions& options, const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  return show_object(client->get(path_of(options)), common);
}

Exit acme_directory_delete(const AcmeOptions& options, const Common& common) {
  return removed(options, common, path_of(options), "Deleted");
}

Exit acme_eab_create(const AcmeOptions& options, const Common& common) {
  const auto made = create_eab(options, common);
  if (!made) return fail_with(made.error());
  if (common.format != Format::kText) {
    print_value(*made, common.format);
    return Exit::kOk;
  }
  print("Key identifier: " + text_of(*made, "kid") +
        "\nMAC key:        " + text_of(*made, "hmac_key") + "\nThe MAC key is not shown again.\n");
  return Exit::kOk;
}

Exit acme_eab_list(const AcmeOptions& options, const Common& common) {
  return show_list(read_all(common, path_of(options, "eabs"), "eabs"), common,
                   "There is no binding.", [](const json::object& one) {
                     const bool dead = one.at("revoked").as_bool() || one.at("used_up").as_bool();
                     return text_of(one, "kid") + "  " + text_of(one, "created") + "  " +
                            (one.at("revoked").as_bool() ? "revoked"
                             : dead                      ? "used"
                                                         : "unused") +
                            "  " + text_of(one, "latest_account") + "  " +
                            text_of(one, "description");
                   });
}

Exit acme_eab_revoke(const AcmeOptions& options, const Common& common) {
  return removed(options, common, path_of(options, "eabs/" + encode_query(options.id)), "Revoked");
}

Exit acme_account_list(const AcmeOptions& options, const Common& common) {
  return show_list(read_all(common, path_of(options, "accounts"), "accounts"), common,
                   "There is no account.", [](const json::object& one) {
                     return text_of(one, "id") + "  " + text_of(one, "status") + "  " +
                            text_of(one, "created") + "  " + text_of(one, "key_type") + "  " +
                            text_of(one, "contact");
                   });
}

Exit acme_account_show(const AcmeOptions& options, const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  return show_object(client->get(path_of(options, "accounts/" + encode_query(options.id))), common);
}

Exit acme_account_deactivate(const AcmeOptions& options, const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  return show_object(
      client->post(path_of(options, "accounts/" + encode_query(options.id) + "/deactivate"), {}),
      common);
}

Exit acme_account_failures(const AcmeOptions& options, const Common& common) {
  return show_list(read_all(common, path_of(options, "failures"), "failures"), common,
                   "Nothing failed of late.", [](const json::object& one) {
                     return text_of(one, "account") + "  " + text_of(one, "identifier") + "  " +
                            text_of(one, "count") + "x  " + text_of(one, "latest") +
                            (one.at("paused").as_bool() ? "  PAUSED  " : "  ") +
                            text_of(one, "detail");
                   });
}

Exit acme_account_unpause(const AcmeOptions& options, const Common& common) {
  const auto done = [&]() -> Result<void> {
    const auto client = TRY(AdminClient::open(common.connection));
    json::object body;
    body["account"] = options.id;
    body["identifier"] = options.identifier;
    TRY(client.post(path_of(options, "unpause"), body));
    return {};
  }();
  if (!done) return fail_with(done.error());
  print("Forgot the failures of " + options.id + " with " + options.identifier + "\n");
  return Exit::kOk;
}

Exit acme_order_list(const AcmeOptions& options, const Common& common) {
  auto orders = read_all(common, path_of(options, "orders"), "orders");
  if (orders) {
    json::array wanted;
    for (json::value& order : *orders) {
      if (is_wanted(options, order.as_object())) wanted.push_back(std::move(order));
    }
    orders = std::move(wanted);
  }
  return show_list(orders, common, "There is no such order.", [](const json::object& one) {
    const std::string problem = text_of(one, "problem");
    return text_of(one, "created") + "  " + text_of(one, "status") + "  " +
           text_of(one, "account") + "  " + names_of(one) + "  " + text_of(one, "serial_number") +
           (problem.empty() ? "" : problem + ": " + text_of(one, "detail"));
  });
}

Exit acme_renewal_list(const AcmeOptions& options, const Common& common) {
  return show_list(read_all(common, path_of(options, "renewals"), "renewals"), common,
                   "There is no window.", [](const json::object& one) {
                     return text_of(one, "name") + "  " + text_of(one, "start") + "  " +
                            text_of(one, "end") + "  " + text_of(one, "issued_before") + "  " +
                            text_of(one, "suffix") + "  " + text_of(one, "explanation");
                   });
}

Exit acme_renewal_set(const AcmeOptions& options, const Common& common) {
  return show_object(set_renewal(options, common), common);
}

Exit acme_renewal_delete(const AcmeOptions& options, const Common& common) {
  return removed(options, common, path_of(options, "renewals/" + encode_query(options.id)),
                 "Deleted");
}

}  // namespace chancery::cli
