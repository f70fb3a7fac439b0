#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {
namespace {

Result<boost::json::object> confirm(const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  return client.post("/restore/confirm", {{"old_node_is_gone", true}});
}

}  // namespace

Exit restore_confirm(bool old_node_is_gone, const Common& common) {
  if (!old_node_is_gone) {
    return fail_with({Code::kRefused,
                      "say --old-node-is-gone, once the node that was backed up can never start "
                      "again: two nodes "
                      "that sign with one key contradict each other",
                      {},
                      {}});
  }
  const auto answer = confirm(common);
  if (!answer) return fail_with(answer.error());
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  print("Confirmed by " + std::string(answer->at("confirmed_by").as_string()) + " at " +
        std::string(answer->at("confirmed_at").as_string()) + ": this node signs again\n");
  return Exit::kOk;
}

}  // namespace chancery::cli
