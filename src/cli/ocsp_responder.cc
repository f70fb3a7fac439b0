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
  return show(settle(options, common), common);
}

}  // namespace chancery::cli
