#include "os/service_manager.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace chancery::os {
namespace {

// Supervisor receives what the process tells, on an abstract socket of its own.
class Supervisor {
 public:
  Supervisor() : name("@chancery-test-" + std::to_string(::getpid())) {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) == 0);
  }
  ~Supervisor() { ::close(fd_); }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  std::string heard() {
    std::array<char, 512> text{};
    const ssize_t n = ::recv(fd_, text.data(), text.size(), MSG_DONTWAIT);
    return n < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(n));
  }

  const std::string name;

 private:
  int fd_ = -1;
};

TEST_CASE("the supervisor hears of every state") {
  Supervisor supervisor;
  const ServiceManager manager(supervisor.name);
  manager.ready("serving https on 127.0.0.1:1");
  CHECK(supervisor.heard() == "READY=1\nSTATUS=serving https on 127.0.0.1:1\n");
  manager.reloading();
  CHECK(supervisor.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  manager.alive();
  CHECK(supervisor.heard() == "WATCHDOG=1\n");
  manager.stopping();
  CHECK(supervisor.heard() == "STOPPING=1\nSTATUS=stopping\n");
  ServiceManager().ready("nobody listens");
  ServiceManager("relative/path").ready("not an address");
  ServiceManager(std::string(200, '/')).ready("too long");
  CHECK(supervisor.heard().empty());
}

TEST_CASE("descriptors are for the process that they were meant for") {
  const auto two = parse_given_sockets("7", "2", "https:http", 7).value();
  REQUIRE(two.size() == 2);
  CHECK(two[0].fd == 3);
  CHECK(two[0].name == "https");
  CHECK(two[1].fd == 4);
  CHECK(two[1].name == "http");
  CHECK(parse_given_sockets("8", "2", "https:http", 7).value().empty());
  CHECK(parse_given_sockets(nullptr, "2", nullptr, 7).value().empty());
  CHECK(parse_given_sockets("7", nullptr, nullptr, 7).value().empty());
  CHECK(parse_given_sockets("7", "1", nullptr, 7).value()[0].name == "unknown");
  for (const char* bad : {"-1", "65", "x", "", "1x"})
    CHECK_FALSE(parse_given_sockets("7", bad, nullptr, 7).has_value());
  CHECK_FALSE(parse_given_sockets("7", "2", "https", 7).has_value());
}

}  // namespace
}  // namespace chancery::os
