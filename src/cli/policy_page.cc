#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

Result<void> fetch(const PolicyPageOptions& options, const Common& common) {
  if (!options.out.empty() && !options.force && os::exists(options.out)) {
    return std::unexpected(
        Error{Code::kAlreadyExists, "the file exists; use --force to overwrite it", {}, {}}.with(
            "path", options.out));
  }
  const auto client = TRY(AdminClient::open(common.connection));
  const std::string page = TRY(client.get_text("/policy-page"));
  if (!options.out.empty()) return os::write_file(options.out, as_bytes(page), os::kPublicFile);
  print(page);
  return {};
}

}  // namespace

Exit policy_page(const PolicyPageOptions& options, const Common& common) {
  const auto done = fetch(options, common);
  return done ? Exit::kOk : fail_with(done.error());
}

}  // namespace chancery::cli
