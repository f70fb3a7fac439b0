#include "validation/network/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "net/socket_bio.h"
#include "x509/general_name.h"

namespace chancery::validation::network {
namespace {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextDeleter>;

std::string system_text(int number) { return std::generic_category().message(number); }

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socket_address(BytesView address, std::uint16_t port) {
  SocketAddress out;
  if (address.size() == 4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.data(), 4);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.data(), 16);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  }
  return out;
}

// One for all connections. Foreign keys and signatures may be weak: nothing is trusted that they
// sign.
SSL_CTX* client_context() {
  static const Context kContext = [] {
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) return context;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                           SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context.get(), 64L * 1024);
    return context;
  }();
  return kContext.get();
}

bool set_wish(SSL* session, const TlsWish& wish) {
  // What SSL_set_tlsext_host_name does, without its cast in the old style; the name is copied.
  if (!wish.server_name.empty() &&
      SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(wish.server_name.c_str())) != 1)
    return false;
  Bytes protocols{static_cast<std::uint8_t>(wish.alpn.size())};
  append(protocols, as_bytes(wish.alpn));
  return SSL_set_alpn_protos(session, protocols.data(), static_cast<unsigned>(protocols.size())) ==
         0;
}

TlsSeen seen_in(SSL* session) {
  TlsSeen out;
  const unsigned char* alpn = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session, &alpn, &size);
  out.alpn = as_text({alpn, size});
  out.version = SSL_get_version(session);
  X509* const certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr) return out;
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  if (length > 0) {
    out.certificate.assign(der, der + length);
    OPENSSL_free(der);
  }
  return out;
}

std::string tls_text() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
  return reason != nullptr ? reason : "the connection ended within the handshake or a record";
}

}  // namespace

std::string place(BytesView address, std::uint16_t port) {
  return x509::ip_to_string(address) + " port " + std::to_string(port);
}

Result<Connection> Connection::open(BytesView address, std::uint16_t port, Deadline deadline) {
  const int family = address.size() == 4 ? AF_INET : AF_INET6;
  Connection out(
      net::UniqueFd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP)));
  if (!out.fd_) return fail(Code::kUnavailable, system_text(errno));
  const int one = 1;
  ::setsockopt(out.fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const SocketAddress to = socket_address(address, port);
  if (::connect(out.fd_.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0)
    return out;
  if (errno != EINPROGRESS) return fail(Code::kUnavailable, system_text(errno));
  TRY(out.await(POLLOUT, deadline));
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(out.fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail(Code::kUnavailable, system_text(error));
  return out;
}

Result<void> Connection::await(short events, Deadline deadline) const {
  pollfd one{fd_.get(), events, 0};
  while (true) {
    const int ready = ::poll(&one, 1, static_cast<int>(deadline.left().count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(Code::kUnavailable, system_text(errno));
    if (deadline.passed()) return fail(Code::kDeadlineExceeded, "no answer in time");
  }
}

Result<void> Connection::retry(int returned, Deadline deadline) {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return await(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE:
      return await(POLLOUT, deadline);
    default:
      return fail(Code::kUnavailable, tls_text());
  }
}

Result<TlsSeen> Connection::start_tls(const TlsWish& wish, Deadline deadline) {
  SSL_CTX* const context = client_context();
  session_.reset(context != nullptr ? SSL_new(context) : nullptr);
  BIO* const bio = session_ ? net::new_socket_bio(fd_.get()) : nullptr;
  if (bio == nullptr) return fail(Code::kInternal, "no memory for TLS");
  SSL_set_bio(session_.get(), bio, bio);
  if (!set_wish(session_.get(), wish)) return fail(Code::kInternal, "TLS refuses the settings");
  while (true) {
    if (deadline.passed()) return fail(Code::kDeadlineExceeded, "no answer in time");
    ERR_clear_error();
    const int done = SSL_connect(session_.get());
    if (done == 1) return seen_in(session_.get());
    TRY(retry(done, deadline));
  }
}

Result<std::size_t> Connection::read_plain(std::span<char> out, Deadline deadline) {
  while (true) {
    TRY(await(POLLIN, deadline));
    const ssize_t n = ::recv(fd_.get(), out.data(), out.size(), 0);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EAGAIN && errno != EINTR) return fail(Code::kUnavailable, system_text(errno));
  }
}

Result<std::size_t> Connection::read_tls(std::span<char> out, Deadline deadline) {
  while (true) {
    if (deadline.passed()) return fail(Code::kDeadlineExceeded, "no answer in time");
    ERR_clear_error();
    std::size_t done = 0;
    const int ok = SSL_read_ex(session_.get(), out.data(), out.size(), &done);
    if (ok == 1) return done;
    if (SSL_get_error(session_.get(), ok) == SSL_ERROR_ZERO_RETURN) return 0UZ;
    TRY(retry(ok, deadline));
  }
}

Result<std::size_t> Connection::read(std::span<char> out, Deadline deadline) {
  return session_ ? read_tls(out, deadline) : read_plain(out, deadline);
}

Result<void> Connection::write(std::string_view data, Deadline deadline) {
  while (!data.empty()) {
    std::size_t done = 0;
    if (session_) {
      ERR_clear_error();
      const int ok = SSL_write_ex(session_.get(), data.data(), data.size(), &done);
      if (ok != 1) TRY(retry(ok, deadline));
    } else {
      TRY(await(POLLOUT, deadline));
      const ssize_t n = ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN && errno != EINTR)
        return fail(Code::kUnavailable, system_text(errno));
      done = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    }
    data.remove_prefix(done);
  }
  return {};
}

}  // namespace chancery::validation::network
