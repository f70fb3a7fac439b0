#include "cli/status_commands.h"

#include "cli/verbs.h"

// The options of the verbs of certificate status.
namespace chancery::cli {

void add_revoke_verbs(CLI::App& cert, StatusOptions& o, Common& common, const Bind& on) {
  CLI::App* app = verb(cert, "revoke", "Revoke a certificate, or all that match",
                       "  chancery cert revoke 01:02:ab:... --reason keyCompromise\n"
                       "  chancery cert revoke 01:02:ab:... --hold\n"
                       "  chancery cert revoke --key leaked.crt --reason keyCompromise\n"
                       "  chancery cert revoke --name-suffix .shop.example.com --dry-run\n"
                       "  chancery cert revoke --all-of-issuer issuing --reason cACompromise");
  RevokeOptions& r = o.revoke;
  app->add_option("serial", r.serial, "Serial number in hexadecimal");
  app->add_option("--reason", r.reason,
                  "keyCompromise, affiliationChanged, superseded, cessationOfOperation, "
                  "privilegeWithdrawn, ...")
      ->default_val("unspecified");
  app->add_flag("--hold", r.hold, "Only for the time being, until \"cert release\"");
  app->add_option("--invalid-since", r.invalid_since,
                  "Since when the key is thought to be lost: 2026-11-22T08:00:00Z");
  app->add_option(
      "--certificate", r.certificate,
      "Instead of a serial, a PEM file: of a certificate that the server need not have");
  app->add_option("--key", r.key,
                  "All certificates of the key of this certificate or request, and block the key");
  app->add_option("--sha256", r.sha256, "The same by the SHA-256 of the SubjectPublicKeyInfo");
  app->add_option("--all-of-issuer", r.issuer, "All of this authority: \"default\", name or id");
  app->add_option("--name", r.name, "All with this name");
  app->add_option("--name-suffix", r.name_suffix, "All with a name that ends so: .example.com");
  app->add_option("--expires-before", r.expires_before, "All that end before this time");
  app->add_flag("--all", r.all, "All of the mount");
  app->add_flag("--dry-run", r.dry_run, "Only count what matches");
  app->add_flag("--no-wait", r.no_wait, "Do not wait until all that match are revoked");
  add_connection(*app, common);
  on(app, [&] { return cert_revoke(o.revoke, common); });
  CLI::App* release = verb(cert, "release", "End the hold of a certificate",
                           "  chancery cert release 01:02:ab:...");
  release->add_option("serial", r.serial, "Serial number in hexadecimal")->required();
  add_connection(*release, common);
  on(release, [&] { return cert_release(o.revoke.serial, common); });
}

void add_crl_verbs(CLI::App& crl, StatusOptions& o, Common& common, const Bind& on) {
  CLI::App* list = verb(crl, "list", "List all CRLs and OCSP responders, and how they are",
                        "  chancery crl list");
  add_connection(*list, common);
  on(list, [&] { return crl_list(common); });
  CLI::App* show =
      verb(crl, "show", "Show a CRL, or write it to standard output as PEM",
           "  chancery crl show default\n  chancery crl show issuing --crl delta --pem");
  show->add_option("authority", o.crl.authority, "\"default\", name or id")->default_val("default");
  show->add_option("--crl", o.crl.crl, "full, delta, or a shard: 16-3, 16-3-delta")
      ->default_val("full");
  show->add_flag("--pem", o.crl.pem, "The CRL itself");
  add_connection(*show, common);
  on(show, [&] { return crl_show(o.crl, common); });
  CLI::App* import_app =
      verb(crl, "import", "Give out a CRL of an authority whose key is kept elsewhere",
           "  chancery crl import root root.crl");
  import_app->add_option("authority", o.crl.authority, "Name or id")->required();
  import_app->add_option("file", o.crl.file, "The CRL, PEM or DER")->required();
  add_connection(*import_app, common);
  on(import_app, [&] { return crl_import(o.crl, common); });
}

void add_status_verbs(CLI::App& root, StatusOptions& o, Common& common, const Bind& on) {
  CLI::App* revocation =
      root.add_subcommand("revocation", "Revocations of many certificates: list, show, cancel");
  revocation->require_subcommand(1);
  CLI::App* list =
      verb(*revocation, "list", "List them, the latest first", "  chancery revocation list");
  add_connection(*list, common);
  on(list, [&] { return revocation_list(common); });
  CLI::App* show =
      verb(*revocation, "show", "Say how far one of them is", "  chancery revocation show 3f0a...");
  show->add_option("id", o.revocation.id, "What list shows")->required();
  add_connection(*show, common);
  on(show, [&] { return revocation_show(o.revocation.id, common); });
  CLI::App* cancel = verb(*revocation, "cancel", "Stop one of them; what is revoked stays so",
                          "  chancery revocation cancel 3f0a...");
  cancel->add_option("id", o.revocation.id, "What list shows")->required();
  add_connection(*cancel, common);
  on(cancel, [&] { return revocation_cancel(o.revocation.id, common); });

  CLI::App* ocsp = root.add_subcommand("ocsp", "OCSP responders: query, responder");
  ocsp->require_subcommand(1);
  CLI::App* responder =
      verb(*ocsp, "responder", "Show or say who signs the OCSP answers of an authority",
           "  chancery ocsp responder issuing\n"
           "  chancery ocsp responder issuing --delegated true --validity 72h");
  responder->add_option("authority", o.responder.authority, "\"default\", name or id")
      ->default_val("default");
  responder
      ->add_option("--delegated", o.responder.delegated,
                   "true: a responder with a certificate of its own, made and replaced by the "
                   "server; false: the authority; inherit: as 'crl settings' says")
      ->check(CLI::IsMember({"true", "false", "inherit"}));
  responder->add_option("--validity", o.responder.validity,
                        "How long such a certificate lives, 1h to 30d; or inherit");
  add_connection(*responder, common);
  on(responder, [&] { return ocsp_responder(o.responder, common); });
  CLI::App* query = verb(*ocsp, "query", "Ask for a certificate's status, and explain the answer",
                         "  chancery ocsp query www.crt --issuer issuing.crt\n"
                         "  chancery ocsp query fullchain.pem --url http://pki.example.com/ocsp");
  query->add_option("file", o.ocsp.file, "The certificate, PEM; its issuer may stand behind it")
      ->required();
  query->add_option("--issuer", o.ocsp.issuer, "The issuer's certificate, PEM");
  query->add_option("--url", o.ocsp.url,
                    "The responder; default: the one that the certificate names");
  query->add_flag("--sha1", o.ocsp.sha1, "Name the certificate by SHA-1, for old responders");
  query->add_flag("--get", o.ocsp.get, "Ask by GET, which caches may answer");
  query->add_flag("--no-nonce", o.ocsp.no_nonce, "Take an answer that was signed before");
  add_format(*query, common);
  on(query, [&] { return ocsp_query(o.ocsp, common); });
}

}  // namespace chancery::cli
