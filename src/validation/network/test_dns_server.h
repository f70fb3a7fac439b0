#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "net/fd.h"
#include "validation/network/resolver.h"

namespace chancery::validation::network::testing {

inline Bytes text_record(std::string_view text, std::size_t piece = 255) {
  Bytes out;
  do {
    const std::string_view part = text.substr(0, piece);
    out.push_back(static_cast<std::uint8_t>(part.size()));
    append(out, as_bytes(part));
    text.remove_prefix(part.size());
  } while (!text.empty());
  return out;
}

inline Bytes caa_record(std::uint8_t flags, std::string_view tag, std::string_view value) {
  Bytes out{flags, static_cast<std::uint8_t>(tag.size())};
  append(out, as_bytes(tag));
  append(out, as_bytes(value));
  return out;
}

// DnsServer is authoritative for everything, over UDP and TCP on loopback, and says what a test
// told it: records, another name, a response code, or nothing at all.
class DnsServer {
 public:
  static constexpr std::uint16_t kAlias = 5;

  DnsServer() {
    take_port();
    CHANCERY_CHECK(::listen(tcp_.get(), 16) == 0);
    stop_ = net::UniqueFd(::eventfd(0, EFD_CLOEXEC));
    thread_ = std::thread([this] { serve(); });
  }
  ~DnsServer() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

  // add_turn adds what the next query gets; the last one stays.
  void add_turn(const std::string& name, RecordType type, std::vector<Bytes> records) {
    const std::scoped_lock lock(mutex_);
    turns_[{name, static_cast<std::uint16_t>(type)}].push_back(std::move(records));
  }
  void set(const std::string& name, RecordType type, std::vector<Bytes> records) {
    const std::scoped_lock lock(mutex_);
    turns_[{name, static_cast<std::uint16_t>(type)}] = {std::move(records)};
  }
  void set_alias(const std::string& name, const std::string& target) {
    const std::scoped_lock lock(mutex_);
    turns_[{name, kAlias}] = {{wire_name(target)}};
  }
  void set_code(const std::string& name, std::uint8_t code) {
    const std::scoped_lock lock(mutex_);
    codes_[name] = code;
  }
  void forget_code(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    codes_.erase(name);
  }
  void be_silent_about(const std::string& name) { set_code(name, kSilence); }
  [[nodiscard]] int queries(const std::string& name, RecordType type) {
    const std::scoped_lock lock(mutex_);
    return asked_[{name, static_cast<std::uint16_t>(type)}];
  }
  [[nodiscard]] int tcp_queries() {
    const std::scoped_lock lock(mutex_);
    return tcp_queries_;
  }

 private:
  static constexpr std::uint8_t kSilence = 0xff;
  static constexpr std::size_t kMaxUdp = 1232;
  using Key = std::pair<std::string, std::uint16_t>;

  // take_port binds both sockets to one port. A port that is free for UDP may be somebody's for TCP
  // (a client's, say), so it looks further.
  void take_port() {
    for (int tries = 0; tries < 100 && !tcp_; ++tries) {
      udp_ = bind_to(SOCK_DGRAM, 0);
      sockaddr_in own{};
      socklen_t size = sizeof own;
      CHANCERY_CHECK(::getsockname(udp_.get(), reinterpret_cast<sockaddr*>(&own), &size) == 0);
      port_ = ntohs(own.sin_port);
      tcp_ = bind_to(SOCK_STREAM, port_);
    }
    CHANCERY_CHECK(static_cast<bool>(tcp_));
  }

  // bind_to gives no socket when the port is taken.
  static net::UniqueFd bind_to(int type, std::uint16_t port) {
    net::UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const int one = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
    return fd;
  }

  static Bytes wire_name(std::string_view name) {
    Bytes out;
    for (const std::string_view label : split(name, '.')) {
      out.push_back(static_cast<std::uint8_t>(label.size()));
      append(out, as_bytes(label));
    }
    out.push_back(0);
    return out;
  }

