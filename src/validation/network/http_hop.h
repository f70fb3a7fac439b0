#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "validation/network/http_reply.h"
#include "validation/network/probe.h"
#include "validation/network/url.h"

namespace chancery::validation::network {

struct HttpWish {
  std::string_view content_type = {};  // of what is posted; empty: GET
  std::string_view body = {};
  std::size_t most = 0;  // octets of the answer's body
};

struct Reply {
  ReplyHead head;
  std::string body;  // of a 200 only
};

// run_hop makes one request on one connection of its own: the host is resolved, its addresses are
// held against the rules, and whatever certificate it shows is taken. Redirects are the caller's.
[[nodiscard]] Step<Reply> run_hop(const Url& url, const HttpWish& wish, const Probe& probe);

}  // namespace chancery::validation::network
