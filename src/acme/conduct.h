#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "acme/rows.h"

namespace chancery::acme {

// Conduct is what RFC 8555 leaves to a server and its clients have to live with. The members here
// are this program's ways, and no configuration changes them; a server for tests of clients has
// others. Thread-safe; called on reactors, so it must not block.
class Conduct {
 public:
  Conduct() = default;
  Conduct(const Conduct&) = delete;
  Conduct& operator=(const Conduct&) = delete;
  virtual ~Conduct() = default;

  // usual is the conduct of a server that is no test.
  [[nodiscard]] static Conduct& usual();

  // takes_nonce says whether a nonce that is good, and used up by now, is taken (section 6.5).
  [[nodiscard]] virtual bool takes_nonce() { return true; }
  // reuses says whether an authorisation that is pending or valid serves a further order.
  [[nodiscard]] virtual bool reuses(Status /*status*/) { return true; }
  // objection says why an order for a name is not taken; "": it is.
  [[nodiscard]] virtual std::string objection(const Name& /*name*/) { return {}; }
  // How many orders an account's list has on a page; at least 1.
  [[nodiscard]] virtual std::size_t orders_on_page() { return 50; }

  // retry_after is the Retry-After header of an object that is being worked on: seconds, or a date
  // (RFC 9110 section 10.2.3); "": there is none.
  enum class Object : std::uint8_t { kOrder, kAuthorization };
  [[nodiscard]] virtual std::string retry_after(Object /*object*/) { return "2"; }
};

}  // namespace chancery::acme
