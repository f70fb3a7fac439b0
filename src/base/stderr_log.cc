#include "base/stderr_log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <string>

namespace chancery {
namespace {

void append_json_string(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        fmt::format_to(fmt::appender(out), "\\\"");
        break;
      case '\\':
        fmt::format_to(fmt::appender(out), "\\\\");
        break;
      case '\n':
        fmt::format_to(fmt::appender(out), "\\n");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(fmt::appender(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

struct JsonValue {
  fmt::memory_buffer& out;
  void operator()(std::string_view v) const { append_json_string(out, v); }
  void operator()(bool v) const { fmt::format_to(fmt::appender(out), "{}", v); }
  template <class T>
  void operator()(T v) const {
    fmt::format_to(fmt::appender(out), "{}", v);
  }
};

struct TextValue {
  fmt::memory_buffer& out;
  void operator()(std::string_view v) const {
    const bool plain = !v.empty() && v.find_first_of(" \"=\n\t\r") == std::string_view::npos;
    if (plain) {
      out.append(v.data(), v.data() + v.size());
    } else {
      append_json_string(out, v);
    }
  }
  template <class T>
  void operator()(T v) const {
    fmt::format_to(fmt::appender(out), "{}", v);
  }
};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

class StderrLog final : public Log {
 public:
  StderrLog(LogFormat format, LogLevel level)
      : format_(format), logger_("chancery", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_level(to_spdlog(level));
    // The body of the line is ours; spdlog adds time and level.
    const char* pattern = format == LogFormat::kJson
                              ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
    logger_.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  }

  void write(LogLevel level, std::string_view message, Fields fields) override {
    if (!logger_.should_log(to_spdlog(level))) return;
    fmt::memory_buffer line;
    if (format_ == LogFormat::kJson) {
      fmt::format_to(fmt::appender(line), "\"message\":");
      append_json_string(line, message);
      for (const Field& field : fields) {
        line.push_back(',');
        append_json_string(line, field.key);
        line.push_back(':');
        std::visit(JsonValue{line}, field.value);
      }
    } else {
      line.append(message.data(), message.data() + message.size());
      for (const Field& field : fields) {
        fmt::format_to(fmt::appender(line), " {}=", field.key);
        std::visit(TextValue{line}, field.value);
      }
    }
    logger_.log(to_spdlog(level), fmt::string_view(line.data(), line.size()));
  }

 private:
  LogFormat format_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Log> make_stderr_log(LogFormat format, LogLevel level) {
  return std::make_unique<StderrLog>(format, level);
}

}  // namespace chancery
