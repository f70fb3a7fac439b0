#include "net/tls.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <thread>

#include "net/socket_bio.h"
#include "net/ticket_keys.h"

namespace chancery::net {

namespace {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextDeleter>;
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, CertificateDeleter>;
struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// The slash ends the first choice: a client that can do the hybrid group is asked for it even when
// it guessed another one first, at the price of a round trip.
constexpr const char* kGroups = "X25519MLKEM768/X25519:P-256:P-384";
constexpr const char* kTls12Ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// ALPN names, each after its length, the preferred one first.
constexpr std::string_view kHttp2AndHttp11 = "\x02h2\x08http/1.1";
constexpr std::string_view kHttp11 = kHttp2AndHttp11.substr(3);

struct Settings {
  bool request_client_certificate = false;
  bool http2 = true;
};

struct Credentials {
  std::vector<Certificate> chain;
  Key key;
};

Result<Credentials> parse(const std::vector<Bytes>& chain, const SecretBytes& private_key) {
  Credentials out;
  if (chain.empty()) return fail(Code::kInvalidArgument, "the certificate chain is empty");
  for (const Bytes& der : chain) {
    const unsigned char* in = der.data();
    Certificate certificate(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
    if (!certificate || in != der.data() + der.size()) {
      ERR_clear_error();
      return fail(Code::kMalformed, "the server's certificate chain does not parse");
    }
    out.chain.push_back(std::move(certificate));
  }
  const unsigned char* in = private_key.view().data();
  out.key.reset(d2i_AutoPrivateKey(nullptr, &in, static_cast<long>(private_key.size())));
  if (!out.key) {
    ERR_clear_error();
    return fail(Code::kMalformed, "the server's private key does not parse");
  }
  if (X509_check_private_key(out.chain.front().get(), out.key.get()) != 1) {
    ERR_clear_error();
    return fail(Code::kInvalidArgument,
                "the private key does not belong to the server's certificate");
  }
  return out;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void* ours) {
  const auto& names = *static_cast<const std::string_view*>(ours);
  // The result of SSL_select_next_proto may only be used when it found an overlap.
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(names.data()),
                            static_cast<unsigned>(names.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int accept_any_certificate(X509_STORE_CTX*, void*) { return 1; }

// Seals (1) or opens (0) a ticket; OpenSSL has filled or will fill the rest. Returns as the manual
// of SSL_CTX_set_tlsext_ticket_key_evp_cb(3) says: 0 unknown key, 1 fine, 2 fine but issue a new
// ticket.
int ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
               EVP_MAC_CTX* mac, int seal) {
  static const EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  auto& keys = *static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  TicketKey key;
  int answer = 1;
  if (seal != 0) {
    // A ticket holds the client's certificate alone: who sent others along is to send them again.
    if (const auto* sent = SSL_get_peer_cert_chain(ssl); sent != nullptr && sk_X509_num(sent) > 0)
      return 0;
    key = keys.sealing(TicketKeys::Clock::now());
    std::ranges::copy(key.name, name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(aes)) != 1) return -1;
  } else {
    const auto found = keys.find(std::span<const std::uint8_t, 16>(name, 16));
    if (!found) return 0;
    key = found->key;
    answer = found->newest ? 1 : 2;
  }
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.authentication.data(),
                                        key.authentication.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  if (EVP_MAC_CTX_set_params(mac, parameters.data()) != 1) return -1;
  if (EVP_CipherInit_ex2(cipher, aes, key.encryption.data(), iv, seal, nullptr) != 1) return -1;
  return answer;
}

bool set_protocol(SSL_CTX* context, const Settings& settings) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // One system call takes a whole record, header included.
  SSL_CTX_set_read_ahead(context, 1);
  // The callback only reads it.
  SSL_CTX_set_alpn_select_cb(
      context, choose_protocol,
      const_cast<std::string_view*>(settings.http2 ? &kHttp2AndHttp11 : &kHttp11));
  if (settings.request_client_certificate) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, accept_any_certificate, nullptr);
  }
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
         SSL_CTX_set_cipher_list(context, kTls12Ciphers) == 1;
}

