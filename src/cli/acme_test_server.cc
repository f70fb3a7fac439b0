#include <algorithm>
#include <array>
#include <string_view>

#include "cli/acme_verbs.h"

// Declares "chancery acme test-server".
namespace chancery::cli {
namespace {

constexpr std::array<std::string_view, 5> kOptions{"config", "dnsserver", "strict", "expose",
                                                   "root-file"};

// "-config" and "-config=x", but no other word with one dash.
bool is_single_dashed(std::string_view word) {
  if (!word.starts_with('-') || word.starts_with("--")) return false;
  word.remove_prefix(1);
  const std::string_view name = word.substr(0, word.find('='));
  return std::ranges::find(kOptions, name) != kOptions.end();
}

}  // namespace

std::vector<std::string> with_double_dashes(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.size() < 3 || words[0] != "acme" || words[1] != "test-server") return words;
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const bool is_answer = word == "true" || word == "false";
    if (is_answer && out.back() == "--strict") {
      out.back() += "=" + word;
    } else {
      out.push_back((is_single_dashed(word) ? "-" : "") + word);
    }
  }
  return out;
}

void add_acme_test_server(CLI::App& root, AcmeTestServerOptions& o, const LocalVerbs& local,
                          const Bind& on) {
  CLI::App* app = verb(
      *root.get_subcommand("acme"), "test-server",
      "Run an ACME server for tests of ACME clients, in place of Pebble: everything in memory, "
      "new roots each time",
      "  chancery acme test-server --root-file root.pem\n"
      "  chancery acme test-server -strict -config pebble-config.json -dnsserver "
      "127.0.0.1:8053\n"
      "  PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_WFE_NONCEREJECT=0 chancery acme test-server\n"
      "  curl -k -X PUT https://localhost:15000/faults \\\n"
      "      -d '{\"refusals\": [{\"status\": 503, \"count\": 2, \"retryAfter\": 1}]}'");
  app->add_option("--config", o.config,
                  "Pebble's configuration file; without one: 127.0.0.1:14000, management at "
                  "127.0.0.1:15000, http-01 to port 5002, tls-alpn-01 to 5001")
      ->type_name("FILE");
  app->add_option("--dnsserver", o.dns_server,
                  "Name server for validations; without one, those of /etc/resolv.conf")
      ->type_name("ADDRESS:PORT");
  app->add_flag("--strict", o.strict, "Refuse what clients ought not to send, as Pebble does");
  app->add_option("--root-file", o.root_file,
                  "Write the root there once the server listens; its own certificate chains to it")
      ->type_name("FILE");
  app->add_flag("--expose", o.expose,
                "Listen where the configuration says, beyond the loopback interface");
  on(app, [&] { return local.acme_test_server(o); });
}

}  // namespace chancery::cli
