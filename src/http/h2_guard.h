#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace chancery::http {

// H2Guard counts the frames of one connection that cost us work and need not stand for any request
// of the client: resets (CVE-2023-44487), pings, settings and the like (CVE-2019-9511 to 9518).
// Each kind has an allowance for a window of time; more of them ends the connection.
class H2Guard {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kWindow{10};
  enum class Kind : std::uint8_t {
    kReset,  // a stream that did not come to its end, whoever reset it
    kPing,
    kSettings,
    kEmptyData,     // DATA without a byte and without the end
    kWindowUpdate,  // beyond what our own data explain
    kOther,         // PRIORITY, unknown types
    kCount,
  };

  // count notes one frame; false when it is one too many.
  [[nodiscard]] bool count(Kind kind, Clock::time_point now) {
    if (now - window_began_ >= kWindow) {
      window_began_ = now;
      counts_ = {};
      sent_ = 0;
    }
    const auto at = static_cast<std::size_t>(kind);
    const std::uint64_t bonus = kind == Kind::kWindowUpdate ? sent_ / kBytesPerUpdate : 0;
    return ++counts_[at] <= allowance(kind) + bonus;
  }
  // sent notes bytes of bodies, each of which may be answered with window updates.
  void sent(std::size_t bytes) { sent_ += bytes; }

  [[nodiscard]] static constexpr std::uint64_t allowance(Kind kind) {
    switch (kind) {
      case Kind::kReset:
        return 200;
      case Kind::kPing:
        return 100;
      case Kind::kSettings:
        return 20;
      case Kind::kEmptyData:
        return 100;
      case Kind::kWindowUpdate:
        return 2000;
      case Kind::kOther:
      case Kind::kCount:
        return 200;
    }
    return 0;
  }
  [[nodiscard]] static constexpr std::string_view complaint(Kind kind) {
    switch (kind) {
      case Kind::kReset:
        return "too many streams were reset";
      case Kind::kPing:
        return "too many PING frames";
      case Kind::kSettings:
        return "too many SETTINGS frames";
      case Kind::kEmptyData:
        return "too many empty DATA frames";
      case Kind::kWindowUpdate:
        return "too many WINDOW_UPDATE frames";
      case Kind::kOther:
      case Kind::kCount:
        return "too many PRIORITY or unknown frames";
    }
    return "";
  }

 private:
  static constexpr std::uint64_t kBytesPerUpdate = 512;
  std::array<std::uint64_t, static_cast<std::size_t>(Kind::kCount)> counts_{};
  std::uint64_t sent_ = 0;
  Clock::time_point window_began_{};
};

}  // namespace chancery::http
