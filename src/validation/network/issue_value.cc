#include "validation/network/issue_value.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::validation::network {
namespace {

constexpr std::size_t kMaxSize = 8 * 1024;
constexpr std::size_t kMaxParameters = 64;

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A label, and a tag: letters and digits, with hyphens inside.
bool is_label(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e && c != ';'; });
}

Result<IssueParameter> parse_parameter(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    return fail(Code::kMalformed, text.empty() ? "an empty parameter or a semicolon too many"
                                               : "a parameter without \"=\"");
  const std::string_view tag = without_blanks(text.substr(0, equals));
  const std::string_view value = without_blanks(text.substr(equals + 1));
  if (!is_label(tag))
    return fail(Code::kMalformed, "a parameter's name is not of letters and digits");
  if (!is_value(value))
    return fail(Code::kMalformed,
                "a parameter's value has a blank or a character that is not ASCII");
  return IssueParameter{to_lower(tag), std::string(value)};
}

}  // namespace

std::string issuer_of(std::string_view text) {
  return to_lower(without_blanks(text.substr(0, text.find(';'))));
}

Result<IssueValue> parse_issue_value(std::string_view text) {
  if (text.size() > kMaxSize) return fail(Code::kTooLarge, "longer than 8192 octets");
  IssueValue out{issuer_of(text), {}};
  if (!out.issuer.empty() && !std::ranges::all_of(split(out.issuer, '.'), is_label))
    return fail(Code::kMalformed, "the issuer is not a domain name");
  const auto semicolon = text.find(';');
  if (semicolon == std::string_view::npos) return out;
  const std::string_view parameters = without_blanks(text.substr(semicolon + 1));
  if (parameters.empty()) return out;
  for (const std::string_view piece : split(parameters, ';')) {
    if (out.parameters.size() == kMaxParameters)
      return fail(Code::kTooLarge, "more than 64 parameters");
    out.parameters.push_back(TRY(parse_parameter(without_blanks(piece))));
  }
  return out;
}

}  // namespace chancery::validation::network
