#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/ticket.h"
#include "base/time.h"
#include "validation/network/settings.h"

namespace chancery::validation::network {

// Fetch is a page that a certificate, or whoever set this server up, says the address of.
struct Fetch {
  std::string url = {};           // http or https
  std::string content_type = {};  // of what is posted; empty: GET
  std::string body = {};
  std::size_t most = 0;  // octets of the answer
};

// Fetcher gets pages under the same rules as validations: the zone's resolver, its network rules,
// and the time limits. It follows no redirect and verifies no server: what comes proves itself.
// Thread-safe; blocks for a bounded time.
class Fetcher {
 public:
  Fetcher() = default;
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  virtual ~Fetcher() = default;

  // fetch gives the body of a 200. Errors: kInvalidArgument (the URL), kUnavailable (with what was
  // wrong), kInternal.
  [[nodiscard]] virtual Result<std::string> fetch(const Fetch& wish, const OnLane& on_lane) = 0;
};

// make_fetcher makes one that looks at the real network; its resolvers begin with the first page.
// `clock` and `log` must outlive it.
[[nodiscard]] std::unique_ptr<Fetcher> make_fetcher(Settings settings, const Clock& clock,
                                                    Log& log);

}  // namespace chancery::validation::network
