#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"

namespace chancery::cli {

Exit status(const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  const auto answer = client->get("/status");
  if (!answer) return fail_with(answer.error());
  // The document reads well enough as YAML for people too.
  print_value(*answer, common.format == Format::kText ? Format::kYaml : common.format);
  return Exit::kOk;
}

}  // namespace chancery::cli
