#include "acme_client.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "asn1/reader.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace chancery::bench {
namespace {

constexpr crypto::KeyType kP256{crypto::KeyAlgorithm::kEcdsaP256, 0};
constexpr std::size_t kNumber = 32;

[[noreturn]] void die(std::string_view step, const AcmeAnswer& answer) {
  std::fprintf(stderr, "%.*s: %u %s\n", static_cast<int>(step.size()), step.data(), answer.status,
               answer.body.c_str());
  std::exit(1);
}

std::string url64(BytesView octets) { return base64(octets, Base64::kUrl); }
std::string url64(std::string_view text) { return url64(as_bytes(text)); }

// A JWS has r and s side by side.
std::string sign(const crypto::PrivateKey& key, std::string_view input) {
  const Bytes signature =
      need(key.sign(crypto::default_scheme(kP256), as_bytes(input)), "sign a request");
  asn1::Reader in(signature);
  asn1::Reader numbers = need(in.enter_sequence(), "signature");
  std::array<std::uint8_t, 2 * kNumber> both{};
  for (std::size_t end = kNumber; end <= both.size(); end += kNumber) {
    const BytesView number = need(numbers.read_unsigned(), "signature");
    std::ranges::copy(number, both.begin() + static_cast<std::ptrdiff_t>(end - number.size()));
  }
  return url64(both);
}

std::string nothing(const AcmeOrder&) { return {}; }

// The first of a list of texts, or "".
std::string first_of(const AcmeAnswer& answer, std::string_view name) {
  const jose::Json* const list = answer.json.find(name);
  return list == nullptr || list->items.empty() ? std::string() : list->items.front().text;
}

std::string http_challenge(const AcmeAnswer& answer) {
  const jose::Json* const list = answer.json.find("challenges");
  if (list == nullptr) return {};
  for (const jose::Json& one : list->items) {
    const std::string* const type = one.string("type");
    const std::string* const url = one.string("url");
    if (type != nullptr && url != nullptr && *type == "http-01") return *url;
  }
  return {};
}

std::string path_of(std::string_view url) {
  return std::string(url.substr(url.find('/', url.find("//") + 2)));
}

}  // namespace

std::string jwk_of(const crypto::PublicKey& key) {
  const BytesView point = key.key_bits();
  return R"({"crv":"P-256","kty":"EC","x":")" + url64(point.subspan(1, kNumber)) + R"(","y":")" +
         url64(point.subspan(1 + kNumber)) + "\"}";
}

std::string thumbprint_of(std::string_view jwk) { return url64(crypto::sha256(as_bytes(jwk))); }

AcmeAnswer::AcmeAnswer(const std::string& whole) {
  const std::size_t end = whole.find("\r\n\r\n");
  if (end == std::string::npos || whole.size() < 12) return;
  head = whole.substr(0, end + 2);
  body = whole.substr(end + 4);
  status = static_cast<unsigned>(std::strtoul(head.c_str() + 9, nullptr, 10));
  if (!body.starts_with("{")) return;
  if (auto read = jose::parse_json(body)) json = *std::move(read);
}

std::string AcmeAnswer::header(std::string_view name) const {
  const std::string_view all = head;
  for (auto at = all.find("\r\n"); at + 2 < all.size(); at = all.find("\r\n", at + 2)) {
    const std::string_view line = all.substr(at + 2, all.find("\r\n", at + 2) - at - 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equal_ignoring_case(line.substr(0, colon), name))
      continue;
    return std::string(line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size())));
  }
  return {};
}

std::string AcmeAnswer::text(std::string_view name) const {
  const std::string* const found = json.string(name);
  return found == nullptr ? std::string() : *found;
}

AcmeClient::AcmeClient()
    : key_(need(crypto::PrivateKey::generate(kP256), "account key")),
      jwk_(jwk_of(key_.public_key())) {}

std::string AcmeClient::get(std::string_view method, std::string_view url) const {
  return std::string(method) + " " + path_of(url) + " HTTP/1.1\r\nHost: " + host_ + "\r\n\r\n";
}

