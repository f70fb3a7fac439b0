#include "acme_test_server/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "jose/json.h"
#include "protocols/acme/routes.h"
#include "protocols/json/writer.h"

namespace chancery::acme_test {
namespace {

using jose::Json;
using Kind = Json::Kind;

constexpr std::size_t kMostRefusals = 32;
constexpr std::uint32_t kLongest = 600;  // seconds
constexpr std::uint32_t kMostCount = 1'000'000;

std::unexpected<Error> bad(std::string_view field, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", printable(field, 64)));
}

Result<std::uint32_t> number(std::string_view field, const Json& value, std::uint32_t most) {
  std::uint32_t read = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, read);
  if (!value.is(Kind::kNumber) || parsed.ec != std::errc{} || parsed.ptr != end || read > most)
    return bad(field, "expected a whole number from 0 to " + std::to_string(most));
  return read;
}

// The resources that URLs name: "new-order", "finalize".
std::vector<std::string_view> resources() {
  std::vector<std::string_view> names;
  for (const acme::Route& route : acme::routes()) {
    const std::string_view name = route.name.substr(route.name.find('/') + 1);
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  const auto near = nearest(word, known);
  return near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?";
}

Result<std::string> read_resource(const Json& value) {
  const auto known = resources();
  if (value.is(Kind::kString) && std::ranges::find(known, value.text) != known.end())
    return value.text;
  return bad("resource", "there is no such resource" + did_you_mean(value.text, known));
}

Result<Refusal> read_refusal(const Json& object) {
  if (!object.is(Kind::kObject)) return bad("refusals", "expected objects");
  Refusal refusal;
  bool has_percent = false;
  for (const auto& [name, value] : object.members) {
    if (name == "status") {
      refusal.status = TRY(number(name, value, 599));
    } else if (name == "resource") {
      refusal.resource = TRY(read_resource(value));
    } else if (name == "count") {
      refusal.count = TRY(number(name, value, kMostCount));
    } else if (name == "percent") {
      refusal.percent = TRY(number(name, value, 100));
      has_percent = true;
    } else if (name == "retryAfter") {
      refusal.retry_after = seconds{TRY(number(name, value, kLongest))};
    } else {
      return bad(name, "there is no such field" + did_you_mean(name, {"status", "resource", "count",
                                                                      "percent", "retryAfter"}));
    }
  }
  if (refusal.status != 429 && refusal.status != 500 && refusal.status != 503)
    return bad("status", "expected 429, 500 or 503");
  if (refusal.count.has_value() == has_percent) return bad("count", "say either count or percent");
  return refusal;
}

bool fits(const Refusal& refusal, std::string_view resource, bool is_signed) {
  return refusal.resource.empty() ? is_signed : refusal.resource == resource;
}

Error error_of(const Refusal& refusal) {
  const Code code = refusal.status == 429   ? Code::kTooManyRequests
                    : refusal.status == 503 ? Code::kUnavailable
                                            : Code::kInternal;
  Error error{code, "refused on purpose: the test server was told to", {}, {}};
  error.retry_after = refusal.retry_after;
  return error;
}

}  // namespace

std::uint32_t draw(Random& random, std::uint32_t bound) {
  std::array<std::uint8_t, 4> octets{};
  random.fill(octets);
  std::uint32_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8U | octet;
  return value % bound;
}

Result<FaultSettings> parse_faults(std::string_view json) {
  const Json document = TRY(jose::parse_json_object(json));
  FaultSettings settings;
  for (const auto& [name, value] : document.members) {
    if (name == "badNonces") {
      settings.bad_nonces = TRY(number(name, value, 100));
    } else if (name == "badNextNonces") {
      settings.bad_next_nonces = TRY(number(name, value, kMostCount));
    } else if (name == "slowValidation") {
      settings.slow_validation = seconds{TRY(number(name, value, kLongest))};
    } else if (name == "slowFinalize") {
      settings.slow_finalize = seconds{TRY(number(name, value, kLongest))};
    } else if (name == "refusals") {
      if (!value.is(Kind::kArray) || value.items.size() > kMostRefusals)
        return bad(name, "expected a list of at most " + std::to_string(kMostRefusals));
      for (const Json& item : value.items) settings.refusals.push_back(TRY(read_refusal(item)));
    } else {
      return bad(name, "there is no such field" +
                           did_you_mean(name, {"badNonces", "badNextNonces", "slowValidation",
                                               "slowFinalize", "refusals"}));
    }
  }
  return settings;
}

std::string to_json(const FaultSettings& settings) {
  json::Writer out;
  out.begin_object();
  out.field("badNonces", settings.bad_nonces);
  out.field("badNextNonces", settings.bad_next_nonces);
  out.field("slowValidation", settings.slow_validation.count());
  out.field("slowFinalize", settings.slow_finalize.count());
  out.key("refusals").begin_array();
  for (const Refusal& refusal : settings.refusals) {
    out.begin_object().field("status", refusal.status);
    if (!refusal.resource.empty()) out.field("resource", refusal.resource);
    if (refusal.count) {
      out.field("count", *refusal.count);
    } else {
      out.field("percent", refusal.percent);
    }
    if (refusal.retry_after) out.field("retryAfter", refusal.retry_after->count());
    out.end_object();
  }
  out.end_array().end_object();
  return std::move(out).take();
}

void Faults::set(FaultSettings settings) {
  const std::scoped_lock lock(mutex_);
  now_ = std::move(settings);
}

FaultSettings Faults::settings() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

std::optional<Error> Faults::refusal(std::string_view resource, bool is_signed) {
  const std::scoped_lock lock(mutex_);
  for (Refusal& refusal : now_.refusals) {
    if (!fits(refusal, resource, is_signed) || refusal.count == 0U) continue;
    if (!refusal.count && draw(random_, 100) >= refusal.percent) continue;
    if (refusal.count) --*refusal.count;
    return error_of(refusal);
  }
  return std::nullopt;
}

bool Faults::spoils_nonce() {
  const std::scoped_lock lock(mutex_);
  if (now_.bad_next_nonces > 0) {
    --now_.bad_next_nonces;
    return true;
  }
  return now_.bad_nonces > 0 && draw(random_, 100) < now_.bad_nonces;
}

}  // namespace chancery::acme_test
