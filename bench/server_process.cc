#include "server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "net/http_client.h"
#include "os/file.h"

namespace chancery::bench {
namespace {

int spawn(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int pid = ::fork();
  if (pid != 0) return pid;
  const int null = ::open("/dev/null", O_WRONLY);
  ::dup2(null, 1);
  ::dup2(null, 2);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

}  // namespace

std::string key_argument(crypto::KeyType type) {
  switch (type.algorithm) {
    case crypto::KeyAlgorithm::kRsa:
      return "rsa-2048";
    case crypto::KeyAlgorithm::kEd25519:
      return "ed25519";
    case crypto::KeyAlgorithm::kMlDsa65:
      return "ml-dsa-65";
    default:
      return "ec-p256";
  }
}

void init_server(const std::string& program, const std::string& directory, crypto::KeyType type) {
  int status = 0;
  ::waitpid(spawn({program, "init", "--data", directory, "--dev", "--key-type", key_argument(type),
                   "--https-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"}),
            &status, 0);
  if (status != 0) die("init failed");
}

Server::Server(const std::string& program, crypto::KeyType type)
    : temporary_(std::in_place), directory_(temporary_->path() + "/pki") {
  init_server(program, directory_, type);
  start(program);
}

Server::Server(const std::string& program, std::string directory)
    : directory_(std::move(directory)) {
  start(program);
}

void Server::start(const std::string& program) {
  const std::string listeners = directory_ + "/run/listeners.json";
  ::unlink(listeners.c_str());
  pid_ = spawn({program, "serve", "--config", directory_ + "/chancery.yaml"});
  for (int i = 0; i < 1000 && !os::exists(listeners); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const Bytes text = need(os::read_file(listeners), "server did not start");
  const auto colon = as_text(text).find("127.0.0.1:");
  port_ = static_cast<std::uint16_t>(
      std::strtoul(std::string(as_text(text)).c_str() + colon + 10, nullptr, 10));
  const Bytes token = need(os::read_file(directory_ + "/root-token"), "token");
  token_ = std::string(as_text(token));
  token_.pop_back();
}

Server::~Server() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

double Server::metric(const std::string& name) const {
  const std::string text = call("GET", "/metrics", {});
  const auto at = text.find("\n" + name + " ");
  if (at == std::string::npos) die("no metric " + name);
  return std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

std::string Server::request(std::string_view path, const std::string& body) const {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nX-Vault-Token: " + token_ +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string Server::call(const std::string& method, const std::string& path,
                         const std::string& body) const {
  net::HttpRequest request;
  request.method = method;
  request.url = "https://127.0.0.1:" + std::to_string(port_) + path;
  request.headers = {{"Authorization", "Bearer " + token_}, {"X-Vault-Token", token_}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = body;
  request.ca_file = ca_file();
  auto answer = need(net::send(request, OnLane::outside_server()), path.c_str());
  if (answer.status / 100 != 2)
    die(method + " " + path + ": " + std::to_string(answer.status) + " " + answer.body);
  return std::move(answer.body);
}

}  // namespace chancery::bench
