// What one ACME order costs the server, in CPU time per step and as a ratio to the floor F.
//
//   acme_bench CHANCERY [ORDERS]                    a new store
//   acme_bench CHANCERY fill DIR ACCOUNTS ORDERS    makes a store with accounts and past orders
//   acme_bench CHANCERY at DIR [ORDERS]             the same as the first over such a store
//
// An order is one DNS name, a P-256 key and an existing account: newOrder, authorization, HTTP-01
// challenge, the server's own look at DNS and web server, a look whether it is done, finalize,
// certificate. Every request is signed with ES256 under a nonce of its own, over TLS keep-alive by
// 64 connections; the store is durable. Orders go through a step together, a batch at a time, so
// that the CPU time of a step can be told; what the server does in the background counts with the
// challenge.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "acme_client.h"
#include "acme_fill.h"
#include "acme_world.h"
#include "cpu_time.h"
#include "floor.h"
#include "os/file.h"
#include "server_process.h"

namespace chancery::bench {
namespace {

constexpr crypto::KeyType kP256{crypto::KeyAlgorithm::kEcdsaP256, 0};
constexpr std::size_t kBatch = 512;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "acme_bench: %s\n", why.c_str());
  std::exit(1);
}

// Run takes orders through their steps and reads the server's CPU time between.
class Run {
 public:
  Run(const Server& server, AcmeClient& client, const Responder& responder)
      : server_(server),
        client_(client),
        responder_(responder),
        steps_(client.steps()),
        spent_(steps_.size()),
        requests_(steps_.size()) {}

  // batch takes orders through all steps.
  void batch(std::vector<AcmeOrder>& orders, bool counts) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const std::uint64_t validated = responder_.answered() + orders.size();
      const auto before = process_cpu_ns(server_.pid());
      const auto began = std::chrono::steady_clock::now();
      const std::uint64_t requests = client_.ask(steps_[i], orders);
      if (steps_[i].name == "challenge") wait_for(validated);
      const auto after = process_cpu_ns(server_.pid());
      if (!counts) continue;
      seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
      requests_[i] += requests;
      for (const auto& [name, ns] : after) {
        const std::int64_t spent = ns - (before.contains(name) ? before.at(name) : 0);
        threads_[name] += spent;
        if (name != "store-index") spent_[i] += spent;
      }
    }
    if (counts) done_ += orders.size();
  }

  void tell(const Floor& floor) const {
    const auto n = static_cast<double>(done_);
    double requests = 0;
    std::printf("  F = verify %.2f + sign %.2f = %.2f us\n", floor.verify(), floor.sign(),
                floor.f());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (requests_[i] == 0) continue;
      const double us = static_cast<double>(spent_[i]) / 1e3 / n;
      std::printf("    %-16s %9.2f us = %5.2f F   %.3f requests\n", steps_[i].name.c_str(), us,
                  us / floor.f(), static_cast<double>(requests_[i]) / n);
      requests += static_cast<double>(requests_[i]);
    }
    report({}, threads_, done_, floor.f(), "order");
    std::printf("  %.3f requests an order, %.0f orders/s, resident %lld kB\n", requests / n,
                n / seconds_, static_cast<long long>(resident_kb(server_.pid())));
  }

 private:
  // The responder's answer is the last of a validation but for its commit.
  void wait_for(std::uint64_t validated) const {
    for (int i = 0; i < 60'000 && responder_.answered() < validated; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (responder_.answered() < validated) die("the server does not validate");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }

  const Server& server_;
  AcmeClient& client_;
  const Responder& responder_;
  const std::vector<AcmeStep> steps_;
  std::vector<std::int64_t> spent_;
  std::vector<std::uint64_t> requests_;
  std::map<std::string, std::int64_t> threads_;
  std::size_t done_ = 0;
  double seconds_ = 0;
};

// The parts of the configuration that lead the server's look-ups to this process.
void configure(const std::string& directory, std::uint16_t dns, std::uint16_t web) {
  const std::string path = directory + "/chancery.yaml";
  const Bytes before = need(os::read_file(path), "configuration");
  std::string text(as_text(before));
  const auto set = [&](const std::string& key, const std::string& value) {
    const auto at = text.find("\n  " + key + ": ");
    if (at == std::string::npos) die("no " + key + " in " + path);
    text.replace(at + 1, text.find('\n', at + 1) - at - 1, "  " + key + ": " + value);
  };
  set("resolvers", "[\"127.0.0.1:" + std::to_string(dns) + "\"]");
  set("dnssec", "false");
  set("http_port", std::to_string(web));
  set("allow", "[127.0.0.0/8]");
  std::ofstream(path, std::ios::trunc) << text;
}

void measure(const std::string& program, const std::string& directory, bool is_new,
             std::size_t count) {
  const NameServer names;
  AcmeClient client;
  const Responder responder(client.thumbprint());
  configure(directory, names.port(), responder.port());
  const Server server(program, directory);
  if (is_new) make_directory(server);
  client.sign_up({server.port(), true, server.ca_file()}, "/acme/bench/directory", kClients);
  const auto requests = make_requests(kP256, count + 2 * kBatch);
  Floor floor(requests, kP256);
  Run run(server, client, responder);
  std::size_t made = 0;
  const auto batch = [&](bool counts) {
    std::vector<AcmeOrder> orders(kBatch);
    for (AcmeOrder& order : orders) {
      order.request = &requests[made];
      // As make_requests calls them. Each is ordered once, or its authorisation would serve again.
      order.name = "host-" + std::to_string(made) + ".example.test";
      ++made;
    }
    run.batch(orders, counts);
  };
  batch(false);  // warm
  while (made < count + kBatch) {
    floor.measure(made, kBatch / 8);
    batch(true);
  }
  run.tell(floor);
}

}  // namespace
}  // namespace chancery::bench

int main(int argc, char** argv) {
  using namespace chancery::bench;
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t i, std::size_t otherwise) {
    return words.size() > i ? std::strtoull(words[i].c_str(), nullptr, 10) : otherwise;
  };
  const std::size_t usual = 4096;
  if (words.size() == 5 && words[1] == "fill") {
    fill_store(words[0], words[2], number(3, 0), number(4, 0));
  } else if (words.size() >= 3 && words[1] == "at") {
    std::printf("\nACME orders over HTTPS, store %s\n", words[2].c_str());
    measure(words[0], words[2], false, number(3, usual));
  } else if (!words.empty() && words.size() <= 2) {
    const TemporaryDirectory temporary;
    const std::string directory = temporary.path() + "/pki";
    init_server(words[0], directory, kP256);
    std::printf("\nACME orders over HTTPS, new store\n");
    measure(words[0], directory, true, number(1, usual));
  } else {
    std::fprintf(stderr,
                 "usage: acme_bench CHANCERY [ORDERS] | CHANCERY fill DIR ACCOUNTS ORDERS"
                 " | CHANCERY at DIR [ORDERS]\n");
    return 2;
  }
  return 0;
}
