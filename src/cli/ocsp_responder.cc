#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;
constexpr std::string_view kInherit = "inherit";

// What is not said stays as it is: the server replaces both.
Result<json::object> settle(const ResponderOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  const std::string path = "/authorities/" + encode_query(options.authority) + "/ocsp";
  json::object now = TRY(client.get(path));
  if (options.delegated.empty() && options.validity.empty()) return now;
  json::object wanted;
  if (options.delegated.empty() && !now.at("delegated_inherited").as_bool())
    wanted["delegated"] = now.at("delegated");
  if (!options.delegated.empty() && options.delegated != kInherit)
    wanted["delegated"] = options.delegated == "true";
  if (options.validity.empty() && !now.at("delegate_validity_inherited").as_bool())
    wanted["delegate_validity"] = now.at("delegate_validity");
  if (!options.validity.empty() && options.validity != kInherit)
    wanted["delegate_validity"] = options.validity;
  return client.put(path, wanted);
}

}  // namespace

Exit ocsp_responder(const ResponderOptions& options, const Common& common) {
  const auto told = settle(options, common);
  if (!told) return fail_with(told.error());
  if (common.format != Format::kText) {
    print_value(*told, common.format);
    return Exit::kOk;
  }
  const auto say = [](const json::value& inherited) {
    return inherited.as_bool() ? " (as crl settings say)\n" : "\n";
  };
  const bool delegated = told->at("delegated").as_bool();
  print(std::string("answers are signed by ") +
        (delegated ? "a responder of its own" : "the authority itself") +
        say(told->at("delegated_inherited")));
  if (delegated) {
    print("its certificates live " + std::string(told->at("delegate_validity").as_string()) +
          say(told->at("delegate_validity_inherited")));
  }
  return Exit::kOk;
}

}  // namespace chancery::cli
