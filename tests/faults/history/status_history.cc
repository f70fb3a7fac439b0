// Changes and reads the status of certificates over many connections at once, and checks that one
// order of all operations explains what each client was told. The server is killed and started
// again by the caller, who talks to this program by lines:
//
//   status_history <CA file> <token> <seed>
//   part <port> <operations>    begins; "enough" is answered after so many, and clients go on until
//                               the server is gone. Then "explained …", or what was wrong.
//   (end of input)              how often each kind was told what
//
// Status 1: something was wrong; 2: it could not be found out.

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <deque>
#include <functional>
#include <iostream>
#include <latch>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "checker.h"
#include "connection.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

namespace chancery::history {
namespace {

constexpr unsigned kClients = 12;
constexpr std::size_t kLive = 6;  // few, so that clients meet
constexpr std::size_t kSettled = 18;

// What must have happened in each part: else it shows little.
constexpr std::array<std::string_view, 7> kNeeded{"hold done",   "release done", "release refused",
                                                  "revoke done", "read good",    "read hold",
                                                  "read revoked"};

struct Subject {
  std::string serial;  // hex
  Bytes ocsp_request;
};

[[noreturn]] void fail_with(const std::string& what) { throw std::runtime_error(what); }

template <class T>
T need(Result<T> result, const std::string& what) {
  if (!result) fail_with(what + ": " + result.error().to_string());
  return *std::move(result);
}

State state_of(std::optional<x509::ReasonCode> reason) {
  return reason == x509::ReasonCode::kCertificateHold ? State::kHold : State::kRevoked;
}

// World is what all clients share.
class World {
 public:
  World(std::string ca_file, std::string token)
      : ca_file_(std::move(ca_file)), token_(std::move(token)) {}

  // begin: a server listens on `port`. Certificates are made anew: of some nobody heard whether
  // they were revoked.
  void begin(std::uint16_t port) {
    port_ = port;
    Connection connection(ca_file_, port_);
    if (!issuer_) {
      const auto pem = connection.call("GET", "/v1/pki/ca/pem");
      issuer_ = need(x509::Certificate::from_pem(pem.body), "issuer");
    }
    for (const Subject& subject : std::vector(live_.begin(), live_.end())) settle(subject);
    while (live_.size() < kLive) add(connection);
  }

  [[nodiscard]] Connection connect() const { return {ca_file_, port_}; }
  [[nodiscard]] std::string vault_header() const { return "X-Vault-Token: " + token_ + "\r\n"; }
  [[nodiscard]] std::string admin_header() const {
    return "Authorization: Bearer " + token_ + "\r\n";
  }

  void add(Connection& connection) {
    const auto answer = connection.call("POST", "/v1/pki/issue/web", vault_header(),
                                        R"({"common_name": "a.example.test"})");
    constexpr std::string_view kField = R"("serial_number":")";
    const auto at = answer.body.find(kField);
    if (answer.status != 200 || at == std::string::npos) fail_with("issue: " + answer.body);
    const auto begin = at + kField.size();
    const Bytes serial = need(
        parse_hex(answer.body.substr(begin, answer.body.find('"', begin) - begin), true), "serial");
    const Bytes id = x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, issuer_->subject(),
                                          need(issuer_->public_key(), "issuer's key"), serial);
    Subject subject{hex(serial), x509::encode_ocsp_request(std::span(&id, 1), {})};
    const std::scoped_lock lock(mutex_);
    live_.push_back(std::move(subject));
  }
  // settle: a certificate is revoked for good, or may be. It is still asked for for a while.
  void settle(const Subject& subject) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(live_, [&](const Subject& one) { return one.serial == subject.serial; });
    settled_.push_back(subject);
    if (settled_.size() > kSettled) settled_.pop_front();
  }

  template <class Random>
  Subject pick(Random& random) {
    const std::scoped_lock lock(mutex_);
    const bool settled = live_.empty() || (!settled_.empty() && random() % 4 == 0);
    const auto& among = settled ? settled_ : live_;
    return among[random() % among.size()];
  }
  // serials returns those that a CRL is compared for.
  [[nodiscard]] std::vector<std::string> serials() {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> serials;
    for (const Subject& subject : live_) serials.push_back(subject.serial);
    for (const Subject& subject : settled_) serials.push_back(subject.serial);
    return serials;
  }

  std::uint64_t now() { return clock_.fetch_add(1); }

 private:
  const std::string ca_file_;
  const std::string token_;
  std::uint16_t port_ = 0;
  std::optional<x509::Certificate> issuer_;
  std::atomic<std::uint64_t> clock_{0};
  std::mutex mutex_;
  std::deque<Subject> live_;
  std::deque<Subject> settled_;  // the newest last
};

