#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

// OpenSSL's SSL.
struct ssl_st;

namespace chancery::net {

struct TlsSessionDeleter {
  void operator()(ssl_st* ssl) const;
};
// TlsSession is the state of one TLS connection; TlsServerContext::new_session makes it.
using TlsSession = std::unique_ptr<ssl_st, TlsSessionDeleter>;

enum class IoStatus : std::uint8_t {
  kDone,       // bytes moved, or the handshake is complete
  kWantRead,   // try again when the socket is readable
  kWantWrite,  // try again when the socket is writable
  kClosed,     // the peer ended the stream, or it broke
};

struct IoResult {
  IoStatus status;
  std::size_t bytes = 0;
};

// Stream moves the bytes of one connection without ever blocking, in the clear or through TLS. It
// does not own the descriptor. Not thread-safe.
class Stream {
 public:
  Stream(int fd, TlsSession session) : fd_(fd), tls_(std::move(session)) {}

  [[nodiscard]] bool tls() const { return tls_ != nullptr; }
  // handshake does what it can of the TLS handshake; done at once on a clear stream.
  [[nodiscard]] IoStatus handshake();
  // read takes what is there, at most `into`, with at most one system call when the bytes suffice.
  [[nodiscard]] IoResult read(std::span<char> into);
  // has_buffered: bytes were taken from the socket that read has not handed out yet, so waiting for
  // the socket would be wrong.
  [[nodiscard]] bool has_buffered() const;
  // has_input: the next read would find something, if only the end of the stream.
  [[nodiscard]] bool has_input() const;
  // write sends a prefix of `first` followed by `rest`, with one system call; repeat with what
  // remains.
  [[nodiscard]] IoResult write(std::string_view first, std::string_view rest);
  // send_file sends a prefix of `count` bytes of a file from `offset` on, with one system call and
  // without a copy; on a clear stream only. kClosed also when the file is shorter.
  [[nodiscard]] IoResult send_file(int file, std::uint64_t offset, std::size_t count);
  // end tells the peer that nothing more will come (close_notify and FIN).
  void end();
  // discard throws away what arrives after end.
  [[nodiscard]] IoStatus discard(std::span<char> scratch);

  // After the handshake: the peer's certificate as DER, empty when there is none.
  [[nodiscard]] Bytes peer_certificate() const;
  // The other certificates that the peer sent along, as DER, at most kMostIntermediates of them.
  // Nothing of them has been verified.
  static constexpr int kMostIntermediates = 9;
  [[nodiscard]] std::vector<Bytes> peer_intermediates() const;
  // The peer's certificate as "sha256:<hex>", for logs; empty when there is none.
  [[nodiscard]] std::string peer_fingerprint() const;
  // "TLSv1.3"; empty on a clear stream.
  [[nodiscard]] std::string_view tls_version() const;
  // Whether the peer and we agreed on HTTP/2 (ALPN, RFC 7301).
  [[nodiscard]] bool http2() const;
  // Whether the handshake resumed an earlier session.
  [[nodiscard]] bool resumed() const;

 private:
  [[nodiscard]] IoStatus status_of(int result) const;

  int fd_;
  TlsSession tls_;
};

}  // namespace chancery::net
