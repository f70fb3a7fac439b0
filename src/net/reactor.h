#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "net/fd.h"

namespace chancery::net {

// Runnable is work for a reactor's thread.
class Runnable {
 public:
  virtual ~Runnable() = default;
  virtual void run() = 0;
};

// ReadyHandler hears, once, that a descriptor it waited for is ready or broken; the next read or
// write tells which.
class ReadyHandler {
 public:
  virtual ~ReadyHandler() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() {}
};

// LoopObserver hears when a reactor takes up work and when it has none left. The two alternate,
// busy first; idle always comes before the thread blocks and after every event that was ready.
class LoopObserver {
 public:
  virtual ~LoopObserver() = default;
  virtual void busy() = 0;
  virtual void idle() = 0;
};

// Reactor is the event loop of one thread. Only post and stop may be called from other threads.
class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // run works until stop; what it calls must not throw.
  void run(LoopObserver& observer);
  void stop();
  // post runs `work` on the reactor's thread, in the order of posting. However many are posted
  // while the reactor sleeps, it is woken once. After the end of run the work is dropped.
  // Thread-safe.
  void post(std::shared_ptr<Runnable> work);
  // every calls `tick` about once a `period`. Call before run.
  void every(std::chrono::milliseconds period, std::function<void()> tick);

 private:
  friend class Socket;
  struct State;
  std::unique_ptr<State> state_;
};

// Socket is a non-blocking descriptor whose readiness one reactor watches. It reads and writes
// nothing itself. To be used on the reactor's thread only; the reactor must outlive it.
class Socket {
 public:
  Socket(Reactor& reactor, UniqueFd fd);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] int fd() const;
  // Both call back once, soon when the descriptor is ready already, never from within the call. The
  // handler is kept alive until then. After close a call that was due may still come.
  void wait_readable(std::shared_ptr<ReadyHandler> handler);
  void wait_writable(std::shared_ptr<ReadyHandler> handler);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chancery::net
