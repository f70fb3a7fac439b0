#include "base/metrics.h"

#include <map>
#include <mutex>

#include "base/result.h"

namespace chancery {

namespace {

enum class Type : std::uint8_t { kCounter, kGauge, kHistogram };

std::string_view name_of(Type type) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kGauge:
      return "gauge";
    case Type::kHistogram:
      return "histogram";
  }
  return "untyped";
}

// One name with its series. Exactly one of the maps is used, as the first registration decides.
struct Family {
  std::string help;
  Type type = Type::kCounter;
  std::map<std::string, std::unique_ptr<Histogram>, std::less<>> histograms;
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

void append_line(std::string& out, std::string_view name, std::string_view labels,
                 std::string_view value) {
  out += name;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  out += value;
  out += '\n';
}

// Microseconds as seconds, without rounding.
std::string in_seconds(std::uint64_t microseconds) {
  std::string fraction = std::to_string(1'000'000 + microseconds % 1'000'000).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return std::to_string(microseconds / 1'000'000) + (fraction.empty() ? "" : "." + fraction);
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  const std::string prefix = labels.empty() ? "" : labels + ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    below += histogram.bucket(i);
    append_line(out, name + "_bucket", prefix + "le=\"" + in_seconds(Histogram::kBounds[i]) + '"',
                std::to_string(below));
  }
  below += histogram.bucket(Histogram::kBounds.size());
  append_line(out, name + "_bucket", prefix + "le=\"+Inf\"", std::to_string(below));
  append_line(out, name + "_sum", labels, in_seconds(histogram.sum_microseconds()));
  append_line(out, name + "_count", labels, std::to_string(below));
}

template <class Series>
void append_series(std::string& out, const std::string& name, const Series& all) {
  for (const auto& [labels, series] : all) {
    append_line(out, name, labels, std::to_string(series->value()));
  }
}

}  // namespace

struct Metrics::State {
  mutable std::mutex mutex;
  std::map<std::string, Family, std::less<>> families;

  Family& family(std::string_view name, std::string_view help, Type type) {
    const auto found = families.find(name);
    if (found != families.end()) {
      CHANCERY_CHECK(found->second.type == type);
      return found->second;
    }
    Family& added = families[std::string(name)];
    added.help = help;
    added.type = type;
    return added;
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, std::string_view labels) {
  const std::scoped_lock lock(state_->mutex);
  return find_or_add(state_->family(name, help, Type::kCounter).counters, labels);
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, std::string_view labels) {
  const std::scoped_lock lock(state_->mutex);
  return find_or_add(state_->family(name, help, Type::kGauge).gauges, labels);
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help,
                              std::string_view labels) {
  const std::scoped_lock lock(state_->mutex);
  return find_or_add(state_->family(name, help, Type::kHistogram).histograms, labels);
}

std::uint64_t Histogram::count() const {
  std::uint64_t all = 0;
  for (const auto& bucket : buckets_) all += bucket.load(std::memory_order_relaxed);
  return all;
}

std::string Metrics::render() const {
  const std::scoped_lock lock(state_->mutex);
  std::string out;
  for (const auto& [name, family] : state_->families) {
    out += "# HELP " + name + ' ';
    append_help(out, family.help);
    out += "\n# TYPE " + name + ' ';
    out += name_of(family.type);
    out += '\n';
    append_series(out, name, family.counters);
    append_series(out, name, family.gauges);
    for (const auto& [labels, histogram] : family.histograms)
      append_histogram(out, name, labels, *histogram);
  }
  return out;
}

}  // namespace chancery
