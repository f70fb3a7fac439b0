// The ACME load generator of scripts/bench: takes orders at a server on 127.0.0.1 from newOrder to
// the certificate, and prints one line of JSON.
//
//   acme_load [--ca FILE] [--connections N] --dns PORT --web PORT SERVER-PORT DIRECTORY COUNT
//
// DIRECTORY is the path of the ACME directory. Each order is one DNS name, proven by HTTP-01; the
// server has to ask the name server at --dns, and web servers at port --web, which this program is.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "acme_client.h"
#include "acme_world.h"

namespace {

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "acme_load: %s\n", why.c_str());
  std::exit(2);
}

std::uint16_t port_of(const std::string& text) {
  return static_cast<std::uint16_t>(std::strtoul(text.c_str(), nullptr, 10));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace chancery::bench;
  LoadTarget target;
  unsigned connections = 64;
  std::uint16_t dns = 0;
  std::uint16_t web = 0;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> std::string {
      if (++i == argc) die(word + " needs a value");
      return argv[i];
    };
    if (word == "--ca") {
      target.ca_file = value();
    } else if (word == "--connections") {
      connections = static_cast<unsigned>(std::strtoul(value().c_str(), nullptr, 10));
    } else if (word == "--dns") {
      dns = port_of(value());
    } else if (word == "--web") {
      web = port_of(value());
    } else if (word.starts_with("--")) {
      die("there is no option " + word);
    } else {
      words.push_back(word);
    }
  }
  if (words.size() != 3 || connections == 0 || dns == 0 || web == 0) {
    die("usage: acme_load [--ca FILE] [--connections N] --dns PORT --web PORT SERVER-PORT "
        "DIRECTORY "
        "COUNT");
  }
  target.port = port_of(words[0]);
  const std::size_t count = std::strtoull(words[2].c_str(), nullptr, 10);
  const auto requests = make_requests({chancery::crypto::KeyAlgorithm::kEcdsaP256, 0}, count);
  std::vector<AcmeOrder> orders(count);
  for (std::size_t i = 0; i < count; ++i) {
    orders[i].request = &requests[i];
    orders[i].name = "host-" + std::to_string(i) + ".example.test";
  }
  AcmeClient client;
  const NameServer names(dns);
  const Responder responder(client.thumbprint(), web);
  client.sign_up(target, words[1], connections);
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t sent = 0;
  for (const AcmeStep& step : client.steps()) sent += client.ask(step, orders);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("{\"answered\":%zu,\"failed\":0,\"requests\":%llu,\"seconds\":%.6f}\n", count,
              static_cast<unsigned long long>(sent), seconds);
  return 0;
}