bool set_sessions(SSL_CTX* context, TicketKeys& keys) {
  static constexpr std::array<unsigned char, 8> kSessionContext{'c', 'h', 'a', 'n',
                                                                'c', 'e', 'r', 'y'};
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::kTicketLifetime).count());
  SSL_CTX_set_app_data(context, &keys);
  return SSL_CTX_set_num_tickets(context, 1) == 1 &&
         SSL_CTX_set_session_id_context(context, kSessionContext.data(), kSessionContext.size()) ==
             1 &&
         SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket_key) == 1;
}

bool set_credentials(SSL_CTX* context, const Credentials& credentials) {
  if (SSL_CTX_use_certificate(context, credentials.chain.front().get()) != 1) return false;
  if (SSL_CTX_use_PrivateKey(context, credentials.key.get()) != 1) return false;
  for (std::size_t i = 1; i < credentials.chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, credentials.chain[i].get()) != 1) return false;
  }
  return true;
}

using Contexts = std::vector<Context>;

Result<std::shared_ptr<const Contexts>> make_contexts(const Credentials& credentials,
                                                      TicketKeys& keys, const Settings& settings) {
  auto all = std::make_shared<Contexts>();
  const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, 64U);
  for (unsigned i = 0; i < count; ++i) {
    Context context(SSL_CTX_new(TLS_server_method()));
    if (!context || !set_protocol(context.get(), settings) || !set_sessions(context.get(), keys)) {
      ERR_clear_error();
      return fail(Code::kInternal, "OpenSSL refuses the TLS settings");
    }
    if (!set_credentials(context.get(), credentials)) {
      ERR_clear_error();
      return fail(Code::kInvalidArgument, "TLS cannot use this certificate or key");
    }
    all->push_back(std::move(context));
  }
  return all;
}

}  // namespace

struct TlsServerContext::State {
  TicketKeys keys;
  Settings settings;
  mutable std::mutex mutex;
  std::shared_ptr<const Contexts>
      contexts;  // guarded by mutex; sessions keep theirs alive by themselves
};

TlsServerContext::TlsServerContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsServerContext::~TlsServerContext() = default;

Result<std::shared_ptr<TlsServerContext>> TlsServerContext::create(
    const TlsServerOptions& options) {
  auto state = std::make_unique<State>();
  state->settings = {options.request_client_certificate, options.http2};
  std::shared_ptr<TlsServerContext> out(new TlsServerContext(std::move(state)));
  TRY(out->replace_certificate(options.chain, options.private_key));
  return out;
}

Result<void> TlsServerContext::replace_certificate(const std::vector<Bytes>& chain,
                                                   const SecretBytes& private_key) {
  const Credentials credentials = TRY(parse(chain, private_key));
  auto fresh = TRY(make_contexts(credentials, state_->keys, state_->settings));
  const std::scoped_lock lock(state_->mutex);
  state_->contexts.swap(fresh);
  return {};
}

TlsSession TlsServerContext::new_session(int fd, std::size_t reactor) const {
  std::shared_ptr<const Contexts> contexts;
  {
    const std::scoped_lock lock(state_->mutex);
    contexts = state_->contexts;
  }
  TlsSession session(SSL_new((*contexts)[reactor % contexts->size()].get()));
  if (!session) return nullptr;
  BIO* bio = new_socket_bio(fd);
  if (bio == nullptr) return nullptr;
  SSL_set_bio(session.get(), bio, bio);
  SSL_set_accept_state(session.get());
  return session;
}

void TlsServerContext::rotate_ticket_keys() { state_->keys.rotate(TicketKeys::Clock::now()); }

}  // namespace chancery::net
