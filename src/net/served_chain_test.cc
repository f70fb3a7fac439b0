#include "net/served_chain.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "net/fd.h"

// What a server shows is tested with the program itself, in tests/interop/cli_test.py.
namespace chancery::net {
namespace {

using std::chrono::milliseconds;

struct Listener {
  Listener() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(fd.get(), generic, size) == 0);
    REQUIRE(::getsockname(fd.get(), generic, &size) == 0);
    port = ntohs(address.sin_port);
  }
  UniqueFd fd;
  std::uint16_t port = 0;
};

Code failure(std::uint16_t port, milliseconds timeout) {
  return fetch_served_chain("127.0.0.1", port, timeout, OnLane::outside_server()).error().code;
}

TEST_CASE("a port where nobody listens is unavailable") {
  const Listener listener;
  CHECK(failure(listener.port, milliseconds(10'000)) == Code::kUnavailable);
}

TEST_CASE("a server that says nothing is waited for no longer than was said") {
  const Listener listener;
  REQUIRE(::listen(listener.fd.get(), 1) == 0);
  CHECK(failure(listener.port, milliseconds(20)) == Code::kDeadlineExceeded);
}

TEST_CASE("a server that speaks no TLS is told as such") {
  const Listener listener;
  REQUIRE(::listen(listener.fd.get(), 1) == 0);
  std::thread server([&] {
    const UniqueFd peer(::accept(listener.fd.get(), nullptr, nullptr));
    constexpr std::string_view kGreeting = "220 mail.example.test ESMTP\r\n";
    (void)!::write(peer.get(), kGreeting.data(), kGreeting.size());
  });
  CHECK(failure(listener.port, milliseconds(10'000)) == Code::kUnavailable);
  server.join();
}

}  // namespace
}  // namespace chancery::net
