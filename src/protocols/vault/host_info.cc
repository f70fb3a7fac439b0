#include "protocols/vault/host_info.h"

#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <vector>

#include "base/text.h"
#include "protocols/json/writer.h"

namespace chancery::vault {
namespace {

// Far more than any of these files has.
constexpr std::size_t kMostLines = 20'000;

std::vector<std::string> lines_of(const char* path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; lines.size() < kMostLines && std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  text = trim(text);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

// The words of a line that spaces part.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

using Facts = std::map<std::string, std::string, std::less<>>;

std::string_view fact(const Facts& facts, std::string_view name) {
  const auto it = facts.find(name);
  return it == facts.end() ? std::string_view{} : std::string_view(it->second);
}

// facts_of reads "name : value" lines, up to an empty one.
Facts facts_of(const std::vector<std::string>& lines, std::size_t& at, char separator) {
  Facts facts;
  for (; at < lines.size() && !lines[at].empty(); ++at) {
    const std::string_view line = lines[at];
    const std::size_t cut = line.find(separator);
    if (cut == std::string_view::npos) continue;
    facts.emplace(trim(line.substr(0, cut)), trim(line.substr(cut + 1)));
  }
  ++at;
  return facts;
}

void write_number(json::Writer& out, std::string_view name, std::string_view text) {
  out.field(name, number(text).value_or(0));
}

void write_processors(json::Writer& out) {
  const auto lines = lines_of("/proc/cpuinfo");
  out.key("cpu").begin_array();
  for (std::size_t at = 0; at < lines.size();) {
    const Facts facts = facts_of(lines, at, ':');
    if (!facts.contains("processor")) continue;
    out.begin_object();
    write_number(out, "cpu", fact(facts, "processor"));
    out.field("vendorId", fact(facts, "vendor_id")).field("family", fact(facts, "cpu family"));
    out.field("model", fact(facts, "model"));
    write_number(out, "stepping", fact(facts, "stepping"));
    out.field("physicalId", fact(facts, "physical id")).field("coreId", fact(facts, "core id"));
    out.field("cores", 1).field("modelName", fact(facts, "model name"));
    write_number(out, "mhz", fact(facts, "cpu MHz"));
    write_number(out, "cacheSize", fact(facts, "cache size"));
    out.key("flags").begin_array();
    for (const std::string_view flag : words_of(fact(facts, "flags"))) out.string(flag);
    out.end_array().field("microcode", fact(facts, "microcode")).end_object();
  }
  out.end_array();
}

void write_processor_times(json::Writer& out) {
  constexpr std::array kNames{"user", "nice",    "system", "idle",  "iowait",
                              "irq",  "softirq", "steal",  "guest", "guestNice"};
  const std::int64_t ticks = std::max(1L, ::sysconf(_SC_CLK_TCK));
  out.key("cpu_times").begin_array();
  for (const std::string& line : lines_of("/proc/stat")) {
    const auto words = words_of(line);
    if (words.empty() || !words[0].starts_with("cpu") || words[0] == "cpu") continue;
    out.begin_object().field("cpu", words[0]);
    for (std::size_t i = 0; i < kNames.size() && i + 1 < words.size(); ++i)
      out.field(kNames[i], number(words[i + 1]).value_or(0) / ticks);
    out.end_object();
  }
  out.end_array();
}

void write_file_system(json::Writer& out) {
  struct ::statvfs status{};
  out.key("disk").begin_array();
  if (::statvfs("/", &status) == 0) {
    const auto total = status.f_blocks * status.f_frsize;
    const auto free = status.f_bavail * status.f_frsize;
    const auto used = (status.f_blocks - status.f_bfree) * status.f_frsize;
    out.begin_object().field("path", "/").field("total", total).field("free", free);
    out.field("used", used);
    out.field("usedPercent", used + free == 0 ? 0 : used * 100 / (used + free));
    out.field("inodesTotal", status.f_files).field("inodesFree", status.f_ffree);
    out.field("inodesUsed", status.f_files - status.f_ffree).end_object();
  }
  out.end_array();
}

void write_memory(json::Writer& out) {
  const auto lines = lines_of("/proc/meminfo");
  std::size_t at = 0;
  const Facts facts = facts_of(lines, at, ':');
  const auto bytes = [&](std::string_view name) {
    return number(fact(facts, name)).value_or(0) * 1024;
  };
  const std::int64_t total = bytes("MemTotal");
  const std::int64_t available = bytes("MemAvailable");
  out.key("memory").begin_object().field("total", total).field("available", available);
  out.field("used", total - available);
  out.field("usedPercent", total == 0 ? 0 : (total - available) * 100 / total);
  out.field("free", bytes("MemFree")).field("active", bytes("Active"));
  out.field("inactive", bytes("Inactive")).field("buffers", bytes("Buffers"));
  out.field("cached", bytes("Cached")).field("swaptotal", bytes("SwapTotal"));
  out.field("swapfree", bytes("SwapFree")).end_object();
}

// unquoted takes the quotes off a value of /etc/os-release.
std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

void write_system(json::Writer& out, TimePoint now) {
  struct ::utsname name{};
  static_cast<void>(::uname(&name));
  const auto release = lines_of("/etc/os-release");
  std::size_t at = 0;
  const Facts facts = facts_of(release, at, '=');
  const auto uptime = lines_of("/proc/uptime");
  const std::int64_t up = uptime.empty() ? 0 : number(uptime.front()).value_or(0);
  out.key("host").begin_object().field("hostname", name.nodename).field("uptime", up);
  out.field("bootTime", to_unix(now) - up).field("os", "linux");
  out.field("platform", unquoted(fact(facts, "ID")));
  out.field("platformVersion", unquoted(fact(facts, "VERSION_ID")));
  out.field("kernelVersion", name.release).field("kernelArch", name.machine).end_object();
}

}  // namespace

std::string host_info(TimePoint now) {
  json::Writer out(8192);
  out.begin_object();
  write_processors(out);
  write_processor_times(out);
  write_file_system(out);
  write_system(out, now);
  write_memory(out);
  out.field("timestamp", rfc3339(now)).end_object();
  return std::move(out).take();
}

}  // namespace chancery::vault
