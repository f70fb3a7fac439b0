#include <algorithm>

#include "cli/access_verbs.h"
#include "cli/acme_verbs.h"
#include "cli/cert_verify.h"
#include "cli/cli.h"
#include "cli/declare.h"
#include "cli/status_commands.h"
#include "cli/tool_commands.h"
#include "cli/verbs.h"

// Declares the options of every verb (with tool_commands.cc) and hands plain structs to them.
namespace chancery::cli {
namespace {

constexpr const char* kConnectionHelp =
    "Server: --address, --ca-file and --token-file, or CHANCERY_ADDR, CHANCERY_CACERT and "
    "CHANCERY_TOKEN(_FILE).";

// What a rotated root is called until it replaces the present one.
constexpr const char* kNextRoot = "next";

struct Options {
  Common common;
  InitOptions init;
  ServeOptions serve;
  IssueOptions issue;
  AuthorityOptions authority;
  MountOptions mount;
  MountOptions auth_method;
  ShowOptions show;
  ListOptions list;
  StatusOptions status;
  BlockedKeyOptions blocked_key;
  CrlOptions crl;
  VerifyOptions verify;
  CsrCreateOptions csr_create;
  std::string csr_file;
  BackupOptions backup;
  RestoreOptions restore;
  bool old_node_is_gone = false;
  ApplyOptions apply;
  ObjectOptions objects;
  PolicyPageOptions policy_page;
  ToolOptions tools;
  AcmeOptions acme;
  AcmeTestServerOptions acme_test_server;
  AccessOptions access;
};

CLI::App* add_init(CLI::App& root, Options& o) {
  CLI::App* app = verb(
      root, "init", "Make a new PKI: an offline root, an issuing CA and the server's configuration",
      "  chancery init --data ./pki --organization 'Example GmbH' --base-url "
      "http://pki.example.com \\\n"
      "      --passphrase-file server.pass --root-passphrase-file root.pass\n"
      "  chancery init --data ./try --dev");
  app->add_option("--data", o.init.data, "Directory to make; must be empty or absent")->required();
  app->add_flag("--dev", o.init.dev,
                "Development: seal the keys by a file beside them instead of a passphrase");
  app->add_option("--organization", o.init.organization, "Name in the CA certificates")
      ->default_val("Example");
  app->add_option("--root-key-type", o.init.root_key_type,
                  "Key of the root: ec-p256, ec-p384, rsa-4096, ml-dsa-65, ...")
      ->default_val("ec-p384");
  app->add_option("--key-type", o.init.issuing_key_type, "Key of the issuing CA")
      ->default_val("ec-p256");
  app->add_option("--root-lifetime", o.init.root_lifetime, "Validity of the root")
      ->default_val("7300d");
  app->add_option("--lifetime", o.init.issuing_lifetime, "Validity of the issuing CA")
      ->default_val("1825d");
  app->add_option("--base-url", o.init.base_url,
                  "Where relying parties reach the plain HTTP listener: written into certificates "
                  "for CRL, OCSP and CA "
                  "certificates. Default: the HTTP address");
  app->add_option("--https-address", o.init.https_address, "Address of the API")
      ->default_val("127.0.0.1:8200");
  app->add_option("--http-address", o.init.http_address,
                  "Address for CRL, OCSP and CA certificates")
      ->default_val("127.0.0.1:8280");
  app->add_option("--name", o.init.names,
                  "DNS name or IP address of the server, for its own certificate; repeatable");
  app->add_option("--passphrase-file", o.init.passphrase_file,
                  "File with the passphrase for the server's keys");
  app->add_option("--root-passphrase-file", o.init.root_passphrase_file,
                  "File with the passphrase for the root's key");
  add_format(*app, o.common);
  return app;
}

CLI::App* add_serve(CLI::App& root, Options& o) {
  CLI::App* app = verb(root, "serve", "Run the server until it is told to stop (SIGTERM, Ctrl-C)",
                       "  chancery serve --config ./pki/chancery.yaml");
  app->add_option("--config", o.serve.config, "Configuration file")->required();
  app->add_flag("--accept-clock", o.serve.accept_clock,
                "The clock is right, although the history has later times");
  return app;
}

// What `cert issue` asks for, and `cert explain` asks about.
void add_wish(CLI::App& app, Options& o) {
  CLI::Option* role = app.add_option("--role", o.issue.role, "Role to issue under");
  app.add_option("--profile", o.issue.profile, "Profile to issue under, instead of a role")
      ->excludes(role);
  app.add_option("--common-name", o.issue.common_name,
                 "Common name; also becomes a subject alternative name");
  app.add_option("--name", o.issue.names,
                 "Further name: DNS:..., IP:..., email:..., URI:...; repeatable");
  app.add_option("--ttl", o.issue.ttl, "Validity, such as 24h or 30d; default: the role's");
  app.add_option("--key-type", o.issue.key_type,
                 "Key to make: ec-p256, rsa-2048, ed25519, ml-dsa-65, ...")
      ->default_val("ec-p256");
  CLI::Option* csr =
      app.add_option("--csr", o.issue.csr, "Use this request (PEM) instead of making a key");
  app.add_flag("--server-key", o.issue.server_key, "Let the server make the key and send it back")
      ->excludes(csr);
}

CLI::App* add_explain(CLI::App& cert, Options& o) {
  CLI::App* app =
      verb(cert, "explain", "Say of every rule what it says to a request, and issue nothing",
           "  chancery cert explain --role web --common-name www.example.test\n"
           "  chancery cert explain --role web --csr request.pem --output json\n"
           "  chancery cert explain --intermediate --csr issuing2.csr --common-name \"Issuing 2\"");
  add_wish(*app, o);
  CLI::Option* intermediate =
      app->add_flag("--intermediate", o.issue.intermediate, "A CA certificate for --csr");
  app->add_flag("--verbatim", o.issue.verbatim,
                "--csr signed as it is; of a --role the times count")
      ->excludes(intermediate);
  app->add_option("--issuer", o.issue.issuer, "Of these two: \"default\", a name or an id")
      ->default_val("default");
  add_connection(*app, o.common);
  return app;
}

CLI::App* add_issue(CLI::App& cert, Options& o) {
  CLI::App* app =
      verb(cert, "issue", "Get a certificate; the key is made here and never leaves this machine",
           "  chancery cert issue --role web --common-name www.example.test\n"
           "  chancery cert issue --role web --csr request.pem --out-cert www.crt\n"
           "  chancery cert issue --role web --common-name a.example.test --name "
           "DNS:b.example.test --ttl 24h");
  add_wish(*app, o);
  app->add_option("--out-cert", o.issue.out_cert,
                  "Where to write certificate and chain; default: <common name>.crt");
  app->add_option("--out-key", o.issue.out_key,
                  "Where to write the key; default: <common name>.key");
  app->add_flag("--force", o.issue.force, "Overwrite existing files");
  add_connection(*app, o.common);
  return app;
}

CLI::App* add_show(CLI::App& cert, Options& o) {
  CLI::App* app = verb(cert, "show", "Show a certificate of the store, or of a file",
                       "  chancery cert show 01:02:ab:...\n  chancery cert show --file www.crt");
  CLI::Option* serial = app->add_option("serial", o.show.serial,
                                        "Serial number or SHA-256 fingerprint, in hexadecimal");
  app->add_option("--file", o.show.file, "PEM or DER file, read without asking the server")
      ->excludes(serial);
  add_connection(*app, o.common);
  return app;
}

CLI::App* add_list(CLI::App& cert, Options& o) {
  CLI::App* app = verb(cert, "list", "List and search certificates, newest first",
                       "  chancery cert list --name-suffix .example.test --expires-within 30d\n"
                       "  chancery cert list --output json --limit 10");
  app->add_option("--name", o.list.name, "Only certificates with exactly this name");
  app->add_option("--name-suffix", o.list.name_suffix,
                  "Only certificates with a name that ends so");
  app->add_option("--issuer", o.list.issuer, "Only certificates of this authority");
  app->add_option("--expires-within", o.list.expires_within,
                  "Only certificates that expire within this time, such as 30d");
  app->add_option("--expires-after", o.list.expires_after,
                  "Only certificates that are still valid after this time");
  app->add_option("--limit", o.list.limit, "At most so many")
      ->default_val(100)
      ->check(CLI::Range(1, 10'000));
  add_connection(*app, o.common);
  return app;
}

CLI::App* add_verify(CLI::App& cert, Options& o) {
  CLI::App* app =
      verb(cert, "verify", "Say whether a certificate is valid, and explain every step",
           "  chancery cert verify www.crt --trust root-ca.pem --host www.example.test\n"
           "  chancery cert verify www.crt --chain issuing.pem --trust system --purpose client \\\n"
           "      --crl issuing.crl --crl root.crl --output json");
  VerifyOptions& v = o.verify;
  app->add_option("file", v.file,
                  "Certificate (PEM or DER); further ones behind it are intermediates")
      ->required();
  app->add_option("--chain", v.chain, "File with intermediates; repeatable")
      ->allow_extra_args(false);
  app->add_option("--trust", v.trust,
                  "File with trust anchors, or \"system\" for those of this machine; repeatable")
      ->required()
      ->allow_extra_args(false);
  app->add_option("--host", v.host, "DNS name or IP address that the certificate must name");
  app->add_option("--purpose", v.purpose, "What the certificate is to be used for")
      ->check(CLI::IsMember(
          {"server", "client", "code-signing", "email", "timestamping", "ocsp", "any"}))
      ->default_val("server");
  app->add_option("--time", v.time,
                  "Time to check for, such as 2026-06-01T00:00:00Z; default: now");
  app->add_option("--policy", v.policies,
                  "Certificate policy (OID) of which the path must have one; repeatable")
      ->allow_extra_args(false);
  app->add_flag("--require-policy", v.require_policy, "The path must have some certificate policy");
  app->add_option("--crl", v.crls, "File with CRLs (PEM or DER); repeatable")
      ->allow_extra_args(false);
  app->add_option("--ocsp", v.ocsp, "File with an OCSP response (DER); repeatable")
      ->allow_extra_args(false);
  app->add_option("--revocation", v.revocation,
                  "What is asked of revocation; default: required when --crl or --ocsp is given")
      ->check(CLI::IsMember({"off", "if-available", "required"}));
  add_format(*app, o.common);
  return app;
}

CLI::App* add_csr_create(CLI::App& csr, Options& o) {
  CLI::App* app =
      verb(csr, "create", "Make a certification request, and a key where none is given",
           "  chancery csr create --common-name www.example.test --name DNS:www.example.test \\\n"
           "      --out-csr www.csr --out-key www.key");
  app->add_option("--common-name", o.csr_create.common_name, "Common name");
  app->add_option("--name", o.csr_create.names,
                  "Subject alternative name: DNS:..., IP:..., email:..., URI:...; repeatable");
  app->add_option("--key-type", o.csr_create.key_type, "Key to make")->default_val("ec-p256");
  app->add_option("--key", o.csr_create.key, "Use this private key (PEM)");
  app->add_option("--out-csr", o.csr_create.out_csr,
                  "Where to write the request; default: standard output");
  app->add_option("--out-key", o.csr_create.out_key,
                  "Where to write the key; needed unless --key is given");
  app->add_flag("--force", o.csr_create.force, "Overwrite existing files");
  return app;
}

void add_backup_secret(CLI::App& app, BackupSecretOptions& secret) {
  CLI::Option* file = app.add_option("--passphrase-file", secret.passphrase_file,
                                     "File with the passphrase of the backups");
  app.add_option("--key-file", secret.key_file, "File with a key of 32 octets instead")
      ->excludes(file);
}

CLI::App* add_backup(CLI::App& root, Options& o) {
  CLI::App* app =
      verb(root, "backup", "Back up a running server: consistent, encrypted, incremental",
           "  chancery backup --to /backup/pki --passphrase-file backup.pass\n"
           "  chancery backup --to /backup/pki --key-file backup.key --full");
  app->add_option("--to", o.backup.directory, "Directory of the backups; made when absent")
      ->required();
  app->add_flag("--full", o.backup.full, "A full backup, also where one could be continued");
  add_backup_secret(*app, o.backup.secret);
  add_connection(*app, o.common);
  return app;
}

CLI::App* add_verify_backup(CLI::App& root, Options& o) {
  CLI::App* app =
      verb(root, "verify-backup", "Read a backup and those it continues, and say what they hold",
           "  chancery verify-backup /backup/pki --passphrase-file backup.pass");
  app->add_option("directory", o.backup.directory, "Directory of the backups")->required();
  app->add_option("--until", o.backup.until,
                  "Number of a backup, or a time: the newest not after it; default: the newest");
  add_backup_secret(*app, o.backup.secret);
  add_format(*app, o.common);
  return app;
}

CLI::App* add_restore(CLI::App& root, Options& o) {
  CLI::App* app =
      verb(root, "restore", "Make a node out of a backup; it signs nothing until confirmed",
           "  chancery restore --from /backup/pki --data ./pki --passphrase-file backup.pass\n"
           "  chancery restore --from /backup/pki --report --passphrase-file backup.pass\n"
           "  chancery restore confirm --old-node-is-gone");
  app->add_option("--from", o.restore.from, "Directory of the backups");
  app->add_option("--until", o.restore.until,
                  "Number of a backup, or a time: the newest not after it; default: the newest");
  app->add_option("--data", o.restore.data, "Directory to make; must be empty or absent");
  app->add_flag("--report", o.restore.report, "Only say what would be restored");
  add_backup_secret(*app, o.restore.secret);
  add_format(*app, o.common);
  return app;
}

CLI::App* add_restore_confirm(CLI::App& restore, Options& o) {
  CLI::App* app = verb(restore, "confirm", "Let a restored node sign again",
                       "  chancery restore confirm --old-node-is-gone");
  app->add_flag("--old-node-is-gone", o.old_node_is_gone,
                "The node that was backed up can never start again");
  add_connection(*app, o.common);
  return app;
}

void add_objects(CLI::App& root, Options& o,
                 const std::function<void(CLI::App*, std::function<Exit()>)>& on) {
  CLI::App* apply_app =
      verb(root, "apply", "Make roles and profiles as files say; what is so already stays",
           "  chancery apply -f profiles.yaml --dry-run\n"
           "  chancery get profiles -o yaml | chancery apply -f -");
  apply_app
      ->add_option("-f,--file", o.apply.files,
                   "YAML file, directory of them, or - for standard input; repeatable")
      ->required()
      ->allow_extra_args(false);
  apply_app->add_flag("--dry-run", o.apply.dry_run, "Only say what would change, field by field");
  add_connection(*apply_app, o.common);
  on(apply_app, [&o] { return apply(o.apply, o.common); });

  CLI::App* get_app = verb(root, "get", "Show roles or profiles, in the form that apply takes",
                           "  chancery get profiles\n  chancery get profile web -o yaml");
  get_app->add_option("kind", o.objects.kind, "profiles or roles")->required();
  get_app->add_option("name", o.objects.name, "Only this one");
  add_connection(*get_app, o.common);
  on(get_app, [&o] { return get_objects(o.objects, o.common); });

  CLI::App* delete_app = verb(root, "delete", "Delete a role or profile",
                              "  chancery delete profile web\n  chancery delete -f web.yaml");
  delete_app->add_option("kind", o.objects.kind, "profile or role");
  delete_app->add_option("name", o.objects.name, "Which one");
  delete_app->add_option("-f,--file", o.objects.files, "Delete what this file or directory names")
      ->allow_extra_args(false);
  add_connection(*delete_app, o.common);
  on(delete_app, [&o] { return delete_objects(o.objects, o.common); });
}

CLI::App* add_policy_page(CLI::App& policy, Options& o) {
  CLI::App* app = verb(policy, "page",
                       "Write what the running configuration enforces as a certificate policy "
                       "(RFC 3647, Markdown)",
                       "  chancery policy page -o policy.md");
  app->add_option("-o,--out", o.policy_page.out, "File to write; default: standard output");
  app->add_flag("--force", o.policy_page.force, "Overwrite an existing file");
  add_server(*app, o.common);
  return app;
}

void add_keys(CLI::App& key, Options& o, const Bind& on) {
  CLI::App* list = verb(key, "list", "List the keys of authorities", "  chancery key list");
  add_connection(*list, o.common);
  on(list, [&] { return key_list(o.common); });
  CLI::App* show = verb(key, "show", "Show an authority's key", "  chancery key show default");
  show->add_option("key", o.authority.ref, "\"default\", a name or an id")->required();
  add_connection(*show, o.common);
  on(show, [&] { return key_show(o.authority, o.common); });
  CLI::App* erase = verb(key, "delete", "Destroy a key that no authority uses",
                         "  chancery key delete 0c3ec27a-9ab9-4b7e-8f0a-51ea08d1b3b2");
  erase->add_option("key", o.authority.ref, "A name or an id")->required();
  add_connection(*erase, o.common);
  on(erase, [&] { return key_delete(o.authority, o.common); });
}

// MountWords is how mounts and authentication methods are spoken of.
struct MountWords {
  std::string name;
  std::string title;
  std::string enable_example;
  std::string example;
};

void add_mounts(CLI::App& app, Options& o, const Bind& on, const MountWords& words,
                MountOptions& options) {
  CLI::App* group = app.add_subcommand(words.name, words.title);
  group->require_subcommand(1);
  const std::string call = "  chancery " + words.name;
  const auto settings = [&](CLI::App* app_of) {
    app_of->add_option("path", options.path, "Where it stands")->required();
    app_of->add_option("--description", options.description, "What it is for");
    app_of->add_option("--default-ttl", options.default_ttl, "Lifetime unless one is asked for");
    app_of->add_option("--max-ttl", options.max_ttl, "Longest lifetime");
    add_connection(*app_of, o.common);
  };
  CLI::App* list = verb(*group, "list", "List what there is", call + " list");
  add_connection(*list, o.common);
  on(list, [&] { return mount_list(options, o.common); });
  CLI::App* enable =
      verb(*group, "enable", "Enable another one", call + " enable " + words.enable_example);
  enable->add_option("--type", options.type, "pki; of authentication: approle, userpass, cert")
      ->required();
  settings(enable);
  on(enable, [&] { return mount_enable(options, o.common); });
  CLI::App* tune =
      verb(*group, "tune", "Change settings", call + " tune " + words.example + " --max-ttl 720h");
  settings(tune);
  on(tune, [&] { return mount_tune(options, o.common); });
  CLI::App* disable = verb(*group, "disable", "Take out of use, with all that is in it",
                           call + " disable " + words.example);
  disable->add_option("path", options.path, "Where it stands")->required();
  add_connection(*disable, o.common);
  on(disable, [&] { return mount_disable(options, o.common); });
}

// What is to stand in a CA certificate.
void add_subject(CLI::App& app, Options& o, bool named) {
  CLI::Option* name =
      app.add_option("--common-name", o.authority.common_name, "Name of the authority");
  if (named) name->required();
  app.add_option("--organization", o.authority.organization, "Organization in its name");
  app.add_option("--ttl", o.authority.ttl, "Validity, such as 43800h; default: the mount's");
}

void add_intermediates(CLI::App& ca, Options& o, const Bind& on) {
  CLI::App* create =
      verb(ca, "create-intermediate",
           "Make a request for an intermediate, or the whole of it under an issuer here",
           "  chancery ca create-intermediate --common-name \"Issuing 2\" --out issuing2.csr\n"
           "  chancery ca create-intermediate --common-name \"Issuing 2\" --issuer root-2027\n"
           "  chancery ca create-intermediate --common-name Issuing --key default --out cross.csr");
  add_subject(*create, o, true);
  CLI::Option* type =
      create->add_option("--key-type", o.authority.key_type, "rsa, ec, ed25519 or mldsa")
          ->default_val("ec");
  create->add_option("--key", o.authority.key, "A key that is here, for a cross-signed certificate")
      ->excludes(type);
  CLI::Option* issuer = create->add_option(
      "--issuer", o.authority.ref, "Sign it by this authority of the same mount and keep it here");
  create->add_option("--out", o.authority.out, "File for the request; default: standard output")
      ->excludes(issuer);
  add_connection(*create, o.common);
  on(create, [&] { return ca_create_intermediate(o.authority, o.common); });
  CLI::App* sign = verb(ca, "sign", "Issue a CA certificate for a request",
                        "  chancery ca sign issuing2.csr --issuer root-2027 --out issuing2.pem");
  sign->add_option("file", o.authority.file, "The request, PEM")->required();
  sign->add_option("--issuer", o.authority.ref, "A name or an id; default: the default authority");
  add_subject(*sign, o, false);
  sign->add_option("--max-path-length", o.authority.max_path_length,
                   "How many CAs may come below it; default: one less than the issuer's");
  sign->add_option("--out", o.authority.out, "File for the certificate; default: standard output");
  add_connection(*sign, o.common);
  on(sign, [&] { return ca_sign(o.authority, o.common); });
  CLI::App* bring = verb(ca, "import", "Bring CA certificates, and their keys, here",
                         "  chancery ca import issuing2.pem\n  chancery ca import old-ca.pem");
  bring->add_option("file", o.authority.file, "PEM: certificates and keys in any order")
      ->required();
  add_connection(*bring, o.common);
  on(bring, [&] { return ca_import(o.authority, o.common); });
}

// A root is changed in two steps: the next one stands beside the present one for a while.
void add_rotation(CLI::App& ca, Options& o, const Bind& on) {
  CLI::App* rotate = verb(ca, "rotate", "Make the next root, beside the present one",
                          "  chancery ca rotate --common-name \"Example Root 2\"");
  add_subject(*rotate, o, true);
  rotate->add_option("--key-type", o.authority.key_type, "rsa, ec, ed25519 or mldsa")
      ->default_val("ec");
  rotate->add_option("--name", o.authority.name, "What to call it here; default: next");
  add_connection(*rotate, o.common);
  on(rotate, [&] {
    if (o.authority.name.empty()) o.authority.name = kNextRoot;
    return ca_create_root(o.authority, o.common);
  });
  CLI::App* replace =
      verb(ca, "replace", "Make the next root the default authority", "  chancery ca replace");
  replace->add_option("authority", o.authority.ref, "A name or an id; default: next");
  add_connection(*replace, o.common);
  on(replace, [&] {
    if (o.authority.ref.empty()) o.authority.ref = kNextRoot;
    return ca_default(o.authority, o.common);
  });
}

void add_authorities(CLI::App& app, Options& o, const Bind& on) {
  CLI::App* ca = app.add_subcommand("ca",
                                    "Authorities: list, show, create-root, create-intermediate, "
                                    "sign, import, rotate, replace, default");
  ca->require_subcommand(1);
  CLI::App* list = verb(*ca, "list", "List the authorities", "  chancery ca list");
  add_connection(*list, o.common);
  on(list, [&] { return ca_list(o.common); });
  CLI::App* show = verb(*ca, "show", "Show an authority with its chain", "  chancery ca show root");
  show->add_option("authority", o.authority.ref, "\"default\", a name or an id")->required();
  add_connection(*show, o.common);
  on(show, [&] { return ca_show(o.authority, o.common); });
  CLI::App* root =
      verb(*ca, "create-root", "Make a root with a new key",
           "  chancery ca create-root --common-name \"Example Root\" --name root-2027");
  root->add_option("--common-name", o.authority.common_name, "Name of the root")->required();
  root->add_option("--name", o.authority.name, "What to call the authority here");
  root->add_option("--organization", o.authority.organization, "Organization in its name");
  root->add_option("--key-type", o.authority.key_type, "rsa, ec, ed25519 or mldsa")
      ->default_val("ec");
  root->add_option("--ttl", o.authority.ttl, "Validity, such as 87600h; default: the mount's");
  add_connection(*root, o.common);
  on(root, [&] { return ca_create_root(o.authority, o.common); });
  add_intermediates(*ca, o, on);
  add_rotation(*ca, o, on);
  CLI::App* preferred =
      verb(*ca, "default", "Make an authority the default one", "  chancery ca default root-2027");
  preferred->add_option("authority", o.authority.ref, "A name or an id")->required();
  add_connection(*preferred, o.common);
  on(preferred, [&] { return ca_default(o.authority, o.common); });
}

void add_blocked_keys(CLI::App& app, Options& o, const Bind& on) {
  CLI::App* key = app.add_subcommand(
      "key", "Keys of authorities: list, show, delete; of no certificate: block, blocked, unblock");
  key->require_subcommand(1);
  add_keys(*key, o, on);
  CLI::App* block = verb(*key, "block", "Have no more certificates issued for a key",
                         "  chancery key block leaked.crt --reason \"found in a public image\"\n"
                         "  chancery key block --sha256 3b0c... --reason \"CVE-2008-0166\"");
  block->add_option("file", o.blocked_key.file, "A certificate or a request of the key, PEM");
  block->add_option("--sha256", o.blocked_key.sha256, "SHA-256 of the key's SubjectPublicKeyInfo");
  block->add_option("--reason", o.blocked_key.reason, "Why; the refusals say so")->required();
  add_connection(*block, o.common);
  on(block, [&] { return key_block(o.blocked_key, o.common); });
  CLI::App* blocked =
      verb(*key, "blocked", "List the blocked keys with their reasons", "  chancery key blocked");
  add_connection(*blocked, o.common);
  on(blocked, [&] { return key_blocked(o.common); });
  CLI::App* unblock =
      verb(*key, "unblock", "Take a key off the list", "  chancery key unblock 3b0c...");
  unblock->add_option("sha256", o.blocked_key.sha256, "The fingerprint that 'blocked' lists")
      ->required();
  add_connection(*unblock, o.common);
  on(unblock, [&] { return key_unblock(o.blocked_key, o.common); });
}

void add_crl(CLI::App& app, Options& o, const Bind& on) {
  CLI::App* crl = app.add_subcommand("crl", "CRLs: list, show, publish, import, settings, set");
  crl->require_subcommand(1);
  CLI::App* settings = verb(*crl, "settings", "Show how CRLs and OCSP answers are published",
                            "  chancery crl settings");
  add_connection(*settings, o.common);
  on(settings, [&] { return crl_settings(o.common); });
  CLI::App* set = verb(*crl, "set", "Change some of these settings",
                       "  chancery crl set auto_rebuild=true enable_delta=true expiry=7d");
  set->add_option("setting", o.crl.settings, "name=value, as 'settings' lists them")->required();
  add_connection(*set, o.common);
  on(set, [&] { return crl_set(o.crl, o.common); });
  CLI::App* rotate =
      verb(*crl, "rotate", "Make a new CRL for each authority", "  chancery crl publish --delta");
  rotate->alias("publish");
  rotate->add_flag("--delta", o.crl.delta, "A delta CRL instead of a complete one");
  add_connection(*rotate, o.common);
  on(rotate, [&] { return crl_rotate(o.crl, o.common); });
  add_crl_verbs(*crl, o.status, o.common, on);
}

}  // namespace

int run(int argc, const char* const* argv, const LocalVerbs& local) {
  Options o;
  CLI::App app("chancery: run a PKI. Issue, renew, revoke, distribute and monitor certificates.",
               "chancery");
  app.require_subcommand(1);
  app.footer(kConnectionHelp);
  app.get_formatter()->column_width(34);
  Exit exit = Exit::kUsage;
  std::function<Exit()> chosen;
  const Bind on = [&](CLI::App* sub, std::function<Exit()> run_verb) {
    sub->callback([&chosen, run_verb = std::move(run_verb)] { chosen = run_verb; });
  };

  on(add_init(app, o), [&] { return local.init(o.init, o.common); });
  on(add_serve(app, o), [&] { return local.serve(o.serve); });
  CLI::App* status_app =
      verb(app, "status", "Say how the server is", "  chancery status --output json");
  add_connection(*status_app, o.common);
  on(status_app, [&] { return status(o.common); });
  CLI::App* reload_app =
      verb(app, "reload", "Let the server read its configuration file anew", "  chancery reload");
  add_connection(*reload_app, o.common);
  on(reload_app, [&] { return reload(o.common); });
  CLI::App* version_app = verb(app, "version", "Say which version this is", "  chancery version");
  add_format(*version_app, o.common);
  on(version_app, [&] { return version(o.common); });

  CLI::App* cert = app.add_subcommand(
      "cert",
      "Certificates: issue, explain, sign, renew, show, list, revoke, release, verify, inspect");
  cert->require_subcommand(1);
  on(add_issue(*cert, o), [&] { return cert_issue(o.issue, o.common); });
  on(add_explain(*cert, o), [&] { return cert_explain(o.issue, o.common); });
  on(add_show(*cert, o), [&] { return cert_show(o.show, o.common); });
  on(add_list(*cert, o), [&] { return cert_list(o.list, o.common); });
  add_revoke_verbs(*cert, o.status, o.common, on);
  on(add_verify(*cert, o), [&] { return cert_verify(o.verify, o.common); });

  add_objects(app, o, on);
  CLI::App* policy = app.add_subcommand(
      "policy", "Policies: list, show, write, delete; the certificate policy: page");
  policy->require_subcommand(1);
  on(add_policy_page(*policy, o), [&] { return policy_page(o.policy_page, o.common); });

  add_crl(app, o, on);
  add_authorities(app, o, on);
  add_mounts(app, o, on,
             {"mount", "Mounts: list, enable, tune, disable", "team/web --type pki", "team/web"},
             o.mount);
  o.auth_method.auth = true;
  add_mounts(app, o, on,
             {"auth", "Authentication methods: list, enable, tune, disable, role, secret-id",
              "robots --type approle", "robots"},
             o.auth_method);
  add_access(app, *policy, *app.get_subcommand("auth"), o.access, o.common, on);
  add_blocked_keys(app, o, on);
  add_acme(app, o.acme, o.common, on);
  add_acme_test_server(app, o.acme_test_server, local, on);
  add_status_verbs(app, o.status, o.common, on);

  CLI::App* csr = app.add_subcommand("csr", "Certification requests: create, show");
  csr->require_subcommand(1);
  on(add_csr_create(*csr, o), [&] { return csr_create(o.csr_create, o.common); });
  CLI::App* csr_show_app =
      verb(*csr, "show", "Show what a request asks for", "  chancery csr show www.csr");
  csr_show_app->add_option("file", o.csr_file, "PEM or DER file")->required();
  add_format(*csr_show_app, o.common);
  on(csr_show_app, [&] { return csr_show(o.csr_file, o.common); });

  on(add_backup(app, o), [&] { return local.backup(o.backup, o.common); });
  on(add_verify_backup(app, o), [&] { return local.verify_backup(o.backup, o.common); });
  CLI::App* restore = add_restore(app, o);
  CLI::App* confirm = add_restore_confirm(*restore, o);
  restore->callback([&, restore, confirm] {
    if (confirm->parsed()) return;
    if (restore->count("--from") == 0) throw CLI::RequiredError("--from");
    chosen = [&] { return local.restore(o.restore, o.common); };
  });
  on(confirm, [&] { return restore_confirm(o.old_node_is_gone, o.common); });
  add_tools(app, *cert, o.tools, o.common, local, on);

  try {
    auto words = with_double_dashes(argc, argv);
    std::ranges::reverse(words);  // as the library wants them
    app.parse(std::move(words));
    if (chosen) exit = chosen();
  } catch (const CLI::ParseError& error) {
    // Help and version are "errors" with code 0.
    return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::kUsage);
  }
  return static_cast<int>(exit);
}

}  // namespace chancery::cli
