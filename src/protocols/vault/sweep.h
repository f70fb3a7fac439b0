#pragma once

#include <string>

#include "protocols/vault/call.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/errors.h"

namespace chancery::vault {

// sweep_all takes dead rows away, page by page, before it answers. `sweep` is asked for the page
// after an id (with the writes that remove its dead rows, their count, and the next page's
// `after`).
template <class Sweep>
http::Response sweep_all(Call& call, Sweep sweep) {
  if (call.context.on_lane() == nullptr) return http::Response::run_on(http::Lane::kSearch);
  std::string after;
  do {
    auto swept = sweep(after);
    if (!swept) return failed(call, swept.error());
    after = std::move(swept->next);
    if (swept->removed == 0) continue;
    const auto receipt = call.use.service.store()
                             .committer()
                             .submit(std::move(swept->writes))
                             .wait(*call.context.on_lane());
    // What changed meanwhile is looked at again another time.
    if (!receipt && receipt.error().code != Code::kConflict) return failed(call, receipt.error());
  } while (!after.empty());
  return tidied(call.request.request_id);
}

}  // namespace chancery::vault