  static void put16(Bytes& out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8U));
    out.push_back(static_cast<std::uint8_t>(value));
  }
  static void put_record(Bytes& out, const Bytes& owner, std::uint16_t type, const Bytes& data) {
    append(out, owner);
    put16(out, type);
    put16(out, 1);  // IN
    put16(out, 0);  // TTL of an hour
    put16(out, 3600);
    put16(out, data.size());
    append(out, data);
  }

  // What is asked, and the question's end.
  struct Question {
    std::string name;
    std::uint16_t type = 0;
    std::size_t end = 0;
  };
  static Question question_of(BytesView query) {
    Question out;
    std::size_t at = 12;
    while (query[at] != 0) {
      if (!out.name.empty()) out.name += '.';
      out.name += to_lower(as_text(query.subspan(at + 1, query[at])));
      at += 1UZ + query[at];
    }
    out.type = static_cast<std::uint16_t>((query[at + 1] << 8) | query[at + 2]);
    out.end = at + 5;
    return out;
  }

  struct Answers {
    std::uint8_t code = 0;
    std::vector<Bytes> records;  // whole
  };
  // Follows aliases, as a server does within its own zones.
  Answers answers_to(const Question& question) {
    Answers out;
    std::string name = question.name;
    for (int hop = 0; hop < 8; ++hop) {
      if (const auto code = codes_.find(name); code != codes_.end()) {
        out.code = code->second;
        return out;
      }
      if (const auto alias = turns_.find({name, kAlias}); alias != turns_.end()) {
        Bytes record;
        put_record(record, wire_name(name), kAlias, alias->second.front().front());
        out.records.push_back(std::move(record));
        name = question_of_name(alias->second.front().front());
        continue;
      }
      break;
    }
    const auto found = turns_.find({name, question.type});
    if (found == turns_.end()) {
      if (!exists(name)) out.code = 3;
      return out;
    }
    for (const Bytes& data : found->second.front()) {
      Bytes record;
      put_record(record, wire_name(name), question.type, data);
      out.records.push_back(std::move(record));
    }
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    return out;
  }
  static std::string question_of_name(BytesView wire) {
    std::string out;
    for (std::size_t at = 0; wire[at] != 0; at += 1UZ + wire[at])
      out += (out.empty() ? "" : ".") + std::string(as_text(wire.subspan(at + 1, wire[at])));
    return out;
  }
  // A name exists when it, or one below it, has records.
  bool exists(const std::string& name) const {
    for (const auto& [key, unused] : turns_) {
      if (key.first == name || key.first.ends_with("." + name)) return true;
    }
    return false;
  }

  static Bytes start_of_authority() {
    constexpr std::uint16_t kSoa = 6;
    Bytes data = wire_name("ns.test");
    append(data, wire_name("hostmaster.test"));
    data.resize(data.size() + 16);      // serial, refresh, retry, expire
    append(data, Bytes{0, 0, 14, 16});  // an hour, for which "there is none" may be remembered
    Bytes record;
    put_record(record, wire_name("test"), kSoa, data);
    return record;
  }

  // Empty: silence.
  Bytes reply_to(BytesView query, bool over_tcp) {
    const std::scoped_lock lock(mutex_);
    const Question question = question_of(query);
    ++asked_[{question.name, question.type}];
    if (over_tcp) ++tcp_queries_;
    const Answers answers = answers_to(question);
    if (answers.code == kSilence) return {};
    Bytes out = to_bytes(query.first(2));
    const auto head = [&](bool cut) {
      out.resize(2);
      out.push_back(cut ? 0x87 : 0x85);  // QR, AA, TC, RD
      out.push_back(static_cast<std::uint8_t>(0x80 | answers.code));
      put16(out, 1);
      put16(out, cut ? 0 : answers.records.size());
      put16(out, cut ? 0 : 1);
      put16(out, 0);
      append(out, query.subspan(12, question.end - 12));
    };
    head(false);
    for (const Bytes& record : answers.records) append(out, record);
    append(out, start_of_authority());
    if (!over_tcp && out.size() > kMaxUdp) head(true);
    return out;
  }

  void serve() {
    std::array<pollfd, 3> ready{pollfd{stop_.get(), POLLIN, 0}, pollfd{udp_.get(), POLLIN, 0},
                                pollfd{tcp_.get(), POLLIN, 0}};
    while (true) {
      if (::poll(ready.data(), ready.size(), -1) < 0) continue;
      if (ready[0].revents != 0) return;
      if (ready[1].revents != 0) serve_udp();
      if (ready[2].revents != 0) serve_tcp();
    }
  }
  void serve_udp() {
    std::array<std::uint8_t, 4096> in{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t n =
        ::recvfrom(udp_.get(), in.data(), in.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n < 17) return;
    const Bytes out = reply_to(BytesView(in).first(static_cast<std::size_t>(n)), false);
    if (!out.empty())
      ::sendto(udp_.get(), out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
  void serve_tcp() {
    const net::UniqueFd peer(::accept(tcp_.get(), nullptr, nullptr));
    std::array<std::uint8_t, 4096> in{};
    if (::recv(peer.get(), in.data(), 2, MSG_WAITALL) != 2) return;
    const auto length = static_cast<std::size_t>((in[0] << 8) | in[1]);
    if (length > in.size() || ::recv(peer.get(), in.data(), length, MSG_WAITALL) < 17) return;
    const Bytes reply = reply_to(BytesView(in).first(length), true);
    Bytes out;
    put16(out, reply.size());
    append(out, reply);
    ::send(peer.get(), out.data(), out.size(), MSG_NOSIGNAL);
  }

  net::UniqueFd udp_;
  net::UniqueFd tcp_;
  net::UniqueFd stop_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;  // guards what follows
  std::map<Key, std::vector<std::vector<Bytes>>> turns_;
  std::map<std::string, std::uint8_t> codes_;
  std::map<Key, int> asked_;
  int tcp_queries_ = 0;
  std::thread thread_;
};

}  // namespace chancery::validation::network::testing
