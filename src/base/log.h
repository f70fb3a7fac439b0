#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace chancery {

// Field is one key of a structured log line. SecretBytes has no Field on purpose.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <std::signed_integral T>
  Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Field(std::string_view k, T v) : key(k), value(static_cast<std::uint64_t>(v)) {}

  std::string_view key;
  Value value;
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

// Log takes structured lines. The message is a constant string; what varies goes into fields.
// Implementations are thread-safe and never block the caller on a slow sink for long.
class Log {
 public:
  using Fields = std::initializer_list<Field>;
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view message, Fields fields) = 0;

  void debug(std::string_view message, Fields fields = {}) {
    write(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) {
    write(LogLevel::kInfo, message, fields);
  }
  void warning(std::string_view message, Fields fields = {}) {
    write(LogLevel::kWarning, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) {
    write(LogLevel::kError, message, fields);
  }
};

// NullLog drops everything; for tests and tools that report by other means.
class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view, Fields) override {}
};

}  // namespace chancery
