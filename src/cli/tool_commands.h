#pragma once

#include "cli/declare.h"
#include "cli/tool_options.h"

namespace chancery::cli {

struct ToolOptions {
  InspectOptions inspect;
  SignOptions sign;
  RenewOptions renew;
  DoctorOptions doctor;
  std::string config_file;
  ConfigDocsOptions config_docs;
  CompletionOptions completion;
  ManOptions man;
};

// add_tools declares the verbs that serve the person at the terminal rather than the PKI: inspect,
// sign and renew below `cert`, doctor, config, completion and man below `root`.
void add_tools(CLI::App& root, CLI::App& cert, ToolOptions& o, Common& common,
               const LocalVerbs& local, const Bind& on);

}  // namespace chancery::cli
