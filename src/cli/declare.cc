#include "cli/declare.h"

#include <cstdlib>

namespace chancery::cli {
namespace {

std::string from_environment(const char* name, const char* fallback = "") {
  const char* value = std::getenv(name);
  return value != nullptr ? value : fallback;
}

}  // namespace

CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& what,
               const std::string& examples) {
  CLI::App* app = parent.add_subcommand(name, what);
  app->footer("Examples:\n" + examples);
  return app;
}

void add_format(CLI::App& app, Common& common) {
  const std::map<std::string, Format> formats{{"text", Format::kText},
                                              {"table", Format::kText},
                                              {"json", Format::kJson},
                                              {"yaml", Format::kYaml}};
  app.add_option("-o,--output", common.format, "How to write the answer")
      ->transform(CLI::CheckedTransformer(formats).description("{text,json,yaml}"))
      ->default_str("text");
}

// What help and man pages call the default is the same on every machine, whatever its environment.
void add_server(CLI::App& app, Common& common) {
  constexpr const char* kAddress = "https://127.0.0.1:8200";
  Connection& connection = common.connection;
  app.add_option("--address", connection.address, "URL of the server (CHANCERY_ADDR)")
      ->default_val(from_environment("CHANCERY_ADDR", kAddress))
      ->default_str(kAddress)
      ->type_name("URL");
  app.add_option("--ca-file", connection.ca_file,
                 "Root certificate that the server's chains to (CHANCERY_CACERT)")
      ->default_val(from_environment("CHANCERY_CACERT"))
      ->default_str("")
      ->type_name("FILE");
  app.add_option("--token-file", connection.token_file, "File with the token (CHANCERY_TOKEN_FILE)")
      ->default_val(from_environment("CHANCERY_TOKEN_FILE"))
      ->default_str("")
      ->type_name("FILE");
  connection.token = from_environment("CHANCERY_TOKEN");
}

void add_connection(CLI::App& app, Common& common) {
  add_server(app, common);
  add_format(app, common);
}

}  // namespace chancery::cli
