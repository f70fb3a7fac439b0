#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace chancery {

// Result is a value or an Error. Functions that return one are marked [[nodiscard]].
template <class T>
using Result = std::expected<T, Error>;

// fail makes the error side of a Result: return fail(Code::kMalformed, "empty body"). What makes
// and passes on errors is cold, so that the compiler keeps it apart from the code that runs always.
[[nodiscard, gnu::cold]] inline std::unexpected<Error> fail(Code code, std::string_view detail) {
  return std::unexpected(Error{code, std::string(detail), {}, {}});
}

namespace detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

[[gnu::cold, gnu::noinline]] inline std::unexpected<Error> pass_on(Error&& error) {
  return std::unexpected(std::move(error));
}
}  // namespace detail

}  // namespace chancery

// TRY(expression) yields the value of a Result, or returns its error from the enclosing function.
// Do not nest one TRY inside another's argument.
#define TRY(expression)                                                   \
  __extension__({                                                         \
    auto&& try_result_ = (expression);                                    \
    if (!try_result_.has_value()) [[unlikely]] {                          \
      return ::chancery::detail::pass_on(std::move(try_result_).error()); \
    }                                                                     \
    ::chancery::detail::try_value(std::move(try_result_));                \
  })

// CHECK stops the program when an invariant is broken; for programming errors only, never for
// input.
#define CHANCERY_CHECK(condition)                                       \
  do {                                                                  \
    if (!(condition)) [[unlikely]] {                                    \
      ::chancery::detail::check_failed(#condition, __FILE__, __LINE__); \
    }                                                                   \
  } while (false)

namespace chancery::detail {

// Not [[nodiscard]]: TRY(x) for its error alone is how a checked value is ignored.
template <class T>
T try_value(std::expected<T, Error>&& result) {
  if constexpr (std::is_void_v<T>) {
    return;
  } else {
    return *std::move(result);
  }
}

}  // namespace chancery::detail
