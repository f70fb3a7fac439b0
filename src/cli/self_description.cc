#include "cli/completion.h"
#include "cli/man_pages.h"
#include "cli/report.h"
#include "cli/tool_verbs.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

Result<std::size_t> write_pages(const std::string& directory, const std::vector<ManPage>& pages) {
  TRY(os::make_directory(directory, 0755));
  for (const ManPage& page : pages) {
    TRY(os::write_file(directory + "/" + page.name + ".1", as_bytes(page.roff), os::kPublicFile));
  }
  return pages.size();
}

}  // namespace

Exit completion(const CompletionOptions& options, const Command& root) {
  Shell shell = Shell::kBash;
  if (options.shell == "zsh") shell = Shell::kZsh;
  if (options.shell == "fish") shell = Shell::kFish;
  print(completion_script(root, shell));
  return Exit::kOk;
}

Exit man(const ManOptions& options, const Command& root) {
  const auto written = write_pages(options.directory, man_pages(root, CHANCERY_VERSION));
  if (!written) return fail_with(written.error());
  print("Wrote " + std::to_string(*written) + " pages into " + options.directory + "\n");
  return Exit::kOk;
}

}  // namespace chancery::cli
