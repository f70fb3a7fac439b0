#include "net/reactor.h"

#ifdef __SANITIZE_THREAD__
// ThreadSanitizer does not know fences; the loop's own locks order everything here.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#endif

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <vector>

namespace chancery::net {

namespace asio = boost::asio;

struct Reactor::State {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  asio::steady_timer timer{io};
  std::chrono::milliseconds period{0};
  std::function<void()> tick;

  std::mutex mutex;
  std::vector<std::shared_ptr<Runnable>> posted;  // guarded by mutex
  bool asleep = false;                            // guarded by mutex; cleared by whoever wakes
  bool ended = false;                             // guarded by mutex
  std::atomic<bool> has_posted{false};            // a hint that `posted` is not empty
  std::atomic<bool> stopping{false};
  std::vector<std::shared_ptr<Runnable>> batch;

  void arm_timer() {
    timer.expires_after(period);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      tick();
      arm_timer();
    });
  }

  // Runs what was posted so far.
  void run_posted() {
    {
      const std::scoped_lock lock(mutex);
      batch.swap(posted);
      has_posted.store(false, std::memory_order_relaxed);
    }
    for (auto& work : batch) {
      work->run();
      work.reset();
    }
    batch.clear();
  }

  // Takes note that the thread is about to block, unless something was posted.
  bool fall_asleep() {
    const std::scoped_lock lock(mutex);
    asleep = posted.empty() && !stopping.load(std::memory_order_relaxed);
    return asleep;
  }

  void wake_up() {
    const std::scoped_lock lock(mutex);
    asleep = false;
  }

  void run_ready() {
    do {
      if (has_posted.load(std::memory_order_relaxed)) run_posted();
    } while (io.poll_one() != 0);
  }
};

Reactor::Reactor() : state_(std::make_unique<State>()) {}
Reactor::~Reactor() = default;

void Reactor::run(LoopObserver& observer) {
  State& s = *state_;
  observer.busy();
  while (!s.stopping.load(std::memory_order_relaxed)) {
    s.run_ready();
    if (s.has_posted.load(std::memory_order_relaxed)) continue;
    observer.idle();
    if (s.fall_asleep()) {
      s.io.run_one();
      s.wake_up();
    }
    observer.busy();
  }
  // Runs what close cancelled, so that nothing keeps its handler alive.
  s.run_ready();
  observer.idle();
  std::vector<std::shared_ptr<Runnable>> dropped;
  const std::scoped_lock lock(s.mutex);
  s.ended = true;
  dropped.swap(s.posted);
}

void Reactor::stop() {
  const std::scoped_lock lock(state_->mutex);
  state_->stopping.store(true, std::memory_order_relaxed);
  asio::post(state_->io, [] {});
}

void Reactor::post(std::shared_ptr<Runnable> work) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->ended) return;
  state_->posted.push_back(std::move(work));
  state_->has_posted.store(true, std::memory_order_relaxed);
  if (!state_->asleep) return;
  state_->asleep = false;
  asio::post(state_->io, [] {});
}

void Reactor::every(std::chrono::milliseconds period, std::function<void()> tick) {
  state_->period = period;
  state_->tick = std::move(tick);
  state_->arm_timer();
}

struct Socket::State {
  asio::posix::stream_descriptor descriptor;
};

Socket::Socket(Reactor& reactor, UniqueFd fd)
    : state_(new State{asio::posix::stream_descriptor(reactor.state_->io, fd.get())}) {
  // Asio owns it now.
  [[maybe_unused]] const int owned = fd.release();
}

Socket::~Socket() = default;

int Socket::fd() const { return state_->descriptor.native_handle(); }

void Socket::wait_readable(std::shared_ptr<ReadyHandler> handler) {
  state_->descriptor.async_wait(
      asio::posix::descriptor_base::wait_read,
      [handler = std::move(handler)](const boost::system::error_code& error) {
        if (!error) handler->on_readable();
      });
}

void Socket::wait_writable(std::shared_ptr<ReadyHandler> handler) {
  state_->descriptor.async_wait(
      asio::posix::descriptor_base::wait_write,
      [handler = std::move(handler)](const boost::system::error_code& error) {
        if (!error) handler->on_writable();
      });
}

void Socket::close() {
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

}  // namespace chancery::net
