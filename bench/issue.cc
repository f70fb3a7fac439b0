// What one issuance costs, in CPU time per step and as a ratio to the floor F: one signature check
// (of the request) plus one signature (of the certificate) with the same algorithm, measured in
// alternation.
//
//   issue_bench in-process [scale [KEY]]       policy, plan, lint, signature, durable commit
//   issue_bench https CHANCERY [scale [KEY]]   the whole server over TLS keep-alive, 64 clients
//   issue_bench floor KEY                      F alone, in microseconds
//
// KEY, such as ec-p256, leaves out the other kinds of key.
//
// The indexer's time stands on a line of its own: it makes certificates searchable, later.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "cpu_time.h"
#include "crypto/system_random.h"
#include "floor.h"
#include "issuing_bed.h"
#include "load_client.h"
#include "server_process.h"
#include "x509/lint/lint.h"
#include "x509/unsigned_certificate.h"

namespace chancery::bench {
namespace {

using crypto::KeyAlgorithm;
using crypto::KeyType;

constexpr unsigned kRounds = 20;

// steps prints what each part of the path costs by itself.
void steps(Bed& bed, const std::vector<Request>& requests) {
  const std::size_t n = requests.size();
  const auto authority =
      need(bed.node().ca().authority(server::pki_scope(), "default"), "authority");
  const auto role = need(bed.roles().find_compiled(server::pki_scope(), "web"), "role");
  const double parse = us_each(n, [&](std::size_t i) {
    (void)need(x509::CertificationRequest::from_pem(requests[i].pem), "parse");
  });
  const auto decide = [&](std::size_t i) {
    policy::IssueRequest request;
    request.csr = &requests[i].parsed;
    return need(policy::evaluate(bed.grant(), *role, request, authority->facts({}), bed.now()),
                "evaluate");
  };
  const double evaluate = us_each(n, [&](std::size_t i) { (void)decide(i); });
  const auto decision = decide(0);
  crypto::SystemRandom random;
  const Bytes serial = ca::make_serial(1, decision.authorization.content().not_after, random);
  const double plan = us_each(n, [&](std::size_t) {
    (void)need(ca::plan(decision.authorization.content(), *authority, serial), "plan");
  });
  const Bytes tbs = need(ca::plan(decision.authorization.content(), *authority, serial), "plan");
  const auto planned = [&] { return need(x509::UnsignedCertificate::parse(tbs), "parse"); };
  const double lint =
      us_each(n, [&](std::size_t) { (void)x509::lint::lint_tbs(planned().fields(), {}); });
  const auto scheme = authority->scheme(0, false);
  const Bytes signature = need(authority->signer()->sign(scheme, tbs), "sign");
  std::vector<x509::UnsignedCertificate> ready;
  for (std::size_t i = 0; i < n; ++i) ready.push_back(planned());
  const double finish = us_each(n, [&](std::size_t i) {
    (void)need(std::move(ready[i]).finish(scheme, signature), "finish");
  });
  std::printf(
      "    request parse %6.2f   evaluate %6.2f   plan %6.2f   parse+lint %6.2f   assemble %6.2f   "
      "(us)\n",
      parse, evaluate, plan, lint, finish);
}

void in_process(KeyType type, std::size_t count) {
  std::printf("\n%s, in process, %zu certificates\n", crypto::to_string(type).c_str(), count);
  const auto requests = make_requests(type, std::min<std::size_t>(count, 4000));
  Bed bed(type);
  Floor floor(requests, type);
  bed.issue(requests, 0, std::min<std::size_t>(count, 256));  // warm
  const std::size_t per_round =
      std::max<std::size_t>(kClients, count / kRounds / kClients * kClients);
  std::map<std::string, std::int64_t> spent;
  std::size_t issued = 0;
  const auto before_statistics = bed.node().store().statistics();
  while (issued < count) {
    floor.measure(issued, std::max<std::size_t>(16, per_round / 8));
    const auto before = process_cpu_ns(0);
    bed.issue(requests, issued, per_round);
    for (const auto& [name, ns] : process_cpu_ns(0))
      spent[name] += ns - (before.contains(name) ? before.at(name) : 0);
    issued += per_round;
  }
  const auto statistics = bed.node().store().statistics();
  steps(bed, requests);
  std::printf("  F = verify %.2f + sign %.2f = %.2f us\n", floor.verify(), floor.sign(), floor.f());
  report({}, spent, issued, floor.f(), "certificate");
  std::printf("  certificates per flush  %.1f\n",
              static_cast<double>(statistics.entries - before_statistics.entries) /
                  static_cast<double>(statistics.flushes - before_statistics.flushes));
}

std::string json_escape_newlines(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\\n") : std::string(1, c);
  return out;
}

void over_https(const std::string& program, KeyType type, std::size_t count) {
  std::printf("\n%s, over HTTPS keep-alive, %u clients, %zu certificates\n",
              crypto::to_string(type).c_str(), kClients, count);
  const auto requests = make_requests(type, std::min<std::size_t>(count, 4000));
  Server server(program, type);
  const std::int64_t idle = resident_kb(server.pid());
  Floor floor(requests, type);
  LoadClient load({server.port(), true, server.ca_file()}, kClients);
  const std::string role = server.request(
      "/v1/pki/roles/web", R"({"allow_any_name":true,"key_type":"any","ttl":"24h"})");
  const LoadResult made = load.run(1, [&](std::uint64_t) -> const std::string& { return role; });
  if (made.failed != 0) {
    std::fprintf(stderr, "role: %s\n", made.first_failure.c_str());
    std::exit(1);
  }
  std::vector<std::string> bodies;
  for (const Request& request : requests) {
    bodies.push_back(server.request("/v1/pki/sign/web",
                                    R"({"csr":")" + json_escape_newlines(request.pem) + "\"}"));
  }
  std::uint64_t base = 0;
  const auto body = [&](std::uint64_t n) -> const std::string& {
    return bodies[(base + n) % bodies.size()];
  };
  (void)load.run(512, body);  // warm
  const std::size_t per_round = std::max<std::size_t>(kClients, count / kRounds);
  std::map<std::string, std::int64_t> spent;
  std::size_t issued = 0;
  double wall = 0;
  const double flushes = server.metric("chancery_store_flushes_total");
  const double entries = server.metric("chancery_store_entries_total");
  while (issued < count) {
    floor.measure(issued, std::max<std::size_t>(16, per_round / 8));
    const auto before = process_cpu_ns(server.pid());
    base = issued;
    const LoadResult result = load.run(per_round, body);
    if (result.failed != 0) {
      std::fprintf(stderr, "sign: %s\n", result.first_failure.c_str());
      std::exit(1);
    }
    for (const auto& [name, ns] : process_cpu_ns(server.pid()))
      spent[name] += ns - (before.contains(name) ? before.at(name) : 0);
    wall += result.seconds;
    issued += per_round;
  }
  std::printf("  F = verify %.2f + sign %.2f = %.2f us\n", floor.verify(), floor.sign(), floor.f());
  report({}, spent, issued, floor.f(), "certificate");
  std::printf("  certificates per flush  %.1f\n",
              (server.metric("chancery_store_entries_total") - entries) /
                  (server.metric("chancery_store_flushes_total") - flushes));
  std::printf(
      "  %.0f certificates/s   memory idle %lld "
      "kB, after %lld kB\n",
      static_cast<double>(issued) / wall, static_cast<long long>(idle),
      static_cast<long long>(resident_kb(server.pid())));
}

void print_floor(KeyType type) {
  const auto requests = make_requests(type, 64);
  Floor floor(requests, type);
  for (int round = 0; round < 5; ++round)
    floor.measure(0, type.algorithm == KeyAlgorithm::kRsa ? 64 : 512);
  std::printf("%.2f\n", floor.f());
}

// Records revocations as the service does, many in one set, without certificates of their own.
void revoke_many(Bed& bed, std::size_t count) {
  const auto authority =
      need(bed.node().ca().authority(server::pki_scope(), "default"), "authority");
  crypto::SystemRandom random;
  const OnLane outside = OnLane::outside_server();
  for (std::size_t done = 0; done < count;) {
    record::WriteSet writes;
    for (std::size_t i = 0; i < 1000 && done < count; ++i, ++done) {
      const Bytes serial = ca::make_serial(1, bed.now(), random);
      writes.append({record::EventKind::kCertificateRevoked,
                     bed.now(),
                     server::pki_scope(),
                     "bench",
                     {},
                     hex(serial),
                     {{"issuer", authority->id()}, {"reason", "superseded"}},
                     {}});
      // The row tells the publisher that its CRL is out of date.
      if (i == 0)
        writes.put(ca::revocation_key(server::pki_scope(), authority->id(), serial),
                   ca::encode(ca::Revocation{}));
    }
    need(bed.node().store().committer().submit(std::move(writes)).wait(outside), "commit");
  }
}

void measure_crl(Bed& bed, const char* what) {
  const OnLane outside = OnLane::outside_server();
  const auto authority =
      need(bed.node().ca().authority(server::pki_scope(), "default"), "authority");
  const auto start = std::chrono::steady_clock::now();
  const std::int64_t cpu = thread_cpu_ns();
  const auto crl =
      need(bed.node().ca().published_crl(authority, ca::CrlKind::kComplete, &outside), "crl");
  std::printf("  %-28s %8.3f s CPU  %8.3f s wall  %9zu bytes\n", what,
              static_cast<double>(thread_cpu_ns() - cpu) / 1e9,
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
              crl->der.size());
}

void crl(std::size_t entries) {
  std::printf("\nCRL, %zu entries, P-256\n", entries);
  Bed bed({KeyAlgorithm::kEcdsaP256, 0});
  revoke_many(bed, entries);
  measure_crl(bed, "first, from the log");
  revoke_many(bed, 1);
  measure_crl(bed, "after one more revocation");
  measure_crl(bed, "unchanged");
  std::printf("  resident memory %lld MB\n", static_cast<long long>(resident_kb(0) / 1024));
}

}  // namespace
}  // namespace chancery::bench

