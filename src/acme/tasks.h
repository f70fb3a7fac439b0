#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "acme/background.h"
#include "base/time.h"

namespace chancery::acme {

// Tasks runs each of a set of named tasks at most once at a time, now or when it is due. It forgets
// them all at the end of the program: what has to be done stands in the store. Thread-safe.
class Tasks {
 public:
  static constexpr std::size_t kMost = 20'000;
  // Run does a task and says when it is to be done again, or nothing.
  using Run = std::function<std::optional<seconds>(const std::string& name, const OnLane&)>;

  Tasks(Background& background, const Clock& clock, Background::Place place, Run run)
      : background_(background), clock_(clock), place_(place), run_(std::move(run)) {}

  // add has a task done as soon as there is room; one that runs already is done again only if it
  // says so itself. Beyond kMost waiting tasks it does nothing: the caller asks again later.
  void add(const std::string& name, std::string_view owner);
  // add_unless_known adds one that neither runs nor waits.
  void add_unless_known(const std::string& name, std::string_view owner);
  // hold keeps a task from being run until release, which is for whoever does it itself. False: it
  // runs or waits already.
  [[nodiscard]] bool hold(const std::string& name);
  void release(const std::string& name) { ended(name, std::nullopt); }
  // knows says whether a task runs or waits.
  [[nodiscard]] bool knows(const std::string& name) const;
  // tend starts what is due.
  void tend();
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Entry {
    std::string owner;
    TimePoint due;
    bool running = false;
  };
  void start(const std::string& name);
  void ended(const std::string& name, std::optional<seconds> again);

  Background& background_;
  const Clock& clock_;
  const Background::Place place_;
  const Run run_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace chancery::acme
