#pragma once

#include <string>

#include "base/bytes.h"
#include "base/ticket.h"

namespace chancery::access {

// StatusSource fetches what authorities elsewhere say of their certificates. Nothing that it gives
// is trusted as it is. Thread-safe; every call blocks for a bounded time, so it takes a lane.
// Errors: kInvalidArgument (the URL), kUnavailable, kDeadlineExceeded, kTooLarge, kRefused (a place
// that this server does not connect to).
class StatusSource {
 public:
  StatusSource() = default;
  StatusSource(const StatusSource&) = delete;
  StatusSource& operator=(const StatusSource&) = delete;
  virtual ~StatusSource() = default;

  // crl gets a CRL in DER or PEM, as it is.
  [[nodiscard]] virtual Result<Bytes> crl(const std::string& url, const OnLane& on_lane) = 0;
  // ocsp posts an OCSPRequest and gets a response (RFC 6960 appendix A.1).
  [[nodiscard]] virtual Result<Bytes> ocsp(const std::string& url, BytesView request,
                                           const OnLane& on_lane) = 0;
};

}  // namespace chancery::access
