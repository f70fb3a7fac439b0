#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "protocols/json/body.h"

namespace chancery::json {

// FieldReader takes typed fields out of a Body, converting as Vault's field schemas do: a boolean
// may come as "true", "1" or 1; an integer as "2048"; a duration as 3600, "3600", "1h30m" or "2d";
// a list as a list or as "a,b". An absent or null field has the default. The first value that
// cannot be converted is remembered and reported by finish; until then the default stands for it.
class FieldReader {
 public:
  explicit FieldReader(const Body& body) : body_(body), asked_(body.members().size(), false) {}

  [[nodiscard]] bool has(std::string_view name);
  // is_text says that the field is there as a JSON string (or a form's, a query's).
  [[nodiscard]] bool is_text(std::string_view name);
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise = {});
  [[nodiscard]] bool flag(std::string_view name, bool otherwise = false);
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise = 0);
  [[nodiscard]] seconds duration(std::string_view name, seconds otherwise = seconds{0});
  // list trims each item of a comma-separated text; a JSON list is taken as it is.
  [[nodiscard]] std::vector<std::string> list(std::string_view name,
                                              std::vector<std::string> otherwise = {});
  // pairs takes an object of scalars, in its order.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs(std::string_view name);
  // time reads RFC 3339.
  [[nodiscard]] std::optional<TimePoint> time(std::string_view name);

  // refuse makes the reader fail for a reason of the caller's, unless it already has one.
  void refuse(std::string_view name, std::string_view why);
  // refuse_with does the same with an error that says everything itself.
  void refuse_with(std::string_view name, Error error);

  // finish returns the sorted names that nobody asked for. Errors: kInvalidArgument; Error::where
  // has the field.
  [[nodiscard]] Result<std::vector<std::string>> finish();

 private:
  const Value* take(std::string_view name);
  void refuse_hinted(std::string_view name, std::string_view why, std::string hint);
  void refuse_kind(std::string_view name, std::string_view wanted, Value::Kind kind);

  const Body& body_;
  std::vector<bool> asked_;
  std::optional<Error> error_;
};

}  // namespace chancery::json
