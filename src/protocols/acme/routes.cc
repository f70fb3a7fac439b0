#include "protocols/acme/routes.h"

#include "protocols/acme/handlers.h"

namespace chancery::acme {
namespace {

using enum Signed;
using enum Payload;
constexpr auto kHere = std::nullopt;

constexpr Route kRoutes[] = {
    {"GET", "{dir}/directory", "acme/directory", kNot, kNone, false, kHere, show_directory},
    {"HEAD", "{dir}/directory", "acme/directory", kNot, kNone, false, kHere, show_directory},
    {"GET", "{dir}/new-nonce", "acme/new-nonce", kNot, kNone, false, kHere, new_nonce},
    {"HEAD", "{dir}/new-nonce", "acme/new-nonce", kNot, kNone, false, kHere, new_nonce},
    {"GET", "{dir}/renewal-info/{id}", "acme/renewal-info", kNot, kNone, false, kHere,
     show_renewal},
    {"POST", "{dir}/new-account", "acme/new-account", kByNewKey, kObject, false, kHere,
     new_account},
    {"POST", "{dir}/acct/{account}", "acme/acct", kByAccount, kEither, false, kHere,
     update_account},
    {"POST", "{dir}/acct/{account}/orders", "acme/orders", kByAccount, kEmpty, false,
     http::Lane::kSearch, list_orders},
    {"POST", "{dir}/key-change", "acme/key-change", kByAccount, kObject, false, kHere, change_key},
    {"POST", "{dir}/new-order", "acme/new-order", kByAccount, kObject, true, kHere, new_order},
    {"POST", "{dir}/order/{account}/{order}", "acme/order", kByAccount, kEmpty, false, kHere,
     show_order},
    {"POST", "{dir}/order/{account}/{order}/finalize", "acme/finalize", kByAccount, kObject, true,
     kHere, finalize_order},
    {"POST", "{dir}/cert/{account}/{order}", "acme/cert", kByAccount, kEmpty, false, kHere,
     show_certificate},
    {"POST", "{dir}/cert/{account}/{order}/{chain}", "acme/cert", kByAccount, kEmpty, false, kHere,
     show_certificate},
    {"POST", "{dir}/new-authz", "acme/new-authz", kByAccount, kObject, true, kHere,
     new_authorization},
    {"POST", "{dir}/authz/{account}/{authorization}", "acme/authz", kByAccount, kEither, false,
     kHere, update_authorization},
    {"POST", "{dir}/chall/{account}/{authorization}/{type}", "acme/chall", kByAccount, kEither,
     true, kHere, answer_challenge},
    {"POST", "{dir}/revoke-cert", "acme/revoke-cert", kByEither, kObject, false, kHere,
     revoke_certificate},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace chancery::acme
