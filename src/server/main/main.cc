#include "acme_test_server/run.h"
#include "cli/cli.h"
#include "server/backup_verbs.h"
#include "server/config_verbs.h"
#include "server/local_verbs.h"
#include "server/server_checks.h"

int main(int argc, char** argv) {
  using namespace chancery;
  return cli::run(argc, argv,
                  {server::run_init, server::run_serve, server::run_backup,
                   server::run_verify_backup, server::run_restore, server::run_doctor,
                   server::run_config_check, server::run_config_docs, acme_test::run_test_server});
}
