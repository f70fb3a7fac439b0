#include "net/stream.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace chancery::net {

namespace {

bool would_block(int error_number) { return error_number == EAGAIN || error_number == EWOULDBLOCK; }

ssize_t receive(int fd, std::span<char> into) {
  ssize_t n = 0;
  do {
    n = ::recv(fd, into.data(), into.size(), 0);
  } while (n < 0 && errno == EINTR);
  return n;
}

// SSL_get_error is only right when the thread's error queue was empty before the call, and handlers
// on this thread use OpenSSL too.
void forget_old_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

void TlsSessionDeleter::operator()(ssl_st* ssl) const { SSL_free(ssl); }

IoStatus Stream::status_of(int result) const {
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return IoStatus::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return IoStatus::kWantWrite;
    default:
      ERR_clear_error();
      return IoStatus::kClosed;
  }
}

IoStatus Stream::handshake() {
  if (!tls_) return IoStatus::kDone;
  forget_old_errors();
  const int result = SSL_do_handshake(tls_.get());
  return result == 1 ? IoStatus::kDone : status_of(result);
}

IoResult Stream::read(std::span<char> into) {
  if (tls_) {
    forget_old_errors();
    std::size_t n = 0;
    const int result = SSL_read_ex(tls_.get(), into.data(), into.size(), &n);
    if (result == 1) return {IoStatus::kDone, n};
    return {status_of(result)};
  }
  const ssize_t n = receive(fd_, into);
  if (n > 0) return {IoStatus::kDone, static_cast<std::size_t>(n)};
  return {n < 0 && would_block(errno) ? IoStatus::kWantRead : IoStatus::kClosed};
}

bool Stream::has_buffered() const { return tls_ && SSL_has_pending(tls_.get()) == 1; }

bool Stream::has_input() const {
  char byte = 0;
  return has_buffered() || ::recv(fd_, &byte, 1, MSG_PEEK) >= 0;
}

IoResult Stream::write(std::string_view first, std::string_view rest) {
  if (tls_) {
    const std::string_view piece = first.empty() ? rest : first;
    forget_old_errors();
    std::size_t n = 0;
    const int result = SSL_write_ex(tls_.get(), piece.data(), piece.size(), &n);
    if (result == 1) return {IoStatus::kDone, n};
    return {status_of(result)};
  }
  // sendmsg does not write through these pointers.
  std::array<iovec, 2> pieces{{{const_cast<char*>(first.data()), first.size()},
                               {const_cast<char*>(rest.data()), rest.size()}}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = rest.empty() ? 1 : 2;
  ssize_t n = 0;
  do {
    n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return {IoStatus::kDone, static_cast<std::size_t>(n)};
  return {would_block(errno) ? IoStatus::kWantWrite : IoStatus::kClosed};
}

IoResult Stream::send_file(int file, std::uint64_t offset, std::size_t count) {
  auto position = static_cast<off_t>(offset);
  ssize_t n = 0;
  do {
    n = ::sendfile(fd_, file, &position, count);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return {IoStatus::kDone, static_cast<std::size_t>(n)};
  return {n < 0 && would_block(errno) ? IoStatus::kWantWrite : IoStatus::kClosed};
}

void Stream::end() {
  if (tls_) {
    forget_old_errors();
    if (SSL_shutdown(tls_.get()) < 0) ERR_clear_error();
  }
  ::shutdown(fd_, SHUT_WR);
}

IoStatus Stream::discard(std::span<char> scratch) {
  const ssize_t n = receive(fd_, scratch);
  if (n > 0) return IoStatus::kDone;
  return n < 0 && would_block(errno) ? IoStatus::kWantRead : IoStatus::kClosed;
}

namespace {

Bytes der_of(const X509* certificate) {
  if (certificate == nullptr) return {};
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

}  // namespace

Bytes Stream::peer_certificate() const {
  return tls_ ? der_of(SSL_get0_peer_certificate(tls_.get())) : Bytes{};
}

std::vector<Bytes> Stream::peer_intermediates() const {
  std::vector<Bytes> out;
  // On the server's side the peer's own certificate is not among them.
  const STACK_OF(X509)* const chain = tls_ ? SSL_get_peer_cert_chain(tls_.get()) : nullptr;
  const int count = std::min(chain == nullptr ? 0 : sk_X509_num(chain), kMostIntermediates);
  for (int i = 0; i < count; ++i) {
    if (Bytes der = der_of(sk_X509_value(chain, i)); !der.empty()) out.push_back(std::move(der));
  }
  return out;
}

std::string Stream::peer_fingerprint() const {
  const Bytes der = peer_certificate();
  std::array<unsigned char, 32> digest{};
  if (der.empty() || EVP_Q_digest(nullptr, "SHA256", nullptr, der.data(), der.size(), digest.data(),
                                  nullptr) != 1) {
    return {};
  }
  return "sha256:" + hex(digest);
}

std::string_view Stream::tls_version() const { return tls_ ? SSL_get_version(tls_.get()) : ""; }

bool Stream::http2() const {
  if (!tls_) return false;
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return size == 2 && name[0] == 'h' && name[1] == '2';
}

bool Stream::resumed() const { return tls_ && SSL_session_reused(tls_.get()) == 1; }

}  // namespace chancery::net
