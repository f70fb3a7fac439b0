#pragma once

#include "protocols/acme/call.h"

// The handlers of the route table, by file.
namespace chancery::acme {

// directory_handlers.cc
http::Response show_directory(Call& call);
http::Response new_nonce(Call& call);
http::Response show_renewal(Call& call);

// account_handlers.cc
http::Response new_account(Call& call);
http::Response update_account(Call& call);
http::Response list_orders(Call& call);
http::Response change_key(Call& call);

// order_handlers.cc
http::Response new_order(Call& call);
http::Response show_order(Call& call);
http::Response finalize_order(Call& call);
http::Response show_certificate(Call& call);

// authorization_handlers.cc
http::Response new_authorization(Call& call);
http::Response update_authorization(Call& call);
http::Response answer_challenge(Call& call);

// revocation_handler.cc
http::Response revoke_certificate(Call& call);

}  // namespace chancery::acme
