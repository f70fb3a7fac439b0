#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret_bytes.h"
#include "net/stream.h"

namespace chancery::net {

struct TlsServerOptions {
  std::vector<Bytes> chain;  // DER, the server's own certificate first
  SecretBytes private_key;   // PKCS#8 DER, unencrypted
  // Asks clients for a certificate. Any is taken, none as well: whether it means anything is for
  // the handlers to decide. What TLS checks is that the client has its private key.
  bool request_client_certificate = false;
  // Offers HTTP/2 to clients that ask for it by ALPN; the others get HTTP/1.1.
  bool http2 = true;
};

// TlsServerContext is what all TLS connections of a listener share: the server's certificate, the
// ticket keys and one SSL_CTX per reactor. TLS 1.2 (ECDHE with AEAD) and 1.3; X25519MLKEM768 is
// taken whenever the client can; no compression, no renegotiation, no early data. Thread-safe.
class TlsServerContext {
 public:
  // Errors: kMalformed (certificate or key does not parse), kInvalidArgument (empty chain, or the
  // key is not the certificate's).
  [[nodiscard]] static Result<std::shared_ptr<TlsServerContext>> create(
      const TlsServerOptions& options);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  // replace_certificate changes the certificate for handshakes that begin later; connections that
  // exist keep theirs. On error nothing changes. Errors as create.
  [[nodiscard]] Result<void> replace_certificate(const std::vector<Bytes>& chain,
                                                 const SecretBytes& private_key);
  // new_session prepares the server's side of a connection on `fd`, which stays the caller's.
  // `reactor` is the index of the reactor that serves it. The context must outlive the session.
  // Null when memory ran out.
  [[nodiscard]] TlsSession new_session(int fd, std::size_t reactor) const;
  // rotate_ticket_keys replaces the key for new session tickets now; it happens by itself every
  // hour.
  void rotate_ticket_keys();

 private:
  struct State;
  explicit TlsServerContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chancery::net
