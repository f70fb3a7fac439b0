#include "cli/acme_verbs.h"

// Declares the verbs below "chancery acme".
namespace chancery::cli {
namespace {

void add_directory_name(CLI::App& app, AcmeOptions& o) {
  app.add_option("directory", o.directory, "Name of the ACME directory")->required();
}

void add_directories(CLI::App& acme, AcmeOptions& o, Common& common, const Bind& on) {
  CLI::App* group =
      acme.add_subcommand("directory", "ACME directories: create, list, show, delete");
  group->require_subcommand(1);
  CLI::App* create = verb(
      *group, "create", "Make an ACME directory; \"chancery apply\" changes all of its settings",
      "  chancery acme directory create default\n"
      "  chancery acme directory create devices --profile device --eab-required --skip-challenges");
  add_directory_name(*create, o);
  create->add_option("--profile", o.profile,
                     "Profile to issue under; default: \"acme\", made if there is none: TLS "
                     "servers, any name that is proven");
  create->add_option("--role", o.role, "Role to issue under instead of a profile");
  create
      ->add_option("--challenge", o.challenges,
                   "Challenge type; repeatable; default: http-01, dns-01, tls-alpn-01")
      ->allow_extra_args(false);
  create
      ->add_option("--caa-identity", o.caa_identities,
                   "Name of this CA in CAA records, which are then obeyed; repeatable")
      ->allow_extra_args(false);
  create->add_option("--terms", o.terms, "URL of terms of service that accounts have to agree to");
  create->add_flag("--eab-required", o.eab_required, "Accounts need an external account binding");
  create->add_flag("--skip-challenges", o.skip_challenges,
                   "Nobody has to show control over names: only with --eab-required");
  add_connection(*create, common);
  on(create, [&] { return acme_directory_create(o, common); });
  CLI::App* list =
      verb(*group, "list", "List the ACME directories", "  chancery acme directory list");
  add_connection(*list, common);
  on(list, [&] { return acme_directory_list(common); });
  CLI::App* show = verb(*group, "show", "Show the settings of an ACME directory",
                        "  chancery acme directory show default -o yaml");
  add_directory_name(*show, o);
  add_connection(*show, common);
  on(show, [&] { return acme_directory_show(o, common); });
  CLI::App* remove = verb(*group, "delete", "Delete an ACME directory with its accounts and orders",
                          "  chancery acme directory delete old");
  add_directory_name(*remove, o);
  add_connection(*remove, common);
  on(remove, [&] { return acme_directory_delete(o, common); });
}

void add_eabs(CLI::App& acme, AcmeOptions& o, Common& common, const Bind& on) {
  CLI::App* group = acme.add_subcommand("eab", "External account bindings: create, list, revoke");
  group->require_subcommand(1);
  CLI::App* create = verb(
      *group, "create", "Make a key identifier and MAC key for a client; the key is shown once",
      "  chancery acme eab create default --suffix web.example.com --lifetime 7d\n"
      "  chancery acme eab create default --accounts 0 --network 10.0.0.0/8 --skip-challenges");
  add_directory_name(*create, o);
  create->add_option("--description", o.description, "What it is for");
  create->add_option("--lifetime", o.lifetime,
                     "How long accounts can be made with it; default: ever");
  create->add_option("--accounts", o.most_accounts, "How many accounts; 0: any number")
      ->default_val(1);
  create->add_option("--name", o.names, "Name that its accounts may have; repeatable")
      ->allow_extra_args(false);
  create->add_option("--suffix", o.suffixes, "Domain that they may have all names of; repeatable")
      ->allow_extra_args(false);
  create->add_option("--network", o.networks, "Network that they may have addresses of; repeatable")
      ->allow_extra_args(false);
  create->add_option("--acme-profile", o.profiles, "Profile that they may ask for; repeatable")
      ->allow_extra_args(false);
  create->add_option("--max-lifetime", o.max_lifetime, "The longest validity of certificates");
  create->add_option("--orders-per-day", o.orders_per_day, "How many orders a day; 0: any number")
      ->default_val(0);
  create->add_flag("--skip-challenges", o.skip_challenges,
                   "Its accounts need not show control over their names");
  add_connection(*create, common);
  on(create, [&] { return acme_eab_create(o, common); });
  CLI::App* list =
      verb(*group, "list", "List external account bindings", "  chancery acme eab list default");
  add_directory_name(*list, o);
  add_connection(*list, common);
  on(list, [&] { return acme_eab_list(o, common); });
  CLI::App* revoke = verb(*group, "revoke", "Let no further account be made with a binding",
                          "  chancery acme eab revoke default 7yR0...");
  add_directory_name(*revoke, o);
  revoke->add_option("kid", o.id, "Its key identifier")->required();
  add_connection(*revoke, common);
  on(revoke, [&] { return acme_eab_revoke(o, common); });
}

void add_accounts(CLI::App& acme, AcmeOptions& o, Common& common, const Bind& on) {
  CLI::App* group =
      acme.add_subcommand("account", "Accounts: list, show, deactivate, failures, unpause");
  group->require_subcommand(1);
  CLI::App* list = verb(*group, "list", "List accounts", "  chancery acme account list default");
  add_directory_name(*list, o);
  add_connection(*list, common);
  on(list, [&] { return acme_account_list(o, common); });
  CLI::App* show =
      verb(*group, "show", "Show an account", "  chancery acme account show default 7yR0...");
  add_directory_name(*show, o);
  show->add_option("id", o.id, "Its id: the last part of its URL")->required();
  add_connection(*show, common);
  on(show, [&] { return acme_account_show(o, common); });
  CLI::App* deactivate = verb(*group, "deactivate", "Deactivate an account for good",
                              "  chancery acme account deactivate default 7yR0...");
  add_directory_name(*deactivate, o);
  deactivate->add_option("id", o.id, "Its id: the last part of its URL")->required();
  add_connection(*deactivate, common);
  on(deactivate, [&] { return acme_account_deactivate(o, common); });
  CLI::App* failures =
      verb(*group, "failures", "List what clients could not show control over of late, and why",
           "  chancery acme account failures default");
  add_directory_name(*failures, o);
  add_connection(*failures, common);
  on(failures, [&] { return acme_account_failures(o, common); });
  CLI::App* unpause =
      verb(*group, "unpause", "Forget the failures of an account with a name, so that it may order",
           "  chancery acme account unpause default 7yR0... dns:www.example.com");
  add_directory_name(*unpause, o);
  unpause->add_option("id", o.id, "Id of the account")->required();
  unpause->add_option("identifier", o.identifier, "As 'failures' lists it")->required();
  add_connection(*unpause, common);
  on(unpause, [&] { return acme_account_unpause(o, common); });
}

void add_orders(CLI::App& acme, AcmeOptions& o, Common& common, const Bind& on) {
  CLI::App* group = acme.add_subcommand("order", "Orders: list");
  group->require_subcommand(1);
  CLI::App* list = verb(*group, "list", "List orders, and why those that failed did",
                        "  chancery acme order list default --status invalid\n"
                        "  chancery acme order list default --name www.example.com");
  add_directory_name(*list, o);
  list->add_option("--status", o.status, "Only orders that are so")
      ->check(CLI::IsMember({"pending", "ready", "processing", "valid", "invalid"}));
  list->add_option("--account", o.account, "Only orders of this account");
  list->add_option("--name", o.name, "Only orders with this name");
  add_connection(*list, common);
  on(list, [&] { return acme_order_list(o, common); });
}

void add_renewals(CLI::App& acme, AcmeOptions& o, Common& common, const Bind& on) {
  CLI::App* group =
      acme.add_subcommand("renewal", "Windows in which clients are to renew: list, set, delete");
  group->require_subcommand(1);
  CLI::App* list = verb(*group, "list", "List them", "  chancery acme renewal list default");
  add_directory_name(*list, o);
  add_connection(*list, common);
  on(list, [&] { return acme_renewal_list(o, common); });
  CLI::App* set =
      verb(*group, "set", "Ask clients to renew certificates within a window (RFC 9773)",
           "  chancery acme renewal set default new-ca --start 2026-12-01T00:00:00Z \\\n"
           "      --end 2026-12-08T00:00:00Z --suffix example.com");
  add_directory_name(*set, o);
  set->add_option("name", o.id, "Name of the window")->required();
  set->add_option("--start", o.start, "RFC 3339; default: now");
  set->add_option("--end", o.end, "RFC 3339; default: a day after the start");
  set->add_option("--issued-before", o.issued_before,
                  "Certificates whose validity began before then; default: now");
  set->add_option("--suffix", o.suffix, "Only those with a name in this domain");
  set->add_option("--explanation", o.explanation, "URL of a page that says why");
  add_connection(*set, common);
  on(set, [&] { return acme_renewal_set(o, common); });
  CLI::App* remove =
      verb(*group, "delete", "Take a window back", "  chancery acme renewal delete default new-ca");
  add_directory_name(*remove, o);
  remove->add_option("name", o.id, "Name of the window")->required();
  add_connection(*remove, common);
  on(remove, [&] { return acme_renewal_delete(o, common); });
}

}  // namespace

void add_acme(CLI::App& root, AcmeOptions& o, Common& common, const Bind& on) {
  CLI::App* acme = root.add_subcommand(
      "acme", "The ACME server: directory, eab, account, order, renewal, test-server");
  acme->require_subcommand(1);
  add_directories(*acme, o, common, on);
  add_eabs(*acme, o, common, on);
  add_accounts(*acme, o, common, on);
  add_orders(*acme, o, common, on);
  add_renewals(*acme, o, common, on);
}

}  // namespace chancery::cli
