#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/host_info.h"

namespace chancery::vault {

http::Response host_info(Call& call) {
  Envelope answer(call.request.request_id, 16 * 1024);
  answer.data().raw(host_info(call.use.clock.now()));
  return std::move(answer).finish();
}

}  // namespace chancery::vault