// Client does one thing after the other until the server is gone.
class Client {
 public:
  Client(World& world, const std::mt19937_64& random) : world_(world), random_(random) {}

  // `did` is told how many operations came to their end; `may_end` says whether the server may be
  // gone.
  void run(const std::function<void(std::size_t)>& did, const std::function<bool()>& may_end) {
    try {
      Connection connection = world_.connect();
      for (;;) {
        const std::size_t before = operations_.size();
        one(connection);
        did(operations_.size() - before);
      }
    } catch (const Broken& broken) {
      if (!may_end()) failure_ = std::string("the server went away by itself: ") + broken.what();
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  }
  [[nodiscard]] std::vector<Operation>& operations() { return operations_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  void one(Connection& connection) {
    const auto roll = random_() % 30;
    if (roll == 0) return read_crl(connection);
    const Subject subject = world_.pick(random_);
    if (roll < 17) return read_ocsp(connection, subject);
    if (roll < 23) return (void)change(connection, subject, Kind::kHold);
    if (roll < 29) return (void)change(connection, subject, Kind::kRelease);
    if (change(connection, subject, Kind::kRevoke) != Outcome::kDone) return;
    world_.settle(subject);
    world_.add(connection);
  }

  // Notes an operation, even when its answer never comes.
  template <class Ask>
  Operation& note(Operation operation, Ask ask) {
    operation.begin = world_.now();
    operations_.push_back(std::move(operation));
    Operation& noted = operations_.back();
    try {
      ask(noted);
    } catch (...) {
      noted.end = world_.now();
      throw;
    }
    noted.end = world_.now();
    return noted;
  }

  void read_ocsp(Connection& connection, const Subject& subject) {
    note({subject.serial, Kind::kRead}, [&](Operation& operation) {
      const auto answer =
          connection.call("POST", "/ocsp", "Content-Type: application/ocsp-request\r\n",
                          as_text(subject.ocsp_request));
      const auto response =
          need(x509::OcspResponse::parse(to_bytes(answer.body)), "OCSP: " + answer.body);
      if (response.entries.size() != 1 || response.entries[0].status == x509::CertStatus::kUnknown)
        fail_with("OCSP does not know " + subject.serial);
      const auto& entry = response.entries[0];
      operation.outcome = Outcome::kSaw;
      operation.seen =
          entry.status == x509::CertStatus::kGood ? State::kGood : state_of(entry.reason);
    });
  }

  Outcome change(Connection& connection, const Subject& subject, Kind kind) {
    const bool release = kind == Kind::kRelease;
    const std::string_view body = release               ? R"({})"
                                  : kind == Kind::kHold ? R"({"reason":"certificateHold"})"
                                                        : R"({"reason":"superseded"})";
    const std::string path =
        "/api/v1/certificates/" + subject.serial + (release ? "/release" : "/revoke");
    return note({subject.serial, kind},
                [&](Operation& operation) {
                  const auto answer = connection.call("POST", path, world_.admin_header(), body);
                  operation.outcome = outcome_of(answer, path);
                })
        .outcome;
  }

  static Outcome outcome_of(const Answer& answer, const std::string& path) {
    const auto says = [&](std::string_view text) {
      return answer.body.find(text) != answer.body.npos;
    };
    if (answer.status == 200)
      return says(R"("already_revoked":true)") ? Outcome::kAlready : Outcome::kDone;
    if (answer.status == 409) return Outcome::kConflict;
    if (says(R"("rule":"not_on_hold")")) return Outcome::kRefused;
    fail_with(path + ": " + std::to_string(answer.status) + " " + answer.body);
  }

  // A CRL says something of every certificate that was there when it was asked for.
  void read_crl(Connection& connection) {
    const auto serials = world_.serials();
    const std::uint64_t begin = world_.now();
    const auto answer = connection.call("GET", "/v1/pki/crl");
    const std::uint64_t end = world_.now();
    const auto list = need(x509::CertificateList::parse(to_bytes(answer.body)), "CRL");
    std::unordered_map<std::string, State> listed;
    for (const x509::CrlEntry& entry : list.entries())
      listed.emplace(hex(entry.serial), state_of(entry.reason));
    for (const std::string& serial : serials) {
      const auto it = listed.find(serial);
      const State seen = it == listed.end() ? State::kGood : it->second;
      operations_.push_back({serial, Kind::kRead, Outcome::kSaw, seen, begin, end});
    }
  }

  World& world_;
  std::mt19937_64 random_;
  std::vector<Operation> operations_;
  std::string failure_;
};

void say(const std::string& line) { std::cout << line << std::endl; }

// Runs until the server is gone, and returns what was done.
std::vector<Operation> run_part(World& world, std::uint64_t seed, std::uint64_t part,
                                std::uint64_t enough) {
  std::deque<Client> clients;
  for (std::uint64_t i = 0; i < kClients; ++i) {
    std::seed_seq seeds{seed, part, i};
    clients.emplace_back(world, std::mt19937_64(seeds));
  }
  std::atomic<std::uint64_t> done{0};
  const auto did = [&](std::size_t count) {
    const std::uint64_t before = done.fetch_add(count);
    if (before < enough && before + count >= enough) say("enough");
  };
  std::vector<std::thread> threads;
  for (Client& client : clients)
    threads.emplace_back([&] { client.run(did, [&] { return done >= enough; }); });
  for (std::thread& thread : threads) thread.join();
  std::vector<Operation> operations;
  for (Client& client : clients) {
    if (!client.failure().empty()) fail_with(client.failure());
    std::ranges::move(client.operations(), std::back_inserter(operations));
  }
  return operations;
}

// What of kNeeded did not happen since `before`, or "".
std::string_view missing(const Checker& checker, std::map<std::string, std::uint64_t> before) {
  for (const std::string_view needed : kNeeded) {
    const auto now = checker.counts().find(std::string(needed));
    if (now == checker.counts().end() || now->second == before[std::string(needed)]) return needed;
  }
  return {};
}

int run(const std::string& ca_file, const std::string& token, std::uint64_t seed) {
  World world(ca_file, token);
  Checker checker;
  std::string line;
  std::uint64_t part = 0;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string word;
    std::uint16_t port = 0;
    std::uint64_t enough = 0;
    if (!(words >> word >> port >> enough) || word != "part") fail_with("not understood: " + line);
    world.begin(port);
    const auto before = checker.counts();
    const auto wrong = checker.take(run_part(world, seed, part++, enough));
    for (const auto& history : wrong) {
      say("wrong: no order explains the last of these");
      const std::size_t from = history.size() - std::min<std::size_t>(history.size(), 20);
      for (std::size_t i = from; i < history.size(); ++i) say("  " + to_string(history[i]));
    }
    if (!wrong.empty()) return 1;
    if (const auto lacks = missing(checker, before); !lacks.empty())
      fail_with("this part has no \"" + std::string(lacks) + "\"");
    say("explained " + std::to_string(checker.operations()) + " operations on " +
        std::to_string(checker.certificates()) + " certificates");
  }
  for (const auto& [what, count] : checker.counts()) say(what + ": " + std::to_string(count));
  return 0;
}

}  // namespace
}  // namespace chancery::history

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: status_history <CA file> <token> <seed>\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  try {
    return chancery::history::run(arguments[1], arguments[2],
                                  std::strtoull(arguments[3], nullptr, 10));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "status_history: %s\n", error.what());
    return 2;
  }
}
