#include "policy/other_name.h"

#include "base/text.h"
#include "policy/refusal.h"

namespace chancery::policy {
namespace {

std::unexpected<Error> bad(std::string_view what, std::string_view text) {
  return fail(Code::kInvalidArgument, std::string(what) + in_quotes(text));
}

}  // namespace

Result<OtherName> parse_other_name(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  if (semicolon == std::string_view::npos) return bad("expected a semicolon in other SAN ", text);
  const std::string_view typed = text.substr(semicolon + 1);
  const std::size_t colon = typed.find(':');
  if (colon == std::string_view::npos) return bad("expected a colon in other SAN ", text);
  const std::string_view type = typed.substr(0, colon);
  if (!equal_ignoring_case(type, "utf8") && !equal_ignoring_case(type, "utf-8")) {
    return bad("only utf8 other SANs are supported; found non-supported type in other SAN ", text);
  }
  return OtherName{std::string(text.substr(0, semicolon)), std::string(typed.substr(colon + 1))};
}

}  // namespace chancery::policy
