#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

Result<boost::json::object> revoke(const RevokeOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post("/certificates/" + encode_query(options.serial) + "/revoke",
                     {{"reason", options.reason}});
}

}  // namespace

Exit cert_revoke(const RevokeOptions& options, const Common& common) {
  const auto answer = revoke(options, common);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  const auto& revocation = answer->at("revocation").as_object();
  const bool before = answer->at("already_revoked").as_bool();
  print(std::string(before ? "Was revoked before: " : "Revoked ") + options.serial + " at " +
        std::string(revocation.at("revoked_at").as_string()) + ", " +
        std::string(revocation.at("reason").as_string()) + "\n");
  return Exit::kOk;
}

}  // namespace chancery::cli
