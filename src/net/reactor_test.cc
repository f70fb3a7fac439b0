#include "net/reactor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "net/listener.h"
#include "net/stream.h"

namespace chancery::net {
namespace {

class Recorder final : public LoopObserver {
 public:
  void busy() override {
    CHECK(!busy_now);
    busy_now = true;
  }
  void idle() override {
    CHECK(busy_now);
    busy_now = false;
    const std::scoped_lock lock(mutex_);
    ++idles_;
    changed_.notify_all();
  }
  void await_idle_after(int seen) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return idles_ > seen; });
  }
  int idles() {
    const std::scoped_lock lock(mutex_);
    return idles_;
  }
  std::atomic<bool> busy_now{false};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int idles_ = 0;
};

class Task final : public Runnable {
 public:
  explicit Task(std::function<void()> work) : work_(std::move(work)) {}
  void run() override { work_(); }

 private:
  std::function<void()> work_;
};

struct Running {
  Running() : thread([this] { reactor.run(recorder); }) {}
  ~Running() { stop(); }
  void stop() {
    reactor.stop();
    if (thread.joinable()) thread.join();
  }
  void post(std::function<void()> work) { reactor.post(std::make_shared<Task>(std::move(work))); }

  Recorder recorder;
  Reactor reactor;
  std::thread thread;
};

TEST_CASE("posted work runs in order, before the reactor is idle") {
  Running running;
  running.recorder.await_idle_after(0);
  std::vector<int> seen;
  const int before = running.recorder.idles();
  running.post([&] {
    // From the reactor's own thread; runs before it sleeps.
    for (int i = 0; i < 100; ++i) running.post([&seen, i] { seen.push_back(i); });
  });
  running.recorder.await_idle_after(before);
  CHECK(seen.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("no post is lost, from many threads") {
  Running running;
  std::atomic<int> ran{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) running.post([&] { ++ran; });
      });
    }
  }
  running.stop();
  CHECK(ran == 8000);
  // After the end it is dropped, with what it holds.
  auto held = std::make_shared<int>(1);
  running.post([held] { CHECK(false); });
  CHECK(held.use_count() == 1);
}

class Echo final : public ReadyHandler, public std::enable_shared_from_this<Echo> {
 public:
  Echo(Reactor& reactor, UniqueFd fd) : socket_(reactor, std::move(fd)) {}
  void start() { socket_.wait_readable(shared_from_this()); }
  void on_readable() override {
    std::array<char, 64> buffer{};
    const ssize_t n = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
    if (n <= 0) return socket_.close();
    text_.append(buffer.data(), static_cast<std::size_t>(n));
    socket_.wait_writable(shared_from_this());
  }
  void on_writable() override {
    CHECK(::send(socket_.fd(), text_.data(), text_.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text_.size()));
    text_.clear();
    socket_.wait_readable(shared_from_this());
  }

 private:
  Socket socket_;
  std::string text_;
};

TEST_CASE("sockets report readiness, also what was there before") {
  Running running;
  std::array<int, 2> fds{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
  UniqueFd mine(fds[0]);
  REQUIRE(::send(mine.get(), "early", 5, 0) == 5);
  std::weak_ptr<Echo> watched;
  running.post([&] {
    ::fcntl(fds[1], F_SETFL, O_NONBLOCK);
    auto echo = std::make_shared<Echo>(running.reactor, UniqueFd(fds[1]));
    watched = echo;
    echo->start();
  });
  std::array<char, 8> buffer{};
  CHECK(::recv(mine.get(), buffer.data(), 5, MSG_WAITALL) == 5);
  CHECK(::send(mine.get(), "later", 5, 0) == 5);
  CHECK(::recv(mine.get(), buffer.data(), 5, MSG_WAITALL) == 5);
  mine.reset();
  const int before = running.recorder.idles();
  running.post([] {});
  running.recorder.await_idle_after(before);
  running.stop();
  CHECK(watched.expired());
}

class Accepted final : public AcceptHandler {
 public:
  void accepted(UniqueFd fd, std::string peer_address) override {
    CHECK(peer_address == "127.0.0.1");
    fds.push_back(std::move(fd));
  }
  void accept_failed(int) override { CHECK(false); }
  std::vector<UniqueFd> fds;
};

TEST_CASE("a listener that closes takes what has connected") {
  auto listener = Listener::open("127.0.0.1", 0).value();
  CHECK(listener->port() != 0);
  CHECK(Listener::open("127.0.0.1", listener->port()).error().code == Code::kUnavailable);
  CHECK(Listener::open("localhost", 0).error().code == Code::kInvalidArgument);
  Accepted accepted;
  Reactor reactor;
  listener->start(reactor, accepted);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(listener->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
          0);
  listener->close();
  CHECK(accepted.fds.size() == 1);
  const UniqueFd late(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(::connect(late.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0);
}

}  // namespace
}  // namespace chancery::net
