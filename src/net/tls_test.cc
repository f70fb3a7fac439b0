#include "net/tls.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <string>

#include "net/fd.h"
#include "net/ticket_keys.h"

namespace chancery::net {
namespace {

struct Deleter {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(SSL_SESSION* p) const { SSL_SESSION_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

struct Identity {
  Bytes certificate;
  Bytes key;  // PKCS#8
};

Bytes pkcs8(EVP_PKEY* key) {
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  const Bytes out(der, der + size);
  OPENSSL_free(der);
  PKCS8_PRIV_KEY_INFO_free(info);
  return out;
}

Identity self_signed(const char* name) {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  Identity out{Bytes(der, der + size), pkcs8(key.get())};
  OPENSSL_free(der);
  return out;
}

std::shared_ptr<TlsServerContext> server_for(const Identity& identity,
                                             bool request_client_certificate = false) {
  return TlsServerContext::create({.chain = {identity.certificate},
                                   .private_key = SecretBytes(identity.key),
                                   .request_client_certificate = request_client_certificate})
      .value();
}

Owned<SSL_CTX> client_context() {
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

// One connection over a socket pair, both ends driven in turn on this thread.
struct Pair {
  Pair(const TlsServerContext& context, SSL_CTX* client_settings, std::size_t reactor = 0,
       SSL_SESSION* session = nullptr, const std::function<void(SSL*)>& prepare = {})
      : server(-1, nullptr) {
    std::array<int, 2> fds{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
    server_fd = UniqueFd(fds[0]);
    client_fd = UniqueFd(fds[1]);
    server = Stream(fds[0], context.new_session(fds[0], reactor));
    client.reset(SSL_new(client_settings));
    SSL_set_fd(client.get(), fds[1]);
    SSL_set_connect_state(client.get());
    if (session != nullptr) SSL_set_session(client.get(), session);
    if (prepare) prepare(client.get());
  }

  ~Pair() {
    // OpenSSL resumes only sessions whose connection ended in order.
    if (client) SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }

  [[nodiscard]] bool shake_hands() {
    bool server_done = false;
    bool client_done = false;
    for (int i = 0; i < 20 && !(server_done && client_done); ++i) {
      if (!client_done) client_done = SSL_do_handshake(client.get()) == 1;
      if (server_done) continue;
      const IoStatus status = server.handshake();
      if (status == IoStatus::kClosed) return false;
      server_done = status == IoStatus::kDone;
    }
    return server_done && client_done;
  }

  // Sends one byte down, so that the client reads the session ticket too.
  [[nodiscard]] bool talk() {
    const IoResult sent = server.write("x", {});
    char byte = 0;
    return sent.bytes == 1 && SSL_read(client.get(), &byte, 1) == 1 && byte == 'x';
  }

  [[nodiscard]] std::string subject() const {
    std::array<char, 64> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(client.get())),
                              NID_commonName, name.data(), name.size());
    return name.data();
  }

  UniqueFd server_fd;
  UniqueFd client_fd;
  Stream server;
  Owned<SSL> client;
};

TEST_CASE("a record that cannot be written does not count as written") {
  const auto context = server_for(self_signed("server"));
  const auto settings = client_context();
  Pair pair(*context, settings.get());
  REQUIRE(pair.shake_hands());
  const std::string piece(16'000, 'x');
  SUBCASE("the client is gone") {
    pair.client_fd.reset();
    CHECK(pair.server.write(piece, {}).status == IoStatus::kClosed);
  }
  SUBCASE("the socket is full") {
    std::size_t written = 0;
    IoResult result{IoStatus::kDone};
    while (result.status == IoStatus::kDone) {
      result = pair.server.write(piece, {});
      written += result.bytes;
      REQUIRE(written < 100'000'000);
    }
    CHECK(result.status == IoStatus::kWantWrite);
    // Everything that counts as written arrives without another write.
    std::string into(piece.size(), ' ');
    std::size_t received = 0;
    std::size_t n = 0;
    while (SSL_read_ex(pair.client.get(), into.data(), into.size(), &n) == 1) received += n;
    CHECK(received == written);
  }
}

TEST_CASE("TLS 1.3 with the hybrid group, and HTTP/2 where it is offered") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  constexpr std::array<unsigned char, 12> kBoth{2,   'h', '2', 8,   'h', 't',
                                                't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), kBoth.data(), kBoth.size());
  Pair pair(*server, context.get());
  REQUIRE(pair.shake_hands());
  CHECK(SSL_version(pair.client.get()) == TLS1_3_VERSION);
  CHECK(std::string_view(SSL_get0_group_name(pair.client.get())) == "X25519MLKEM768");
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(pair.client.get(), &protocol, &size);
  CHECK(std::string_view(reinterpret_cast<const char*>(protocol), size) == "h2");
  CHECK(pair.server.http2());
  CHECK(pair.server.tls_version() == "TLSv1.3");
  CHECK(pair.server.peer_fingerprint().empty());
  CHECK(pair.talk());
  CHECK(pair.server.peer_certificate().empty());
}

TEST_CASE(
    "the hybrid group is taken even when the client guessed another, and others where it cannot") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  const std::vector<std::pair<const char*, std::string_view>> table{
      {"X25519:X25519MLKEM768", "X25519MLKEM768"},
      {"X25519", "x25519"},
      {"P-384:P-256", "secp384r1"}};
  for (const auto& [offered, taken] : table) {
    CAPTURE(offered);
    SSL_CTX_set1_groups_list(context.get(), offered);
    Pair pair(*server, context.get());
    REQUIRE(pair.shake_hands());
    CHECK(std::string_view(SSL_get0_group_name(pair.client.get())) == taken);
  }
  SSL_CTX_set1_groups_list(context.get(), "P-521");
  CHECK_FALSE(Pair(*server, context.get()).shake_hands());
}

TEST_CASE("TLS 1.2 is served with ECDHE and AEAD only, TLS 1.1 not at all") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  Pair pair(*server, context.get());
  REQUIRE(pair.shake_hands());
  CHECK(SSL_version(pair.client.get()) == TLS1_2_VERSION);
  CHECK(pair.talk());
  SSL_CTX_set_cipher_list(context.get(),
                          "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0");
  CHECK_FALSE(Pair(*server, context.get()).shake_hands());
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  CHECK_FALSE(Pair(*server, context.get()).shake_hands());
}

TEST_CASE("a client that speaks another protocol only is refused") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  constexpr std::array<unsigned char, 3> kH3{2, 'h', '3'};
  SSL_CTX_set_alpn_protos(context.get(), kH3.data(), kH3.size());
  CHECK_FALSE(Pair(*server, context.get()).shake_hands());
}

TEST_CASE("clients that do not offer HTTP/2 get HTTP/1.1") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  Pair silent(*server, context.get());
  REQUIRE(silent.shake_hands());
  CHECK_FALSE(silent.server.http2());
  constexpr std::array<unsigned char, 9> kOld{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), kOld.data(), kOld.size());
  Pair old(*server, context.get());
  REQUIRE(old.shake_hands());
  CHECK_FALSE(old.server.http2());
}

