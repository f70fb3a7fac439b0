#include "acme_test_server/environment.h"

#include <charconv>
#include <string>
#include <string_view>

#include "base/text.h"

namespace chancery::acme_test {
namespace {

using Get = std::function<const char*(const char*)>;

std::unexpected<Error> bad(const char* name, std::string expected) {
  return std::unexpected(
      Error{Code::kInvalidArgument, "expected " + std::move(expected), {}, {}}.with("variable",
                                                                                    name));
}

Result<bool> flag(const Get& get, const char* name) {
  const char* const value = get(name);
  const std::string text = value != nullptr ? to_lower(std::string_view(value)) : "";
  if (text.empty() || text == "0" || text == "false") return false;
  if (text == "1" || text == "true") return true;
  return bad(name, "1 or 0");
}

// What is not set stays `usual`.
Result<std::int64_t> number(const Get& get, const char* name, std::int64_t usual,
                            std::int64_t least, std::int64_t most) {
  const char* const value = get(name);
  if (value == nullptr || *value == '\0') return usual;
  const std::string_view text = value;
  std::int64_t read = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), read);
  if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && read >= least &&
      read <= most)
    return read;
  return bad(name, "a number from " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

Result<Environment> read_environment(const Get& get) {
  Environment out;
  out.always_valid = TRY(flag(get, "PEBBLE_VA_ALWAYS_VALID"));
  out.sleep = seconds{TRY(number(get, "PEBBLE_VA_SLEEPTIME", 5, 1, 600))};
  if (TRY(flag(get, "PEBBLE_VA_NOSLEEP"))) out.sleep = seconds{0};
  out.bad_nonces = static_cast<unsigned>(TRY(number(get, "PEBBLE_WFE_NONCEREJECT", 5, 0, 100)));
  out.reuse = static_cast<unsigned>(TRY(number(get, "PEBBLE_AUTHZREUSE", 50, 0, 100)));
  out.orders_on_page =
      static_cast<std::size_t>(TRY(number(get, "PEBBLE_WFE_ORDERS_PER_PAGE", 3, 1, 1000)));
  out.alternate_roots = static_cast<unsigned>(TRY(number(get, "PEBBLE_ALTERNATE_ROOTS", 0, 0, 16)));
  out.chain_length = static_cast<unsigned>(TRY(number(get, "PEBBLE_CHAIN_LENGTH", 1, 1, 16)));
  return out;
}

}  // namespace chancery::acme_test
