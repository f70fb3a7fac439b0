#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

Result<boost::json::object> ask(const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post("/reload", {});
}

}  // namespace

Exit reload(const Common& common) {
  const auto answer = ask(common);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  std::string keys;
  for (const auto& key : answer->at("changed").as_array())
    keys += (keys.empty() ? "" : ", ") + std::string(key.as_string());
  print(keys.empty() ? "Reloaded; no key has another value.\n"
                     : "Reloaded. Changed: " + keys + "\n");
  return Exit::kOk;
}

}  // namespace chancery::cli