TEST_CASE("garbage fails the handshake and no later one") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  Pair broken(*server, context.get());
  REQUIRE(::send(broken.client_fd.get(), "GET / HTTP/1.1\r\n\r\n", 18, 0) == 18);
  CHECK(broken.server.handshake() == IoStatus::kClosed);
  CHECK(Pair(*server, context.get()).shake_hands());
}

Owned<SSL_SESSION> session_of(const TlsServerContext& server, SSL_CTX* client,
                              std::size_t reactor) {
  Pair first(server, client, reactor);
  REQUIRE(first.shake_hands());
  CHECK_FALSE(first.server.resumed());
  REQUIRE(first.talk());
  return Owned<SSL_SESSION>(SSL_get1_session(first.client.get()));
}

TEST_CASE("sessions resume at any reactor, after key rotation and a change of certificate") {
  const auto server = server_for(self_signed("one"));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto context = client_context();
    SSL_CTX_set_max_proto_version(context.get(), version);
    const auto session = session_of(*server, context.get(), 0);
    const auto resumes = [&](std::size_t reactor) {
      Pair again(*server, context.get(), reactor, session.get());
      return again.shake_hands() && again.server.resumed() && again.talk();
    };
    CHECK(resumes(0));
    CHECK(resumes(1));
    server->rotate_ticket_keys();
    CHECK(resumes(1));
    server->rotate_ticket_keys();
    CHECK(resumes(0));
    server->rotate_ticket_keys();
    CHECK_FALSE(resumes(0));
  }
}

TEST_CASE("what a client sends along is seen, and no ticket makes it be forgotten") {
  const auto server = server_for(self_signed("one"), true);
  const Identity client = self_signed("client");
  const Identity above = self_signed("above");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool along : {false, true}) {
      CAPTURE(version);
      CAPTURE(along);
      const auto context = client_context();
      SSL_CTX_set_max_proto_version(context.get(), version);
      const auto* der = client.certificate.data();
      REQUIRE(SSL_CTX_use_certificate_ASN1(context.get(),
                                           static_cast<int>(client.certificate.size()), der) == 1);
      const auto* key = client.key.data();
      const Owned<EVP_PKEY> parsed(
          d2i_AutoPrivateKey(nullptr, &key, static_cast<long>(client.key.size())));
      REQUIRE(SSL_CTX_use_PrivateKey(context.get(), parsed.get()) == 1);
      const auto* more = above.certificate.data();
      if (along) {
        SSL_CTX_add0_chain_cert(
            context.get(), d2i_X509(nullptr, &more, static_cast<long>(above.certificate.size())));
      }
      Owned<SSL_SESSION> session;
      {
        Pair first(*server, context.get());
        REQUIRE(first.shake_hands());
        CHECK(equal(first.server.peer_certificate(), client.certificate));
        const auto seen = first.server.peer_intermediates();
        REQUIRE(seen.size() == (along ? 1 : 0));
        if (along) CHECK(equal(seen.front(), above.certificate));
        REQUIRE(first.talk());
        session.reset(SSL_get1_session(first.client.get()));
      }
      Pair again(*server, context.get(), 0, session.get());
      REQUIRE(again.shake_hands());
      CHECK(again.server.resumed() == !along);
      CHECK(again.server.peer_intermediates().size() == (along ? 1 : 0));
    }
  }
}

