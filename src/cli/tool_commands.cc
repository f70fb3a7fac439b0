#include "cli/tool_commands.h"

#include "cli/tool_verbs.h"

namespace chancery::cli {
namespace {

CLI::App* add_inspect(CLI::App& cert, InspectOptions& o, Common& common) {
  CLI::App* app = verb(cert, "inspect", "Show what is in a file, or what a TLS server shows",
                       "  chancery cert inspect www.crt\n"
                       "  chancery cert inspect https://www.example.test\n"
                       "  chancery cert inspect store.p12 --password-file store.pass -o json\n"
                       "  curl -s http://pki.example.test/v1/pki/crl | chancery cert inspect -");
  app->add_option("target", o.target,
                  "File with certificates, requests, CRLs, OCSP responses or keys (PEM, DER, "
                  "PKCS#7, PKCS#12, JKS), - for standard input, http:// URL of such a file, or "
                  "https://host[:port] or host:port of a TLS server")
      ->required()
      ->type_name("TARGET");
  app->add_option("--password-file", o.password_file,
                  "File with the password of a PKCS#12 or JKS file; default: ask for it")
      ->type_name("FILE");
  add_format(*app, common);
  return app;
}

CLI::App* add_sign(CLI::App& cert, SignOptions& o, Common& common) {
  CLI::App* app = verb(cert, "sign", "Have the server sign a certification request",
                       "  chancery cert sign www.csr --role web > www.crt\n"
                       "  chancery cert sign www.csr --role web --ttl 30d --out www.crt -o json");
  app->add_option("csr", o.csr, "File with the request (PEM or DER)")
      ->required()
      ->type_name("FILE");
  app->add_option("--role", o.role, "Role to issue under")->required();
  app->add_option("--common-name", o.common_name,
                  "Common name, for roles that do not take it from the request");
  app->add_option("--name", o.names,
                  "Name, for roles that do not take them from the request: DNS:..., IP:..., "
                  "email:..., URI:...; repeatable")
      ->allow_extra_args(false);
  app->add_option("--ttl", o.ttl, "Validity, such as 24h or 30d; default: the role's");
  app->add_option("--out", o.out, "Where to write the certificate; default: standard output")
      ->type_name("FILE");
  app->add_flag("--leaf-only", o.leaf_only, "Leave out the certificates between it and the root");
  app->add_flag("--force", o.force, "Overwrite an existing file");
  add_connection(*app, common);
  return app;
}

CLI::App* add_renew(CLI::App& cert, RenewOptions& o, Common& common) {
  CLI::App* app = verb(cert, "renew", "Replace a certificate file when it is due; made for timers",
                       "  chancery cert renew www.crt --key www.key\n"
                       "  chancery cert renew www.crt --key www.key --new-key --due 30d \\\n"
                       "      --exec 'systemctl reload nginx'");
  app->add_option("certificate", o.certificate, "Certificate file to renew (PEM)")
      ->required()
      ->type_name("FILE");
  app->add_option("--key", o.key, "File with its private key (PEM)")->required()->type_name("FILE");
  app->add_flag("--new-key", o.new_key, "Make a new key of the same type, too");
  app->add_option("--role", o.role, "Role to issue under; default: that of the old certificate");
  app->add_option("--ttl", o.ttl, "Validity, such as 24h or 30d; default: the role's");
  app->add_option("--due", o.due,
                  "When it is due: a share of its validity, such as 2/3, or a time before its end, "
                  "such as 30d")
      ->default_val("2/3");
  app->add_flag("--force", o.force, "Renew although it is not due");
  app->add_option("--exec", o.exec,
                  "Command for the shell after a renewal, with CHANCERY_CERT and CHANCERY_KEY set")
      ->type_name("COMMAND");
  add_connection(*app, common);
  return app;
}

CLI::App* add_doctor(CLI::App& root, DoctorOptions& o, Common& common) {
  CLI::App* app = verb(root, "doctor", "Look for what is set up wrong, and say how to mend it",
                       "  chancery doctor\n"
                       "  chancery doctor --config ./pki/chancery.yaml --output json");
  app->add_option("--config", o.config,
                  "The server's configuration file, to look at its machine too; default: look as "
                  "a client only")
      ->type_name("FILE");
  add_connection(*app, common);
  return app;
}

void add_config(CLI::App& root, ToolOptions& o, Common& common, const LocalVerbs& local,
                const Bind& on) {
  CLI::App* config = root.add_subcommand("config", "The server's configuration: check, docs");
  config->require_subcommand(1);
  CLI::App* check = verb(*config, "check", "Say everything that is wrong with a configuration file",
                         "  chancery config check ./pki/chancery.yaml");
  check->add_option("file", o.config_file, "Configuration file")->required()->type_name("FILE");
  add_format(*check, common);
  on(check, [&] { return local.config_check(o.config_file, common); });
  CLI::App* docs = verb(*config, "docs", "Explain every configuration key",
                        "  chancery config docs --output markdown");
  docs->add_option("-o,--output", o.config_docs.format, "How to write it")
      ->check(CLI::IsMember({"text", "markdown", "json", "yaml"}))
      ->default_val("text");
  on(docs, [&] { return local.config_docs(o.config_docs); });
}

CLI::App* add_completion(CLI::App& root, CompletionOptions& o) {
  CLI::App* app = verb(root, "completion", "Write a shell's completion script",
                       "  source <(chancery completion bash)\n"
                       "  chancery completion zsh > ~/.zfunc/_chancery\n"
                       "  chancery completion fish > ~/.config/fish/completions/chancery.fish");
  app->add_option("shell", o.shell, "Which shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  return app;
}

CLI::App* add_man(CLI::App& root, ManOptions& o) {
  CLI::App* app =
      verb(root, "man", "Write the man pages", "  chancery man /usr/local/share/man/man1");
  app->add_option("directory", o.directory, "Directory for the pages; is made")
      ->required()
      ->type_name("DIR");
  return app;
}

}  // namespace

void add_tools(CLI::App& root, CLI::App& cert, ToolOptions& o, Common& common,
               const LocalVerbs& local, const Bind& on) {
  on(add_inspect(cert, o.inspect, common), [&] { return cert_inspect(o.inspect, common); });
  on(add_sign(cert, o.sign, common), [&] { return cert_sign(o.sign, common); });
  on(add_renew(cert, o.renew, common), [&] { return cert_renew(o.renew, common); });
  on(add_doctor(root, o.doctor, common), [&] { return local.doctor(o.doctor, common); });
  add_config(root, o, common, local, on);
  on(add_completion(root, o.completion), [&] { return completion(o.completion, read_tree(root)); });
  on(add_man(root, o.man), [&] { return man(o.man, read_tree(root)); });
}

}  // namespace chancery::cli
