#include "cli/cli.h"
#include "server/backup_verbs.h"
#include "server/local_verbs.h"

int main(int argc, char** argv) {
  return chancery::cli::run(
      argc, argv,
      {chancery::server::run_init, chancery::server::run_serve, chancery::server::run_backup,
       chancery::server::run_verify_backup, chancery::server::run_restore});
}
