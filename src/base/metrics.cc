#include "base/metrics.h"

#include <map>
#include <mutex>

#include "base/result.h"

namespace chancery {

namespace {

// One name with its series. Exactly one of the two maps is used, as the first registration decides.
struct Family {
  std::string help;
  bool is_counter = true;
  std::map<std::string, std::unique_ptr<Counter>, std::less<>> counters;
  std::map<std::string, std::unique_ptr<Gauge>, std::less<>> gauges;
};

template <class Series>
Series& find_or_add(std::map<std::string, std::unique_ptr<Series>, std::less<>>& all,
                    std::string_view labels) {
  const auto found = all.find(labels);
  if (found != all.end()) return *found->second;
  return *all.emplace(labels, std::make_unique<Series>()).first->second;
}

void append_help(std::string& out, std::string_view help) {
  for (const char c : help) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

template <class Series>
void append_series(std::string& out, const std::string& name, const Series& all) {
  for (const auto& [labels, series] : all) {
    out += name;
    if (!labels.empty()) {
      out += '{';
      out += labels;
      out += '}';
    }
    out += ' ';
    out += std::to_string(series->value());
    out += '\n';
  }
}

}  // namespace

struct Metrics::State {
  mutable std::mutex mutex;
  std::map<std::string, Family, std::less<>> families;

  Family& family(std::string_view name, std::string_view help, bool is_counter) {
    const auto found = families.find(name);
    if (found != families.end()) {
      CHANCERY_CHECK(found->second.is_counter == is_counter);
      return found->second;
    }
    Family& added = families[std::string(name)];
    added.help = help;
    added.is_counter = is_counter;
    return added;
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, std::string_view labels) {
  const std::scoped_lock lock(state_->mutex);
  return find_or_add(state_->family(name, help, true).counters, labels);
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, std::string_view labels) {
  const std::scoped_lock lock(state_->mutex);
  return find_or_add(state_->family(name, help, false).gauges, labels);
}

std::string Metrics::render() const {
  const std::scoped_lock lock(state_->mutex);
  std::string out;
  for (const auto& [name, family] : state_->families) {
    out += "# HELP " + name + ' ';
    append_help(out, family.help);
    out += "\n# TYPE " + name + (family.is_counter ? " counter\n" : " gauge\n");
    append_series(out, name, family.counters);
    append_series(out, name, family.gauges);
  }
  return out;
}

}  // namespace chancery
