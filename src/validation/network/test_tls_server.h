#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <csignal>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "asn1/oid.h"
#include "crypto/private_key.h"
#include "validation/network/test_tcp_server.h"
#include "x509/certificate_builder.h"
#include "x509/test_certificates.h"

namespace chancery::validation::network::testing {

struct TlsIdentity {
  Bytes certificate;
  SecretBytes key;  // PKCS#8
};

struct IdentityWish {
  std::string_view subject = "CN=challenge";
  std::vector<x509::GeneralName> names{};
  std::vector<x509::Extension> more{};
  Bytes encoded{};  // whole Extension elements
};

// make_identity makes a self-signed certificate that ended long ago: its dates do not matter.
inline TlsIdentity make_identity(const IdentityWish& wish) {
  auto key = crypto::PrivateKey::generate({}).value();
  const x509::Name name = x509::testing::name_of(wish.subject);
  x509::TbsFields fields;
  fields.serial = x509::testing::kSerial;
  fields.issuer = name.der();
  fields.subject = name.der();
  fields.not_before = from_unix(1'000'000'000);
  fields.not_after = from_unix(1'000'000'100);
  fields.spki = key.public_key().spki();
  fields.subject_alt_names = wish.names;
  fields.more = wish.more;
  fields.encoded_extensions = wish.encoded;
  fields.scheme = crypto::default_scheme(key.type());
  const Bytes tbs = x509::encode_tbs(fields).value();
  const Bytes signature = key.sign(fields.scheme, tbs).value();
  return {x509::assemble(tbs, fields.scheme, signature), key.to_pkcs8().value()};
}

struct TlsWishes {
  std::string alpn{};  // what it chooses, offered or not; empty: it ignores ALPN
  int max_version = 0;
};

// TlsServer shows one certificate, and one page to whom asks for it.
class TlsServer {
 public:
  TlsServer(const TlsIdentity& identity, TlsWishes wishes, std::string page = {})
      : wishes_(std::move(wishes)),
        context_(SSL_CTX_new(TLS_server_method())),
        page_(std::move(page)) {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to peers that are gone
    const unsigned char* der = identity.certificate.data();
    X509* certificate = d2i_X509(nullptr, &der, static_cast<long>(identity.certificate.size()));
    CHANCERY_CHECK(SSL_CTX_use_certificate(context_.get(), certificate) == 1);
    X509_free(certificate);
    const unsigned char* key_der = identity.key.view().data();
    EVP_PKEY* key = d2i_AutoPrivateKey(nullptr, &key_der, static_cast<long>(identity.key.size()));
    CHANCERY_CHECK(SSL_CTX_use_PrivateKey(context_.get(), key) == 1);
    EVP_PKEY_free(key);
    SSL_CTX_set_security_level(context_.get(), 0);
    if (wishes_.max_version != 0) {
      SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context_.get(), wishes_.max_version);
      SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    }
    if (!wishes_.alpn.empty()) SSL_CTX_set_alpn_select_cb(context_.get(), choose, this);
    server_ = std::make_unique<TcpServer>([this](int fd) { serve(fd); });
  }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  // server_name waits for the first handshake's end and says what name the client gave in the last.
  [[nodiscard]] std::string server_name() {
    std::unique_lock lock(mutex_);
    shaken_.wait(lock, [this] { return server_name_.has_value(); });
    return *server_name_;
  }

 private:
  struct Deleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* session) const { SSL_free(session); }
  };

  static int choose(SSL*, const unsigned char** out, unsigned char* size, const unsigned char*,
                    unsigned, void* self) {
    const std::string& name = static_cast<TlsServer*>(self)->wishes_.alpn;
    *out = reinterpret_cast<const unsigned char*>(name.data());
    *size = static_cast<unsigned char>(name.size());
    return SSL_TLSEXT_ERR_OK;
  }

  void serve(int fd) {
    const std::unique_ptr<SSL, Deleter> session(SSL_new(context_.get()));
    SSL_set_fd(session.get(), fd);
    if (SSL_accept(session.get()) == 1) {
      const char* name = SSL_get_servername(session.get(), TLSEXT_NAMETYPE_host_name);
      {
        const std::scoped_lock lock(mutex_);
        server_name_ = name == nullptr ? "" : name;
        shaken_.notify_all();
      }
      char in = 0;
      if (!page_.empty() && SSL_read(session.get(), &in, 1) == 1)
        SSL_write(session.get(), page_.data(), static_cast<int>(page_.size()));
      SSL_shutdown(session.get());
    }
    ERR_clear_error();
    // Lets the peer read what is on its way before the reset that unread octets would cause.
    ::shutdown(fd, SHUT_WR);
    char rest = 0;
    while (::recv(fd, &rest, 1, 0) == 1) continue;
  }

  TlsWishes wishes_;
  std::unique_ptr<SSL_CTX, Deleter> context_;
  std::string page_;
  std::mutex mutex_;
  std::condition_variable shaken_;
  std::optional<std::string> server_name_;  // guarded by mutex_
  std::unique_ptr<TcpServer> server_;
};

}  // namespace chancery::validation::network::testing