int main(int argc, char** argv) {
  using namespace chancery::bench;
  const std::vector<std::pair<KeyType, std::size_t>> kAll{{{KeyAlgorithm::kEcdsaP256, 0}, 20'000},
                                                          {{KeyAlgorithm::kRsa, 2048}, 4'000},
                                                          {{KeyAlgorithm::kEd25519, 0}, 10'000},
                                                          {{KeyAlgorithm::kMlDsa65, 0}, 2'000}};
  if (argc >= 2 && std::strcmp(argv[1], "crl") == 0) {
    crl(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000);
    return 0;
  }
  if (argc == 3 && std::strcmp(argv[1], "floor") == 0) {
    for (const auto& [type, count] : kAll) {
      if (key_argument(type) == argv[2]) print_floor(type);
    }
    return 0;
  }
  const bool https = argc >= 3 && std::strcmp(argv[1], "https") == 0;
  if (!https && (argc < 2 || std::strcmp(argv[1], "in-process") != 0)) {
    std::fprintf(
        stderr,
        "usage: issue_bench in-process [scale [KEY]] | https PROGRAM [scale [KEY]] | floor KEY | "
        "crl [entries]\n");
    return 2;
  }
  const int scale_at = https ? 3 : 2;
  const double scale = argc > scale_at ? std::strtod(argv[scale_at], nullptr) : 1.0;
  const char* const only = argc > scale_at + 1 ? argv[scale_at + 1] : nullptr;
  for (const auto& [type, count] : kAll) {
    if (only != nullptr && key_argument(type) != only) continue;
    const auto n =
        std::max<std::size_t>(640, static_cast<std::size_t>(static_cast<double>(count) * scale));
    https ? over_https(argv[2], type, n) : in_process(type, n);
  }
  return 0;
}
