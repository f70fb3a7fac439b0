// The load generator of scripts/bench: sends prepared HTTP/1.1 requests to a server on 127.0.0.1
// and prints one line of JSON with what came back.
//
//   http_load [--plain] [--ca FILE] [--connections N] [--rate R] PORT COUNT REQUESTS
//   http_load [--ca FILE] --handshakes PORT COUNT
//
// REQUESTS is a file of requests, each a length in decimal, a line feed, and that many bytes. The
// n-th request sent is the n-th of the file, starting over at its end. Without --rate a connection
// sends as soon as it has its answer; with it, R requests a second are due whatever the server
// does. A connection that the server closes is opened again.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "load_client.h"

namespace {

using namespace chancery::bench;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "http_load: %s\n", why.c_str());
  std::exit(2);
}

std::vector<std::string> read_requests(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::string> requests;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    if (end == std::string::npos) die(std::string(path) + ": a length without a line feed");
    const std::size_t size = std::strtoull(text.c_str() + at, nullptr, 10);
    if (size == 0 || size > text.size() - end - 1) die(std::string(path) + ": a wrong length");
    requests.push_back(text.substr(end + 1, size));
    at = end + 1 + size;
  }
  if (requests.empty()) die(std::string(path) + ": no requests");
  return requests;
}

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return out + "\"";
}

void print(const LoadResult& result) {
  std::printf(
      "{\"answered\":%llu,\"failed\":%llu,\"reconnects\":%llu,\"seconds\":%.6f,\"median_ms\":%.4f,"
      "\"p99_ms\":%.4f,\"max_ms\":%.4f,\"first_failure\":%s}\n",
      static_cast<unsigned long long>(result.answered),
      static_cast<unsigned long long>(result.failed),
      static_cast<unsigned long long>(result.reconnects), result.seconds, result.quantile(0.5),
      result.quantile(0.99), result.quantile(1), json_text(result.first_failure).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  LoadTarget target;
  unsigned connections = 64;
  double rate = 0;
  bool only_handshakes = false;
  std::vector<const char*> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> const char* {
      if (++i == argc) die(word + " needs a value");
      return argv[i];
    };
    if (word == "--plain") {
      target.tls = false;
    } else if (word == "--handshakes") {
      only_handshakes = true;
    } else if (word == "--ca") {
      target.ca_file = value();
    } else if (word == "--connections") {
      connections = static_cast<unsigned>(std::strtoul(value(), nullptr, 10));
    } else if (word == "--rate") {
      rate = std::strtod(value(), nullptr);
    } else if (word.starts_with("--")) {
      die("there is no option " + word);
    } else {
      words.push_back(argv[i]);
    }
  }
  if (words.size() != (only_handshakes ? 2U : 3U) || connections == 0)
    die("usage: http_load [--plain] [--ca FILE] [--connections N] [--rate R] PORT COUNT REQUESTS");
  target.port = static_cast<std::uint16_t>(std::strtoul(words[0], nullptr, 10));
  const std::uint64_t count = std::strtoull(words[1], nullptr, 10);
  if (only_handshakes) {
    print(handshakes(target, count));
    return 0;
  }
  const std::vector<std::string> requests = read_requests(words[2]);
  LoadClient client(target, connections);
  print(client.run(
      count, [&](std::uint64_t n) -> const std::string& { return requests[n % requests.size()]; },
      rate));
  return 0;
}
