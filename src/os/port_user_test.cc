#include "os/port_user.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chancery::os {
namespace {

TEST_CASE("who listens on a port is found as long as it does") {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(fd, generic, size) == 0);
  REQUIRE(::getsockname(fd, generic, &size) == 0);
  const std::uint16_t port = ntohs(address.sin_port);
  CHECK_FALSE(port_user(port).has_value());  // bound, but it does not listen
  REQUIRE(::listen(fd, 1) == 0);
  CHECK(port_user(port).value().pid == ::getpid());
  ::close(fd);
  CHECK_FALSE(port_user(port).has_value());
}

}  // namespace
}  // namespace chancery::os
