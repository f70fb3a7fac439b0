#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace chancery::cli {

// Exit codes of every verb; docs/operations/cli.md lists them.
enum class Exit : int {
  kOk = 0,
  kFailed = 1,       // the server refused, or something went wrong
  kUsage = 2,        // the command line makes no sense
  kNotFound = 3,     // the named thing does not exist
  kPermission = 4,   // no token, a wrong one, or one that may not do this
  kUnavailable = 5,  // the server cannot be reached or is out of service
  kNotValid = 6,     // cert verify: the certificate is not valid
  kNotDue = 7,       // cert renew: it is not time yet
};

enum class Format : std::uint8_t { kText, kJson, kYaml };

// Where the server is and who asks.
struct Connection {
  std::string address;  // https://127.0.0.1:8200
  std::string ca_file;  // PEM of the root that the server's certificate chains to
  std::string token_file;
  std::string token;  // from the environment only: the command line of a process is public
};

struct InitOptions {
  std::string data;
  bool dev = false;
  std::string organization;
  std::string root_key_type;
  std::string issuing_key_type;
  std::string root_lifetime;
  std::string issuing_lifetime;
  std::string base_url;
  std::string https_address;
  std::string http_address;
  std::vector<std::string> names;
  std::string passphrase_file;
  std::string root_passphrase_file;
};

struct ServeOptions {
  std::string config;
  bool accept_clock = false;
};

struct IssueOptions {
  std::string role;
  std::string profile;  // instead of the role
  std::string common_name;
  std::vector<std::string> names;
  std::string ttl;
  std::string key_type;
  std::string csr;  // file with a request made elsewhere
  bool server_key = false;
  bool intermediate = false;  // explain: a CA certificate for the request
  bool verbatim = false;      // explain: the request signed as it is
  std::string issuer;         // of these two
  std::string out_cert;       // "" : <common name>.crt
  std::string out_key;        // "" : <common name>.key
  bool force = false;
};

struct AuthorityOptions {
  std::string ref;  // "default", a name or an id; of a key as well
  std::string name;
  std::string common_name;
  std::string organization;
  std::string key_type;
  std::string ttl;
  std::string key;   // of a request: one that the mount has
  std::string file;  // a request, or a bundle
  std::string out;   // "": standard output
  std::int64_t max_path_length = -1;
};

struct MountOptions {
  bool auth = false;  // an authentication method
  std::string path;
  std::string type;
  std::string description;
  std::string default_ttl;
  std::string max_ttl;
};

struct ShowOptions {
  std::string serial;
  std::string file;
};

struct ListOptions {
  std::string name;
  std::string name_suffix;
  std::string issuer;
  std::string expires_within;
  std::string expires_after;
  std::uint64_t limit = 100;
};

struct RevokeOptions {
  std::string serial;
  std::string reason;
  bool hold = false;
  std::string invalid_since;  // RFC 3339
  std::string certificate;    // file: one that the server need not have
  // Many at once.
  std::string key;     // file with a certificate or request of the key
  std::string sha256;  // of the key
  std::string issuer;
  std::string name;
  std::string name_suffix;
  std::string expires_before;  // RFC 3339
  bool all = false;
  bool dry_run = false;
  bool no_wait = false;

  [[nodiscard]] bool many() const {
    return all || !(key + sha256 + issuer + name + name_suffix + expires_before).empty();
  }
};

struct RevocationOptions {
  std::string id;
};

struct CrlFileOptions {
  std::string authority;
  std::string crl;  // "full", "delta", "16-3"
  std::string file;
  bool pem = false;
};

struct OcspOptions {
  std::string file;    // certificate, with its issuer behind it or in another file
  std::string issuer;  // file
  std::string url;     // empty: the certificate's
  bool sha1 = false;
  bool get = false;
  bool no_nonce = false;
};

struct ResponderOptions {
  std::string authority = "default";
  std::string delegated;  // "true", "false", "inherit"; empty: as it is
  std::string validity;   // a duration or "inherit"; empty: as it is
};

struct StatusOptions {
  RevokeOptions revoke;
  RevocationOptions revocation;
  CrlFileOptions crl;
  OcspOptions ocsp;
  ResponderOptions responder;
};

struct CrlOptions {
  std::vector<std::string> settings;  // "expiry=48h"
  bool delta = false;
};

struct BlockedKeyOptions {
  std::string file;  // a certificate or a request
  std::string sha256;
  std::string reason;
};

struct CsrCreateOptions {
  std::string common_name;
  std::vector<std::string> names;
  std::string key_type;
  std::string key;  // existing key; "" makes one
  std::string out_csr;
  std::string out_key;
  bool force = false;
};

// What opens backups; neither: ask for a passphrase.
struct BackupSecretOptions {
  std::string passphrase_file;
  std::string key_file;  // 32 octets
};

struct BackupOptions {
  std::string directory;
  bool full = false;
  std::string until;  // verify-backup: number or time
  BackupSecretOptions secret;
};

struct RestoreOptions {
  std::string from;
  std::string until;
  std::string data;
  bool report = false;
  BackupSecretOptions secret;
};

struct ApplyOptions {
  std::vector<std::string> files;  // files, directories or "-"
  bool dry_run = false;
};

struct ObjectOptions {
  std::string kind;
  std::string name;
  std::vector<std::string> files;  // delete: instead of kind and name
};

struct PolicyPageOptions {
  std::string out;  // "": standard output
  bool force = false;
};

struct Common {
  Format format = Format::kText;
  Connection connection;
};

struct DoctorOptions {
  std::string config;  // "": only what can be seen from here
};

struct AcmeTestServerOptions;  // acme_options.h

struct ConfigDocsOptions {
  std::string format = "text";  // text, markdown, json, yaml
};

// What needs the server's own parts; main provides it.
struct LocalVerbs {
  std::function<Exit(const InitOptions&, const Common&)> init;
  std::function<Exit(const ServeOptions&)> serve;
  std::function<Exit(const BackupOptions&, const Common&)> backup;
  std::function<Exit(const BackupOptions&, const Common&)> verify_backup;
  std::function<Exit(const RestoreOptions&, const Common&)> restore;
  std::function<Exit(const DoctorOptions&, const Common&)> doctor;
  std::function<Exit(const std::string& file, const Common&)> config_check;
  std::function<Exit(const ConfigDocsOptions&)> config_docs;
  std::function<Exit(const AcmeTestServerOptions&)> acme_test_server;
};

}  // namespace chancery::cli
