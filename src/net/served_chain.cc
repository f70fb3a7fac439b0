#include "net/served_chain.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "net/fd.h"
#include "net/socket_bio.h"

namespace chancery::net {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct AddressDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SessionDeleter {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Addresses = std::unique_ptr<addrinfo, AddressDeleter>;
using Context = std::unique_ptr<SSL_CTX, ContextDeleter>;
using Session = std::unique_ptr<SSL, SessionDeleter>;

Result<void> wait_for(int fd, short events, SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail(Code::kDeadlineExceeded, "the server took too long");
    pollfd watched{fd, events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR)
      return fail(Code::kUnavailable, std::string("cannot wait: ") + std::strerror(errno));
  }
}

Result<Addresses> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (failed != 0) {
    return fail(Code::kUnavailable,
                std::string("cannot resolve the name: ") + ::gai_strerror(failed));
  }
  return Addresses(list);
}

Result<UniqueFd> connect_to(const addrinfo& address, SteadyTime deadline) {
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail(Code::kUnavailable, std::string("no socket: ") + std::strerror(errno));
  if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return fd;
  if (errno == EINPROGRESS) {
    TRY(wait_for(fd.get(), POLLOUT, deadline));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return fd;
    errno = error;
  }
  return fail(Code::kUnavailable, std::string("cannot connect: ") + std::strerror(errno));
}

// The first address that takes the connection; the error of the last when none does.
Result<UniqueFd> connect_to_any(const addrinfo* list, SteadyTime deadline) {
  Result<UniqueFd> result = fail(Code::kUnavailable, "the name has no address");
  for (; list != nullptr; list = list->ai_next) {
    result = connect_to(*list, deadline);
    if (result) break;
  }
  return result;
}

Error handshake_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return Error{Code::kUnavailable,
               std::string("the TLS handshake failed: ") +
                   (reason != nullptr ? reason : "the server closed the connection"),
               {},
               {}};
}

bool is_address(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return false;
  ::freeaddrinfo(list);
  return true;
}

Result<Session> new_session(SSL_CTX* context, int fd, const std::string& host) {
  Session session(SSL_new(context));
  BIO* bio = session ? new_socket_bio(fd) : nullptr;
  if (bio == nullptr) return fail(Code::kInternal, "out of memory");
  SSL_set_bio(session.get(), bio, bio);
  SSL_set_tlsext_status_type(session.get(), TLSEXT_STATUSTYPE_ocsp);
  // RFC 6066 section 3: names only.
  if (!is_address(host)) {
    SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  }
  return session;
}

Result<void> shake_hands(SSL* session, int fd, SteadyTime deadline) {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_connect(session);
    if (done == 1) return {};
    switch (SSL_get_error(session, done)) {
      case SSL_ERROR_WANT_READ:
        TRY(wait_for(fd, POLLIN, deadline));
        break;
      case SSL_ERROR_WANT_WRITE:
        TRY(wait_for(fd, POLLOUT, deadline));
        break;
      default:
        // A server that insists on a client certificate has shown its own by then.
        if (SSL_get_peer_cert_chain(session) != nullptr) return {};
        return std::unexpected(handshake_error());
    }
  }
}

ServedChain read_chain(SSL* session) {
  ServedChain out;
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(session);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(sk_X509_value(chain, i), &der);
    if (size > 0) out.certificates.emplace_back(der, der + size);
    OPENSSL_free(der);
  }
  out.protocol = SSL_get_version(session);
  if (const char* cipher = SSL_get_cipher_name(session)) out.cipher = cipher;
  if (const char* group = SSL_get0_group_name(session)) out.group = group;
  const unsigned char* ocsp = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(session, &ocsp);
  if (ocsp != nullptr && size > 0) out.ocsp.assign(ocsp, ocsp + size);
  return out;
}

}  // namespace

Result<ServedChain> fetch_served_chain(const std::string& host, std::uint16_t port,
                                       std::chrono::milliseconds timeout, const OnLane&) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
  const Addresses addresses = TRY(resolve(host, port));
  const UniqueFd fd = TRY(connect_to_any(addresses.get(), deadline));
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(Code::kInternal, "out of memory");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  // Servers with old keys and protocols are what people want to look at.
  SSL_CTX_set_security_level(context.get(), 0);
  const Session session = TRY(new_session(context.get(), fd.get(), host));
  TRY(shake_hands(session.get(), fd.get(), deadline));
  ServedChain chain = read_chain(session.get());
  if (chain.certificates.empty())
    return fail(Code::kUnavailable, "the server shows no certificate");
  return chain;
}

}  // namespace chancery::net
