#include "cli/access_verbs.h"

// Declares the verbs of policies, tokens, and roles of authentication methods.
namespace chancery::cli {
namespace {

void add_policies(CLI::App& policy, AccessOptions& o, Common& common, const Bind& on) {
  CLI::App* list = verb(policy, "list", "List the policies", "  chancery policy list");
  add_connection(*list, common);
  on(list, [&] { return policy_list(common); });
  const auto named = [&](CLI::App* app) {
    app->add_option("name", o.name, "Name of the policy")->required();
    add_connection(*app, common);
    return app;
  };
  on(named(verb(policy, "show", "Show a policy's text", "  chancery policy show issuer")),
     [&] { return policy_show(o, common); });
  CLI::App* write = named(verb(policy, "write", "Make or replace a policy",
                               "  chancery policy write issuer issuer.hcl"));
  write->add_option("file", o.file, "HCL or JSON; -: standard input")->required();
  on(write, [&] { return policy_write(o, common); });
  on(named(verb(policy, "delete", "Delete a policy", "  chancery policy delete issuer")),
     [&] { return policy_delete(o, common); });
}

void add_tokens(CLI::App& root, AccessOptions& o, Common& common, const Bind& on) {
  CLI::App* token = root.add_subcommand("token", "Tokens: create, list, show, renew, revoke");
  token->require_subcommand(1);
  CLI::App* create = verb(*token, "create", "Make a token; it is shown once",
                          "  chancery token create --policy issuer --ttl 8h --display-name ci\n"
                          "  chancery token create --policy issuer --uses 1 --output json");
  create->add_option("--policy", o.policies, "A policy that it has; repeatable; default: yours");
  create->add_option("--display-name", o.display_name, "What it is called in the history");
  create->add_option("--metadata", o.metadata, "name=value; repeatable");
  create->add_option("--ttl", o.ttl, "Lifetime, such as 8h");
  create->add_option("--max-ttl", o.max_ttl, "Longest lifetime, whatever renewals say");
  create->add_option("--period", o.period, "Each renewal gives this much, without end");
  create->add_option("--uses", o.uses, "Requests that it is good for; 0: any");
  create->add_flag("--orphan", o.orphan, "It outlives the token that makes it");
  create->add_flag("--not-renewable", o.not_renewable, "It cannot be renewed");
  add_connection(*create, common);
  on(create, [&] { return token_create(o, common); });
  CLI::App* list =
      verb(*token, "list", "List the accessors of all tokens", "  chancery token list");
  add_connection(*list, common);
  on(list, [&] { return token_list(common); });
  const auto named = [&](CLI::App* app) {
    app->add_option("accessor", o.accessor, "The token's accessor")->required();
    add_connection(*app, common);
    return app;
  };
  on(named(verb(*token, "show", "Show a token by its accessor",
                "  chancery token show 7c3lMxFnMJ2mmwzLGzZbzJ")),
     [&] { return token_show(o, common); });
  CLI::App* renew = named(verb(*token, "renew", "Give a token a longer life",
                               "  chancery token renew 7c3lMxFnMJ2mmwzLGzZbzJ --increment 1h"));
  renew->add_option("--increment", o.increment, "How much from now; default: as at first");
  on(renew, [&] { return token_renew(o, common); });
  on(named(verb(*token, "revoke", "End a token and those that it made",
                "  chancery token revoke 7c3lMxFnMJ2mmwzLGzZbzJ")),
     [&] { return token_revoke(o, common); });
}

// The method, and the name where there is one.
CLI::App* placed(CLI::App* app, AccessOptions& o, Common& common, bool has_name) {
  app->add_option("method", o.method, "Where the method stands: approle, team/ci")->required();
  if (has_name) app->add_option("name", o.name, "Name of the role or user")->required();
  add_connection(*app, common);
  return app;
}

void add_roles(CLI::App& auth, AccessOptions& o, Common& common, const Bind& on) {
  CLI::App* role = auth.add_subcommand(
      "role", "Roles of AppRole and certificates, users of userpass: list, show, write, delete");
  role->require_subcommand(1);
  on(placed(verb(*role, "list", "List them", "  chancery auth role list approle"), o, common,
            false),
     [&] { return auth_role_list(o, common); });
  on(placed(verb(*role, "show", "Show one", "  chancery auth role show approle ci"), o, common,
            true),
     [&] { return auth_role_show(o, common); });
  CLI::App* write =
      placed(verb(*role, "write", "Make one, or change what is named of it",
                  "  chancery auth role write approle ci token_policies=issuer token_ttl=20m\n"
                  "  chancery auth role write userpass bob token_policies=issuer --password\n"
                  "  chancery auth role write cert ops certificate=@ops-ca.pem token_policies=ops"),
             o, common, true);
  write->add_option("field", o.fields, "name=value, or name=@file");
  write->add_flag("--password", o.password, "Ask for a user's password at the terminal");
  write->add_option("--password-file", o.password_file, "File with a user's password");
  on(write, [&] { return auth_role_write(o, common); });
  on(placed(verb(*role, "delete", "Delete one; with an AppRole its secrets",
                 "  chancery auth role delete approle ci"),
            o, common, true),
     [&] { return auth_role_delete(o, common); });
}

void add_secrets(CLI::App& auth, AccessOptions& o, Common& common, const Bind& on) {
  CLI::App* secret =
      auth.add_subcommand("secret-id", "Secrets of AppRole roles: create, list, destroy");
  secret->require_subcommand(1);
  CLI::App* create = placed(verb(*secret, "create", "Make a secret; it is shown once",
                                 "  chancery auth secret-id create approle ci --uses 1 --ttl 1h"),
                            o, common, true);
  create->add_option("--ttl", o.ttl, "Lifetime; default: the role's");
  create->add_option("--uses", o.uses, "Logins that it is good for; default: the role's");
  create->add_option("--metadata", o.metadata, "name=value; repeatable");
  on(create, [&] { return secret_id_create(o, common); });
  on(placed(verb(*secret, "list", "List them, without what is secret",
                 "  chancery auth secret-id list approle ci"),
            o, common, true),
     [&] { return secret_id_list(o, common); });
  CLI::App* destroy =
      placed(verb(*secret, "destroy", "Destroy a secret",
                  "  chancery auth secret-id destroy approle ci 0f6c8a1e-0001-4000-8000-1d1c54d3"),
             o, common, true);
  destroy->add_option("accessor", o.accessor, "The secret's accessor")->required();
  on(destroy, [&] { return secret_id_destroy(o, common); });
}

}  // namespace

void add_access(CLI::App& root, CLI::App& policy, CLI::App& auth, AccessOptions& o, Common& common,
                const Bind& on) {
  add_policies(policy, o, common, on);
  add_tokens(root, o, common, on);
  add_roles(auth, o, common, on);
  add_secrets(auth, o, common, on);
}

}  // namespace chancery::cli