TEST_CASE("ticket keys rotate by themselves") {
  TicketKeys keys;
  const auto now = TicketKeys::Clock::now();
  const TicketKey first = keys.sealing(now);
  CHECK(keys.sealing(now).name == first.name);
  CHECK(keys.sealing(now + TicketKeys::kRotation * 2).name != first.name);
  const auto found = keys.find(first.name);
  REQUIRE(found.has_value());
  CHECK_FALSE(found->newest);
  CHECK(found->key.encryption == first.encryption);
}

TEST_CASE("a replaced certificate is used for new handshakes only") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  Pair old(*server, context.get());
  const Identity two = self_signed("two");
  REQUIRE(server->replace_certificate({two.certificate}, SecretBytes(two.key)).has_value());
  REQUIRE(old.shake_hands());
  CHECK(old.subject() == "one");
  Pair fresh(*server, context.get());
  REQUIRE(fresh.shake_hands());
  CHECK(fresh.subject() == "two");
  // What does not fit leaves everything as it is.
  const Identity three = self_signed("three");
  CHECK(server->replace_certificate({three.certificate}, SecretBytes(two.key)).error().code ==
        Code::kInvalidArgument);
  CHECK(server->replace_certificate({}, SecretBytes(two.key)).error().code ==
        Code::kInvalidArgument);
  CHECK(server->replace_certificate({Bytes{0x30, 0}}, SecretBytes(two.key)).error().code ==
        Code::kMalformed);
  CHECK(server->replace_certificate({two.certificate}, SecretBytes(as_bytes("x"))).error().code ==
        Code::kMalformed);
  Pair later(*server, context.get());
  REQUIRE(later.shake_hands());
  CHECK(later.subject() == "two");
}

TEST_CASE("a client certificate is handed on, whoever issued it, when it was asked for") {
  const Identity client = self_signed("client");
  const auto context = client_context();
  SSL_CTX_use_certificate_ASN1(context.get(), static_cast<int>(client.certificate.size()),
                               client.certificate.data());
  SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, context.get(), client.key.data(),
                              static_cast<long>(client.key.size()));
  const auto asking = server_for(self_signed("one"), true);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(context.get(), version);
    Pair pair(*asking, context.get());
    REQUIRE(pair.shake_hands());
    CHECK(pair.server.peer_certificate() == client.certificate);
    REQUIRE(pair.talk());
    // A resumed session still knows it.
    const Owned<SSL_SESSION> session(SSL_get1_session(pair.client.get()));
    Pair again(*asking, context.get(), 1, session.get());
    REQUIRE(again.shake_hands());
    CHECK(again.server.resumed());
    CHECK(again.server.peer_certificate() == client.certificate);
  }
  Pair without(*asking, client_context().get());
  REQUIRE(without.shake_hands());
  CHECK(without.server.peer_certificate().empty());
  const auto not_asking = server_for(self_signed("one"));
  Pair unasked(*not_asking, context.get());
  REQUIRE(unasked.shake_hands());
  CHECK(unasked.server.peer_certificate().empty());
}

TEST_CASE("streams report what waits, what is buffered, and the end") {
  const auto server = server_for(self_signed("one"));
  const auto context = client_context();
  Pair pair(*server, context.get());
  REQUIRE(pair.shake_hands());
  std::array<char, 4> some{};
  CHECK(pair.server.read(some).status == IoStatus::kWantRead);
  CHECK_FALSE(pair.server.has_input());
  REQUIRE(SSL_write(pair.client.get(), "abcdef", 6) == 6);
  CHECK(pair.server.has_input());
  CHECK(pair.server.read(some).bytes == 4);
  CHECK(pair.server.has_buffered());
  CHECK(pair.server.read(some).bytes == 2);
  CHECK_FALSE(pair.server.has_buffered());
  // Fill the socket until it takes no more.
  const std::string large(100'000, 'x');
  IoResult result{IoStatus::kDone};
  for (int i = 0; i < 1000 && result.status == IoStatus::kDone; ++i)
    result = pair.server.write(large, {});
  CHECK(result.status == IoStatus::kWantWrite);
  pair.client.reset();
  pair.client_fd.reset();
  // No signal, no crash.
  CHECK(pair.server.write(large, {}).status == IoStatus::kClosed);
  CHECK(pair.server.read(some).status == IoStatus::kClosed);
}

}  // namespace
}  // namespace chancery::net
