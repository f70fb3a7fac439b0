#pragma once

#include "access/approles.h"
#include "access/certificate_roles.h"
#include "access/lockout.h"
#include "access/mounts.h"
#include "access/token_roles.h"
#include "access/users.h"

namespace chancery::access {

// Methods is every authentication method over one store, and the table of where they stand. Make it
// before the store's first commit; open the mounts before the first request.
struct Methods {
  Methods(record::Store& store, Tokens& tokens, const Clock& clock, Random& random)
      : mounts(store, clock, random),
        lockout(clock),
        token_roles(store, clock),
        approles(store, tokens, lockout, clock, random),
        users(store, tokens, lockout, clock, random),
        certificates(store, tokens, clock) {
    tokens.die_with(mounts);
  }

  Mounts mounts;
  Lockout lockout;
  TokenRoles token_roles;
  AppRoles approles;
  Users users;
  CertificateRoles certificates;
};

}  // namespace chancery::access
