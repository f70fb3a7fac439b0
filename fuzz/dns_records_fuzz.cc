#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "validation/network/caa.h"
#include "validation/network/dns_methods.h"
#include "validation/network/issue_value.h"
#include "validation/network/records.h"

// The data of TXT and CAA records, and the grammar within them. What parses says the same when it
// is written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  using namespace chancery::validation;
  using namespace chancery::validation::network;
  const BytesView bytes(data, size);
  if (const auto record = parse_caa(bytes)) {
    CaaQuestion question;
    question.name = "a.test";
    question.issuer_domains = {"ca.test"};
    static_cast<void>(judge_caa(question, "a.test", {*record}));
  }
  const auto text = txt_text(bytes);
  const std::string_view value = text ? std::string_view(*text) : as_text(bytes);
  Attempt attempt;
  attempt.method = Method::kDnsPersist01;
  attempt.identifier.value = "a.test";
  attempt.account_url = "https://ca.test/1";
  attempt.issuer_domains = {"ca.test"};
  static_cast<void>(judge_persistent(attempt, {std::string(value)}, from_unix(1'772'323'200)));
  const auto parsed = parse_issue_value(value);
  if (!parsed) return 0;
  CHANCERY_CHECK(parsed->issuer == issuer_of(value));
  std::string written = parsed->issuer;
  for (const auto& [tag, content] : parsed->parameters) written += ";" + tag + "=" + content;
  CHANCERY_CHECK(written.size() <= value.size());
  const auto again = parse_issue_value(written);
  CHANCERY_CHECK(again && again->parameters.size() == parsed->parameters.size());
  return 0;
}
