#pragma once

// The client's side of ACME as far as a load needs it: one account that signs with P-256, and the
// requests of an order.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/private_key.h"
#include "issuing_bed.h"
#include "jose/json.h"
#include "load_client.h"

namespace chancery::bench {

// jwk_of writes a P-256 key as a JWK, its members in the order of RFC 7638.
[[nodiscard]] std::string jwk_of(const crypto::PublicKey& key);
[[nodiscard]] std::string thumbprint_of(std::string_view jwk);

// An answer of a server, taken apart.
struct AcmeAnswer {
  explicit AcmeAnswer(const std::string& whole);

  [[nodiscard]] std::string header(std::string_view name) const;
  // text is a member of the body that is a text, or "".
  [[nodiscard]] std::string text(std::string_view name) const;

  unsigned status = 0;
  std::string head;
  std::string body;
  jose::Json json;  // of a body that is JSON
};

struct AcmeOrder {
  const Request* request = nullptr;
  std::string name;
  std::string url;
  std::string authorization;
  std::string challenge;
  std::string finalize;
  std::string certificate;
};

// AcmeStep is one request of an order: what is asked ("": nothing), and what the answer is good
// for. An answer of which `take` makes nothing is asked for again.
struct AcmeStep {
  std::string name;
  std::function<std::string(const AcmeOrder&)> url;
  std::function<std::string(const AcmeOrder&)> payload;
  std::function<bool(AcmeOrder&, const AcmeAnswer&)> take;
};

// AcmeClient takes orders of an account through their steps, on all connections of a LoadClient.
// What goes wrong ends the program.
class AcmeClient {
 public:
  AcmeClient();

  [[nodiscard]] std::string thumbprint() const { return thumbprint_of(jwk_); }
  // sign_up reads the directory at "https://localhost:<port><path>", gets nonces and makes the
  // account.
  void sign_up(const LoadTarget& target, std::string_view path, unsigned connections);

  [[nodiscard]] std::vector<AcmeStep> steps() const;
  // ask takes all orders through a step and returns how many requests that was.
  std::uint64_t ask(const AcmeStep& step, std::vector<AcmeOrder>& orders);

 private:
  [[nodiscard]] std::string get(std::string_view method, std::string_view url) const;
  // post is a whole signed request; `payload` "" is POST-as-GET.
  [[nodiscard]] std::string post(std::string_view url, std::string_view nonce,
                                 std::string_view payload) const;

  const crypto::PrivateKey key_;
  const std::string jwk_;
  std::string host_;
  std::string account_;
  std::string new_order_;
  std::vector<std::string> nonces_;  // of each connection
  std::unique_ptr<LoadClient> load_;
};

}  // namespace chancery::bench