std::string AcmeClient::post(std::string_view url, std::string_view nonce,
                             std::string_view payload) const {
  const std::string who = account_.empty() ? R"("jwk":)" + jwk_ : R"("kid":")" + account_ + '"';
  const std::string header = url64(R"({"alg":"ES256","nonce":")" + std::string(nonce) +
                                   R"(","url":")" + std::string(url) + R"(",)" + who + "}");
  const std::string text = url64(payload);
  const std::string body = R"({"protected":")" + header + R"(","payload":")" + text +
                           R"(","signature":")" + sign(key_, header + "." + text) + "\"}";
  return "POST " + path_of(url) + " HTTP/1.1\r\nHost: " + host_ +
         "\r\nContent-Type: application/jose+json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void AcmeClient::sign_up(const LoadTarget& target, std::string_view path, unsigned connections) {
  host_ = "localhost:" + std::to_string(target.port);
  load_ = std::make_unique<LoadClient>(target, connections);
  nonces_.resize(connections);
  // once has one connection ask for something.
  const auto once = [&](const char* what, const std::string& request) {
    std::string seen;
    (void)load_->converse([&](std::uint32_t c, const std::string& answer) {
      if (c != 0) return std::string();
      seen = answer;
      return answer.empty() ? request : std::string();
    });
    AcmeAnswer answer(seen);
    if (answer.status / 100 != 2) die(what, answer);
    return answer;
  };
  const auto directory = once("directory", get("GET", "https://" + host_ + std::string(path)));
  new_order_ = directory.text("newOrder");
  const std::string nonce_request = get("HEAD", directory.text("newNonce"));
  (void)load_->converse([&](std::uint32_t c, const std::string& answer) {
    if (answer.empty()) return nonce_request;
    nonces_.at(c) = AcmeAnswer(answer).header("Replay-Nonce");
    return std::string();
  });
  const auto made = once("newAccount", post(directory.text("newAccount"), nonces_.at(0),
                                            R"({"termsOfServiceAgreed":true})"));
  nonces_.at(0) = made.header("Replay-Nonce");
  account_ = made.header("Location");
}

std::vector<AcmeStep> AcmeClient::steps() const {
  const auto is_valid = [](const AcmeAnswer& answer) { return answer.text("status") == "valid"; };
  const auto take_order = [is_valid](AcmeOrder& order, const AcmeAnswer& answer) {
    order.certificate = answer.text("certificate");
    return is_valid(answer);
  };
  return {
      {"newOrder", [this](const AcmeOrder&) { return new_order_; },
       [](const AcmeOrder& order) {
         return R"({"identifiers":[{"type":"dns","value":")" + order.name + "\"}]}";
       },
       [](AcmeOrder& order, const AcmeAnswer& answer) {
         order.url = answer.header("Location");
         order.authorization = first_of(answer, "authorizations");
         order.finalize = answer.text("finalize");
         return true;
       }},
      {"authorization", [](const AcmeOrder& order) { return order.authorization; }, nothing,
       [](AcmeOrder& order, const AcmeAnswer& answer) {
         order.challenge = http_challenge(answer);
         return true;
       }},
      {"challenge", [](const AcmeOrder& order) { return order.challenge; },
       [](const AcmeOrder&) { return std::string("{}"); },
       [](AcmeOrder&, const AcmeAnswer&) { return true; }},
      {"is it done", [](const AcmeOrder& order) { return order.authorization; }, nothing,
       [is_valid](AcmeOrder&, const AcmeAnswer& answer) { return is_valid(answer); }},
      {"finalize", [](const AcmeOrder& order) { return order.finalize; },
       [](const AcmeOrder& order) {
         return R"({"csr":")" + url64(order.request->parsed.der()) + "\"}";
       },
       [take_order](AcmeOrder& order, const AcmeAnswer& answer) {
         (void)take_order(order, answer);
         return true;
       }},
      // Only where the answer to finalize did not have the certificate yet.
      {"order",
       [](const AcmeOrder& order) { return order.certificate.empty() ? order.url : std::string(); },
       nothing, take_order},
      {"certificate", [](const AcmeOrder& order) { return order.certificate; }, nothing,
       [](AcmeOrder&, const AcmeAnswer& answer) {
         return answer.body.contains("-----BEGIN CERTIFICATE-----");
       }},
  };
}

std::uint64_t AcmeClient::ask(const AcmeStep& step, std::vector<AcmeOrder>& orders) {
  const std::size_t stride = nonces_.size();
  std::vector<std::size_t> at(stride);  // which order a connection is at
  for (std::size_t c = 0; c < stride; ++c) at[c] = c;
  const LoadResult result = load_->converse([&](std::uint32_t c, const std::string& whole) {
    if (!whole.empty()) {
      const AcmeAnswer answer(whole);
      nonces_.at(c) = answer.header("Replay-Nonce");
      if (answer.status / 100 != 2 || answer.text("status") == "invalid") die(step.name, answer);
      if (step.take(orders.at(at[c]), answer)) at[c] += stride;
    }
    for (; at[c] < orders.size(); at[c] += stride) {
      const std::string url = step.url(orders[at[c]]);
      if (!url.empty()) return post(url, nonces_.at(c), step.payload(orders[at[c]]));
    }
    return std::string();
  });
  return result.answered;
}

}  // namespace chancery::bench
