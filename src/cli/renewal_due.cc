#include "cli/renewal_due.h"

#include <charconv>

namespace chancery::cli {
namespace {

Result<unsigned> parse_part(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > 1000) {
    return fail(Code::kInvalidArgument,
                "expected a share such as 2/3 or the time before the end, such as 30d");
  }
  return value;
}

}  // namespace

Result<TimePoint> renewal_time(TimePoint not_before, TimePoint not_after, std::string_view due) {
  const auto slash = due.find('/');
  if (slash == std::string_view::npos) return not_after - TRY(parse_duration(due));
  const unsigned part = TRY(parse_part(due.substr(0, slash)));
  const unsigned whole = TRY(parse_part(due.substr(slash + 1)));
  if (whole == 0 || part > whole)
    return fail(Code::kInvalidArgument, "the share must lie between 0 and 1");
  return not_before + (not_after - not_before) * part / whole;
}

}  // namespace chancery::cli
