#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace chancery::cli {

struct InspectOptions {
  std::string target;         // file, "-", URL or host:port
  std::string password_file;  // for PKCS#12 and JKS; "" asks at the terminal
};

struct SignOptions {
  std::string csr;
  std::string role;
  std::string common_name;
  std::vector<std::string> names;
  std::string ttl;
  std::string out;  // "": standard output
  bool leaf_only = false;
  bool force = false;
};

struct RenewOptions {
  std::string certificate;
  std::string key;
  std::string role;  // "": the one that the certificate was issued under
  std::string ttl;
  std::string due = "2/3";
  std::string exec;
  bool new_key = false;
  bool force = false;
};

struct CompletionOptions {
  std::string shell;
};

struct ManOptions {
  std::string directory;
};

}  // namespace chancery::cli
