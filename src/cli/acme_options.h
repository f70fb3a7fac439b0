#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace chancery::cli {

struct AcmeOptions {
  std::string directory;
  std::string id;          // of an account, a binding or a window
  std::string identifier;  // "dns:www.example.com"

  // Of a new directory.
  std::string profile;
  std::string role;
  std::vector<std::string> challenges;
  std::vector<std::string> caa_identities;
  std::string terms;
  bool eab_required = false;
  bool skip_challenges = false;  // of a new binding as well

  // Of a new binding.
  std::string description;
  std::string lifetime;
  unsigned most_accounts = 1;
  std::vector<std::string> names;
  std::vector<std::string> suffixes;
  std::vector<std::string> networks;
  std::vector<std::string> profiles;
  std::string max_lifetime;
  unsigned orders_per_day = 0;

  // Of lists.
  std::string status;
  std::string account;
  std::string name;

  // Of a renewal window.
  std::string start;
  std::string end;
  std::string issued_before;
  std::string suffix;
  std::string explanation;
};

// Of the server for tests of ACME clients.
struct AcmeTestServerOptions {
  std::string config;      // Pebble's JSON file; "": none
  std::string dns_server;  // "address:port"; "": the system's
  std::string root_file;   // where the root is written; "": nowhere
  bool strict = false;
  bool expose = false;
};

}  // namespace chancery::cli
